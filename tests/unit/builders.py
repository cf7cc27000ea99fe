"""A small catalogue of questions, and short ways to write the rules, answers and trials that the unit tests need."""

from __future__ import annotations

from fractions import Fraction

from trials.eligibility.judging import Criterion, Trial
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Choice, Kind, Possible, Question
from trials.eligibility.rules import Rule, parse
from trials.eligibility.verdicts import CriterionKind


def yes_no(key: str, **parts: object) -> Question:
    """A yes/no question whose text is its key with a question mark."""
    return Question(key, Kind.YES_NO, f"{key}?", **parts)


def number(key: str, unit: str = "points", **parts: object) -> Question:
    """A number question."""
    return Question(key, Kind.NUMBER, f"{key}?", unit=unit, **parts)


def choice(key: str, *choices: str, kind: Kind = Kind.CHOICE, **parts: object) -> Question:
    """A choice question. ``"b < a"`` is the choice ``b``, a kind of ``a``; a label is its key without underscores."""
    pairs = [written.partition(" < ")[::2] for written in choices]
    return Question(key, kind, f"{key}?", choices=tuple(Choice(own, own.replace("_", " "), parent or None) for own, parent in pairs), **parts)


def choices(key: str, *several: str, **parts: object) -> Question:
    """A question of which several choices may apply."""
    return choice(key, *several, kind=Kind.CHOICES, **parts)


CATALOG = Questionnaire(
    [
        choice(
            "diagnosis",
            "lymphoma",
            "b_cell_lymphoma < lymphoma",
            "dlbcl < b_cell_lymphoma",
            "t_cell_lymphoma < lymphoma",
            "rp",
            "rp_x_linked < rp",
            "hemophilia_a",
            "hemophilia_b",
            order=1,
        ),
        number("age", "years", units={"months": Fraction(1, 12), "weeks": Fraction(7, 365)}, min=Fraction(0), max=Fraction(120), order=2),
        choice("sex", "female", "male", order=3),
        yes_no("pregnant", ask_if="sex is female", otherwise="no", sensitive=True, order=4),
        number("weeks_pregnant", "weeks", ask_if="pregnant is yes", otherwise=0, min=Fraction(0), max=Fraction(45), order=5),
        number("hemoglobin", "g/dL", units={"g/L": Fraction(1, 10)}, min=Fraction(0), max=Fraction(25), order=6),
        number("viral_load", "copies/mL", order=7),
        yes_no("treated", order=8),
        choices(
            "treatments",
            "car_t",
            "car_t_cd19 < car_t",
            "car_t_bcma < car_t",
            "stem_cell_transplant",
            "chemotherapy",
            ask_if="treated is yes",
            otherwise=[],
            order=9,
        ),
        yes_no("hepatitis_b", order=10),
        yes_no("hepatitis_c", order=11),
    ]
)


def rule(text: str, questions: Questionnaire = CATALOG) -> Rule:
    """The rule that a line states."""
    return parse(text, questions)


def known(questions: Questionnaire = CATALOG, /, **answers: object) -> dict[str, Possible]:
    """What is known of a patient who gave these answers, in the form of the answers file."""
    return questions.settle(questions.read(answers))


def inclusion(text: str, cohort: str | None = None, questions: Questionnaire = CATALOG) -> Criterion:
    """An inclusion criterion; without a text it has no rule, so the study team checks it."""
    return Criterion(CriterionKind.INCLUSION, text or "Consent given", rule(text, questions) if text else None, cohort)


def exclusion(text: str, cohort: str | None = None, questions: Questionnaire = CATALOG) -> Criterion:
    """An exclusion criterion; without a text it has no rule, so the study team checks it."""
    return Criterion(CriterionKind.EXCLUSION, text or "Any other illness", rule(text, questions) if text else None, cohort)


def trial(*criteria: Criterion, cohorts: tuple[str, ...] = (), complete: bool = True, areas: tuple[str, ...] = (), key: str = "NCT00000001") -> Trial:
    """A trial with these criteria."""
    return Trial(key, criteria, cohorts, complete, frozenset(areas))
