"""Trial and therapy files with a fault are refused whole, and the message names file, line and fault."""

import pytest

from trials.models import Trial

from .small import THERAPY, load, refusal, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

GOOD = """\
nct_id: NCT20000001
title: A trial
condition_areas: [eye]
status: RECRUITING
source: invented for a test
as_of: 2026-11-01
follow_up_years: 5
cohorts: [Adults, Children]
contact: {name: Ann}
phase: [PHASE1]
criteria:
- inclusion: Adult
  rule: age >= 18
  cohort: Adults
- exclusion: Pregnant
  rule: pregnant is yes
sample_patients:
- name: Ann
  answers: {age: 30}
  expect: unknown
sites:
- facility: Eye Clinic
"""


def with_line(number: int, line: str) -> str:
    """The good file with another text in place of a line."""
    lines = GOOD.splitlines()
    lines[number - 1] = line
    return "\n".join(lines)


def without(key: str) -> str:
    """The good file without a line that starts with this key."""
    return "\n".join(line for line in GOOD.splitlines() if not line.startswith(f"{key}:"))


BAD = {
    # what is wrong: (file, line, words of the message)
    "an unknown key": (with_line(2, "title: A trial\ntitel: Twice"), 3, "a trial has no 'titel'; did you mean 'title'?"),
    "no NCT number": (without("nct_id"), 1, "the trial needs 'nct_id'"),
    "no title": (without("title"), 1, "the trial needs 'title'"),
    "no areas": (without("condition_areas"), 1, "the trial needs 'condition_areas'"),
    "no status": (without("status"), 1, "the trial needs 'status'"),
    "no source": (without("source"), 1, "the trial needs 'source'"),
    "no date": (without("as_of"), 1, "the trial needs 'as_of'"),
    "no criteria": (GOOD[: GOOD.index("criteria:")], 1, "the trial needs 'criteria'"),
    "an empty list of criteria": (GOOD[: GOOD.index("criteria:")] + "criteria: []\n", 11, "the trial needs 'criteria'"),
    "an empty list of areas": (with_line(3, "condition_areas: []"), 3, "the trial needs 'condition_areas'"),
    "an empty title": (with_line(2, "title: ''"), 2, "the trial needs 'title'"),
    "a title of blanks": (with_line(2, "title: '   '"), 2, "the trial needs 'title'"),
    "a title too long for the database": (with_line(2, f"title: {'long ' * 61}"), 2, "title"),
    "a title that is a list": (with_line(2, "title: [A, B]"), 2, "'title' must be a text"),
    "a source of blanks": (with_line(5, "source: ' '"), 5, "the trial needs 'source'"),
    "seven digits": (with_line(1, "nct_id: NCT1234567"), 1, "'NCT1234567' is not an NCT number: 'NCT' and 8 digits"),
    "nine digits": (with_line(1, "nct_id: NCT123456789"), 1, "is not an NCT number"),
    "small letters in the NCT number": (with_line(1, "nct_id: nct12345678"), 1, "is not an NCT number"),
    "digits of another script": (with_line(1, "nct_id: NCT１２３４５６７８"), 1, "is not an NCT number"),
    "an unknown area": (with_line(3, "condition_areas: [eyes]"), 3, "unknown condition area 'eyes'; did you mean 'eye'?"),
    "an unknown status": (with_line(4, "status: RECRUTING"), 4, "'status' cannot be 'RECRUTING'; did you mean 'RECRUITING'?"),
    "a status that is a flag": (with_line(4, "status: yes"), 4, "'status' must be a text"),
    "an unknown phase": (with_line(10, "phase: [PHASE1, PHASE_2]"), 10, "unknown phase 'PHASE_2'; did you mean 'PHASE2'?"),
    "phases that are a mapping": (with_line(10, "phase: {first: PHASE1}"), 10, "'phase' must be a list of texts"),
    "an unknown approach": (with_line(9, "approach: gene_adition"), 9, "'approach' cannot be 'gene_adition'; did you mean 'gene_addition'?"),
    "an unknown delivery": (with_line(9, "delivery: in vivo"), 9, "'delivery' cannot be 'in vivo'; did you mean 'in_vivo'?"),
    "an unknown sex": (with_line(9, "sex: both"), 9, "'sex' cannot be 'BOTH'"),
    "a date that is none": (with_line(6, "as_of: November 2026"), 6, "'as_of' must be a date such as 2026-11-22, not 'November 2026'"),
    "a day that no month has": (with_line(6, "as_of: 2026-02-30"), 6, "2026-02-30"),
    "years below 0": (with_line(7, "follow_up_years: -1"), 7, "'follow_up_years' cannot be below 0"),
    "years in words": (with_line(7, "follow_up_years: five"), 7, "'five' is not a number"),
    "a flag that is a word": (with_line(9, "published: maybe"), 9, "'published' must be true or false"),
    "a flag that is a number": (with_line(9, "criteria_complete: 1"), 9, "'criteria_complete' must be true or false"),
    "a contact that is a text": (with_line(9, "contact: Ann"), 9, "a contact must be a mapping"),
    "an unknown key of a contact": (with_line(9, "contact: {name: Ann, mail: ann@example.org}"), 9, "a contact has no 'mail'; did you mean 'email'?"),
    "a cohort that is there twice": (with_line(8, "cohorts: [Adults, Children, Adults]"), 8, "'Adults' is there twice"),
    "an unknown cohort": (with_line(14, "  cohort: Adult"), 14, "'Adult' is not among the trial's cohorts; did you mean 'Adults'?"),
    "criteria that are a mapping": ("criteria: {inclusion: Adult}\n" + GOOD[: GOOD.index("criteria:")], 1, "'criteria' must be a list"),
    "a criterion that is a text": (with_line(15, "- Not pregnant\n- exclusion: Pregnant"), 15, "a criterion must be a mapping"),
    "a criterion of both kinds": (with_line(14, "  exclusion: Child"), 12, "a criterion is either 'inclusion: text' or 'exclusion: text'"),
    "a criterion of no kind": (with_line(15, "- plain: Not pregnant"), 15, "a criterion is either 'inclusion: text' or 'exclusion: text'"),
    "a criterion without text": (with_line(15, "- exclusion:"), 15, "the criterion needs 'exclusion'"),
    "a criterion of blanks": (with_line(15, "- exclusion: '  '"), 15, "the criterion needs 'exclusion'"),
    "an unknown key of a criterion": (with_line(14, "  rules: age >= 18"), 14, "a criterion has no 'rules'; did you mean 'rule'?"),
    "a rule on an unknown question": (with_line(13, "  rule: aeg >= 18"), 13, "rule: unknown question 'aeg' at column 1; did you mean 'age'?"),
    "a rule with an unknown choice": (with_line(13, "  rule: sex is femal"), 13, "rule: 'sex' has no choice 'femal'; did you mean 'female'?"),
    "a rule with an unknown condition": (
        with_line(13, "  rule: diagnosis is rp_xlinked"),
        13,
        "'diagnosis' has no choice 'rp_xlinked'; did you mean 'rp_x_linked'?",
    ),
    "a rule in a wrong unit": (with_line(13, "  rule: age >= 18 g/dL"), 13, "rule: 'age' is in years, not g/dL"),
    "a rule with a wrong operator": (with_line(13, "  rule: age is 18"), 13, "rule: 'age' is a number question at column 1"),
    "a rule cut short": (with_line(13, "  rule: age >="), 13, "rule: the rule ends at column 7; expected a number"),
    "a rule that is Python": (with_line(13, "  rule: __import__('os')"), 13, "rule: "),
    "a rule that is a list": (with_line(13, "  rule: [age >= 18]"), 13, "'rule' must be a text"),
    "a rule that is a flag": (with_line(13, "  rule: yes"), 13, "'rule' must be a text"),
    "ages that leave nobody": (with_line(16, "  rule: pregnant is yes\n- inclusion: Old\n  rule: age >= 65\n- inclusion: Young\n  rule: age < 18"), 20, "age"),
    "an unknown key of a sample patient": (with_line(18, "- name: Ann\n  age: 30"), 19, "a sample patient has no 'age'"),
    "a sample patient without a name": (with_line(18, "- plain: Ann"), 18, "a sample patient has no 'plain'"),
    "a sample patient without a verdict": (with_line(20, ""), 18, "the sample patient needs 'expect'"),
    "an unknown verdict": (with_line(20, "  expect: eligible"), 20, "'expect' cannot be 'eligible'; it is one of fails, unknown, passes"),
    "an unknown question in sample answers": (with_line(19, "  answers: {aeg: 30}"), 19, "unknown question 'aeg'; did you mean 'age'?"),
    "a sample answer out of bounds": (with_line(19, "  answers: {age: 121}"), 19, "'age' cannot be above 120 years"),
    "a sample answer in a wrong unit": (with_line(19, "  answers: {age: {value: 3, unit: kg}}"), 19, "'age' is in years, not kg"),
    "a sample answer that is no choice": (with_line(19, "  answers: {sex: woman}"), 19, "'sex' has no choice 'woman'"),
    "a sample answer that should be a list": (with_line(19, "  answers: {treatments: surgery}"), 19, "'treatments' takes a list of choices"),
    "sample answers that are a list": (with_line(19, "  answers: [age, 30]"), 19, "'answers' must map question keys to answers"),
    "sample patients that are a mapping": ("sample_patients: {name: Ann}\n" + GOOD[: GOOD.index("sample_patients:")], 1, "'sample_patients' must be a list"),
    "an unknown key of a site": (with_line(22, "- {facility: Clinic, town: Boston}"), 22, "a site has no 'town'"),
    "a site that is nowhere": (with_line(22, "- {state: Ohio, zip: '44101'}"), 22, "site"),
    "a site that is a text": (with_line(22, "- Eye Clinic"), 22, "a site must be a mapping"),
    "a key that is there twice": (GOOD + "title: Another\n", 23, "not valid YAML: 'title' is there twice"),
    "a criterion with its rule twice": (with_line(14, "  rule: age >= 21"), 14, "not valid YAML: 'rule' is there twice"),
    "tabs": (with_line(13, "\trule: age >= 18"), 13, "not valid YAML"),
    "a colon without quotes": (with_line(2, "title: A trial: a good one"), 2, "not valid YAML"),
    "a text alone": ("hello\n", 1, "a trial must be a mapping"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_trial_file_is_refused_with_file_line_and_fault(name, tmp_path):
    text, line, fault = BAD[name]
    write(tmp_path, bad=text)
    message = refusal(tmp_path)
    assert message.startswith(f"{tmp_path}/bad.yaml:{line}: ")
    assert fault in message
    assert "\n" not in message


def test_the_file_that_all_of_these_are_made_from_is_good(tmp_path):
    load(tmp_path, good=GOOD)
    assert Trial.objects.filter(nct_id="NCT20000001").exists()


def test_two_trials_with_one_number_are_refused_and_the_second_is_named(tmp_path):
    write(tmp_path, first=GOOD, second="# again\n" + GOOD)
    assert refusal(tmp_path) == f"{tmp_path}/second.yaml:2: NCT20000001 is there twice"


def test_one_bad_trial_keeps_out_the_good_ones_and_the_questions(tmp_path):
    write(tmp_path, a=GOOD, b=BAD["an unknown status"][0], c=THERAPY.replace("Oldvision", "Newvision"), q="- {key: fever, kind: yes_no, text: Fever}")
    assert f"{tmp_path}/b.yaml:4: " in refusal(tmp_path)


BAD_THERAPIES = {
    "an unknown key": (THERAPY + "  years: 2019\n", 8, "a therapy has no 'years'"),
    "no source": (THERAPY.replace("  source: invented for a test\n", ""), 1, "the therapy needs 'source'"),
    "no condition": (THERAPY.replace("  condition: Usher syndrome\n", ""), 1, "the therapy needs 'condition'"),
    "a date that is none": (THERAPY.replace("2026-11-01", "soon"), 7, "'as_of' must be a date"),
    "an unknown approach": (THERAPY + "  approach: magic\n", 8, "'approach' cannot be 'magic'"),
    "an unknown area": (THERAPY.replace("area: eye", "area: eyes"), 5, "unknown condition area 'eyes'; did you mean 'eye'?"),
    "an unknown condition": (THERAPY.replace("[rp_usher]", "[rp_ushr]"), 4, "'rp_ushr'"),
    "a year in words": (THERAPY + "  year_approved: last year\n", 8, "'last year' is not a number"),
    "a year below 0": (THERAPY + "  year_approved: -2019\n", 8, "year_approved"),
    "a brand that is there twice": (THERAPY + THERAPY, 8, "'Oldvision' is there twice"),
}


@pytest.mark.parametrize("name", BAD_THERAPIES)
def test_a_therapy_file_is_refused_with_file_line_and_fault(name, tmp_path):
    text, line, fault = BAD_THERAPIES[name]
    write(tmp_path, bad=text)
    message = refusal(tmp_path)
    assert message.startswith(f"{tmp_path}/bad.yaml:{line}: ")
    assert fault in message
