"""The code on the paper: the answers and what was found that day, encrypted, as a number that a phone reads and a person can type.

It travels in the part of a link after the #, which browsers send to nobody. Nothing of it is stored. See docs/adr/0009.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import segno
from cryptography.fernet import InvalidToken
from django.utils import timezone
from django.utils.formats import date_format

from trials.eligibility.verdicts import Verdict

from .answers import Answers, Unreadable, cipher, pack, unpack
from .screening import Screening

PURPOSE = "prescreen.paper"
DAYS = 90
"""A code works to the end of the day that is so many days after the one it was made on."""

LIFETIME = (DAYS + 1) * 24 * 60 * 60 - 1

FORM = b"1"
"""How the content is laid out. A paper lives for months, so another form would get another number."""

DIGITS = {1: 3, 2: 5, 3: 8, 4: 10, 5: 13, 6: 15, 7: 17}
"""So many digits hold so many bytes. A QR code packs digits almost as tightly as bytes, and letters of both cases a quarter worse."""

MASK = 2
"""Which of the eight patterns a QR code is laid over with. To find the best one takes four fifths of the work; encrypted digits look alike under all."""

MOST_DIGITS = 20_000
SEPARATORS = re.compile(r"[\s.-]+")
QUIET = 4
"""Empty squares around a QR code, as its standard asks."""

SMALLEST, SQUARE = 1.2, 0.0165
"""Inches: how wide a QR code is at least, and how wide each of its squares is at least. 0.42 mm is what phones of ten years ago can tell apart."""


@dataclass(frozen=True)
class OnPaper:
    """What a code holds: the answers with the trials picked, the day, and the verdict then on each trial that did not seem out of the question."""

    answers: Answers
    made_on: date
    verdicts: Mapping[str, Verdict]

    @property
    def works_until(self) -> date:
        """The last day on which the code opens."""
        return self.made_on + timedelta(days=DAYS)


@dataclass(frozen=True)
class Picture:
    """A QR code as one path: ``size`` squares wide with the quiet zone, to be drawn so many ``inches`` wide."""

    size: int
    inches: float
    path: str

    @property
    def svg(self) -> str:
        """The whole picture, black on white."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.size}" height="{self.size}" viewBox="0 0 {self.size} {self.size}">'
            f'<path fill="#fff" d="M0 0h{self.size}v{self.size}h-{self.size}z"/><path d="{self.path}"/></svg>'
        )


@dataclass(frozen=True)
class Code:
    """The code as a paper shows it. ``picture`` is None where there is too much for one."""

    address: str
    digits: str
    until: str
    picture: Picture | None

    @property
    def link(self) -> str:
        """What the QR code holds."""
        return f"{self.address}#{self.digits}"

    @property
    def groups(self) -> list[str]:
        """The number in groups of five, for whoever has to type it."""
        return [self.digits[start : start + 5] for start in range(0, len(self.digits), 5)]


def make(screening: Screening, today: date, address: str) -> Code:
    """The code of a screening's paper, made on this day, to be opened at this address."""
    on_paper = note(screening, today)
    digits = seal(on_paper)
    return Code(address, digits, date_format(on_paper.works_until, "F j, Y"), draw(f"{address}#", digits))


def note(screening: Screening, today: date) -> OnPaper:
    """What the code of a screening's paper holds: no answer that the paper does not show, and not where somebody lives."""
    given = {key: screening.given[key] for key in screening.path.steps}
    told = replace(screening.answers, given=given, picked=screening.picked, trying="", near=None, trail=None)
    verdicts = {trial.listing.nct_id: trial.verdict for trial in screening.matching.trials if trial.verdict is not Verdict.FAILS}
    return OnPaper(told, today, verdicts)


def seal(on_paper: OnPaper) -> str:
    """What is on the paper as an encrypted number, dated with the day and not with the hour."""
    trials = [int(number[3:]) << 3 | verdict << 1 | (number in (on_paper.answers.picked or ())) for number, verdict in on_paper.verdicts.items()]
    content = FORM + struct.pack(f">B{len(trials)}I", len(trials), *trials) + pack(replace(on_paper.answers, picked=None))
    midnight = timezone.make_aware(datetime.combine(on_paper.made_on, time()))
    return to_digits(base64.urlsafe_b64decode(cipher(PURPOSE).encrypt_at_time(content, int(midnight.timestamp()))))


def unseal(typed: str, now: datetime) -> OnPaper:
    """What is on the paper of this code, or of a link that ends in it. Raises ``Unreadable`` whatever is wrong: age, key, or a slip of the pen."""
    try:
        token = base64.urlsafe_b64encode(from_digits(bare(typed)))
        content = cipher(PURPOSE).decrypt_at_time(token, LIFETIME, int(now.timestamp()))
        made_on = timezone.localdate(datetime.fromtimestamp(cipher(PURPOSE).extract_timestamp(token), timezone.get_current_timezone()))
        count = content[1]
        trials = struct.unpack_from(f">{count}I", content, 2)
        if content[:1] != FORM:
            raise Unreadable
        verdicts = {f"NCT{trial >> 3:08}": Verdict(trial >> 1 & 3) for trial in trials}
        picked = tuple(f"NCT{trial >> 3:08}" for trial in trials if trial & 1)
        return OnPaper(replace(unpack(content[2 + 4 * count :]), picked=picked), made_on, verdicts)
    except (InvalidToken, LookupError, ValueError, struct.error, OverflowError):
        raise Unreadable from None


def bare(typed: str) -> str:
    """The number alone, of what somebody typed or pasted: a link, or groups of digits."""
    return SEPARATORS.sub("", typed[: 2 * MOST_DIGITS].rpartition("#")[2])


def to_digits(content: bytes) -> str:
    """Bytes as decimal digits, seven bytes at a time."""
    parts = [content[start : start + 7] for start in range(0, len(content), 7)]
    return "".join(f"{int.from_bytes(part):0{DIGITS[len(part)]}}" for part in parts)


def from_digits(digits: str) -> bytes:
    """The bytes that such digits stand for. Raises ``ValueError`` or ``OverflowError`` where they stand for none."""
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS):
        raise ValueError
    lengths = {length: count for count, length in DIGITS.items()}
    parts = [digits[start : start + 17] for start in range(0, len(digits), 17)]
    if len(parts[-1]) not in lengths:
        raise ValueError
    return b"".join(int(part).to_bytes(lengths[len(part)]) for part in parts)


def draw(start: str, digits: str) -> Picture | None:
    """The QR code of a link that starts so and ends in these digits; None where it would hold too much for any phone."""
    for level in ("m", "l"):
        try:
            found = segno.make([start, digits], error=level, micro=False, mask=MASK)
        except segno.DataOverflowError:
            continue
        size = found.symbol_size(border=QUIET)[0]
        runs = (f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z" for y, row in enumerate(found.matrix) for x, length in _runs(row))
        return Picture(size, round(max(SMALLEST, size * SQUARE), 2), "".join(runs))
    return None


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Where the dark squares of a row begin, and how many follow each other."""
    return [(run.start(), run.end() - run.start()) for run in re.finditer(rb"\x01+", bytes(row))]
