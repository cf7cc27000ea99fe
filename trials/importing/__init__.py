"""Registry records into the database: what a record says (drafts), a three-way merge (merging), and the writes (saving)."""

from .saving import Outcome, import_records

__all__ = ["Outcome", "import_records"]
