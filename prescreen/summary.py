"""A screening -> the one structure that screen, print and PDF all show: the patient's sheet first, then the provider's pages."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from trials.eligibility.explanations import Explanation, describe
from trials.eligibility.verdicts import Verdict
from trials.matching import TrialMatch
from trials.matching import as_json as match_json
from trials.models import ApprovedTherapy, Trial

from .decide import before_you_decide
from .facts import Fact, FactGroup, by_source, to_bring
from .screening import Screening
from .trial_facts import cautions, trial_facts
from .wording import criterion_text, fit_text, in_language, more_text, question_text, reading

MOST_FACTS = 5
"""Facts to bring beyond this many are left to the provider's pages."""


@dataclass(frozen=True)
class Therapy:
    """An approved therapy for the condition."""

    name: str
    condition: str
    note: str
    as_of: str
    source: str


@dataclass(frozen=True)
class Answered:
    """A question with its answer, in words."""

    key: str
    question: str
    answer: str


@dataclass(frozen=True)
class Row:
    """One criterion: what it asks, what the patient said, our reading; ``verdict`` is the reading's slug."""

    kind: str
    asks: str
    said: str
    reading: str
    cohort: str
    verdict: str


@dataclass(frozen=True)
class TrialSheet:
    """One trial as the paper shows it. ``facts`` are (name, value) pairs, the status first; ``decide`` is what taking part brings with it."""

    number: str
    title: str
    summary: str
    fit: str
    facts: tuple[tuple[str, str], ...]
    cautions: tuple[str, ...]
    decide: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Line:
    """A trial that is not in the paper: one line."""

    number: str
    title: str
    fit: str


@dataclass(frozen=True)
class Summary:
    """Everything the paper says, as plain texts, in reading order."""

    title: str
    made_on: str
    date: str
    area: str
    condition: str
    for_whom: str
    counts: str
    sheets: tuple[TrialSheet, ...]
    facts: tuple[Fact, ...]
    therapies: tuple[Therapy, ...]
    answers: tuple[Answered, ...]
    others: tuple[Line, ...]
    more: tuple[str, ...]
    limits: tuple[str, ...]
    ask: tuple[str, ...]
    trying: str = ""

    @property
    def top_facts(self) -> tuple[FactGroup, ...]:
        """The facts that stand on the patient's own sheet, by where they are found."""
        return by_source(self.facts[:MOST_FACTS])

    @property
    def more_facts(self) -> tuple[FactGroup, ...]:
        """The others."""
        return by_source(self.facts[MOST_FACTS:])

    def as_data(self) -> dict[str, Any]:
        """The structure as JSON knows it."""
        groups = {name: [asdict(group) for group in getattr(self, name)] for name in ("top_facts", "more_facts")}
        return {**asdict(self), **groups}


def build(screening: Screening, today: date) -> Summary:
    """The summary of a screening, made on this day."""
    trials = {trial.listing.nct_id: trial for trial in screening.matching.trials}
    picked = [trials[number] for number in screening.picked]
    others = [trial for number, trial in trials.items() if number not in screening.picked]
    area = screening.catalog.areas.get(screening.area or "")
    return Summary(
        title=_("Gene therapy trials to ask about"),
        made_on=date_format(today, "F j, Y"),
        date=today.isoformat(),
        area=_(area.name) if area else _("All condition areas"),
        condition=condition_text(screening),
        for_whom=for_whom_text(screening),
        counts=_counts(screening),
        sheets=tuple(sheet(trial, screening, today) for trial in picked),
        facts=to_bring(screening, picked),
        therapies=tuple(therapy_text(therapy) for therapy in therapies_for(screening)),
        answers=answered(screening),
        others=tuple(Line(trial.listing.nct_id, trial.listing.title, reason_line(trial, screening)) for trial in others),
        more=tuple(more_text(verdict, left) for verdict in sorted(Verdict, reverse=True) if (left := screening.matching.not_shown(verdict))),
        limits=(
            _("Only the trial team can decide if you can take part. This paper cannot."),
            _("It rests on your answers and on what each trial’s public record said on its date. Both may have changed."),
            _("Gene therapy is still being tested. It may not work, it cannot be undone, and it may close the door to other gene therapy trials."),
            _("Do not stop or change any medicine because of this paper."),
        ),
        ask=_questions_to_ask(screening.answers.who),
        trying=screening.trying_text,
    )


def as_json(screening: Screening, today: date) -> dict[str, Any]:
    """The trials that pages show in the form of ``match --json``, with how many more there are, the questions with their answers, and the day."""
    matching = screening.matching
    told = [asdict(answer) | {"given": screening.given[answer.key]} for answer in answered(screening)]
    return {
        "made_on": today.isoformat(),
        **match_json(matching, screening.catalog.questionnaire),
        "not_shown": {verdict.slug: matching.not_shown(verdict) for verdict in Verdict},
        "questions_and_answers": told,
    }


def _questions_to_ask(who: str) -> tuple[str, ...]:
    if who == "me":
        return (
            _("Could one of these trials make sense for me, or is there a better choice now?"),
            _("Which tests would tell us more? Which of them do I have already?"),
            _("What are the risks for me, and what would I give up or delay?"),
            _("Would this keep me out of other gene therapy later?"),
            _("How far, how often and for how many years would I have to travel?"),
            _("Can you call the trial team, or shall I?"),
        )
    lines = (
        _("Could one of these trials make sense for your child, or is there a better choice now?"),
        _("Which tests would tell us more? Which of them were done already?"),
        _("What are the risks for your child, and what would be given up or delayed?"),
        _("Would this keep your child out of other gene therapy later?"),
        _("How far, how often and for how many years would we have to travel?"),
        _("Can you call the trial team, or shall I?"),
    )
    mine = [line.replace(_("your child"), _("my child") if who == "child" else _("the person I care for")) for line in lines]
    return tuple(mine)


def pickable(screening: Screening) -> list[tuple[Trial, str, bool]]:
    """The trials that can go into the paper, with what their verdict reads, and whether each is ticked."""
    possible = [trial for trial in screening.matching.trials if trial.listing.nct_id in screening.pickable]
    return [(trial.listing, fit_text(trial.verdict, screening.answers.who), trial.listing.nct_id in screening.picked) for trial in possible]


def condition_text(screening: Screening) -> str:
    """The condition as it was answered; "" where it was not."""
    diagnosis = screening.path.answers.get("diagnosis")
    question = screening.catalog.questionnaire.get("diagnosis")
    return describe(diagnosis, question, _) if question and diagnosis else ""


def for_whom_text(screening: Screening) -> str:
    """Whom the answers are about, where it is not whoever answered."""
    return {"child": _("Answered for a child"), "other": _("Answered for a person somebody cares for")}.get(screening.answers.who, "")


def _counts(screening: Screening) -> str:
    fits, maybe, no = (screening.matching.counts[verdict] for verdict in (Verdict.PASSES, Verdict.UNKNOWN, Verdict.FAILS))
    return _("%(fits)d fit your answers, %(maybe)d may match, %(no)d probably do not match right now.") % {"fits": fits, "maybe": maybe, "no": no}


def answered(screening: Screening) -> tuple[Answered, ...]:
    """Every question on the path with its answer in words."""
    questionnaire, who = screening.catalog.questionnaire, screening.answers.who
    return tuple(Answered(key, question_text(questionnaire[key], who), screening.answer_text(key)) for key in screening.path.steps)


def therapies_for(screening: Screening) -> list[ApprovedTherapy]:
    """The approved therapies for the patient's condition, or for one of its kinds or wider groups; none where the condition is not known."""
    near = screening.near_conditions
    return [therapy for therapy in screening.catalog.therapies if near & {condition.key for condition in therapy.conditions.all()}]


def therapy_text(therapy: ApprovedTherapy) -> Therapy:
    """An approved therapy in words."""
    note = _("No longer sold. %(note)s") % {"note": in_language(therapy.note)} if therapy.withdrawn else in_language(therapy.note)
    name = f"{therapy.brand} ({therapy.generic})" if therapy.generic else therapy.brand
    return Therapy(name, in_language(therapy.condition), note.strip(), date_format(therapy.as_of, "F j, Y"), therapy.source)


def sheet(trial: TrialMatch, screening: Screening, today: date) -> TrialSheet:
    """One trial as the paper shows it on this day."""
    return TrialSheet(
        number=trial.listing.nct_id,
        title=trial.listing.title,
        summary=in_language(trial.listing.summary),
        fit=fit_text(trial.verdict, screening.answers.who),
        facts=trial_facts(trial.listing, today),
        cautions=cautions(trial.listing),
        decide=before_you_decide(trial.listing),
        rows=tuple(_row(explanation, screening) for explanation in trial.explanations),
    )


def _row(explanation: Explanation, screening: Screening) -> Row:
    criterion = explanation.criterion
    return Row(
        kind=_("Must be so") if criterion.kind == "inclusion" else _("Must not be so"),
        asks=in_language(criterion.text),
        said=said(explanation, screening),
        reading=reading(explanation.verdict),
        cohort=criterion.cohort or "",
        verdict="study_team" if explanation.verdict is None else explanation.verdict.slug,
    )


def said(explanation: Explanation, screening: Screening) -> str:
    """What the patient answered to the questions behind a verdict; "—" where nothing was asked."""
    questionnaire, who = screening.catalog.questionnaire, screening.answers.who
    parts = [screening.said.get(key) or _("%(question)s not asked") % {"question": question_text(questionnaire[key], who)} for key in explanation.because]
    return "; ".join(parts) or "—"


def reason_line(trial: TrialMatch, screening: Screening) -> str:
    """The one reason that matters most, as a line."""
    if trial.reason is not None:
        asks = criterion_text(trial.reason.criterion, screening.answers.who)
        template = (
            _("the trial asks: %(asks)s. You said: %(said)s")
            if trial.reason.criterion.kind == "inclusion"
            else _("the trial leaves out: %(asks)s. You said: %(said)s")
        )
        return template % {"asks": asks.rstrip("."), "said": said(trial.reason, screening)}
    return fit_text(trial.verdict, screening.answers.who)
