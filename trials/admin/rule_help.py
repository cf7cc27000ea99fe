"""Help while a rule is being written: what it says in words, or what is wrong and how to mend it, and what can come next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from trials import catalog
from trials.eligibility.completing import Completion, complete
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Kind, QuestionError
from trials.eligibility.questions import Question as AskedQuestion
from trials.eligibility.rule_texts import say
from trials.eligibility.rules import RuleError, parse
from trials.models import Criterion, Question
from trials.vocabulary import DIAGNOSIS

LONGEST_TEXT = 4_000
RULE_HELP_WORDS = {
    "data-reads-as": gettext_lazy("Reads as:"),
    "data-problem": gettext_lazy("Problem:"),
    "data-unfinished": gettext_lazy("Not finished:"),
    "data-cannot-check": gettext_lazy("Cannot check now; it is checked when you save."),
    "data-list-label": gettext_lazy("What can come next"),
}
"""Attributes for the widget of a rule: the words that the page adds to the answer."""

MEANS = {
    "inclusion": gettext_lazy("Passes when: this is so. Rules out when: it is not."),
    "exclusion": gettext_lazy("Rules out when: this is so. Passes when: it is not."),
    Criterion.UNCLEAR: gettext_lazy("Set first whether this is an inclusion or an exclusion: only then can the rule be judged."),
}
"""What a rule does to a patient. Nobody is ruled out, nor passes, by an answer that is not known."""

_UNKNOWN_QUESTION = re.compile(r"unknown question '([^']+)'")
_UNKNOWN_CHOICE = re.compile(r"'([^']+)' has no choice '([^']+)'")
_DID_YOU_MEAN = re.compile(r"did you mean '([^']+)'")
_WORD = re.compile(r"[^\s(),<>=≥≤]*")
_KINDS = (
    (re.compile(r"\s*([<>=≥≤]|between\b)"), Kind.NUMBER),
    (re.compile(r"\s*includes\b"), Kind.CHOICES),
    (re.compile(r"\s*is\s+(not\s+)?(yes|no)\b"), Kind.YES_NO),
)
"""What follows a question -> the kind of question that it is; anything else is a comparison with one choice."""


@require_POST
@permission_required("trials.change_trial", raise_exception=True)
def rule_help(request: HttpRequest) -> JsonResponse:
    """Says how a rule reads, or what is wrong with it, and completes it at the cursor. Writes nothing."""
    rule = request.POST.get("rule", "")
    answer: dict[str, Any] = dict.fromkeys(("says", "means", "error", "column", "fix", "fix_length", "use", "add_question", "add_text", "offers"))
    answer |= {"completions": [], "start": len(rule), "unfinished": False}
    if len(rule) > LONGEST_TEXT:
        return JsonResponse(answer | {"error": _("The rule is longer than %(most)s characters; split the criterion.") % {"most": LONGEST_TEXT}})
    try:
        now = catalog.current()
    except QuestionError as fault:
        return JsonResponse(answer | {"error": str(fault)})
    questions = now.questionnaire
    cursor = _cursor(request, rule)
    offered = complete(rule[:cursor], questions, {DIAGNOSIS: {key: node.synonyms for key, node in now.conditions.items()}})
    answer |= {"completions": [{"insert": item.insert, "label": item.label, "hint": item.hint} for item in offered.items], "start": offered.start}
    if count := len(offered.items):
        offers = ngettext("%(count)s suggestion: press the down arrow.", "%(count)s suggestions: press the down arrow.", count)
        answer["offers"] = offers % {"count": count}
    if not rule.strip():
        return JsonResponse(answer | {"means": _("Without a rule, patients read that the study team will check this.")})
    try:
        says = say(parse(rule, questions), questions)
    except RuleError as fault:
        return JsonResponse(answer | _mending(request, rule, fault, questions) | {"unfinished": _is_unfinished(rule, cursor, fault, offered)})
    return JsonResponse(answer | {"says": says, "means": MEANS.get(request.POST.get("kind", ""))})


def _cursor(request: HttpRequest, rule: str) -> int:
    """Where the cursor is; at the end, where nothing usable tells."""
    cursor = request.POST.get("cursor", "")
    return min(int(cursor), len(rule)) if re.fullmatch(r"[0-9]{1,5}", cursor) else len(rule)


def _is_unfinished(rule: str, cursor: int, fault: RuleError, offered: Completion) -> bool:
    """Whether the only fault is that the rule is still being written: it ends too soon, or something fits in place of its last word."""
    at_word = bool(offered.items) and fault.column > len(rule[: offered.start].rstrip())
    return not rule[cursor:].strip() and (at_word or fault.column > len(rule.rstrip()))


def _mending(request: HttpRequest, rule: str, fault: RuleError, questions: Questionnaire) -> dict[str, Any]:
    """What is wrong, and the ways to mend it. ``fix`` goes in place of ``fix_length`` characters from ``column`` on."""
    error, end = str(fault), fault.column - 1
    word = _WORD.match(rule, end)[0]
    end += len(word)
    near = _DID_YOU_MEAN.search(error)
    fix = near[1] if near else None
    add_question = add_text = None
    if _UNKNOWN_QUESTION.search(error):
        fix = fix or _in_other_letters(word, questions)
        add_question = _new_question(request, word, rule[end:])
        add_text = _("Add a question “%(key)s” (opens in a new tab)") % {"key": word}
    elif unknown := _UNKNOWN_CHOICE.search(error):
        question = questions[unknown[1]]
        fix = fix or _in_other_letters(word, question.labels)
        add_question = _new_choice(request, question, word)
        add_text = _("Add “%(key)s” to the answers of “%(question)s” (opens in a new tab)") % {"key": word, "question": question.key}
    return {
        "error": error,
        "column": fault.column,
        "fix": fix,
        "fix_length": len(word) if fix else None,
        "use": _("Use “%(fix)s”") % {"fix": fix} if fix else None,
        "add_question": add_question,
        "add_text": add_text if add_question else None,
    }


def _in_other_letters(word: str, known: Iterable[str]) -> str | None:
    """The known word that differs only in capital letters."""
    return next((other for other in known if other.lower() == word.lower()), None)


def _new_question(request: HttpRequest, key: str, following: str) -> str | None:
    """Where a question of this key is added, for those who may; its kind is guessed from how it is compared."""
    if not request.user.has_perm("trials.add_question"):
        return None
    kind = next((kind for pattern, kind in _KINDS if pattern.match(following)), Kind.CHOICE)
    return f"{reverse('admin:trials_question_add')}?{urlencode({'key': key, 'kind': kind.value})}"


def _new_choice(request: HttpRequest, question: AskedQuestion, key: str) -> str | None:
    """Where a choice is added to a question, for those who may: the conditions are the choices of the diagnosis."""
    if question.key == DIAGNOSIS:
        return f"{reverse('admin:trials_condition_add')}?{urlencode({'key': key})}" if request.user.has_perm("trials.add_condition") else None
    if question.kind is Kind.YES_NO or not request.user.has_perm("trials.change_question"):
        return None
    return reverse("admin:trials_question_change", args=[Question.objects.values_list("pk", flat=True).get(key=question.key)])
