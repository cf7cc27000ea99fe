"""Looking up records by a list of numbers."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import IntegerField
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler


@IntegerField.register_lookup
class InRange(In):
    """A number that no column can hold equals none. Django knows that of one number, but a list of them with such a one ends in an error of SQLite."""

    def process_rhs(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """The list as SQL, without such numbers."""
        if self.rhs_is_direct_value():
            lowest, highest = connection.ops.integer_field_range(self.lhs.output_field.get_internal_type())
            self.rhs = [value for value in self.rhs if not isinstance(value, int) or lowest <= value <= highest]
        return super().process_rhs(compiler, connection)
