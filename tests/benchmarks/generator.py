"""A seeded generator of invented trials and patients, shaped like real ones: about 20 criteria each, over a long list of questions.

Conditions form a tree and follow Zipf's law, as do the other questions; criteria are mostly lenient. Trials that say the same share their
criterion and rule objects. Rules are built as objects, since parsing some 300,000 distinct lines takes minutes; a test checks that they
equal what ``parse`` reads.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate

from trials.eligibility.judging import Criterion, Trial
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Choice, Interval, Kind, Question
from trials.eligibility.rule_texts import write
from trials.eligibility.rules import And, Comparison, Not, Or, Quantity, Rule
from trials.eligibility.verdicts import CriterionKind

CONDITIONS, AREAS = 2_000, 40
FIRST = ("diagnosis", "age", "sex")
YOUNGEST = (("18", 60), ("0.5", 6), ("2", 3), ("6", 3), ("12", 6), ("16", 4), ("21", 3), ("30", 2), ("40", 4), ("50", 5), ("60", 2), ("65", 2))
OLDEST = (("", 40), ("65", 14), ("75", 12), ("80", 9), ("70", 6), ("85", 5), ("60", 4), ("17", 5), ("12", 2), ("50", 2), ("40", 1))
SLUGS = tuple(frozenset({slug}) for slug in ("cancer", "eye", "genetic", "hiv"))
COHORTS = (("A", "B"), ("A", "B", "C"))
STUDY_TEAM = tuple(
    Criterion(CriterionKind.INCLUSION if number % 2 else CriterionKind.EXCLUSION, f"The study team checks point {number}.") for number in range(40)
)

Leaf = tuple[bool, str, str, tuple[str, ...]]
"""Whether it excludes; the question; the operator; its numbers or choices."""


def zipf(count: int, steepness: float) -> list[float]:
    """Cumulated weights: the first of ``count`` things is the most frequent."""
    return list(accumulate(1 / place**steepness for place in range(1, count + 1)))


def pick(random_: random.Random, cumulated: Sequence[float]) -> int:
    """A place drawn with these cumulated weights."""
    return bisect_left(cumulated, random_.random() * cumulated[-1])


def parent_of(condition: int) -> int | None:
    """Each of 40 areas has one broad condition, seven families below it, and six conditions in each."""
    area, place = condition % AREAS, condition // AREAS
    if place < 8:
        return area if place else None
    return area + AREAS * (1 + (place - 8) // 6)


def limits_of(question: Question) -> tuple[str, ...]:
    """The twelve limits that rules name for a laboratory value, ascending."""
    random_ = random.Random(question.key)
    return tuple(f"{tenths // 10}.{tenths % 10}" for tenths in sorted(random_.sample(range(5, 2_000), 12)))


def questions() -> Questionnaire:
    """The questions that generated trials ask: some 150."""
    conditions = tuple(Choice(f"c{n}", f"Condition {n}", None if parent_of(n) is None else f"c{parent_of(n)}") for n in range(CONDITIONS))
    found = [
        Question("diagnosis", Kind.CHOICE, "Which condition?", choices=conditions),
        Question("age", Kind.NUMBER, "How old?", unit="years", units={"months": Fraction(1, 12)}, min=Fraction(0), max=Fraction(120)),
        Question("sex", Kind.CHOICE, "Which sex?", choices=(Choice("female", "Female"), Choice("male", "Male"))),
        Question("pregnant", Kind.YES_NO, "Pregnant?", ask_if="sex is female", otherwise="no"),
        _choice("country", 40),
        _choice("ecog", 5),
    ]
    found += [Question(f"lab{n}", Kind.NUMBER, "Which value?", unit="units") for n in range(25)]
    found += [Question(f"flag{n}", Kind.YES_NO, "Is it so?") for n in range(30)]
    found += [_choice(f"list{n}", count, Kind.CHOICES) for n, count in enumerate((30, 60, 50, 20, 10))]
    found += [_choice(f"choice{n}", count) for n, count in enumerate((3, 4, 5, 6, 8))]
    found += [Question(f"area{n}_flag", Kind.YES_NO, "Is it so?") for n in range(AREAS)]
    found += [_area_question(n) for n in range(AREAS)]
    return Questionnaire(replace(question, order=order) for order, question in enumerate(found))


def _choice(key: str, count: int, kind: Kind = Kind.CHOICE) -> Question:
    return Question(key, kind, "Which of these?", choices=tuple(Choice(f"{key}_{n}", f"Item {n}") for n in range(count)))


def _area_question(area: int) -> Question:
    key = f"area{area}_detail"
    match area % 3:
        case 0:
            return Question(key, Kind.NUMBER, "Which value?", unit="units")
        case 1:
            return _choice(key, 6)
    return _choice(key, 30, Kind.CHOICES)


class Shape:
    """What trials and patients of one questionnaire have in common: which conditions, questions and choices are frequent."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.conditions = random.Random(3).sample(range(CONDITIONS), CONDITIONS)
        self.of_conditions = zipf(CONDITIONS, 0.7)
        self.general = [key for key in questionnaire if key not in (*FIRST, "pregnant") and not key.startswith("area")]
        random.Random(5).shuffle(self.general)
        self.general.append("pregnant")
        self.of_general = zipf(len(self.general), 0.6)
        self.of_limits = zipf(12, 0.8)
        self.limits = {key: limits_of(question) for key, question in questionnaire.items() if question.kind is Kind.NUMBER and key != "age"}
        self.choices = {key: tuple(question.labels) for key, question in questionnaire.items() if question.kind is not Kind.NUMBER}
        self.of_choices = {key: zipf(len(choices), 0.8) for key, choices in self.choices.items()}

    def condition(self, random_: random.Random) -> int:
        """A condition, frequent ones more often."""
        return self.conditions[pick(random_, self.of_conditions)]

    def choice(self, key: str, random_: random.Random) -> str:
        """A choice of this question, frequent ones more often."""
        return self.choices[key][pick(random_, self.of_choices[key])]


class _Maker:
    """Makes trials one after the other; what was made before is used again."""

    def __init__(self, questionnaire: Questionnaire, seed: int) -> None:
        self.questionnaire, self.shape, self.random = questionnaire, Shape(questionnaire), random.Random(seed)
        self.comparisons: dict[tuple[str, str, tuple[str, ...]], Comparison] = {}
        self.criteria: dict[tuple[tuple[Leaf, ...], bool, str | None], Criterion] = {}

    def trial(self, number: int) -> Trial:
        random_ = self.random
        main = self.shape.condition(random_)
        made = [*self._first(main), *self._others(main % AREAS)]
        chance = random_.random()
        cohorts = COHORTS[chance < 0.02] if chance < 0.06 else ()
        last = random_.randint(2, 5) if cohorts else 0
        criteria = [self.criterion(*parts) for parts in made[: len(made) - last]]
        criteria += [self.criterion(*parts, cohorts[place % len(cohorts)]) for place, parts in enumerate(made[len(made) - last :])]
        criteria += random_.choices(STUDY_TEAM, k=int(random_.random() * 4))
        return Trial(f"T{number}", tuple(criteria), cohorts, random_.random() >= 0.02, SLUGS[main % 4])

    def _first(self, main: int) -> Iterator[tuple[tuple[Leaf, ...], bool]]:
        """Condition, age and sex."""
        random_ = self.random
        conditions = {main}
        while random_.random() < 0.4 and len(conditions) < 4:
            near = main + AREAS * random_.randint(-3, 3) if random_.random() < 0.7 else self.shape.condition(random_)
            if 0 <= near < CONDITIONS:
                conditions.add(near)
        if random_.random() < 0.98:
            names = tuple(f"c{condition}" for condition in sorted(conditions))
            yield ((False, "diagnosis", "in" if len(names) > 1 else "is", names),), False
        low, high = (random_.choices(*zip(*table, strict=True))[0] for table in (YOUNGEST, OLDEST))
        yield ((False, "age", ">=", (low,)),), False
        if high and float(high) > float(low):
            yield ((False, "age", "<=", (high,)),), False
        if random_.random() < 0.15:
            yield ((False, "sex", "is", (random_.choice(("female", "male")),)),), False

    def _others(self, area: int) -> Iterator[tuple[tuple[Leaf, ...], bool]]:
        random_ = self.random
        used: set[str] = set()
        wanted, made = max(8, min(30, int(random_.gauss(20, 5)))) - 3, 0
        while made < wanted:
            key = f"area{area}_{'flag' if random_.random() < 0.5 else 'detail'}" if random_.random() < 0.12 else self._general()
            if key in used:
                continue
            used.add(key)
            leaves = [self._leaf(key)]
            if random_.random() < 0.05:
                more = {self._general() for _ in range(random_.randint(1, 2))} - used
                used |= more
                leaves += [self._leaf(other) for other in sorted(more)]
            made += 1
            yield tuple(leaves), random_.random() < 0.2

    def _general(self) -> str:
        return self.shape.general[pick(self.random, self.shape.of_general)]

    def _leaf(self, key: str) -> Leaf:
        """A comparison that most patients meet."""
        shape, chance = self.shape, self.random.random()
        if key in shape.limits:
            limits, place = shape.limits[key], pick(self.random, shape.of_limits) // 2
            low, high = limits[place], limits[-1 - place]
            if chance < 0.45:
                return (False, key, ">=", (low,)) if chance < 0.3 else (True, key, "<", (low,))
            if chance < 0.9:
                return (False, key, "<=", (high,)) if chance < 0.75 else (False, key, "between", (low, high))
            return True, key, ">", (high,)
        if len(shape.choices[key]) == 2:
            return (True, key, "is", ("yes",)) if chance < 0.8 else (False, key, "is" if chance < 0.92 else "is not", ("yes",))
        if key == "ecog":
            return False, key, "in", shape.choices[key][: 2 + int(chance * 3)]
        if key == "country" or self.questionnaire[key].kind is Kind.CHOICES:
            names = tuple(sorted({shape.choice(key, self.random) for _ in range(1 + int(self.random.random() * 4))}))
            return (False, key, "in", names) if key == "country" else (chance < 0.85, key, "includes any of", names)
        count = len(shape.choices[key])
        names = tuple(sorted(self.random.sample(shape.choices[key], self.random.randint(1, count - 1))))
        if chance < 0.4 and len(names) > 1:
            return False, key, "in", names
        return (False, key, "not in", names[:2]) if chance < 0.7 else (True, key, "in", names[:2])

    def criterion(self, leaves: tuple[Leaf, ...], nested: bool, cohort: str | None = None) -> Criterion:
        """The criterion of one comparison, or of any of several."""
        place = leaves, nested, cohort
        if place not in self.criteria:
            if len(leaves) == 1:
                kind, rule = CriterionKind.EXCLUSION if leaves[0][0] else CriterionKind.INCLUSION, self.comparison(leaves[0])
            else:
                kind, parts = CriterionKind.INCLUSION, [self._part(leaf) for leaf in leaves]
                rule = Or((parts[0], And(tuple(parts[1:])))) if nested and len(parts) > 2 else Or(tuple(parts))
            self.criteria[place] = Criterion(kind, write(rule), rule, cohort)
        return self.criteria[place]

    def _part(self, leaf: Leaf) -> Rule:
        return Not(self.comparison(leaf)) if leaf[0] else self.comparison(leaf)

    def comparison(self, leaf: Leaf) -> Comparison:
        """The comparison of a leaf, as ``parse`` would read it."""
        _, key, operator, values = leaf
        if (key, operator, values) not in self.comparisons:
            question = self.questionnaire[key]
            self.comparisons[key, operator, values] = _numeric(key, operator, values) if question.kind is Kind.NUMBER else _named(question, operator, values)
        return self.comparisons[key, operator, values]


def _named(question: Question, operator: str, names: tuple[str, ...]) -> Comparison:
    inside = frozenset(names) if question.kind is Kind.CHOICES else frozenset().union(*(question.kinds[name] for name in names))
    return Comparison(question.key, operator, names=names, inside=inside)


def _numeric(key: str, operator: str, numbers: tuple[str, ...]) -> Comparison:
    low, high = Fraction(numbers[0]), Fraction(numbers[-1])
    inside = {
        ">=": Interval(low, math.inf),
        ">": Interval(low, math.inf, low_open=True),
        "<=": Interval(-math.inf, high),
        "<": Interval(-math.inf, high, high_open=True),
        "between": Interval(low, high),
    }[operator]
    return Comparison(key, operator, quantities=tuple(Quantity(Fraction(number)) for number in numbers), inside=inside)


def trials(count: int, questionnaire: Questionnaire, seed: int = 7) -> list[Trial]:
    """So many trials, the same for the same seed."""
    maker = _Maker(questionnaire, seed)
    return [maker.trial(number) for number in range(count)]
