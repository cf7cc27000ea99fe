"""Which cohort a heading or a criterion names: "Cohort A", "Part 2", "Healthy controls"; None stands for all participants."""

from __future__ import annotations

import re

from .wording import plain

LABEL = re.compile(
    r"\b(?P<name>sub-?stud(?:y|ies)|cohorts?|arms?|groups?|parts?|phases?|strat(?:um|a))\s+"
    r"(?P<label>\d{1,2}[a-z]?\d?\b|[ivx]{1,4}[a-z]?\b|[a-h]\d?\b|one|two|three|four)(?P<more>\s*(?:,|&|-|/|and|or|to)\s*[\da-zA-Z]{1,4}\b)?",
    re.IGNORECASE,
)
_OWN_COHORT = re.compile(rf"(?:only )?(?:(?:for|in) )?{LABEL.pattern[2:]}(?: (?:only|subjects|patients|participants)){{0,2}} ?[:：,]", re.IGNORECASE)
SOME_COHORT = re.compile(r"\b(?:cohorts?|arms?|groups?|sub-?stud(?:y|ies)|expansion|controls?|cases|donors?|siblings|parents)\b")
SOME_PEOPLE = re.compile(
    r"\b(?:patients|participants|subjects|volunteers|individuals|controls?|cases|group|cohorts?|mothers|fathers|children|adults|adolescents|infants"
    r"|donors?|siblings|parents|caregivers?)$"
)
PEOPLE_WITH = re.compile(r"(?:patients|participants|subjects|individuals) (?:with(?:out)?|for|undergoing|receiving) (?!.*\bfollowing)\w")
_EVERYONE = re.compile(
    r"(?:for )?(?:all|both|every|each|common|general|any|eligible|study)\b|(?:the )?(?:patients?|participants?|subjects?|individuals)$"
    r"|.*\ball (?:patients|participants|subjects|cohorts|groups|parts|arms)\b"
)
BY_SEX = re.compile(r"(?:for )?(?:(?:fe)?males?|(?:wo)?m[ae]n)\b|.*\b(?:childbearing|child-bearing|pregnan)")
_GLUE = re.compile(
    r"^[-–:,;(\[ .*]+|^(?:for|by|specific|related|to|in|of|the|additional|further|extra|other|abbreviated|only|general|key|main|and|criteria) "
    r"| (?:abbreviated|additional|specific|only)$|[-–:,;)\] .*]+$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"(?:cohort|group|arm|part|trial|control arm)s?|.*\bspecific")


def begins_with_cohort(text: str) -> bool:
    """Whether a text begins with a cohort's name, such as "Cohort A"."""
    return LABEL.match(text) is not None


def cohort_of_item(text: str) -> str | None:
    """The cohort that a criterion names itself: "Cohort A: ...", "For Part 2 only, ..."; None where it names none."""
    found = _OWN_COHORT.match(text)
    return cohort_named(found[0]) if found else None


def cohort_of_kind_heading(title: str) -> str | None:
    """The cohort that a heading such as "Inclusion criteria for Part A:" names."""
    text = re.sub(r"(?:pre-|non?[- ]?)?(?:in|ex)clusi(?:on|ve)s?(?:\s+criteri\w*)?", " ", title, flags=re.IGNORECASE)
    return cohort_named(" ".join(text.split()))


def cohort_named(text: str) -> str | None:
    """The cohort named by the words that are left of a heading, or None for all participants or none."""
    before = None
    while before != text:
        before, text = text, _GLUE.sub("", text)
    labels = list(LABEL.finditer(text))
    text = re.sub(r"(?<=\w)\s*\([^)]*$", "", text)
    bare = plain(text)
    apart = len(labels) > 1 and labels[0].start() == 0 and labels[1].start() - labels[0].end() > 12
    if (len(labels) == 1 or apart) and not labels[0]["more"] and not labels[0]["name"].lower().endswith("s"):
        name, label = labels[0]["name"], labels[0]["label"]
        return f"{name.capitalize()} {label.capitalize() if len(label) > 2 and label.isalpha() and label.lower().strip('ivx') else label.upper()}"
    if not bare or _NO_NAME.fullmatch(bare) or _EVERYONE.match(bare) or BY_SEX.match(bare) or len(bare.split()) > 10:
        return None
    if labels or SOME_COHORT.search(bare) or SOME_PEOPLE.search(bare) or PEOPLE_WITH.match(bare):
        return re.sub(r"\s*\bcriteri\w+\b.*$", "", text, flags=re.IGNORECASE).strip("()[]:： ") or None
    return None
