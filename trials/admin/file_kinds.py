"""Which files the desk takes: the name must end as one of their kinds does, and the content begin as that kind's must. What is in it, the reader judges."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from trials.registry.sources import GZIP, NAMES
from trials.texts import visible

PACKED = ".gz"
RECORDS = (*NAMES, *(f"{name}{PACKED}" for name in NAMES))
TRIAL_FILES = (".yaml", ".yml")
TABLES = (".csv",)
LONGEST_NAME = 60
"""Characters of a name that are told: the last ones, where the ending is."""


def check(file: UploadedFile, endings: tuple[str, ...]) -> None:
    """Reads a file through, and leaves it at its beginning.

    Raises ``ValidationError``, which names the file, where its name has none of these endings, where a packed file is none, or where another one is no text.
    (The reader of tables finds that itself, and says what to choose in Excel.)
    """
    name = file.name.lower()
    if not name.endswith(endings):
        said = _("“%(name)s” is of a kind that is not taken here. The name of a file must end in %(endings)s.")
        raise ValidationError(said % {"name": _told(file), "endings": ", ".join(endings)})
    file.seek(0)
    is_packed = file.read(len(GZIP)) == GZIP
    if name.endswith(PACKED) and not is_packed:
        raise ValidationError(_("The file is not what its name says: “%(name)s” is not packed by gzip.") % {"name": _told(file)})
    if not name.endswith((PACKED, *TABLES)) and (is_packed or any(b"\0" in chunk for chunk in file.chunks())):
        raise ValidationError(_("The file is not what its name says: “%(name)s” holds no text. Save it as UTF-8 text.") % {"name": _told(file)})
    file.seek(0)


def _told(file: UploadedFile) -> str:
    name = visible(file.name)
    return name if len(name) <= LONGEST_NAME else f"…{name[1 - LONGEST_NAME :]}"
