"""The summary as an accessible PDF (PDF/UA-1), made by typst from the same structure that the screen shows."""

from __future__ import annotations

import json
import logging
from functools import cache
from pathlib import Path

import font_source_sans_pro
import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .summary import Summary

TEMPLATE = Path(__file__).parent / "paper" / "summary.typ"
logger = logging.getLogger(__name__)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[Path(font_source_sans_pro.__file__).parent / "files"])


def render(summary: Summary) -> bytes:
    """The PDF of a summary; the same summary always gives the same bytes. The texts reach typst as data, never as code."""
    data = summary.as_data() | {"words": _words(summary), "lang": (get_language() or "en")[:2], "made_by": _("Gene Therapy Trial Finder")}
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    options = {"root": TEMPLATE.parent, "font_paths": _fonts(), "sys_inputs": inputs, "format": "pdf"}
    try:
        return _compile(options | {"pdf_standards": "ua-1"})
    except typst.TypstError:
        # A character that no font has breaks the standard; a paper with a blank box is better than none.
        logger.warning("a summary could not be made as PDF/UA-1 and was made without")
        return _compile(options)


def _words(summary: Summary) -> dict[str, object]:
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
        "where": _("Where:"),
        "therapies": _("Approved gene therapies for this condition"),
        "as_of": _("as of"),
        "ask": _("Questions to ask"),
        "limits": _("What this paper cannot tell"),
        "provider": _("For the health care provider"),
        "unchecked": _(
            "Answers come from the patient and are not checked. “Our reading” compares them with each criterion of the public record. Please confirm."
        ),
        "answers": _("All answers"),
        "question": _("Question"),
        "answer": _("Answer"),
        "note": _("Note:"),
        "asks": _("What it asks"),
        "said": _("What the patient said"),
        "reading": _("Our reading"),
        "check": _("Provider"),
        "ticks": [_("confirmed"), _("not met"), _("test ordered")],
        "therapy_sources": _("Sources on approved therapies"),
        "others": _("Other trials looked at"),
    }


def _compile(options: dict[str, object]) -> bytes:
    return typst.compile(TEMPLATE, **options)
