"""Two ways to use a page: with a pointer, and with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Download, Locator, Page, Response

from .tables import Answer

UNSURE = "I am not sure"

FOCUS = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    return {
        tag: element.tagName.toLowerCase(), id: element.id, kind: element.type || "", value: element.value || "", checked: element.checked || false,
        text: element.textContent.trim().replace(/\\s+/g, " "),
        outlined: element.matches(":focus-visible") && style.outlineStyle != "none" && parseFloat(style.outlineWidth) >= 2,
    };
}"""


@dataclass(frozen=True)
class Focus:
    """The element that has the focus."""

    tag: str
    id: str
    kind: str
    value: str
    checked: bool
    text: str
    outlined: bool


def key_of(page: Page) -> str | None:
    """The key of the question that the page asks; None where it asks none."""
    found = re.search(r"/screening/q/([\w-]+)/", page.url)
    return found and found[1]


def answers_on(page: Page, value: str | None = None) -> Locator:
    """The radio buttons, checkboxes or the box of a question page; or the one with this value."""
    return page.locator('input[name="answer"]' + (f'[value="{value}"]' if value else ""))


def kind_of(page: Page) -> str:
    """``radio``, ``checkbox`` or ``text``."""
    return answers_on(page).first.get_attribute("type")


def number_and_unit(answer: str) -> tuple[str, str]:
    """``8 months`` as ``8`` and ``months``; the unit may be missing."""
    number, _, unit = answer.partition(" ")
    return number, unit


def shows(page: Page, answer: Answer | None) -> bool:
    """Whether a question page shows this answer as given."""
    kind = kind_of(page)
    if kind == "text":
        number, unit = number_and_unit(answer or "")
        return answers_on(page).input_value() == number and (not unit or page.locator("select").input_value() == unit)
    checked = [box.get_attribute("value") for box in answers_on(page).all() if box.is_checked()]
    return checked == ([answer or "unknown"] if kind == "radio" else answer or ["unknown"])


class Hands:
    """What somebody does with a page. The two kinds of hands differ in how they reach things."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def follow(self, words: str) -> Response:
        """Uses the link or button that reads so, and waits for the page behind it."""
        with self.page.expect_navigation() as coming:
            self.press(words)
        return coming.value

    def download(self, words: str) -> Download:
        """Uses a link that leads to a file."""
        with self.page.expect_download() as coming:
            self.press(words)
        return coming.value

    def answer(self, answer: Answer | None) -> Response:
        """Answers the question of the page and continues. None is "I am not sure"."""
        kind = kind_of(self.page)
        if kind == "text" and answer is None:
            return self.follow(UNSURE)
        if kind == "text":
            self.enter(*number_and_unit(answer))
        elif kind == "radio":
            self.choose(answer or "unknown")
        else:
            self.tick(answer or ["unknown"])
        return self.follow("Continue")

    def press(self, words: str) -> None:
        """Uses the link or button that reads so."""
        raise NotImplementedError

    def unfold(self, words: str) -> None:
        """Opens the details under this summary."""
        raise NotImplementedError

    def choose(self, value: str) -> None:
        """Selects a radio button, after opening its group where that is folded."""
        raise NotImplementedError

    def tick(self, values: list[str]) -> None:
        """Ticks these checkboxes and no others."""
        raise NotImplementedError

    def enter(self, number: str, unit: str) -> None:
        """Types a number into the box and selects a unit where one is given."""
        raise NotImplementedError

    def folded_group_of(self, value: str) -> str | None:
        """The words of the closed group that hides a radio button."""
        group = self.page.locator("details.group:not([open])", has=answers_on(self.page, value)).locator("summary")
        return group.inner_text() if group.count() else None


class Pointer(Hands):
    """A mouse or a finger."""

    def press(self, words: str) -> None:
        """Clicks the first link or button that reads so."""
        self.page.locator("a, button", has_text=re.compile(rf"^\s*{re.escape(words)}\s*$")).first.click()

    def unfold(self, words: str) -> None:
        """Clicks the summary."""
        self.page.locator("summary", has_text=words).first.click()

    def choose(self, value: str) -> None:
        """Clicks the label."""
        label = self._label(value)
        if not label.is_visible():
            self.unfold(self.folded_group_of(value))
        label.click()

    def tick(self, values: list[str]) -> None:
        """Clicks the labels of boxes that are not as they should be."""
        for box in answers_on(self.page).all():
            if box.is_checked() != ((value := box.get_attribute("value")) in values):
                self._label(value).click()

    def enter(self, number: str, unit: str) -> None:
        """Clicks and types."""
        answers_on(self.page).fill(number)
        if unit:
            self.page.locator("select[name=unit]").select_option(unit)

    def _label(self, value: str) -> Locator:
        return self.page.locator(f'label[for="{answers_on(self.page, value).get_attribute("id")}"]')


class Keyboard(Hands):
    """The keyboard alone: Tab, the arrows, Space and Enter, and the keys that type. Every focus on the way must be seen."""

    def press(self, words: str) -> None:
        """Tabs to the link or button and presses Enter."""
        self.reach(lambda focus: focus.tag in ("a", "button") and focus.text == words, words)
        self.page.keyboard.press("Enter")

    def unfold(self, words: str) -> None:
        """Tabs to the summary and presses Space."""
        self.reach(lambda focus: focus.tag == "summary" and focus.text == words, words)
        self.page.keyboard.press("Space")

    def choose(self, value: str) -> None:
        """Tabs to the radio buttons, then goes down with the arrow."""
        if group := self.folded_group_of(value):
            self.unfold(group)
        focus = self.reach(lambda focus: focus.kind == "radio", value)
        for _ in range(120):
            if focus.value == value:
                break
            self.page.keyboard.press("ArrowDown")
            focus = self.focus()
        if not focus.checked:
            self.page.keyboard.press("Space")
        assert answers_on(self.page, value).is_checked()

    def tick(self, values: list[str]) -> None:
        """Tabs to each box that is not as it should be and presses Space."""
        wrong = [box.get_attribute("value") for box in answers_on(self.page).all() if box.is_checked() != (box.get_attribute("value") in values)]
        for value in wrong:
            self.reach(lambda focus, value=value: focus.kind == "checkbox" and focus.value == value, value)
            self.page.keyboard.press("Space")

    def enter(self, number: str, unit: str) -> None:
        """Tabs to the box and types; tabs to the units and types the unit's name."""
        self.reach(lambda focus: focus.kind == "text", "the box")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(number)
        if unit:
            self.reach(lambda focus: focus.tag == "select", "the units")
            self.page.keyboard.type(unit)
            assert self.focus().value == unit

    def focus(self) -> Focus:
        """What has the focus now."""
        return Focus(**self.page.evaluate(FOCUS))

    def reach(self, wanted: Callable[[Focus], bool], words: str) -> Focus:
        """Presses Tab until the focus is where it is wanted. The order goes once around the page at most."""
        ends = 0
        while ends < 2:
            self.page.keyboard.press("Tab")
            focus = self.focus()
            if focus.tag == "body":
                ends += 1
                continue
            assert focus.outlined, f"the focus on {focus} cannot be seen"
            if wanted(focus):
                return focus
        raise AssertionError(f"the keyboard does not reach {words!r} on {self.page.url}")
