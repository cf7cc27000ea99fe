"""A seeded generator of invented trials and patients, shaped like real ones: about 20 criteria each, mostly lenient, over a long list of questions."""

from __future__ import annotations

import random
from fractions import Fraction

from trials.eligibility.judging import Criterion, Trial
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Choice, Kind, Question
from trials.eligibility.rules import parse
from trials.eligibility.verdicts import CriterionKind

CONDITIONS = 200
NUMBERS = 25
YES_NO = 30
LISTS = 5


def questions() -> Questionnaire:
    """The questions that generated trials ask."""
    conditions = [Choice(f"c{n}", f"Condition {n}", f"c{n // 8}" if n >= 8 else None) for n in range(CONDITIONS)]
    listed = [
        Question("diagnosis", Kind.CHOICE, "Which condition?", choices=tuple(conditions), order=1),
        Question("age", Kind.NUMBER, "How old?", unit="years", min=Fraction(0), max=Fraction(120), order=2),
        Question("sex", Kind.CHOICE, "Which sex?", choices=(Choice("female", "Female"), Choice("male", "Male")), order=3),
    ]
    listed += [Question(f"lab{n}", Kind.NUMBER, "Which value?", unit="units", order=10 + n) for n in range(NUMBERS)]
    listed += [Question(f"flag{n}", Kind.YES_NO, "Is it so?", order=50 + n) for n in range(YES_NO)]
    some = tuple(Choice(f"x{n}", f"Item {n}") for n in range(30))
    listed += [Question(f"list{n}", Kind.CHOICES, "Which of these?", choices=some, order=90 + n) for n in range(LISTS)]
    return Questionnaire(listed)


def trials(count: int, questionnaire: Questionnaire, seed: int = 7) -> list[Trial]:
    """So many trials, the same for the same seed."""
    random_ = random.Random(seed)
    parsed = {}
    return [_trial(number, random_, questionnaire, parsed) for number in range(count)]


def _trial(number: int, random_: random.Random, questionnaire: Questionnaire, parsed: dict) -> Trial:
    lines = [(CriterionKind.INCLUSION, f"diagnosis is c{int(random_.triangular(0, CONDITIONS - 1, 0))}")]
    lines.append((CriterionKind.INCLUSION, f"age >= {random_.choice((0, 2, 6, 12, 18, 18, 18, 21, 40))}"))
    lines.append((CriterionKind.INCLUSION, f"age <= {random_.choice((17, 60, 65, 70, 75, 80, 85, 120))}"))
    for _ in range(random_.randint(8, 24)):
        kind = random_.choice(list(CriterionKind))
        rule = _rule(random_, kind)
        if random_.random() < 0.1:
            rule = f"{rule} {'or' if kind is CriterionKind.INCLUSION else 'and'} {_rule(random_, kind)}"
        lines.append((kind, rule))
    for _, rule in lines:
        if rule not in parsed:
            parsed[rule] = parse(rule, questionnaire)
    return Trial(f"T{number}", tuple(Criterion(kind, rule, parsed[rule]) for kind, rule in lines))


def _rule(random_: random.Random, kind: CriterionKind) -> str:
    """A rule that most patients meet as an inclusion, and few as an exclusion."""
    sort = random_.random()
    if sort < 0.45:
        sign = ">=" if kind is CriterionKind.INCLUSION else "<"
        return f"lab{int(random_.triangular(0, NUMBERS - 1, 0))} {sign} {random_.randint(1, 30)}"
    if sort < 0.8:
        return f"flag{int(random_.triangular(0, YES_NO - 1, 0))} is {'no' if kind is CriterionKind.INCLUSION else 'yes'}"
    names = ", ".join(f"x{n}" for n in sorted(random_.sample(range(30), random_.randint(1, 3))))
    words = f"list{random_.randrange(LISTS)} includes any of ({names})"
    return f"not {words}" if kind is CriterionKind.INCLUSION else words


def patient(seed: int, unsure: float = 0.3) -> dict[str, object]:
    """The answers of a patient, in the form of the answers file; some are "not sure"."""
    random_ = random.Random(seed)
    answers: dict[str, object] = {"diagnosis": f"c{int(random_.triangular(0, CONDITIONS - 1, 0))}", "age": random_.randint(1, 90)}
    answers["sex"] = random_.choice(("female", "male"))
    answers |= {f"lab{n}": random_.randint(0, 100) for n in range(NUMBERS)}
    answers |= {f"flag{n}": "yes" if random_.random() < 0.1 else "no" for n in range(YES_NO)}
    answers |= {f"list{n}": [f"x{m}" for m in random_.sample(range(30), random_.choice((0, 0, 1, 2)))] for n in range(LISTS)}
    return {key: None if key not in ("diagnosis", "age", "sex") and random_.random() < unsure else answer for key, answer in answers.items()}
