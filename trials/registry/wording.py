"""Text as the registry writes it -> text as people read it, and the same text as patterns see it."""

from __future__ import annotations

import html
import re
import unicodedata

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)  # one that is never closed must not be looked for from each opening
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")


def readable(source: str) -> str:
    r"""The text on one line as people read it: Markdown's backslashes (``\>=``) and HTML entities (``&gt;``, ``&amp;gt;``) resolved, blanks single.

    Nothing else is changed: other alphabets, full-width signs and the author's spelling stay.
    """
    text = source
    if "\\" in text or "<!--" in text:
        text = _ESCAPED.sub(r"\1", _COMMENT.sub(" ", text))
    for _ in range(2):
        if "&" in text:
            text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


def readable_lines(source: str) -> str:
    """The same, with the author's line breaks kept and empty lines left out."""
    return "\n".join(filter(None, map(readable, source.splitlines())))


def plain(text: str) -> str:
    """Readable text as patterns see it: lower case, full-width signs as their ASCII ones, without a closing colon or full stop."""
    return unicodedata.normalize("NFKC", text).casefold().strip().rstrip(":. ")
