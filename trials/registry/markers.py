"""The marks that stand before the items of a list: bullets, numbers, letters, Roman numerals; and which list a number goes on with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .wording import readable

BULLETS = "•●▪◦■□○‣➢➤"
_MARKER = re.compile(
    rf"""(?:
      (?P<bullet> [{BULLETS}·] | \\?[*–—-](?=\s) | (?:\\?-){{1,3}}(?=[^\W\d]) | (?:\\?-){{2,3}}(?=\s) | \*(?=[^\W\d]) | o(?=\s+[A-Z]) )
    | (?P<circled> [①-⑳] )
    | (?P<open> [(（]?) (?P<name> \d{{1,3}} | [A-Za-z] | [ivxIVX]{{2,5}} ) \\? (?P<close> [.)）．、])
    ) (?P<blank> \s*)""",
    re.VERBOSE,
)
_ROMAN = {
    name: value
    for value, name in enumerate(
        ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"], 1
    )
}


@dataclass(frozen=True)
class Marker:
    """One mark: as written, the ``style`` of its list (``*``, ``1.``, ``a)``), its place in the list (0 for bullets) and its length in the source."""

    written: str
    style: str
    ordinal: int
    length: int


def looks_marked(source: str) -> bool:
    """Whether a line may begin with a mark, whatever list it would belong to."""
    found = _MARKER.match(source)
    if not found or found["bullet"] or found["circled"]:
        return found is not None
    return bool(found["blank"]) or (found["name"].isdigit() and not source[found.end() : found.end() + 1].isdigit())


@dataclass(frozen=True)
class _Place:
    style: str
    ordinal: int
    indent: int


@dataclass
class Lists:
    """The numbered lists that are open at this point of a text, outermost first."""

    places: list[_Place] = field(default_factory=list)

    def continued_by(self, marker: Marker, indent: int) -> int | None:
        """The column of the item that this one follows in its list, or None. The same column wins, else the latest list."""
        found = [place.indent for place in self.places if place.style == marker.style and place.ordinal == marker.ordinal - 1]
        if not found:
            return None
        return indent if indent in found else found[-1]

    def add(self, marker: Marker, indent: int) -> None:
        """Notes an item; lists further in, and the list that this one replaces, are over."""
        if marker.ordinal:
            self.places = [place for place in self.places if place.indent < indent or (place.indent == indent and place.style != marker.style)]
            self.places.append(_Place(marker.style, marker.ordinal, indent))

    def read(self, source: str, indent: int) -> Marker | None:
        """The mark at the start of the source, if there is one.

        A letter counts only where it starts a list or goes on with one: "E. coli" is no item. A number before a digit is a decimal.
        """
        found = _MARKER.match(source)
        if not found:
            return None
        rest = source[found.end() : found.end() + 1]
        written = readable(found[0])
        if found["bullet"]:
            return Marker(written, "-" if "-" in written else written, 0, found.end())
        if found["circled"]:
            return Marker(written, "①", ord(written) - ord("①") + 1, found.end())
        style = f"{found['open']}{{}}{found['close']}".replace("（", "(").replace("）", ")")
        if found["name"].isdigit():
            if rest.isdigit() and not found["blank"]:
                return None
            return Marker(written, style.format("1"), int(found["name"]), found.end())
        if rest and (not found["blank"] or (found["close"] == "." and found["name"].isupper() and rest.islower())):
            return None
        markers = [Marker(written, style.format(kind), ordinal, found.end()) for kind, ordinal in _letter_ordinals(found["name"])]
        going_on = [marker for marker in markers if self.continued_by(marker, indent) is not None]
        starting = [marker for marker in reversed(markers) if marker.ordinal == 1]
        return next(iter(going_on + starting), None)


def _letter_ordinals(name: str) -> list[tuple[str, int]]:
    """What a letter may stand for: ``i`` is the ninth letter or Roman one."""
    found = []
    if len(name) == 1:
        found.append(("A" if name.isupper() else "a", ord(name.lower()) - ord("a") + 1))
    if name.lower() in _ROMAN:
        found.append(("I" if name.isupper() else "i", _ROMAN[name.lower()]))
    return found
