"""Tables for spreadsheets: what goes out comes back the same, and a table that comes back never breaks what is stored."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests import rows as stored_rows
from tests.factories import CohortFactory, CriterionFactory, SamplePatientFactory, TrialFactory
from trials.admin.table_files import TableError, TableFormat, escaped, unescaped
from trials.admin.tables import COLUMNS, CriterionResource, TrialResource
from trials.models import Criterion, Trial

from .spreadsheets import exported, read, trial_of_two, written

pytestmark = pytest.mark.django_db


def imported(table: bytes | list[dict[str, str]]):
    """The result of importing a table."""
    return CriterionResource().import_data(TableFormat().create_dataset(table if isinstance(table, bytes) else written(table)))


def faults(table: bytes | list[dict[str, str]]) -> list[str]:
    """What an import says against a table, nothing of which may have been saved."""
    before = list(Criterion.objects.values())
    result = imported(table)
    assert list(Criterion.objects.values()) == before
    said = [str(error.error) for error in result.base_errors]
    return said + [message for row in result.invalid_rows for message in row.error.messages] + [str(e.error) for _, es in result.row_errors() for e in es]


@pytest.fixture
def trial(small_catalog):
    """A trial of two criteria."""
    return trial_of_two()


@pytest.fixture
def rows(trial):
    """The table of that trial."""
    return exported(trial.criteria.all())


def test_a_table_has_a_row_for_each_criterion(rows):
    assert list(rows[0]) == list(COLUMNS)
    assert [list(row.values())[:8] for row in rows] == [
        ["NCT30000001", "0", "inclusion", "Adults", "Is an adult", "You are 18 or older", "age >= 18", "no"],
        ["NCT30000001", "1", "exclusion", "", "Is willing", "", "", "yes"],
    ]


def test_a_table_of_trials_tells_how_far_they_are(small_catalog):
    trial = TrialFactory(nct_id="NCT30000001", title="=1+1", genes=["RPGR", "RPE65"], phase=["PHASE1"], condition_names=["Something rare"], rules=["age >= 18"])
    for kept in ({"team_checks": True}, {}, {"kind": "unclear"}, {"gone_at_source": True}):
        CriterionFactory(trial=trial, **kept)
    (row,) = read(TableFormat().export_data(TrialResource().export(Trial.objects.filter(pk=trial.pk))))
    assert (row["nct_id"], row["title"], row["areas"], row["conditions"]) == ("NCT30000001", "'=1+1", "genetic", "Something rare")
    assert (row["genes"], row["phase"], row["as_of"], row["published"]) == ("RPGR; RPE65", "PHASE1", "2026-11-01", "yes")
    assert [row[name] for name in ("criteria", "with a rule", "study team", "to do", "to review")] == ["5", "1", "1", "2", "1"]


def test_the_starter_table_comes_back_without_a_change(starter_rows):
    stored_rows.put(starter_rows)
    table = TableFormat().export_data(CriterionResource().export())
    result = imported(table.encode())
    assert (result.totals["skip"], result.totals["update"], result.totals["new"], result.has_errors()) == (Criterion.objects.count(), 0, 0, False)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("=HYPERLINK(1)")
@example("'=1")
@example("''=1")
@example("+1")
@example("-1")
@example("@SUM(1)")
@example("\t=1")
@example("\r=1")
@example("＝1")
@example("'plain")
def test_no_cell_begins_like_a_formula_and_each_comes_back(text):
    assert not escaped(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescaped(escaped(text)) == text


def test_words_like_formulas_are_stored_as_they_were(trial):
    row = trial.criteria.first()
    row.plain = "=cmd|' /C calc'!A0"
    row.save()
    rows = exported(trial.criteria.all())
    assert rows[0]["plain"] == "'=cmd|' /C calc'!A0"
    rows[0]["plain"] = "'-1 or less"
    assert imported(rows).totals["update"] == 1
    row.refresh_from_db()
    assert row.plain == "-1 or less"


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (",", "utf-8-sig"), (";", "utf-8"), (";", "utf-8-sig")])
def test_a_changed_table_changes_the_criteria(delimiter, encoding, trial, rows):
    rows[0] |= {"plain": "Ab 18; ältere\nauch", "rule": "age >= 18 years", "cohort": "", "order": "7"}
    rows[1] |= {"kind": "Inclusion", "team_checks": "FALSE", "rule": "weight > 40"}
    result = imported(written(rows, delimiter, encoding))
    assert (result.has_errors(), result.totals["update"]) == (False, 2)
    second, first = trial.criteria.all()
    assert (first.plain, first.rule, first.cohort, first.order) == ("Ab 18; ältere\nauch", "age >= 18 years", None, 7)
    assert (second.kind, second.team_checks, second.rule, second.text) == ("inclusion", False, "weight > 40", "Is willing")


def test_a_row_without_id_adds_a_criterion_at_its_order(trial, rows):
    new = dict.fromkeys(COLUMNS, "") | {"nct_id": "NCT30000001", "kind": "exclusion", "text": "Is pregnant", "rule": "pregnant is yes", "order": "0"}
    assert imported([*rows, new, new | {"text": "At the end", "order": ""}]).totals["new"] == 2
    assert [row.text for row in trial.criteria.all()] == ["Is an adult", "Is pregnant", "Is willing", "At the end"]


def test_columns_that_are_not_there_stay_as_they_are(trial, rows):
    assert imported([{"nct_id": row["nct_id"], "id": row["id"], "plain": "New words"} for row in rows]).totals["update"] == 2
    assert {(row.plain, row.rule, row.kind) for row in trial.criteria.all()} == {("New words", "age >= 18", "inclusion"), ("New words", "", "exclusion")}


def test_line_ends_and_empty_lines_that_a_spreadsheet_makes_change_nothing(trial):
    trial.criteria.update(plain="First\r\nsecond")
    table = written(exported(trial.criteria.all())).replace(b"First\r\nsecond", b"First\nsecond") + b",,,,,,,,,,\r\n\r\n"
    result = imported(table)
    assert (result.has_errors(), result.totals["skip"], result.totals["update"]) == (False, 4, 0)


def test_new_words_alone_leave_the_trial_and_its_history_as_they_are(trial, rows):
    before = trial.history.count()
    imported([rows[0] | {"plain": "New words", "order": "3"}])
    assert (trial.history.count(), trial.criteria.last().history.first().plain) == (before, "New words")


def test_ages_for_the_listing_follow(trial, rows):
    imported([rows[0] | {"cohort": "", "rule": "age >= 21"}])
    trial.refresh_from_db()
    assert trial.min_age == 21


FIRST = {
    "rule": ({"rule": "aeg >= 18"}, "Row 2: rule: unknown question 'aeg' at column 1; did you mean 'age'?"),
    "unknown id": ({"id": "99999999"}, "Row 2: there is no criterion 99999999. Export the table anew, or leave the id empty to add a criterion."),
    "odd id": ({"id": "1.0"}, "Row 2: there is no criterion 1.0. Export"),
    "unknown trial": ({"nct_id": "NCT99999999"}, "Row 2: there is no trial “NCT99999999”."),
    "other trial": ({"nct_id": "NCT10000001"}, "belongs to NCT30000001, not to NCT10000001. Put back NCT30000001"),
    "cohort": ({"cohort": "Adult"}, "Row 2: NCT30000001 has no cohort “Adult”; did you mean 'Adults'. Add it on the trial's page first"),
    "kind": ({"kind": "in"}, "Row 2: the kind cannot be “in”. It is one of: inclusion, exclusion, unclear."),
    "unclear": ({"kind": "unclear"}, "Row 2: a criterion with a rule needs a kind."),
    "team": ({"team_checks": "maybe"}, "Row 2: team_checks cannot be “maybe”. Write yes or no."),
    "order": ({"order": "-1"}, "Row 2: the order cannot be “-1”."),
    "text": ({"text": "Is a child"}, "Row 2: the text is not that of criterion"),
    "no text": ({"id": "", "text": " "}, "Row 2: text: This field cannot be blank."),
}


@pytest.mark.parametrize(("change", "said"), FIRST.values(), ids=FIRST)
def test_a_wrong_row_is_named_with_its_fix_and_nothing_is_saved(change, said, rows):
    (fault,) = faults([rows[0] | change, rows[1] | {"plain": "Never saved"}])
    assert said in fault


def test_every_wrong_row_is_named(rows):
    said = faults([rows[0] | {"kind": "x", "order": "y"}, rows[1] | {"rule": "age >="}])
    assert [re.match(r"Row \d", fault).group() for fault in said] == ["Row 2", "Row 2", "Row 3"]


def test_a_criterion_in_two_rows_is_refused(rows):
    (fault,) = faults([rows[0], rows[1], rows[0] | {"plain": "Other"}])
    assert fault.startswith("Row 4: the criterion") and "already in row 2" in fault


def test_a_cohort_of_another_trial_is_refused(rows):
    CohortFactory(trial=TrialFactory(), name="Elsewhere")
    (fault,) = faults([rows[0] | {"cohort": "Elsewhere"}])
    assert "has no cohort “Elsewhere”" in fault


def test_a_published_trial_whose_sample_patients_would_no_longer_hold_fails_the_whole_table(trial, rows):
    SamplePatientFactory(trial=trial, name="Woman of 18", answers={"age": 18}, expect="passes")
    Trial.objects.filter(pk=trial.pk).update(published=True)
    other = exported(TrialFactory(nct_id="NCT30000002", published=False, rules=["age >= 2"]).criteria.all())
    (fault,) = faults([rows[0] | {"rule": "age >= 19"}, other[0] | {"plain": "Never saved"}])
    assert fault.startswith("NCT30000001 is published, and with these rows it could not be: sample patient “Woman of 18”: expected passes, the rules say fails")
    Trial.objects.filter(pk=trial.pk).update(published=False)
    assert not imported([rows[0] | {"rule": "age >= 19"}]).has_errors()


def test_a_criterion_of_a_published_trial_cannot_be_made_undecided(trial, rows):
    Trial.objects.filter(pk=trial.pk).update(published=True)
    (fault,) = faults([rows[1] | {"team_checks": "no"}])
    assert fault.startswith("NCT30000001 is published, and with these rows it could not be: ")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"nct_id,id,rul\nx,1,y\n", "The column “rul” is not known; did you mean 'rule'."),
        (b"nct_id,id,rule,rule\nx,1,y,z\n", "The column “rule” is there twice."),
        (b"nct_id,rule\nx,y\n", "The table needs the column “id”."),
    ],
)
def test_a_table_of_other_columns_is_refused(table, said, small_catalog):
    (fault,) = faults(table)
    assert said in fault


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"", "no line with the names of the columns"),
        (b"\n\n", "no line with the names of the columns"),
        ("nct_id,id\nä,1\n".encode("latin-1"), "not UTF-8 text. In Excel, save it as “CSV UTF-8”"),
        ("nct_id,id\nx,1\n".encode("utf-16"), "not UTF-8 text"),
        (b"PK\x03\x04\x00\x00", "not a text file"),
        (b'nct_id,id\n"x,1\n', "cannot be read as a table"),
        (b"nct_id,id,rule\nx,1\n", "Row 2 has 2 cells, but there are 3 columns."),
        (b"nct_id,id\nx,1,surplus\n", "Row 2 has 3 cells, but there are 2 columns."),
        (b"nct_id,id\n" + b"x,1\n" * 20_001, "more than 20,000 rows"),
        (b"nct_id,id\n" + b"x" * 5_000_000, "larger than 5 MB"),
        (b"nct_id,id\n" + b"x" * 200_000 + b",1\n", "cannot be read as a table"),
    ],
    ids=range(11),
)
def test_a_file_that_is_no_table_is_refused_in_plain_words(table, said):
    with pytest.raises(TableError, match=re.escape(said)):
        TableFormat().create_dataset(table)


def test_an_exported_table_opens_in_excel_as_utf_8(trial):
    assert TableFormat().export_data(CriterionResource().export()).encode().startswith(b"\xef\xbb\xbfnct_id,order,")
