"""The words of the glossary, explained where they are read, without a script and without leaving the page."""

from __future__ import annotations

import re
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from prescreen.glossary import Word, spellings

register = template.Library()

TAG = re.compile(r"(<[^>]*>)")
"""A tag. A pattern will do instead of a parser: our templates write no ">" inside a tag, and Django escapes what comes from records."""

NO_LINKS = frozenset(("a", "button", "details", "dl", "fieldset", "form", "h1", "h2", "h3", "h4", "label", "nav", "script", "style", "svg", "th"))
"""Where a link would be wrong, or would be read out in the middle of a choice or a drawing."""


def words_in(text: str) -> tuple[Word, ...]:
    """The glossary words in a text that is the same for everybody, such as a question with its hint."""
    return _words_in(text, get_language())


@lru_cache(2_000)
def _words_in(text: str, _language: str | None) -> tuple[Word, ...]:
    return tuple(word for word, _ in mark_words(text)[1])


@register.simple_block_tag
def explained(content: str) -> SafeString:
    """The content with the first mention of each glossary word as a link to "Words on this page", which is added at its end.

    Words in forms, hints, headings, lists of facts and folded parts are not linked, but are explained below all the same. One such block a page.
    """
    page, words = mark_words(content)
    return mark_safe(page + render_to_string("learn/words_here.html", {"words": words}))  # noqa: S308 - the content was escaped when it was made


def mark_words(page: str) -> tuple[str, list[tuple[Word, bool]]]:
    """The page with its links, and the words found, by name, each with whether it is linked."""
    known = spellings()
    found: dict[Word, bool] = {}
    unlinked, depth = "", 0  # the element without links that we are inside of, and how many of its name are open

    def mark(match: re.Match[str]) -> str:
        word = known.words[match[0]]
        if unlinked or found.get(word):
            if unlinked != "nav":  # the titles of other pages
                found.setdefault(word, False)
            return match[0]
        found[word] = True
        return f'<a class="word" id="use-{word.key}" href="#word-{word.key}">{match[0]}</a>'

    parts = TAG.split(page)
    for place, part in enumerate(parts):
        if not part.startswith("<"):
            parts[place] = known.pattern.sub(mark, part)
            continue
        closes, name = re.match(r"<(/?)(\w*)", part).groups()
        if unlinked and name == unlinked:
            depth += -1 if closes else 1
            unlinked = unlinked if depth else ""
        elif not unlinked and not closes and (name in NO_LINKS or 'class="hint' in part):
            unlinked, depth = name, 1
    return "".join(parts), sorted(found.items(), key=lambda item: item[0].name.lower())
