"""Texts from outside, without the signs in them that nobody sees and that change how all the others read. Knows no Django."""

from __future__ import annotations

_RANGES = (
    (0x00, 0x08),  # control characters; blanks and line breaks stay
    (0x0E, 0x1F),
    (0x7F, 0x84),
    (0x86, 0x9F),
    (0x061C, 0x061C),  # marks, embeddings, overrides and isolates of the writing direction
    (0x200B, 0x200B),  # the blank without width; the joiners after it are needed by some scripts and emoji
    (0x200E, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0xE0000, 0xE007F),  # invisible copies of the letters
)
_UNSEEN = dict.fromkeys(code for first, last in _RANGES for code in range(first, last + 1))


def visible(text: str) -> str:
    """The text without control characters, marks of the writing direction and other signs without width. Letters of every script stay as they are.

    A right-to-left override would turn round what stands after it, a dose or a number among it; letters that are written from right to left need none.
    """
    return text if text.isascii() and text.isprintable() else text.translate(_UNSEEN)
