"""The summary as an accessible PDF (PDF/UA-1), made by typst from the same structure that the screen shows."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from trials.texts import visible

from .paper_code import Code
from .press import PaperError, Press
from .summary import Summary

__all__ = ["CHOICES", "Layout", "PaperError", "render"]

PRESS = Press()
logger = logging.getLogger(__name__)

Choice = tuple[str, Promise]
"""What a layout is called in a form, and in words."""

CHOICES: dict[str, tuple[Promise, tuple[Choice, Choice]]] = {
    "size": (gettext_lazy("Paper size"), (("letter", gettext_lazy("Letter (US)")), ("a4", gettext_lazy("A4")))),
    "print": (gettext_lazy("Print"), (("normal", gettext_lazy("Normal")), ("large", gettext_lazy("Large print")))),
    "cover": (
        gettext_lazy("Outside"),
        (
            ("none", gettext_lazy("No cover")),
            ("plain", gettext_lazy("A plain cover: “My notes for the appointment”. Nothing on the outside names a condition or a trial.")),
        ),
    ),
}
"""The layouts on offer, the usual one first."""


@dataclass(frozen=True)
class Layout:
    """How the paper is laid out."""

    size: str = "letter"
    print: str = "normal"
    cover: str = "none"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Layout:
        """The layout that a form or an address asks for; the usual one where it asks for nothing that we know."""
        offered = {name: [value for value, _words in choices] for name, (_name, choices) in CHOICES.items()}
        return cls(**{name: asked[name] for name, values in offered.items() if asked.get(name) in values})

    @property
    def file_name(self) -> str:
        """The file's name, which tells nothing where the cover tells nothing."""
        return "my-notes.pdf" if self.cover == "plain" else "trial-summary.pdf"


def render(summary: Summary, code: Code, layout: Layout | None = None) -> bytes:
    """The PDF of a summary; the same summary and code always give the same bytes. The texts reach typst as data, never as code.

    Raises ``PaperError`` where it would be too long, or take too long.
    """
    layout = layout or Layout()
    data = summary.as_data() | {
        "words": _words(summary, code),
        "lang": (get_language() or "en")[:2],
        "made_by": _("Gene Therapy Trial Finder"),
        "layout": {"paper": {"letter": "us-letter"}.get(layout.size, layout.size), "large": layout.print == "large", "plain": layout.cover == "plain"},
        "code": {"svg": code.picture.svg if code.picture else "", "inches": code.picture.inches if code.picture else 0, "groups": code.groups},
    }
    content, accessible = _compile(json.dumps(data, ensure_ascii=False))
    if not accessible:
        logger.warning("a summary could not be made as PDF/UA-1 and was made without")
    return content


def _words(summary: Summary, code: Code) -> dict[str, object]:
    """The fixed words of the paper."""
    intro = [_("Made on %(day)s.") % {"day": summary.made_on}, summary.for_whom and f"{summary.for_whom}.", _("Area: %(area)s.") % {"area": summary.area}]
    if summary.condition:
        intro.append(_("Condition: %(condition)s.") % {"condition": summary.condition})
    return {
        "intro": " ".join(part for part in intro if part),
        "trying": _("For trying only. This is not a patient’s screening."),
        "made_on": _("made on %(day)s") % {"day": summary.made_on},
        "page": _("Page"),
        "name": _("Name (write it here yourself):"),
        "trials": _("Trials worth asking about"),
        "no_trials": _("No trial in this paper."),
        "facts": _("Facts to bring, or tests to ask about"),
        "more_facts": _("More facts that could settle a trial"),
        "therapies": _("Approved gene therapies for this condition"),
        "as_of": _("as of"),
        "ask": _("Questions to ask"),
        "limits": _("What this paper cannot tell"),
        "notes": _("My notes"),
        "provider": _("For the health care provider"),
        "unchecked": _(
            "Answers come from the patient and are not checked. “Our reading” compares them with each criterion of the public record. Please confirm."
        ),
        "answers": _("All answers"),
        "question": _("Question"),
        "answer": _("Answer"),
        "note": _("Note:"),
        "decide": _("Before you decide"),
        "asks": _("What it asks"),
        "said": _("What the patient said"),
        "reading": _("Our reading"),
        "check": _("Provider"),
        "ticks": [_("confirmed"), _("not met"), _("test ordered")],
        "therapy_sources": _("Sources on approved therapies"),
        "others": _("Other trials looked at"),
        **_code_words(code),
        **_cover_words(),
    }


def _code_words(code: Code) -> dict[str, object]:
    return {
        "code": _("Open this paper as a live page"),
        "code_alt": _("QR code. It opens the answers of this paper at %(address)s") % {"address": code.address},
        "code_text": [
            _("Scan the code with a phone or tablet. It opens these answers, checked against the trials listed that day, with boxes for you to mark.")
            if code.picture
            else _("There are too many answers for a code that a phone can read. The number below the answers opens the same page."),
            _("It works until %(day)s. The answers are in the code itself. We have no copy.") % {"day": code.until},
            _("Whoever has this paper can open it. Keep it as safe as a medical record."),
        ],
        "code_number": _("The code as a number"),
        "code_type": _("No camera? Go to %(address)s and type this number. Spaces do not matter.") % {"address": code.address},
    }


def _cover_words() -> dict[str, object]:
    return {
        "cover": _("My notes for the appointment"),
        "cover_fold": _("Keep this page on the outside. Fold the pages so that the others lie inside."),
        "cover_lines": [_("Day and time:"), _("Place:"), _("Who comes with me:"), _("Phone:")],
        "cover_ask": _("What I want to say or ask first"),
    }


def _compile(data: str) -> tuple[bytes, bool]:
    """The PDF, and whether it keeps the standard. Texts that were stored before signs without width were taken out lose them here."""
    return PRESS.make(visible(data))
