"""Tables as a spreadsheet reads and writes them, and a trial to put into one."""

import csv
import io

from tests.factories import CohortFactory, CriterionFactory, TrialFactory
from trials.admin.table_files import TableFormat
from trials.admin.tables import CriterionResource
from trials.models import Trial


def trial_of_two() -> Trial:
    """An unpublished trial with one criterion of a rule, and one for the study team."""
    trial = TrialFactory(nct_id="NCT30000001", published=False)
    adults = CohortFactory(trial=trial, name="Adults")
    CriterionFactory(trial=trial, text="Is an adult", plain="You are 18 or older", rule="age >= 18", order=0, cohort=adults)
    CriterionFactory(trial=trial, text="Is willing", kind="exclusion", order=1, team_checks=True)
    return trial


def exported(rows=None) -> list[dict[str, str]]:
    """The criteria as a spreadsheet shows their table."""
    return read(TableFormat().export_data(CriterionResource().export(rows)))


def read(text: str) -> list[dict[str, str]]:
    """The rows of a table."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def written(rows: list[dict[str, str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A table as a spreadsheet saves it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)
