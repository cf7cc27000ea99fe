"""Before you decide: what taking part in a gene therapy trial brings with it, as far as the trial's record says so.

Each line rests on words or facts of the record. Where the record is silent, so are we.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trials.models import Approach, Delivery, Trial


@dataclass(frozen=True)
class Record:
    """The parts of a trial's record that are looked at: ``told`` is its title and summary."""

    trial: Trial

    @cached_property
    def told(self) -> str:
        """Title and summary."""
        return f"{self.trial.title}. {self.trial.summary}"

    @cached_property
    def carrier(self) -> str:
        """The words that may name what carries the gene."""
        return f"{self.trial.vector}. {self.told}"

    @cached_property
    def criteria(self) -> tuple[str, ...]:
        """The words of each criterion."""
        return tuple(criterion.whole_text for criterion in self.trial.criteria.all())

    def asks(self, pattern: re.Pattern[str], unless: re.Pattern[str] | None = None) -> bool:
        """Whether a criterion has these words and not those."""
        return any(pattern.search(text) and not (unless and unless.search(text)) for text in self.criteria)

    @property
    def in_body(self) -> bool:
        """Whether genes are brought into the body itself, other than by a virus made to kill cancer cells."""
        return self.trial.delivery != Delivery.EX_VIVO and self.trial.approach != Approach.ONCOLYTIC_VIRUS

    @property
    def gives_cells(self) -> bool:
        """Whether cells changed outside the body are given."""
        return self.trial.delivery == Delivery.EX_VIVO or self.trial.approach == Approach.ENGINEERED_CELLS


@dataclass(frozen=True)
class Line:
    """One thing that a record can say: its name, the words for patients, and how it is read off the record."""

    name: str
    text: object
    read: Callable[[Record], bool]


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


SAFETY_SWITCH = _words(r"\bsafety switch", r"\bsuicide gene")
"""Cells with one can be removed again."""

ONCE = _words(
    r"\b(?:given|placed|injected|infused|put)\b[^.;]{0,40}?\bonce\b",
    r"\bone[- ]time\b",
    r"\b(?:a|one|in a|the) single (?:dose|infusion|injection|shot)\b",
    r"\b(?:gets?|in|gene|from|with) one (?:infusion|injection|shot|dose)\b",
    r"\bone (?:gene )?shot\b",
)
MORE_THAN_ONCE = _words(
    r"\bonce (?:every|each|a|per|more|daily|weekly|monthly)\b", r"\brepeat(?:ed)? (?:doses?|infusions?|injections?|shots?)\b", r"\b\d+ times\b"
)
"""Where a record says this as well, nothing is said of one time."""

SHORT_LIVED = _words(r"\bplasmid", r"\bliposome", r"\bm?RNA\b")

CARRIER_VIRUS = _words(r"\br?AAV", r"\badeno-?associated", r"\badenovir", r"\bcarrier virus", r"\bvirus shell")
VIRUS_ANTIBODIES = _words(r"\br?AAV[\w.]*.{0,60}\bantibod", r"\bantibod.{0,60}\br?AAV", r"\bneutralizing response to r?AAV")
GROWN_VIRUS = _words(r"\boncolytic", r"\bcancer-killing virus")

CHEMOTHERAPY_FIRST = _words(
    r"\bafter (?:a |the )?(?:short |few days of |medicine |drug |low-dose )*(?:chemotherapy|busulfan|melphalan|treosulfan|fludarabine|cyclophosphamide)",
    r"\bchemotherapy (?:comes|is given|drugs? (?:come|are given)) (?:first|before)",
    r"\b(?:busulfan|melphalan|treosulfan|fludarabine|cyclophosphamide|chemotherapy)\b[^.]{0,30}\b(?:first\b|before (?:the|they))",
    r"\blymphodeplet",
    r"\bconditioning (?:with|chemotherapy|treatment|regimen)",
    r"\bfirst gets? (?:the )?(?:chemotherapy|busulfan)",
    r"\bfirst get the chemotherapy",
)
SOME_ONLY = _words(r"\bwith or without the chemotherapy", r"\bwith or without (?:cyclophosphamide|busulfan)", r"\bsome groups first get")
CONDITIONING = r"(?:busulfan|melphalan|treosulfan|thiotepa|fludarabine|cyclophosphamide|lymphodeplet\w*|myeloablat\w*|(?:pre-?)?conditioning)"
CONDITIONING_ASKED = _words(
    rf"\b(?:allerg|hypersens|intoleran|contraindicat|tolerat|cannot have|cannot get|unable to|not able to|able to have|willing to)[^.;]{{0,60}}{CONDITIONING}",
    rf"\bwhen {CONDITIONING} is given",
    rf"\b(?:before|prior to|start of|starting|undergo|time of|day of) (?:the )?(?:planned |start of |starting )*{CONDITIONING}",
    rf"\bcohorts?\b[^.;]{{0,30}}\({CONDITIONING}",
)
SOME_COHORTS = _words(rf"\bcohorts?\b[^.;]{{0,30}}\({CONDITIONING}")

BIRTH_CONTROL = _words(
    r"\bcontracepti(?:on|ve method)", r"\bbirth control", r"\bcondom", r"\b(?:barrier|effective|double) (?:method|contracept)", r"\babstinen"
)
YEARS = re.compile(
    r"\b(?:follow(?:s|ed|ing)?(?:[- ]up)?\b(?: them)?(?: visits)?\s?(?:of|for|to|lasts?)?|followed\b[^.]{0,20}?\bfor)\s(?:up to )?(\d{1,2})[ -]years?\b"
    r"|\b(\d{1,2})[ -]years? (?:of )?(?:long-term )?follow[- ]?up",
    re.IGNORECASE,
)
LONG_FOLLOW_UP = _words(r"\blong[- ]term (?:safety )?follow[- ]?up", r"\blong and frequent follow[- ]?up")

HIV_MEDICINE = r"(?:HIV (?:medicines?|drugs?|treatment)|anti-?retrovirals?(?: \w+)?|c?ART|HAART)"
STOPS_HIV_MEDICINE = _words(
    rf"\b(?:then |will |to )(?:pause|stop|interrupt)\b[^.;]{{0,20}}{HIV_MEDICINE}\b",
    rf"\b(?:willing|agree\w*|able|accepts?)\b[^.;]{{0,40}}\b(?:pause|stop|interrupt)\w*[^.;]{{0,30}}{HIV_MEDICINE}\b",
    rf"\b(?:willing|agree\w*|able|accepts?)\b[^.;]{{0,40}}{HIV_MEDICINE}\b[^.;]{{0,20}}\b(?:pause|stop|interrupt)",
    r"\banalytic(?:al)? treatment interruption",
)
EARLIER = _words(r"\b(?:prior|previous|earlier|past|history)\b", r"\bin the last\b", r"\bwithin \w+ (?:days|weeks|months|years)\b")


def _gives_chemotherapy(record: Record) -> bool:
    return record.gives_cells and (bool(CHEMOTHERAPY_FIRST.search(record.told)) or record.asks(CONDITIONING_ASKED))


def _chemotherapy_for_some(record: Record) -> bool:
    says_all = record.asks(CONDITIONING_ASKED, unless=SOME_COHORTS)
    return bool(SOME_ONLY.search(record.told)) or (record.asks(SOME_COHORTS) and not says_all and not CHEMOTHERAPY_FIRST.search(record.told))


def _has_carrier_virus(record: Record) -> bool:
    return record.in_body and bool(CARRIER_VIRUS.search(record.carrier)) and not GROWN_VIRUS.search(record.carrier)


def _stops_hiv_medicine(record: Record) -> bool:
    return bool(STOPS_HIV_MEDICINE.search(record.told)) or record.asks(STOPS_HIV_MEDICINE, unless=EARLIER)


def _adds_gene(record: Record) -> bool:
    """Whether a gene is brought into the body to stay, as far as the record tells: not as a bare ring of DNA, which may be lost."""
    if not record.in_body or SHORT_LIVED.search(record.trial.vector):
        return False
    approach = record.trial.approach
    return approach == Approach.GENE_ADDITION or (approach == Approach.GENE_SILENCING and _has_carrier_virus(record))


LINES = (
    Line(
        "edited",
        gettext_lazy("The change to the genes cannot be undone."),
        lambda record: record.in_body and record.trial.approach == Approach.GENE_EDITING,
    ),
    Line("added", gettext_lazy("Once given, the new gene cannot be taken out again."), _adds_gene),
    Line(
        "cells",
        gettext_lazy("Once given, the changed cells cannot be taken out again."),
        lambda record: record.gives_cells and not SAFETY_SWITCH.search(record.told),
    ),
    Line("once", gettext_lazy("It is given one time."), lambda record: bool(ONCE.search(record.told)) and not MORE_THAN_ONCE.search(record.told)),
    Line(
        "carrier_virus",
        gettext_lazy("A virus carries the gene. The body may learn to fight that virus. This may close the door to later gene therapy trials."),
        _has_carrier_virus,
    ),
    Line(
        "virus_antibodies",
        gettext_lazy("The trial tests for antibodies to a carrier virus (AAV). Getting such a virus may close the door to later gene therapy trials."),
        lambda record: record.in_body and not _has_carrier_virus(record) and record.asks(VIRUS_ANTIBODIES),
    ),
    Line(
        "chemotherapy",
        gettext_lazy("Chemotherapy (strong medicine) comes before the cells."),
        lambda record: _gives_chemotherapy(record) and not _chemotherapy_for_some(record),
    ),
    Line(
        "chemotherapy_some",
        gettext_lazy("Some people get chemotherapy (strong medicine) before the cells."),
        lambda record: _gives_chemotherapy(record) and _chemotherapy_for_some(record),
    ),
    Line(
        "birth_control",
        gettext_lazy("People who could have a child need to use birth control for a time."),
        lambda record: record.asks(BIRTH_CONTROL),
    ),
    Line("hiv_medicine", gettext_lazy("HIV medicine may be stopped for a time. Never stop it on your own."), _stops_hiv_medicine),
)
"""What a record can say, in the order in which it is shown."""


@dataclass(frozen=True)
class Found:
    """What a record bears out: the names of lines, in order; the years of follow-up, or whether it is only said to be long."""

    names: tuple[str, ...]
    years: str
    is_long: bool


def find(trial: Trial) -> Found:
    """What the record bears out. It is kept with the trial as it was read: pages ask again and again, and reading takes a millisecond."""
    found: Found | None = trial.__dict__.get("_before_you_decide")
    if found is None:
        record = Record(trial)
        told = (record.told, *record.criteria)
        found = trial.__dict__["_before_you_decide"] = Found(
            names=tuple(line.name for line in LINES if line.read(record)),
            years=_years(trial, told),
            is_long=any(LONG_FOLLOW_UP.search(text) for text in told),
        )
    return found


def _years(trial: Trial, told: Iterable[str]) -> str:
    """The years of follow-up; "" where the record names none."""
    if trial.follow_up_years is not None:
        return f"{float(trial.follow_up_years):g}"
    named = [int(found[1] or found[2]) for text in told if (found := YEARS.search(text))]
    return str(max(named)) if named else ""


def before_you_decide(trial: Trial) -> tuple[str, ...]:
    """What taking part brings with it, in plain sentences; none where the record says nothing of it."""
    found = find(trial)
    lines = [str(line.text) for line in LINES if line.name in found.names]
    if found.years:
        template = ngettext("Check-ups go on for %(years)s year.", "Check-ups go on for %(years)s years.", 1 if found.years == "1" else 2)
        lines.append(template % {"years": found.years})
    elif found.is_long:
        lines.append(_("Check-ups go on for a long time."))
    return tuple(lines)
