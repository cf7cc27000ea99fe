"""Files that the desk writes: read again, they give the same records, whatever the texts hold."""

from datetime import date
from decimal import Decimal

import pytest
import yaml
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests import rows
from tests.factories import (
    ChoiceFactory,
    CohortFactory,
    ConditionFactory,
    CriterionFactory,
    QuestionFactory,
    SamplePatientFactory,
    SiteFactory,
    TrialFactory,
)
from trials import services
from trials.files.reader import documents_in
from trials.files.writing import WritingError, write_questions, write_trial
from trials.models import Choice, Condition, Criterion, Question, Trial
from trials.texts import visible

pytestmark = pytest.mark.django_db
HOSTILE = (
    *("no", "yes", "null", "~", "true", "1e3", "0x1F", "0o17", "1_000", "12:30:45", "2024-01-01", "-", "- a", "? b", "a: b", "a #b", "#", "'", '"', "''"),
    *("!!python/object/apply:os.system [ls]", "&a", "*a", "<<", "=", "%TAG", "---", "...", "|", ">-", "[a, b", "{a: b}", "@", "`", "a,b", "a\\nb"),
    *("two\nlines", "first:\n  - a\n  - b", "a\n\n\nb", "a\n---\nb", "a \nb", "a\n b", "a\tb", "a\r\nb", "a\rb", "a\x00b", "a\x07b", "a\x1bb", "a\x7fb"),
    *("a\x85b", "a\xa0b", "a\u2028b", "a\u2029b", "a\u200fb", "\u202eabc\u202c", "\ufeffa", "a\ufffeb", "naïve Ω ≥ 5 µg", "診断", "😀 \U0010ffff"),
    *("word " * 60 + "end", "x" * 300, ("long line " * 30).strip() + "\n" + ("another line " * 30).strip()),
)
SEEN = tuple(dict.fromkeys(map(visible, HOSTILE)))
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.lists(st.sampled_from((*HOSTILE, " ", "\n", "a")), max_size=5).map("".join),
).map(visible)
"""What a record can hold: signs that nobody sees are taken out at every door."""
TRIMMED = TEXTS.map(str.strip)
SOME = TRIMMED.filter(bool)
ANSWERS = ({}, {"age": 34}, {"age": "34"}, {"pregnant": "no"}, {"pregnant": False, "weight": {"min": 15.5, "unit": "lb"}}, {"treatments": [], "sex": None})
TRY_MANY = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=60,
    phases=[Phase.explicit, Phase.generate],  # to find the smallest example of a fault takes minutes
)


def written_and_read(tmp_path, *texts: str) -> None:
    """Loads what was written, as a coordinator would from files."""
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"{number}.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    services.load_files(paths=paths)


def values(row, *left_out: str) -> dict:
    """The row's own columns, without its number and what it hangs on."""
    columns = [field for field in row._meta.concrete_fields if not field.primary_key and not field.is_relation]
    return {field.name: getattr(row, field.name) for field in columns if field.name not in left_out}


def whole(trial: Trial, *left_out: str) -> dict:
    """Everything that belongs to a trial, in order."""
    return {
        **values(trial),
        "areas": sorted(area.slug for area in trial.areas.all()),
        "conditions": sorted(condition.key for condition in trial.conditions.all()),
        "criteria": [values(row, *left_out) | {"cohort": row.cohort and row.cohort.name} for row in trial.criteria.all()],
        "cohorts": [values(row) for row in trial.cohorts.all()],
        "sites": [values(row) for row in trial.sites.all()],
        "samples": [values(row) for row in trial.sample_patients.all()],
    }


def asked() -> list[dict]:
    """Every question with its choices and areas, and every condition."""
    questions = [
        values(row) | {"areas": sorted(area.slug for area in row.areas.all()), "choices": [values(choice) for choice in row.choices.all()]}
        for row in Question.objects.prefetch_related("areas", "choices")
    ]
    conditions = [
        values(row) | {"areas": sorted(area.slug for area in row.areas.all()), "parent": row.parent and row.parent.key}
        for row in Condition.objects.select_related("parent").prefetch_related("areas")
    ]
    return questions + conditions


def test_the_starter_records_are_the_same_after_writing_and_reading_them(starter_rows, tmp_path):
    rows.put(starter_rows)
    before = asked(), [whole(trial) for trial in Trial.objects.with_parts()]
    assert (len(before[1]), Question.objects.count()) == (100, 255)
    texts = [write_questions(), *(write_trial(trial) for trial in Trial.objects.with_parts())]
    Trial.objects.all().delete()
    Condition.objects.update(parent=None)
    for model in (Condition, Choice, Question):
        model.objects.all().delete()
    written_and_read(tmp_path, *texts)
    assert (asked(), [whole(trial) for trial in Trial.objects.with_parts()]) == before


def test_a_file_is_readable(small_catalog):
    text = write_trial(Trial.objects.get(nct_id="NCT10000001"))
    assert text.startswith("nct_id: NCT10000001\ntitle: A working gene for one eye\nsummary: A vector")
    assert "condition_areas: [eye]\nconditions: [rp]\n" in text
    assert "as_of: 2026-11-01\npublished: true\n" in text
    assert "- inclusion: Aged 18 years or older\n" in text
    assert "sites:\n- {facility: Eye Clinic, city: Boston, country: United States}\n" in text


def test_lines_of_a_text_stand_on_lines_of_their_own(small_catalog):
    text = write_trial(TrialFactory(summary="First.\nSecond: no.", rules=["age >= 18"]))
    assert "summary: |-\n  First.\n  Second: no.\n" in text


def test_what_nobody_would_see_is_escaped(small_catalog):
    text = write_trial(TrialFactory(title="ab\u202ecd", rules=["age >= 18"]))
    assert '"ab\\u202ecd"' in text
    assert all(char.isprintable() or char == "\n" for char in text)


def test_words_that_yaml_takes_for_numbers_or_truth_values_are_quoted(small_catalog):
    text = write_trial(TrialFactory(title="no", vector="1e3", route="2024-01-01", rules=["age >= 18"]))
    assert "title: 'no'\n" in text
    assert "vector: '1e3'\n" in text
    assert "route: '2024-01-01'\n" in text


def test_a_criterion_of_unclear_kind_is_refused_and_named():
    trial = TrialFactory(nct_id="NCT30000001", rules=["age >= 18"])
    CriterionFactory(trial=trial, kind="unclear", text="Weight")
    with pytest.raises(WritingError, match="NCT30000001: the criterion “Weight” is neither an inclusion nor an exclusion yet"):
        write_trial(trial)


def test_a_trial_without_criteria_or_areas_is_refused():
    trial = TrialFactory(nct_id="NCT30000001")
    with pytest.raises(WritingError, match="NCT30000001 has no criteria"):
        write_trial(trial)
    CriterionFactory(trial=trial)
    trial.areas.clear()
    with pytest.raises(WritingError, match="NCT30000001 has no condition area"):
        write_trial(trial)


def test_a_comment_tells_what_is_still_to_do(small_catalog, tmp_path):
    trial = TrialFactory(nct_id="NCT30000001", published=False)
    for order, (text, kept) in enumerate({"Nothing decided": {}, "Left to the team": {"team_checks": True}, "Gone": {"gone_at_source": True}}.items()):
        CriterionFactory(trial=trial, text=text, order=order, **kept)
    text = write_trial(trial)
    assert "# to do: no rule yet. Once this file is loaded, the criterion counts as left to the study team.\n- inclusion: Nothing decided\n" in text
    assert "\n- inclusion: Left to the team\n# to review: the registry changed or dropped this line.\n- inclusion: Gone\n" in text
    written_and_read(tmp_path, text)
    rows = Criterion.objects.filter(trial__nct_id="NCT30000001")
    assert [(row.text, row.team_checks) for row in rows] == [("Nothing decided", True), ("Left to the team", True), ("Gone", True)]


@pytest.mark.parametrize("years", [None, "0", "0.5", "15", "99.9"])
def test_years_of_follow_up_are_kept_to_the_digit(years, small_catalog, tmp_path):
    trial = TrialFactory(follow_up_years=years and Decimal(years), rules=["age >= 18"])
    written_and_read(tmp_path, write_trial(trial))
    trial.refresh_from_db()
    assert trial.follow_up_years == (years and Decimal(years))


@pytest.mark.parametrize("number", ["0", "-3", "0.5", "0.000001", "1200000", "12345678901234.123456", "-0.1"])
def test_bounds_of_a_question_are_kept_to_the_digit(number, tmp_path):
    QuestionFactory(key="score", number=True, units={"dozens": "12", "thirds": "1/3"}, min=Decimal(number), order=7)
    before = asked()
    written_and_read(tmp_path, write_questions())
    assert asked() == before


@pytest.mark.parametrize("changes", ["", "grows", "may_change", "fixed"])
def test_whether_an_answer_changes_is_kept(changes, tmp_path):
    QuestionFactory(key="since", kind="number", unit="weeks", changes=changes)
    written_and_read(tmp_path, write_questions())
    assert Question.objects.get().changes == changes


@pytest.mark.parametrize("otherwise", [False, True, "no", 0, 0.5, [], ["a"], {"min": 3, "unit": "points"}])
def test_what_holds_otherwise_is_kept_in_its_kind(otherwise, tmp_path):
    row = QuestionFactory(ask_if="x is yes", otherwise=otherwise)
    (item,) = yaml.safe_load(write_questions())
    assert (item["otherwise"], type(item["otherwise"])) == (otherwise, type(otherwise))
    assert item["key"] == row.key


@st.composite
def trials(draw) -> dict:
    """The words of a trial of all kinds, as short as the records take them."""
    texts = {"title": SOME, "summary": TRIMMED, "vector": TRIMMED, "route": TRIMMED, "sponsor": TRIMMED, "source": SOME, "contact_name": TRIMMED}
    return {
        "trial": {name: short(draw(kind), 200) for name, kind in texts.items()}
        | {"contact_phone": short(draw(TRIMMED), 60), "as_of": draw(st.dates(min_value=date(1000, 1, 1)))}
        | {name: draw(st.lists(TEXTS, max_size=3, unique=True)) for name in ("genes", "condition_names")},
        "cohorts": draw(st.lists(SOME.map(lambda text: short(text, 160)), min_size=1, max_size=3, unique=True)),
        "criteria": draw(st.lists(st.tuples(st.sampled_from(["inclusion", "exclusion"]), SOME, TRIMMED), min_size=1, max_size=4)),
        "site": {"facility": short(draw(SOME), 300), "city": short(draw(TRIMMED), 120)},
        "sample": {"name": short(draw(SOME), 200), "answers": draw(st.sampled_from(ANSWERS))},
    }


def short(text: str, longest: int) -> str:
    """The text cut to this length, without spaces at its ends."""
    return text[:longest].strip()


EVERY_HOSTILE_TEXT = {
    "trial": dict(zip(("title", "summary", "vector", "route", "sponsor", "source"), SEEN, strict=False)) | {"genes": list(SEEN), "condition_names": list(SEEN)},
    "cohorts": ["no", "1", "2024-01-01"],
    "criteria": [("inclusion", text.strip(), text.strip()) for text in SEEN],
    "site": {"facility": "x: y", "city": "[z]"},
    "sample": {"name": "{", "answers": {}},
}


@TRY_MANY
@given(words=trials())
@example(words=EVERY_HOSTILE_TEXT)
def test_hostile_texts_come_back_as_they_were(small_catalog, tmp_path, words):
    Trial.objects.filter(nct_id="NCT30000001").delete()
    trial = TrialFactory(nct_id="NCT30000001", published=False, **words["trial"])
    cohorts = [CohortFactory(trial=trial, name=name, order=order) for order, name in enumerate(words["cohorts"])]
    for order, (kind, text, plain) in enumerate(words["criteria"]):
        CriterionFactory(trial=trial, kind=kind, text=text, plain=plain, cohort=cohorts[0] if order % 2 else None, order=order, team_checks=True)
    SiteFactory(trial=trial, country="", **words["site"])
    SamplePatientFactory(trial=trial, **words["sample"])
    before = whole(trial)
    text = write_trial(trial)
    assert yaml.safe_load(text)["nct_id"] == "NCT30000001", "other readers take it too"
    written_and_read(tmp_path, text)
    assert whole(Trial.objects.get(nct_id="NCT30000001")) == before


@TRY_MANY
@given(words=st.fixed_dictionaries({"text": SOME, "help": TRIMMED, "label": SOME, "unit": SOME, "synonyms": st.lists(TEXTS, max_size=3)}))
def test_hostile_words_of_a_question_come_back_as_they_were(small_catalog, tmp_path, words):
    for model, keys in ((Question, ("q_one", "q_two")), (Condition, ("c_one",))):
        model.objects.filter(key__in=keys).delete()
    text, label, hint = short(words["text"], 300), short(words["label"], 160), short(words["help"], 300)
    ChoiceFactory(question=QuestionFactory(key="q_one", choice=True, text=text, help=words["help"], order=100), label=label, order=0)
    QuestionFactory(key="q_two", number=True, unit=short(words["unit"], 40), child_text=hint, order=101)
    ConditionFactory(key="c_one", label=label, help=hint, synonyms=words["synonyms"], areas=["eye"], order=Condition.objects.count())
    before = asked()
    written_and_read(tmp_path, write_questions())
    assert asked() == before


def test_a_written_file_is_one_document_each(small_catalog, tmp_path):
    path = tmp_path / "all.yaml"
    path.write_text("---\n".join(write_trial(trial) for trial in Trial.objects.with_parts()), encoding="utf-8")
    assert [document["nct_id"] for document in documents_in(path)] == [trial.nct_id for trial in Trial.objects.all()]
