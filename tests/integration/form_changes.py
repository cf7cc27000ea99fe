"""What can be done to a form of the desk before it is sent: values that are nearly right, rows too many, keys of other records, damaged files."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from .any_input import CHARSETS, values
from .desk_forms import Form

NEARLY = [
    "age >= 18", "age >= 1e999", "age > 99999999999999999999999", "diagnosis is rp", "diagnosis is nothing", "age >= 18 and (sex is male or pregnant is no)",
    "(" * 300 + "age >= 1" + ")" * 300, "not " * 2000 + "pregnant is yes", "age between 5 and 3", "weight >= 1e-400 lb",
    "treatments includes surgery", "sex is İ",
    "age: 45", "age: 1e999", "age: .nan", "age: {min: 3, max: 5}", "age: 2026-11-01", "? [a]\n: b", "&a [*a]", "a: &a [*b]",
    "!!python/object:os.system x", "<<: 1",
    "{" * 500, "[" * 5_000, "diagnosis: rp\ndiagnosis: rp", "age: !!binary x", "age: 0x1F", "age: 1_000", '"\\ud800": 1', "age: \"\\0\"",
    "age: 45 months", "- 1",
    "months = 1/12", "months = 1/0", "months = 1e999", "months = 1e99999999", "months = -1", "= 3", "months = nan", "years = 2", "a = 1\na = 2", "²= ²",
    "2026-11-01", "2026-02-30", "0001-01-01", "9999-12-31", "10000-01-01", "11/01/2026", "NCT10000001", "NCT1000000१", "NCT99999999", "rp", "eye",
    "age", "diagnosis",
    "32767", "32768", "-1", "2147483648", "9223372036854775808", "1e5", "1E+30", "0.0000001", "999999999999.9999", "sNaN", "-Infinity", "1" * 5_000,
    "१२", "True",
    "RECRUITING", "unclear", "inclusion", "number", "choice", "choices", "yes_no", "grows", "passes", "PHASE1", "male", "US", "a@b", "http://[", "javascript:1",
    "#let x = 1; #read(\"x\")", "$ 1/0 $", '{"a": [1, NaN]}', "[]", "{}", "null", "\u202eabc\u202c", "a\u2028b", "\u00ad" * 40, "é" * 255, "a" * 256,
    "\n" * 300,
    "argon2$x$y", "!", "seven green bicycles", "000000", "aaaa-bbbb-cccc-dddd", "//evil.example/", "/admin/", "a," * 2000, "a\tb",
]  # fmt: skip
"""What is nearly right somewhere: rules, answers, units, days, numbers, keys."""

COUNTS = [b"", b"-1", b"0", b"1", b"3", b"1001", b"2000", b"99999999999999999999", b"1e3", b"x", b"\x00", " ٣".encode()]
KEYS = [b"", b"0", b"-1", b"1", b"2", b"3", b"7", b"1,2", b"9" * 18, b"9" * 19, b"9" * 30, b"x", b"\x00", "٣".encode(), b"1.0", b"nan", b"None", b"[]"]
MORE = [
    "_save",
    "_continue",
    "_addanother",
    "_saveasnew",
    "_popup",
    "_to_field",
    "post",
    "action",
    "_selected_action",
    "select_across",
    "index",
    "publish",
    "seen",
]

inputs = st.one_of(st.sampled_from(NEARLY).map(lambda text: text.encode("utf-8", "surrogatepass")), values)
numbers = st.integers(0, 100_000)

Fields = list[tuple[bytes, bytes]]
Files = list[tuple[bytes, bytes, bytes]]


@dataclass
class Change:
    """One change to a form: the way, the place to do it at, and a value to put there."""

    way: Callable[[Form, Fields, Change], None]
    number: int
    value: bytes


def _any_value(form: Form, fields: Fields, change: Change) -> None:
    if fields:
        fields[change.number % len(fields)] = (fields[change.number % len(fields)][0], change.value)


def _offered(form: Form, fields: Fields, change: Change) -> None:
    """Another choice, a tick, or a button."""
    if form.offered:
        name, chosen = (part.encode() for part in form.offered[change.number % len(form.offered)])
        if change.number % 3:
            fields[:] = [one for one in fields if one[0] != name]
        fields.append((name, chosen))


def _dropped(form: Form, fields: Fields, change: Change) -> None:
    if fields:
        del fields[change.number % len(fields)]


def _doubled(form: Form, fields: Fields, change: Change) -> None:
    if fields:
        fields.append((fields[change.number % len(fields)][0], change.value))


def _counted_wrong(form: Form, fields: Fields, change: Change) -> None:
    at = [place for place, (name, _value) in enumerate(fields) if name.endswith(b"_FORMS")]
    if at:
        place = at[change.number % len(at)]
        fields[place] = (fields[place][0], COUNTS[change.number % len(COUNTS)])


def _of_another(form: Form, fields: Fields, change: Change) -> None:
    """The key of another record."""
    at = [place for place, (name, told) in enumerate(fields) if told.isdigit() and not name.endswith(b"_FORMS")]
    if at:
        place = at[change.number % len(at)]
        fields[place] = (fields[place][0], KEYS[change.number % len(KEYS)])


def _new_row(form: Form, fields: Fields, change: Change) -> None:
    """One more row, with this value in one of its fields."""
    owners = sorted({name.partition("-__prefix__")[0] for name, _value in form.spare})
    if not owners:
        return
    owner = owners[change.number % len(owners)]
    total = f"{owner}-TOTAL_FORMS".encode()
    count = next((int(told) for name, told in fields if name == total and told.isdigit() and len(told) < 4), 0)
    row = [(name.replace("__prefix__", str(count)), told) for name, told in form.spare if name.startswith(f"{owner}-__prefix__")]
    fields[:] = [one for one in fields if one[0] != total] + [(total, b"%d" % (count + 1))]
    fields += [(name.encode(), change.value if place == change.number % len(row) else told.encode() or b"1") for place, (name, told) in enumerate(row)]


def _more(form: Form, fields: Fields, change: Change) -> None:
    fields.append((MORE[change.number % len(MORE)].encode(), change.value if change.number % 2 else b"1"))


def _anything(form: Form, fields: Fields, change: Change) -> None:
    fields.append((change.value, change.value))


WAYS = [_any_value] * 6 + [_offered] * 4 + [_new_row] * 3 + [_of_another] * 2 + [_dropped, _doubled, _counted_wrong, _more, _anything]

NAMES = [
    b"a.json",
    b"a.yaml",
    b"a.yml",
    b"a.csv",
    b"a.jsonl",
    b"a.json.gz",
    b"",
    b"../../a.yaml",
    "İ\u202e.YAML".encode(),
    b"a" * 300 + b".yaml",
    b"a\x00.csv",
    b".gz",
]
DAMAGES: list[Callable[[bytes, int], bytes]] = [
    lambda data, at: data,
    lambda data, at: data,
    lambda data, at: data[: at % (len(data) + 1)],
    lambda data, at: data[: at % (len(data) + 1)] + bytes([at % 256]) + data[at % (len(data) + 1) :],
    lambda data, at: data.decode("latin-1").encode(("utf-16", "utf-32", "utf-8-sig")[at % 3]),
    lambda data, at: gzip.compress(data)[: at % 3_000 + 20],
    lambda data, at: data * (at % 5),
]
"""What can become of a file: nothing, cut short, another byte in it, another encoding, packed and cut short, sent several times or empty."""


@dataclass
class Sending:
    """How a form is sent: what is changed in it, and what comes of a file."""

    changes: list[Change]
    charset: str
    name: bytes
    which: int
    damage: Callable[[bytes, int], bytes]
    at: int
    query: list[tuple[str, bytes]] = field(default_factory=list)

    def fields(self, form: Form) -> Fields:
        """The form's fields, changed."""
        fields = form.as_shown()
        for change in self.changes:
            change.way(form, fields, change)
        return fields

    def files(self, form: Form, contents: list[bytes]) -> Files:
        """A file for the form, where it takes one."""
        return [(name.encode(), self.name, self.damage(contents[self.which % len(contents)], self.at)) for name in form.files[:1]]


QUERIES = ["_popup", "_to_field", "_changelist_filters", "key", "kind", "q", "p", "o", "e", "all", "next"]
queries = st.lists(st.tuples(st.sampled_from(QUERIES), inputs.map(lambda value: value[:300])), max_size=2)
sendings = st.builds(
    Sending,
    changes=st.lists(st.builds(Change, st.sampled_from(WAYS), numbers, inputs), max_size=5),
    charset=st.sampled_from([*[""] * 6, *CHARSETS]),
    name=st.sampled_from(NAMES),
    which=numbers,
    damage=st.sampled_from(DAMAGES),
    at=numbers,
    query=st.one_of(st.just([]), queries),
)
