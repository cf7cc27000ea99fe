"""Table files (CSV) as spreadsheets write and read them, and an upload between its preview and its confirmation."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _
from import_export.formats import base_formats
from import_export.tmp_storages import BaseStorage
from tablib import Dataset

LARGEST_FILE = 5_000_000
MOST_ROWS = 20_000
PREVIEW_SECONDS = 3_600
BYTE_ORDER_MARK = "\ufeff"


_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def escaped(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe before it."""
    text = str(cell)
    return f"'{text}" if _LIKE_A_FORMULA.match(text) else text


def unescaped(cell: str) -> str:
    """The cell as it was before ``escaped``."""
    return cell[1:] if cell.startswith("'") and _LIKE_A_FORMULA.match(cell) else cell


class TableError(ValueError):
    """A table that cannot be read or imported. The message tells the fault and the fix."""


class TableFormat(base_formats.CSV):
    """CSV in UTF-8: written with commas and the mark that Excel needs; read with commas or semicolons, with or without the mark."""

    CONTENT_TYPE = "text/csv; charset=utf-8"

    def export_data(self, dataset: Dataset, **_kwargs: Any) -> str:
        """The table as a text. (The package's own guard against formulas is left out: it deletes what it finds.)"""
        return BYTE_ORDER_MARK + dataset.export("csv")

    def create_dataset(self, in_stream: bytes | str, **_kwargs: Any) -> Dataset:
        """The table that a file holds. Raises ``TableError``."""
        rows = _rows(_text(in_stream))
        names = next(rows, [])
        while names and not names[-1].strip():
            names.pop()
        if not names:
            raise TableError(_("The table has no line with the names of the columns. Start from an exported table."))
        dataset = Dataset(headers=[name.strip().lower() for name in names])
        for number, row in enumerate(rows, 2):
            if number > MOST_ROWS + 1:
                raise TableError(_("The table has more than %(most)s rows. Import it in parts.") % {"most": f"{MOST_ROWS:,}"})
            if any(row) and (len(row) < len(names) or any(row[len(names) :])):
                said = _("Row %(row)s has %(cells)s cells, but there are %(names)s columns. Is a quotation mark or a separator missing or too many?")
                raise TableError(said % {"row": number, "cells": len(row), "names": len(names)})
            dataset.append(row[: len(names)] if any(row) else [""] * len(names))
        return dataset


def _text(data: bytes | str) -> str:
    if len(data) > LARGEST_FILE:
        raise TableError(_("The file is larger than %(most)s MB. Import it in parts.") % {"most": LARGEST_FILE // 1_000_000})
    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise TableError(_("The file is not UTF-8 text. In Excel, save it as “CSV UTF-8”.")) from None
    if "\0" in text:
        raise TableError(_("The file is not a text file. Save the table as CSV UTF-8."))
    return text.removeprefix(BYTE_ORDER_MARK)


def _rows(text: str) -> Iterator[list[str]]:
    names = text.partition("\n")[0]
    delimiter = ";" if names.count(";") > names.count(",") else ","
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as fault:
        raise TableError(_("The file cannot be read as a table: %(fault)s. Save it as CSV UTF-8.") % {"fault": fault}) from None


class _Raw:
    """Signs bytes as they are."""

    dumps = loads = staticmethod(lambda data: data)


class SignedUpload(BaseStorage):
    """Keeps an upload on the preview page itself, packed and signed, until it is confirmed. The server keeps nothing.

    So there is no file that could be left behind, read or deleted by another name, and any worker can take the confirmation.
    """

    SALT = "trials.table"

    def save(self, data: bytes) -> None:
        """Packs the upload into the name that the page sends back."""
        self.name = signing.dumps(data, salt=self.SALT, serializer=_Raw, compress=True)

    def read(self) -> bytes:
        """The upload. Raises ``BadSignature`` where it is not ours or too old, ``TableError`` where a page cannot carry it."""
        if len(self.name) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 10_000:
            raise TableError(_("The file is too large for a preview. Import it in parts."))
        return signing.loads(self.name, salt=self.SALT, serializer=_Raw, max_age=PREVIEW_SECONDS)

    def remove(self) -> None:
        """There is nothing to remove."""
