"""The understood words of a criterion, read from left to right -> its clauses, with what joins each to the one before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from trials.eligibility.questionnaire import Questionnaire

from .amounts import limit_in_liver, rule_of_amount, says_again
from .clauses import WINDOW, Clause, Clauses, Group, NotUnderstood
from .patterns import Pattern, patterns
from .settling import settle
from .tokens import Bound, Sort, Token

_BETWEEN_NAME_AND_AMOUNT = (Sort.MEASURE, Sort.JOINT, Sort.AMOUNT, Sort.EYE, Sort.WINDOW, Sort.REMARK, Sort.REQUIRING)


def read_clauses(words: Iterable[Token], is_exclusion: bool, questionnaire: Questionnaire) -> Clauses:
    """The clauses that the words make. Raises ``NotUnderstood`` where they make none, or leave open what belongs together."""
    read = list(words)
    reader = _Reader(Clauses(is_exclusion), questionnaire, any(token.sort is Sort.WINDOW for token in read))
    for place, token in enumerate(read):
        reader.take(token, read[place - 1] if place else None, read[place + 1] if place + 1 < len(read) else None)
    if read:
        reader.found.window_is_last = read[-1].sort is Sort.WINDOW
        reader.found.window_is_at_an_end = Sort.WINDOW in (read[0].sort, read[-1].sort)
    return settle(reader.finished())


@dataclass
class _Reader:
    found: Clauses
    questionnaire: Questionnaire
    is_windowed: bool
    names: list[Pattern] = field(default_factory=list)
    name_joints: list[str] = field(default_factory=list)
    measures: list[Pattern] = field(default_factory=list)
    left: Bound | None = None
    joint: str = ""
    is_negated: bool = False
    negation_used: bool = False
    has_result: bool = False
    form: str = ""
    is_waiting: bool = False
    leads_on: bool = False
    adjective_spreads: bool = False

    @property
    def clauses(self) -> list[Clause]:
        """The clauses of the group that is being read."""
        return self.found.groups[-1].clauses

    def take(self, token: Token, before: Token | None, after: Token | None) -> None:
        """Takes the next word."""
        if self.names and token.sort not in _BETWEEN_NAME_AND_AMOUNT:
            raise NotUnderstood
        was_waiting = self.is_waiting
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
            case Sort.FORM if token.value == "history" and (after is None or after.sort is Sort.BREAK) and self.form == "history" and not was_waiting:
                self.is_waiting = False  # "has received gene therapy previously"
            case Sort.FORM:
                self._form(token.value, was_waiting)
            case Sort.FINDING:
                self._finding(token)
            case Sort.MEASURE:
                self._measure(token)
            case Sort.AMOUNT:
                self._amount(token)
            case _:
                self._note(token)

    def _note(self, token: Token) -> None:
        """Notes what is said about all clauses together; it can be said once only."""
        match token.sort:
            case Sort.WINDOW:
                self._window(token)
            case Sort.REASON:
                self.found.reasoned = True
            case Sort.EYE:
                if self.found.eye not in ("", token.value):
                    raise NotUnderstood
                self.found.eye = token.value
            case Sort.REMARK:
                self.found.remarked = True
            case Sort.AGE_GROUP:
                self.found.age_group = True
            case Sort.REQUIRING | Sort.EXCLUDING:
                if self.found.is_exclusion != (token.sort is Sort.EXCLUDING):
                    raise NotUnderstood
                self.leads_on = self.leads_on or token.value == "function"
            case Sort.WOMEN:
                self.found.women = token.value

    def _window(self, token: Token) -> None:
        """Notes the time. One that must have passed says "not" of what comes after it."""
        assert token.window is not None
        if self.found.window not in (None, token.window):
            raise NotUnderstood
        self.found.window = token.window
        if token.window.is_passed:
            if self.is_negated or self.clauses:
                raise NotUnderstood
            self.is_negated = True

    def _form(self, value: str, goes_on: bool) -> None:
        """A form holds for all findings after it, until another; of "current or prior" the wider one holds."""
        if goes_on and self.form:
            self.joint = ""
            self.form = "history" if "history" in (self.form, value) else value
            return
        self.form = value
        if self.joint and self.has_result and not self.is_negated:
            self.has_result = False

    def _break(self) -> None:
        if self.left or self.is_waiting or self.joint == "and/or":
            raise NotUnderstood
        groups = self.found.groups
        if self.clauses:
            groups.append(Group(joint=self.joint))
        elif self.joint:
            groups[-1].joint = _together(groups[-1].joint, self.joint)
        self.joint, self.is_negated, self.has_result, self.form, self.adjective_spreads = "", False, False, "", False

    def _add(self, rule: str, pattern: Pattern, is_amount: bool = False) -> None:
        """Adds a clause; two side by side need a word between them, unless one says the other again or is an adjective of it."""
        clauses, joint = self.clauses, self.joint
        if clauses and not joint:
            last = clauses[-1]
            if last.rule == rule and not last.is_amount:
                joint = "same"
            elif "adjective" in last.pattern.flags or "adjective" in pattern.flags or ("age" in pattern.flags and self.found.groups[-1].names_only_people):
                joint = "with"
            else:
                raise NotUnderstood
        if not clauses and joint and len(self.found.groups) > 1:
            self.found.groups[-1].joint = _together(self.found.groups[-1].joint, joint)
            joint = ""
        elif not clauses and joint not in ("", ","):
            raise NotUnderstood
        self.leads_on = False
        is_negated = self.is_negated and not is_amount
        clauses.append(Clause(rule, pattern, joint, is_negated, is_amount, self.has_result, self.form))
        self.joint = ""

    def _result(self, value: str, before: Token | None, after: Token | None) -> None:
        """ "Negative" after a finding is said of all before it that have no result yet; before one, of those that follow."""
        clauses = self.clauses
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
            base = f"{WINDOW} of {pattern.words[0].pattern}"
        if not base or (negated and "lacks" not in pattern.rules):
            return ""
        if negated:
            return pattern.rules["lacks"] if base == pattern.rules.get("has") else f"not ({base})"
        return base

    def _finding(self, token: Token) -> None:
        assert token.pattern is not None
        spreads = patterns().words["spreading_adjectives"]
        has_adjective = any(phrase.match(token.text) for phrase in spreads)
        if self.adjective_spreads and self.joint and not has_adjective:
            raise NotUnderstood
        self.adjective_spreads = has_adjective
        for pattern in (token.pattern, *token.others):
            rule = self._rule_of(pattern, self.form, self.is_negated)
            if rule:
                break
        else:
            pattern = token.pattern
            if "now_in_history" not in pattern.flags or self.is_negated or not self.found.is_exclusion:
                raise NotUnderstood
        self._add(rule, pattern)
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
        if token.value == "liver":
            self._for_liver(token)
            return
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
        if len(names) > 1 and inner & ({"and"} if self.found.is_exclusion else {"or", "and/or"}):
            raise NotUnderstood
        if self.joint and self.names:
            raise NotUnderstood
        for place, pattern in enumerate(names):
            rule = rule_of_amount(pattern, token, self.found.is_exclusion, self.questionnaire)
            said_before = any(clause.pattern is pattern for clause in self.found.every)
            if rule is None or said_before:
                raise NotUnderstood
            if place or self.names:
                self.joint = self.name_joints[place] or ("," if place else "")
            self._add(f"({rule})", pattern, is_amount=True)
        self.measures = names
        self.names, self.name_joints = [], []

    def _implied(self, token: Token) -> list[Pattern]:
        """The measure of an amount that stands alone: "18 years or older" is an age; "4 weeks" only where nothing else is said."""
        unit = token.bounds[0].unit
        clauses = self.clauses
        if clauses and not self.found.groups[-1].names_only_people and not self.joint:
            return []
        for pattern in patterns().rules:
            is_certain = any(f"implied_by_{bound.unit}" in pattern.flags for bound in token.bounds)
            alone = not self.found.every or self.found.groups[-1].names_only_people
            if is_certain or (f"alone_{unit}" in pattern.flags and alone and not self.found.window):
                return [pattern]
        return []

    def _for_liver(self, token: Token) -> None:
        """Puts another limit where the cancer is in the liver beside that of the measures just named, unless it may be meant for others too."""
        measures, count = self.measures, len(self.measures)
        usual = self.clauses[-count:] if measures else []
        others = {one.name for one in measures} & {clause.pattern.name for clause in self.found.every[: -count or None]}
        if not usual or others or [one.pattern for one in usual] != measures or (self.names and self.names != measures):
            raise NotUnderstood
        rule = limit_in_liver([one.rule for one in usual], measures, token, self.found.is_exclusion, self.questionnaire)
        if not rule:
            raise NotUnderstood
        self.clauses[-count:] = [replace(usual[0], rule=rule)]
        self.measures, self.names, self.name_joints, self.joint = [], [], [], ""

    def _restated(self, token: Token) -> None:
        """An amount said again in another unit: "10 g/dL (100 g/L)"."""
        last = self.clauses[-1] if self.clauses and not self.joint else None
        if last is None or not last.is_amount or not says_again(last.pattern, last.rule, token, self.found.is_exclusion, self.questionnaire):
            raise NotUnderstood

    def finished(self) -> Clauses:
        """All clauses, once nothing is left open."""
        if self.names or self.left or self.is_waiting or self.leads_on or self.joint in ("and", "or", "and/or"):
            raise NotUnderstood
        return self.found


def _together(first: str, second: str) -> str:
    """Two joints in a row: ", and" is "and"."""
    if first in ("", ","):
        return second if second != "," or not first else ","
    if second in ("", ",") or first == second:
        return first
    return "and/or"
