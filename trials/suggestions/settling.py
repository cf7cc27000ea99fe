"""The last look at the clauses of a criterion: whether each may stand as it does, and what is said about all of them together."""

from __future__ import annotations

from dataclasses import replace

from .clauses import Clause, Clauses, Group, NotUnderstood
from .patterns import patterns
from .windows import Window


def settle(clauses: Clauses) -> Clauses:
    """The clauses with their time put in and "women" settled. Raises ``NotUnderstood`` where something does not go together."""
    clauses.groups = [group for group in clauses.groups if group.clauses]
    _settle_history(clauses)
    if clauses.reasoned and not all("pregnancy" in clause.pattern.flags for clause in clauses.every):
        raise NotUnderstood
    if clauses.women:
        _settle_women(clauses)
    tests = {clause.rule for clause in clauses.every if clause.is_test}
    if not clauses.every or (clauses.remarked and any(clause.rule not in tests for clause in clauses.every)):
        raise NotUnderstood
    if clauses.age_group and not any("age" in clause.pattern.flags for clause in clauses.every):
        raise NotUnderstood
    for clause in clauses.every:
        _check(clause, clauses.is_exclusion)
    _settle_window(clauses, tests)
    return clauses


def _check(clause: Clause, is_exclusion: bool) -> None:
    """An exclusion that says "no", an inclusion that asks for an illness, and a test without its result are not to be trusted."""
    flags = clause.pattern.flags
    if ("needs_result" in flags and not clause.has_result) or ("no_result" in flags and clause.has_result):
        raise NotUnderstood
    if clause.is_amount:
        return
    if is_exclusion and (clause.is_negated or "inclusion_only" in flags):
        raise NotUnderstood
    if not is_exclusion and not clause.is_negated and not flags & {"inclusion", "inclusion_only"}:
        raise NotUnderstood


def _settle_women(clauses: Clauses) -> None:
    """ "Women" says nothing beside a pregnancy; alone or beside an age it asks for women."""
    every = clauses.every
    if every and all("pregnancy" in clause.pattern.flags for clause in every):
        return
    sex = next((one for one in patterns().rules if "women" in one.rules), None)
    ages = all(clause.is_amount and "age" in clause.pattern.flags for clause in every)
    if sex is None or clauses.is_exclusion or clauses.women != "women" or not ages or len(clauses.groups) > 1:
        raise NotUnderstood
    clauses.groups = [Group([Clause(sex.rules["women"], sex), *(replace(one, joint=one.joint or "with") for one in every)])]


def _settle_history(clauses: Clauses) -> None:
    """Gives "cancer" the rule of "history of cancer" that stands beside it, which says it already."""
    past = {clause.pattern.name: clause for clause in clauses.every if clause.form == "history"}
    for group in clauses.groups:
        for place, clause in enumerate(group.clauses):
            if clause.waits_for_history:
                if clause.pattern.name not in past:
                    raise NotUnderstood
                group.clauses[place] = replace(clause, rule=past[clause.pattern.name].rule, form="history")


def _settle_window(clauses: Clauses, tests: set[str]) -> None:
    """Puts the time into the rules that take one. Beside nothing but tests it tells when they were made."""
    windowed = [clause.is_windowed for clause in clauses.every]
    if not clauses.window:
        if any(windowed):
            raise NotUnderstood
        return
    is_of_tests = all(clause.rule in tests and "age" not in clause.pattern.flags for clause in clauses.every)
    if is_of_tests and clauses.window.is_of_tests:
        return
    if not any(windowed) or len(clauses.groups) > 1 or not clauses.window_is_at_an_end or not clauses.window.quantity:
        raise NotUnderstood
    if not all(windowed) and not _can_stand_before(clauses):
        raise NotUnderstood
    clauses.groups[0].clauses = [_in_window(clause, clauses.window) if clause.is_windowed else clause for clause in clauses.every]


def _can_stand_before(clauses: Clauses) -> bool:
    """Whether what takes no time stands first and lasts, so that the time at the end is not meant for it: "HIV, or steroids within 7 days"."""
    every = clauses.every
    first = next(place for place, clause in enumerate(every) if clause.is_windowed)
    lasting = all("lasting" in clause.pattern.flags for clause in every[:first])
    return clauses.is_exclusion and clauses.window_is_last and lasting and all(clause.is_windowed for clause in every[first:])


def _in_window(clause: Clause, window: Window) -> Clause:
    template = (clause.pattern.windows.get(window.quantity) if window.sign == "<=" else None) or clause.pattern.windows.get("any")
    if template is None or clause.form == "active" or (window.is_passed and "washout" not in clause.pattern.flags):
        raise NotUnderstood
    if "passed_only" in clause.pattern.flags and not window.is_passed:
        raise NotUnderstood
    rule = window.fill(template)
    return replace(clause, rule=f"not ({rule})" if clause.is_negated and not window.is_passed else rule)
