"""A database that cannot be reached, read or written at the moment, as opposed to a fault of ours."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError


def is_outage(fault: BaseException | None) -> bool:
    """Whether the database is the reason: away, locked for too long, full, or a file that cannot be read."""
    # SQLite reports a damaged file as a bare DatabaseError; its kinds (IntegrityError, ProgrammingError, DataError) are faults of ours.
    return isinstance(fault, OperationalError | InterfaceError | InternalError) or type(fault) is DatabaseError
