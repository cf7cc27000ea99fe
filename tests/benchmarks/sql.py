"""Trials as rows of a database, and one query that finds the trials which a patient's answers do not rule out.

Each criterion is one requirement, or several: what must not be false. A requirement is one comparison, negated or not, or any of several
("alternative"). Equal comparisons are one row. A choice of a tree is stored with all kinds that it includes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trials.eligibility.judging import Trial
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Interval, Kind
from trials.eligibility.rules import And, Comparison, Not, Rule
from trials.eligibility.verdicts import CriterionKind

Literal = tuple[Comparison, bool]
Row = tuple[float | int | None, ...]
SEVERAL = 10_000_000
"""Requirements with alternatives are numbered from here, those of one comparison as the comparison."""

TABLES = {
    "comparison": "id integer PRIMARY KEY, question integer NOT NULL, low double precision, high double precision, negated integer NOT NULL",
    "named": "choice integer NOT NULL, comparison integer NOT NULL, PRIMARY KEY (choice, comparison)",
    "alternative": "requirement integer NOT NULL, comparison integer NOT NULL, PRIMARY KEY (requirement, comparison)",
    "criterion": "lane integer NOT NULL, requirement integer NOT NULL, PRIMARY KEY (lane, requirement)",
    "lane": "id integer PRIMARY KEY, trial integer NOT NULL",
    "by_condition": "requirement integer NOT NULL, lane integer NOT NULL, PRIMARY KEY (requirement, lane)",
    "any_condition": "lane integer PRIMARY KEY",
}
PATIENT = {"number": "question integer PRIMARY KEY, value double precision", "chosen": "choice integer PRIMARY KEY, question integer"}

FALSE = """
    SELECT c.id FROM comparison c JOIN number n ON n.question = c.question
        WHERE c.low IS NOT NULL AND (n.value BETWEEN c.low AND c.high) = (c.negated = 1)
    UNION ALL SELECT c.id FROM comparison c LEFT JOIN (SELECT DISTINCT m.comparison FROM chosen s JOIN named m ON m.choice = s.choice) h ON h.comparison = c.id
        WHERE c.low IS NULL AND (h.comparison IS NOT NULL) = (c.negated = 1)
"""
FALSE_REQUIREMENTS = f"""
    WITH wrong AS MATERIALIZED ({FALSE}), unmet AS MATERIALIZED (
        SELECT id FROM wrong UNION ALL
        SELECT a.requirement FROM alternative a LEFT JOIN wrong w ON w.id = a.comparison GROUP BY a.requirement HAVING count(*) = count(w.id))
"""
EVERY_TRIAL = f"""{FALSE_REQUIREMENTS}
    SELECT DISTINCT l.trial FROM lane l
        LEFT JOIN (SELECT DISTINCT c.lane FROM criterion c JOIN unmet u ON u.id = c.requirement) f ON f.lane = l.id WHERE f.lane IS NULL
"""
CONDITION_FIRST = """
    WITH candidate AS MATERIALIZED (
        SELECT b.lane FROM chosen s JOIN named m ON m.choice = s.choice JOIN by_condition b ON b.requirement = m.comparison WHERE s.question = 0
        UNION SELECT lane FROM any_condition)
    SELECT DISTINCT l.trial FROM candidate d JOIN lane l ON l.id = d.lane WHERE NOT EXISTS (
        SELECT 1 FROM criterion r JOIN comparison c ON c.id = r.requirement LEFT JOIN number n ON n.question = c.question
        WHERE r.lane = d.lane AND CASE WHEN c.low IS NULL
            THEN EXISTS (SELECT 1 FROM named m JOIN chosen s ON s.choice = m.choice WHERE m.comparison = c.id) ELSE n.value BETWEEN c.low AND c.high END
            = (c.negated = 1))
    AND NOT EXISTS (
        SELECT 1 FROM criterion r WHERE r.lane = d.lane AND r.requirement >= 10000000 AND NOT EXISTS (
            SELECT 1 FROM alternative a JOIN comparison c ON c.id = a.comparison LEFT JOIN number n ON n.question = c.question
            WHERE a.requirement = r.requirement AND CASE WHEN c.low IS NULL
                THEN EXISTS (SELECT 1 FROM named m JOIN chosen s ON s.choice = m.choice WHERE m.comparison = c.id) ELSE n.value BETWEEN c.low AND c.high END
                = (c.negated = 0)))
"""
INDEX = "CREATE UNIQUE INDEX named_of ON named (comparison, choice)"
QUERIES = {"every trial": EVERY_TRIAL, "condition first": CONDITION_FIRST}


@dataclass
class Tables:
    """The rows of the trials, and how a patient's answers become rows."""

    questionnaire: Questionnaire
    comparisons: dict[Literal, int] = field(default_factory=dict)
    several: dict[frozenset[int], int] = field(default_factory=dict)
    requirements: dict[tuple[int, bool], tuple[int, ...]] = field(default_factory=dict)
    lanes: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.questions = {key: place for place, key in enumerate(self.questionnaire)}
        every = ((key, choice) for key, question in self.questionnaire.items() if question.kind is not Kind.NUMBER for choice in question.labels)
        self.choices = {pair: place for place, pair in enumerate(every)}

    def criteria(self, trials: Sequence[Trial]) -> Iterator[Row]:
        """The rows of ``criterion``; read them first, the other tables are known afterwards."""
        for row, trial in enumerate(trials):
            for cohort in trial.cohorts or (None,):
                lane = len(self.lanes)
                self.lanes.append((lane, row))
                judged = (criterion for criterion in trial.criteria if criterion.rule is not None and criterion.cohort in (None, cohort))
                needed = {number for criterion in judged for number in self._needed(criterion.rule, criterion.kind is CriterionKind.INCLUSION)}
                yield from ((lane, number) for number in sorted(needed))

    def _needed(self, rule: Rule, wanted: bool) -> tuple[int, ...]:
        place = id(rule), wanted
        if place not in self.requirements:
            self.requirements[place] = tuple(self._requirement(clause) for clause in clauses(rule, wanted))
        return self.requirements[place]

    def _requirement(self, clause: frozenset[Literal]) -> int:
        numbers = frozenset(self.comparisons.setdefault(literal, len(self.comparisons)) for literal in clause)
        return next(iter(numbers)) if len(numbers) == 1 else self.several.setdefault(numbers, SEVERAL + len(self.several))

    def others(self) -> Iterator[tuple[str, list[Row]]]:
        """The rows of the other tables but the two about conditions, which the database fills itself."""
        yield "comparison", [self._comparison(number, *literal) for literal, number in self.comparisons.items()]
        yield "named", [(choice, number) for (comparison, _), number in self.comparisons.items() for choice in self._named(comparison)]
        yield "alternative", [(requirement, number) for numbers, requirement in self.several.items() for number in numbers]
        yield "lane", list(self.lanes)

    def _comparison(self, number: int, comparison: Comparison, negated: bool) -> Row:
        inside, question = comparison.inside, self.questions[comparison.question]
        if isinstance(inside, Interval):
            return number, question, max(float(inside.low), -1e9), min(float(inside.high), 1e9), int(negated)
        return number, question, None, None, int(negated)

    def _named(self, comparison: Comparison) -> list[int]:
        inside = comparison.inside
        return [] if isinstance(inside, Interval) else [self.choices[comparison.question, name] for name in inside]

    def patient(self, record: Mapping[str, object]) -> dict[str, list[Row]]:
        """The rows of a patient's answers."""
        rows: dict[str, list[Row]] = {"number": [], "chosen": []}
        for key, answer in record.items():
            if self.questionnaire[key].kind is Kind.NUMBER:
                rows["number"].append((self.questions[key], float(str(answer))))
            else:
                names = answer if isinstance(answer, list) else [answer]
                rows["chosen"] += [(self.choices[key, name], self.questions[key]) for name in names]
        return rows


FILL = (
    """INSERT INTO by_condition SELECT r.requirement, r.lane FROM criterion r JOIN comparison c ON c.id = r.requirement
       WHERE c.question = 0 AND c.negated = 0""",
    "INSERT INTO any_condition SELECT id FROM lane WHERE id NOT IN (SELECT lane FROM by_condition)",
)


def clauses(rule: Rule, wanted: bool) -> list[frozenset[Literal]]:
    """The rule, or its negation, as all of several any-of."""
    match rule:
        case Comparison():
            return [frozenset({_closed(rule, wanted)})]
        case Not():
            return clauses(rule.rule, not wanted)
    parts = [clauses(part, wanted) for part in rule.rules]
    if isinstance(rule, And) is wanted:
        return [clause for part in parts for clause in part]
    return [frozenset().union(*chosen) for chosen in itertools.product(*parts)]


def _closed(rule: Comparison, wanted: bool) -> Literal:
    """A comparison whose interval has closed ends, and whether it is negated."""
    if rule.operator in ("<", ">") and isinstance(rule.inside, Interval):
        inside = Interval(rule.inside.high, float("inf")) if rule.operator == "<" else Interval(float("-inf"), rule.inside.low)
        return Comparison(rule.question, ">=" if rule.operator == "<" else "<=", quantities=rule.quantities, inside=inside), wanted
    return rule, rule.negated is wanted
