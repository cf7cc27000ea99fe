"""The rule that a criterion of common wording states. Where any word of it is not understood, there is no suggestion."""

from __future__ import annotations

from dataclasses import dataclass

from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.rule_texts import write
from trials.eligibility.rules import And, Not, Or, Rule, RuleError, parse

from .clauses import Clause, Clauses, NotUnderstood
from .patterns import patterns
from .reading import read_clauses
from .tokens import seen, tokens


@dataclass(frozen=True)
class RuleSuggestion:
    """A rule for a whole criterion, as it is written: an exclusion's rule states what excludes. ``label`` says what was understood."""

    rule: str
    label: str
    pattern: str


def suggest_rule(text: str, kind: str, questionnaire: Questionnaire, headings: tuple[str, ...] = ()) -> RuleSuggestion | None:
    """A rule that says all that the criterion says, or None. ``kind`` is ``inclusion`` or ``exclusion``.

    The rule can be parsed with this questionnaire. A criterion that says anything more than what the patterns know - an exception, another
    condition, a time that no question asks for - gets None, and so does one that leads on to a list that it does not have, and one under a
    heading that makes it one of several alternatives.
    """
    if kind not in ("inclusion", "exclusion") or _are_barring(headings, kind):
        return None
    understood = None if text.rstrip().endswith((":", "：")) else tokens(text)
    if not understood:
        return None
    try:
        clauses = read_clauses(understood, kind == "exclusion", questionnaire)
        rule = write(_flat(parse(_of_eyes(_joined(clauses), clauses), questionnaire)))
    except (NotUnderstood, RuleError):
        return None
    found = dict.fromkeys((clause.pattern.name, clause.pattern.label) for group in clauses.groups for clause in group.clauses)
    return RuleSuggestion(rule, " and ".join(dict.fromkeys(label for _, label in found)), ", ".join(dict.fromkeys(name for name, _ in found)))


def _are_barring(headings: tuple[str, ...], kind: str) -> bool:
    """Whether a criterion under these headings is only one of several alternatives, or about somebody else."""
    words = patterns().words
    phrases = (*words["barring_headings"], *words[f"barring_{kind}_headings"])
    return any(phrase.search(seen(heading)) for phrase in phrases for heading in headings)


def _joined(clauses: Clauses) -> str:
    """All groups as one rule; of inclusions all hold unless "or" stands between them, of exclusions any excludes."""
    joints = {group.joint for group in clauses.groups[1:] if group.joint not in ("", ",")}
    parts = [_of_group(group.clauses, clauses.is_exclusion) for group in clauses.groups]
    if len(parts) == 1:
        return parts[0]
    if clauses.is_exclusion:
        if "and" in joints and any(clause.is_amount for group in clauses.groups for clause in group.clauses):
            raise NotUnderstood
        return _join(parts, "or")
    if len(joints) > 1 or "and/or" in joints:
        raise NotUnderstood
    if joints == {"or"}:
        if any(group.joint != "or" for group in clauses.groups[1:]):
            raise NotUnderstood
        return _join(parts, "or")
    return _join(parts, "and")


def _of_group(clauses: list[Clause], is_exclusion: bool) -> str:
    """Clauses with nothing but commas and one kind of joint between them."""
    parts = list(dict.fromkeys(clause.rule for clause in clauses))
    if any("sex" in clause.pattern.flags for clause in clauses):
        return _with_sex(clauses)
    joints = {clause.joint for clause in clauses[1:]} - {",", "", "same"}
    if len(parts) == 1:
        return parts[0]
    negated = [clause.is_negated for clause in clauses]
    if "with" in joints and joints != {"with"}:
        return _with_condition(clauses)
    if joints == {"with"}:
        return _join(parts, "and")
    if is_exclusion:
        amounts = [clause.is_amount for clause in clauses]
        if len(joints - {"and/or"}) > 1 or (any(amounts) and "and" in joints):
            raise NotUnderstood
        if any(amounts) and not all(amounts) and not joints:
            raise NotUnderstood  # "heart failure, LVEF < 40%" may be one thing
        return _join(parts, "or")
    if all(negated):
        return _join(parts, "and")
    if len(joints) > 1 or "and/or" in joints or (any(negated) and "or" in joints):
        raise NotUnderstood
    return _join(parts, "or" if joints == {"or"} else "and")


def _with_sex(clauses: list[Clause]) -> str:
    """One sex and an age, or "men, and women who are not pregnant": who is meant by anything else stays open."""
    sexes = [clause.rule for clause in clauses if "sex" in clause.pattern.flags]
    others = [clause for clause in clauses if "sex" not in clause.pattern.flags]
    if len(sexes) > 1:
        raise NotUnderstood
    ages = [clause.rule for clause in others if "age" in clause.pattern.flags and clause.joint != "or"]
    pregnancy = list(dict.fromkeys(clause.rule for clause in others if "pregnancy" in clause.pattern.flags and clause.is_negated))
    if len(ages) + sum("pregnancy" in clause.pattern.flags and clause.is_negated for clause in others) != len(others):
        raise NotUnderstood
    if not pregnancy:
        return _join([*sexes, *ages], "and")
    if clauses[0].rule != "sex is male":
        raise NotUnderstood
    return _join([f"sex is male or {_wrap(_join(pregnancy, 'and'))}", *ages], "and")


def _with_condition(clauses: list[Clause]) -> str:
    """Adjectives before a list ("relapsed or refractory" before "A or B") hold for all of it; they must come first."""
    adjectives = [clause for clause in clauses if "adjective" in clause.pattern.flags]
    others = clauses[len(adjectives) :]
    joints = {clause.joint for clause in others[1:]} - {",", "same"}
    if clauses[: len(adjectives)] != adjectives or any(clause.joint != "with" for clause in clauses[1 : len(adjectives) + 1]) or joints - {"or"}:
        raise NotUnderstood
    listed = _join(list(dict.fromkeys(clause.rule for clause in others)), "or")
    return _join([*dict.fromkeys(clause.rule for clause in adjectives), listed], "and")


def _of_eyes(rule: str, clauses: Clauses) -> str:
    """The rule for the eye that is meant. Any eye may become the study eye: it takes one that is fit, and both unfit to exclude."""
    eyes = [clause.pattern.of_eyes for group in clauses.groups for clause in group.clauses]
    if not clauses.eye and not any(eyes):
        return rule
    if not clauses.eye or not all(eyes) or (clauses.eye == "either" and clauses.window):
        raise NotUnderstood  # what either eye had lately is asked in questions of its own
    negated = all(clause.is_negated for group in clauses.groups for clause in group.clauses)
    if clauses.eye == "either" and not clauses.is_exclusion and not negated:
        raise NotUnderstood
    joint = "and" if clauses.eye == "both" or (clauses.eye == "study") == clauses.is_exclusion else "or"
    if clauses.eye == "either":
        joint = "or" if clauses.is_exclusion else "and"
    return _join([rule.replace("{eye}", eye) for eye in ("right", "left")], joint)


def _flat(rule: Rule) -> Rule:
    """The same rule with no "and" straight inside of an "and", nor an "or" inside of an "or"."""
    match rule:
        case Not():
            return Not(_flat(rule.rule))
        case And() | Or():
            parts = [inner for part in map(_flat, rule.rules) for inner in (part.rules if type(part) is type(rule) else (part,))]
            different = tuple(dict.fromkeys(parts))
            return type(rule)(different) if len(different) > 1 else different[0]
        case _:
            return rule


def _wrap(part: str) -> str:
    return f"({part})"


def _join(parts: list[str], joint: str) -> str:
    return f" {joint} ".join(_wrap(part) for part in parts)
