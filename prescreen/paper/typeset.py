"""Typesets papers, one after the other, in a process of its own: see prescreen/press.py. Reads data from its input, writes PDFs to its output.

A document comes as its length (four bytes) and JSON; back goes how it went (one byte), a length (four bytes) and the PDF.
It knows nothing of the site: no settings, no database, no secret, and it opens no file but the template beside it and the fonts.
"""

import resource
import struct
import sys
from pathlib import Path

import font_source_sans_pro
import typst

MEMORY = int(sys.argv[1])
TEMPLATE = Path(__file__).with_name("summary.typ")
FONTS = typst.Fonts(include_system_fonts=False, font_paths=[Path(font_source_sans_pro.__file__).parent / "files"])


def typeset(data: str) -> tuple[bytes, bytes]:
    """How it went, and the PDF: A as the standard for accessible documents asks, B without it, C not at all."""
    options = {"root": TEMPLATE.parent, "font_paths": FONTS, "sys_inputs": {"data": data}, "format": "pdf"}
    try:
        return b"A", typst.compile(TEMPLATE, **options, pdf_standards="ua-1")
    except typst.TypstError:
        # A character that no font has breaks the standard; a paper with a blank box is better than none.
        try:
            return b"B", typst.compile(TEMPLATE, **options)
        except typst.TypstError:
            return b"C", b""


def main() -> None:
    """Works until its input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold answers
    while len(header := sys.stdin.buffer.read(4)) == 4:
        how, content = typeset(sys.stdin.buffer.read(*struct.unpack(">I", header)).decode())
        sys.stdout.buffer.write(how + struct.pack(">I", len(content)) + content)
        sys.stdout.buffer.flush()


main()
