"""Hypothesis for the unit tests: the same examples at every run, without a deadline or a database of its own."""

from hypothesis import settings

settings.register_profile("unit", deadline=None, database=None, derandomize=True)
settings.load_profile("unit")
