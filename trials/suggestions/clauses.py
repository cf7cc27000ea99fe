"""The understood words of a criterion -> its clauses: each a rule of its own, with what joins it to the one before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from trials.eligibility.questionnaire import Questionnaire

from .amounts import rule_of_amount
from .patterns import Pattern, patterns
from .tokens import Bound, Sort, Token

LONGEST_TEST_WINDOW = 92
"""Days: how old a test may be for its date to say nothing about the patient."""

_DAYS = {"days": 1, "weeks": 7, "months": 30.5, "years": 365}


class NotUnderstood(Exception):
    """The criterion says something that the patterns cannot put together."""


@dataclass(frozen=True)
class Clause:
    """One statement. ``joint`` is the word before it, ``,``, ``with`` for an adjective, or "" for the first."""

    rule: str
    pattern: Pattern
    joint: str = ""
    is_negated: bool = False
    is_amount: bool = False
    has_result: bool = False
    form: str = ""


@dataclass
class Group:
    """Clauses between two semicolons or line breaks."""

    clauses: list[Clause] = field(default_factory=list)
    joint: str = ""


@dataclass
class Clauses:
    """All clauses of a criterion, and the eye that they are about."""

    is_exclusion: bool
    groups: list[Group]
    eye: str = ""


def read_clauses(words: Iterable[Token], is_exclusion: bool, questionnaire: Questionnaire) -> Clauses:
    """The clauses that the words make. Raises ``NotUnderstood`` where they make none, or leave open what belongs together."""
    reader = _Reader(is_exclusion, questionnaire)
    read = list(words)
    reader.is_windowed = any(token.sort is Sort.WINDOW for token in read)
    for place, token in enumerate(read):
        reader.take(token, read[place - 1] if place else None, read[place + 1] if place + 1 < len(read) else None)
    return reader.finish(read)


@dataclass
class _Reader:
    is_exclusion: bool
    questionnaire: Questionnaire
    groups: list[Group] = field(default_factory=lambda: [Group()])
    names: list[Pattern] = field(default_factory=list)
    name_joints: list[str] = field(default_factory=list)
    left: Bound | None = None
    joint: str = ""
    is_negated: bool = False
    negation_used: bool = False
    has_result: bool = False
    form: str = ""
    window: str = ""
    eye: str = ""
    women: str = ""
    is_windowed: bool = False
    remarked: bool = False
    age_group: bool = False
    is_waiting: bool = False

    def take(self, token: Token, before: Token | None, after: Token | None) -> None:
        """Takes the next word."""
        if self.names and token.sort not in (Sort.MEASURE, Sort.JOINT, Sort.AMOUNT, Sort.EYE, Sort.WINDOW, Sort.REMARK):
            raise NotUnderstood
        if token.sort in (Sort.NOT, Sort.FORM, Sort.FINDING, Sort.MEASURE):
            self.is_waiting = token.sort in (Sort.NOT, Sort.FORM)
        match token.sort:
            case Sort.JOINT:
                self.joint = _together(self.joint, token.value)
            case Sort.BREAK:
                self._break()
            case Sort.NOT:
                self.is_negated, self.negation_used, self.form = True, False, ""
            case Sort.RESULT:
                self._result(token.value, before, after)
            case Sort.FORM:
                if self.form and before and before.sort is not Sort.JOINT and before.sort is not Sort.FORM:
                    self.form = ""
                self.form = "history" if "history" in (self.form, token.value) else token.value
                if before and before.sort is Sort.FORM:
                    self.joint = ""
            case Sort.FINDING:
                self._finding(token)
            case Sort.MEASURE:
                self._measure(token)
            case Sort.AMOUNT:
                self._amount(token)
            case Sort.WINDOW:
                self.window = _only(self.window, token.value)
            case Sort.EYE:
                self.eye = _only(self.eye, token.value)
            case Sort.REMARK:
                self.remarked = True
            case Sort.AGE_GROUP:
                self.age_group = True
            case Sort.WOMEN:
                self.women = token.value

    def _break(self) -> None:
        if self.left or self.is_waiting or self.joint == "and/or":
            raise NotUnderstood
        if self.groups[-1].clauses:
            self.groups.append(Group(joint=self.joint))
        elif self.joint:
            self.groups[-1].joint = _together(self.groups[-1].joint, self.joint)
        self.joint, self.is_negated, self.has_result, self.form = "", False, False, ""

    def _add(self, rule: str, pattern: Pattern, **more: bool | str) -> None:
        """Adds a clause; two side by side need a word between them, unless one says the other again or is an adjective of it."""
        clauses = self.groups[-1].clauses
        joint = self.joint
        if clauses and not joint:
            last = clauses[-1]
            says_again = last.pattern.name == pattern.name or last.rule == rule
            if says_again and not last.is_amount and last.rule == rule:
                joint = "same"
            elif "adjective" in last.pattern.flags or "adjective" in pattern.flags:
                joint = "with"
            else:
                raise NotUnderstood
        if not clauses and joint and len(self.groups) > 1:
            self.groups[-1].joint = _together(self.groups[-1].joint, joint)
            joint = ""
        elif not clauses and joint not in ("", ","):
            raise NotUnderstood
        clauses.append(
            Clause(rule, pattern, joint, is_negated=bool(more.get("negated")), is_amount=bool(more.get("amount")), has_result=self.has_result, form=self.form)
        )
        self.joint = ""

    def _result(self, value: str, before: Token | None, after: Token | None) -> None:
        """ "Negative" after a finding is said of all before it that have no result yet; before one, of those that follow."""
        clauses = self.groups[-1].clauses
        leads_on = after is not None and after.pattern is not None and "needs_result" in after.pattern.flags
        if before and before.sort is Sort.FINDING and clauses and not clauses[-1].has_result and not leads_on:
            if value == "negative" and self.is_negated:
                raise NotUnderstood
            for place, clause in enumerate(clauses):
                if not clause.has_result and not clause.is_amount:
                    rule = clause.rule if value == "positive" else self._rule_of(clause.pattern, clause.form, negated=True)
                    if not rule:
                        raise NotUnderstood
                    clauses[place] = replace(clause, rule=rule, is_negated=clause.is_negated or value == "negative", has_result=True)
            self.has_result = False
            return
        if value == "positive" and self.is_negated and not self.negation_used:
            self.has_result = True
            return
        self.is_negated, self.negation_used, self.has_result, self.form = value == "negative", False, True, ""

    def _rule_of(self, pattern: Pattern, form: str, negated: bool) -> str:
        base = pattern.rules.get(form or "has", "") or (pattern.rules.get("has", "") if form == "current" else "")
        if pattern.windows and self.is_windowed:
            base = "{window of " + pattern.name + "}" + str(id(pattern))
        if not base or (negated and "lacks" not in pattern.rules):
            return ""
        if negated:
            return pattern.rules["lacks"] if base == pattern.rules.get("has") else f"not ({base})"
        return base

    def _finding(self, token: Token) -> None:
        assert token.pattern is not None
        for pattern in (token.pattern, *token.others):
            rule = self._rule_of(pattern, self.form, self.is_negated)
            if rule:
                break
        else:
            raise NotUnderstood
        self._add(rule, pattern, negated=self.is_negated)
        self.negation_used = True

    def _measure(self, token: Token) -> None:
        assert token.pattern is not None
        if self.is_negated and not self.negation_used:
            raise NotUnderstood
        self.is_negated, self.form, self.has_result = False, "", False
        if self.names and token.pattern is self.names[-1]:
            self.joint = ""
            return
        if self.names and not self.joint:
            raise NotUnderstood
        self.name_joints.append(self.joint)
        self.names.append(token.pattern)
        self.joint = ""

    def _amount(self, token: Token) -> None:
        if token.value == "left":
            if self.names or self.left:
                raise NotUnderstood
            self.left = token.bounds[0]
            return
        if self.left:
            token, self.left = replace(token, bounds=(self.left, *token.bounds), value="two_sided"), None
            if len(token.bounds) != 2:
                raise NotUnderstood
        names = self.names or self._implied(token)
        if not names:
            self._restated(token)
            return
        inner = {joint for joint in self.name_joints[1:] if joint != ","}
        if len(names) > 1 and ("and/or" in inner or (not self.is_exclusion and "or" in inner) or (self.is_exclusion and "and" in inner)):
            raise NotUnderstood
        if self.joint:
            if self.names:
                raise NotUnderstood
        for place, pattern in enumerate(names):
            rule = rule_of_amount(pattern, token, self.is_exclusion, self.questionnaire)
            said_before = any(clause.pattern is pattern for group in self.groups for clause in group.clauses)
            if rule is None or said_before:
                raise NotUnderstood
            if place or self.names:
                self.joint = self.name_joints[place] or ("," if place else "")
            self._add(f"({rule})", pattern, amount=True)
        self.names, self.name_joints = [], []

    def _implied(self, token: Token) -> list[Pattern]:
        """The measure of an amount that stands alone: "18 years or older" is an age; "4 weeks" only where nothing else is said."""
        unit = token.bounds[0].unit
        clauses = self.groups[-1].clauses
        if clauses and not all("sex" in clause.pattern.flags for clause in clauses) and not self.joint:
            return []
        for pattern in patterns().rules:
            is_certain = f"implied_by_{unit}" in pattern.flags
            alone = not any(group.clauses for group in self.groups) or all("sex" in clause.pattern.flags for clause in clauses)
            if is_certain or (f"alone_{unit}" in pattern.flags and alone and not self.window):
                return [pattern]
        return []

    def _restated(self, token: Token) -> None:
        """An amount said again in another unit: "10 g/dL (100 g/L)"."""
        clauses = self.groups[-1].clauses
        if not clauses or not clauses[-1].is_amount or len(token.bounds) != 1 or self.joint:
            raise NotUnderstood
        last = clauses[-1]
        sign = re.search(r"[<>]=?", last.rule)
        bound = token.bounds[0]
        if not sign or bound.sign not in ("=", sign[0]):
            raise NotUnderstood
        again = rule_of_amount(last.pattern, replace(token, bounds=(replace(bound, sign=sign[0]),)), self.is_exclusion, self.questionnaire)
        if again is None or not _same(last.rule, again, self.questionnaire):
            raise NotUnderstood

    def finish(self, words: list[Token]) -> Clauses:
        """All clauses, once each is known to be complete."""
        if self.names or self.left or self.is_waiting or self.joint in ("and", "or", "and/or"):
            raise NotUnderstood
        self.groups = [group for group in self.groups if group.clauses]
        every = [clause for group in self.groups for clause in group.clauses]
        if self.women:
            self._settle_women(every)
            every = [clause for group in self.groups for clause in group.clauses]
        tests = {clause.rule for clause in every if clause.is_amount or "test" in clause.pattern.flags}
        if self.age_group and not any("age" in clause.pattern.flags for clause in every):
            raise NotUnderstood
        if not every or (self.remarked and any(clause.rule not in tests for clause in every)):
            raise NotUnderstood
        for clause in every:
            self._check(clause)
        self._settle_window(every, words)
        return Clauses(self.is_exclusion, self.groups, self.eye)

    def _check(self, clause: Clause) -> None:
        flags = clause.pattern.flags
        if ("needs_result" in flags and not clause.has_result) or ("no_result" in flags and clause.has_result):
            raise NotUnderstood
        if clause.is_amount:
            return
        if self.is_exclusion and (clause.is_negated or "inclusion_only" in flags):
            raise NotUnderstood
        if not self.is_exclusion and not clause.is_negated and not flags & {"inclusion", "inclusion_only"}:
            raise NotUnderstood

    def _settle_women(self, every: list[Clause]) -> None:
        """ "Women" says nothing beside a pregnancy; alone or beside an age it asks for women."""
        if every and all("pregnancy" in clause.pattern.flags for clause in every):
            return
        sex = next((one for one in patterns().rules if "women" in one.rules), None)
        ages = all(clause.is_amount and "age" in clause.pattern.flags for clause in every)
        if sex is None or self.is_exclusion or self.women != "women" or not ages or len(self.groups) > 1:
            raise NotUnderstood
        clause = Clause(sex.rules["women"], sex)
        first = [replace(one, joint=one.joint or "with") for one in every]
        self.groups = [Group([clause, *first])]

    def _settle_window(self, every: list[Clause], words: list[Token]) -> None:
        """Puts the time into the rules that take one. Beside nothing but tests it tells when they were made."""
        windowed = [clause.rule.startswith(("{window", "not ({window")) for clause in every]
        if not self.window:
            if any(windowed):
                raise NotUnderstood
            return
        tests = {clause.rule for clause in every if clause.is_amount or "test" in clause.pattern.flags}
        number, unit = self.window.split()
        if all(clause.rule in tests and "age" not in clause.pattern.flags for clause in every) and int(number) * _DAYS[unit] <= LONGEST_TEST_WINDOW:
            return
        at_an_end = words[0].sort is Sort.WINDOW or words[-1].sort is Sort.WINDOW
        if not all(windowed) or len(self.groups) > 1 or not at_an_end:
            raise NotUnderstood
        self.groups[0].clauses = [self._in_window(clause) for clause in every]

    def _in_window(self, clause: Clause) -> Clause:
        windows = clause.pattern.windows
        template = windows.get(self.window) or windows.get("any")
        if template is None or clause.form == "active":
            raise NotUnderstood
        rule = template.replace("{window}", self.window)
        return replace(clause, rule=f"not ({rule})" if clause.is_negated else rule)


def _together(first: str, second: str) -> str:
    """Two joints in a row: ", and" is "and"."""
    if first in ("", ","):
        return second if second != "," or not first else ","
    if second in ("", ",") or first == second:
        return first
    return "and/or"


def _only(known: str, value: str) -> str:
    if known and known != value:
        raise NotUnderstood
    return value


def _same(first: str, second: str, questionnaire: Questionnaire) -> bool:
    from trials.eligibility.rules import Comparison, parse  # noqa: PLC0415

    one, two = parse(first, questionnaire), parse(second, questionnaire)
    return isinstance(one, Comparison) and isinstance(two, Comparison) and one.question == two.question and one.inside == two.inside
