"""Two of the personas in a real browser: a caregiver with a small phone, and somebody with the keyboard alone and without JavaScript."""

from __future__ import annotations

import pytest

from tests.personas import Persona, all_personas, expected, groups_on, possible

from .hands import Hands, Keyboard, Pointer, key_of
from .tables import Answer

PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


def persona(label: str) -> Persona:
    """The persona whose label begins so."""
    return next(persona for persona in all_personas() if persona["label"].startswith(label))


def as_words(fact: object) -> Answer:
    """What a persona knows, as hands answer it."""
    match fact:
        case bool():
            return "yes" if fact else "no"
        case {"value": value, "unit": unit}:
            return f"{value} {unit}"
        case []:
            return ["none_of_these"]
        case list():
            return fact
    return str(fact)


@pytest.mark.parametrize(
    ("label", "hands", "options"),
    [
        ("the mother of a boy of 1 month", Pointer, PHONE),
        ("a man of 45 with HIV-1", Keyboard, {"java_script_enabled": False}),
    ],
    ids=["a-caregiver-with-a-phone", "keyboard-without-javascript"],
)
def test_a_persona_ends_with_the_trials_that_a_careful_reading_gives(visit, label: str, hands: type[Hands], options: dict):
    told = persona(label)
    known = {"who": told["who"], "area": told["area"], **told["facts"]}
    page = visit(**options).new_page()
    hand = hands(page)
    page.goto("/")
    hand.follow("Start now")
    while key := key_of(page):
        hand.answer(as_words(known[key]) if key in known else None)
    hand.follow("See results now")
    shown = groups_on(page.content(), told["who"])
    assert possible(shown) == possible(expected(told))
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
