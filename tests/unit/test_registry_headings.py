"""Which lines are headings, and what they say of the criteria under them."""

import pytest

from trials.eligibility.verdicts import CriterionKind
from trials.registry.criteria import split_criteria

IN, EX = CriterionKind.INCLUSION, CriterionKind.EXCLUSION


@pytest.mark.parametrize(
    ("line", "kind", "cohort"),
    [
        ("Inclusion Criteria:", IN, None),
        ("EXCLUSION CRITERIA", EX, None),
        ("Inclusion criteria :", IN, None),
        ("Inclusion criteria：", IN, None),
        ("Key Inclusion Criteria", IN, None),
        ("Main exclusion criteria:", EX, None),
        ("Inclusion:", IN, None),
        ("Exclusion", EX, None),
        ("Criteria for inclusion", IN, None),
        ("Criteria for exclusion:", EX, None),
        ("Non-inclusion criteria:", EX, None),
        ("Non inclusion criteria", EX, None),
        ("Pre-inclusion criteria:", IN, None),
        ("Inclusion Criteriar:", IN, None),
        ("Heart-related exclusions:", EX, None),
        ("Other Exclusions", EX, None),
        ("Shared inclusion criteria for all cohorts", IN, None),
        ("Exclusion Criteria (any one of these):", EX, None),
        ("Inclusion Criteria: screening", IN, None),
        ("Inclusion criteria: healthy subjects", IN, "healthy subjects"),
        ("Inclusion Criteria - Siblings:", IN, "Siblings"),
        ("Exclusion Criteria for Cohort A2:", EX, "Cohort A2"),
        ("Part 3 extra exclusion criteria:", EX, "Part 3"),
        ("Further Inclusion Criteria For Sub-Study 7 Part C:", IN, "Sub-Study 7 Part C"),
        ("Inclusion criteria (Parts 1 and 2):", IN, "Parts 1 and 2"),
        ("Exclusion criteria for phase ii", EX, "Phase II"),
        ("Inclusion Criteria for Controls:", IN, "Controls"),
        ("To join, a volunteer must meet all of these criteria:", IN, None),
        ("Patients will be included if they:", IN, None),
        ("Participants are eligible if all of these criteria apply:", IN, None),
        ("Each of the following would exclude a volunteer:", EX, None),
        ("Persons who fulfil ANY of these conditions are not considered for enrolment:", EX, None),
        ("A subject will be excluded if any of the following applies:", EX, None),
        ("Nobody may be enrolled if any exclusion criteria below are present:", EX, None),
        ("To take part, people should not meet any of these criteria:", EX, None),
        ("Those who enter CANNOT meet any of the criteria below:", EX, None),
        ("Key inclusion criteria include, but are not limited to, those below:", IN, None),
        ("Inclusion criteria for female participants:", IN, None),
        ("Eligibility Criteria:", None, None),
        ("Inclusion and exclusion criteria:", None, None),
        ("Removal criteria", None, None),
    ],
)
def test_a_heading_tells_the_kind_and_the_cohort(line, kind, cohort):
    (criterion,) = split_criteria(f"{line}\n\n* first")
    assert (criterion.text, criterion.kind, criterion.cohort) == ("first", kind, cohort)


@pytest.mark.parametrize(
    ("line", "cohort"),
    [
        ("Cohort A:", "Cohort A"),
        ("COHORT B", "Cohort B"),
        ("For Part 2 only:", "Part 2"),
        ("Cohorts 8 & 9:", "Cohorts 8 & 9"),
        ("Group 1: those with a cold (n=20)", "Group 1"),
        ("For the IgG group:", "IgG group"),
        ("Expansion cohorts:", "Expansion cohorts"),
        ("Healthy volunteers", "Healthy volunteers"),
        ("People's own donors:", "People's own donors"),
        ("Patients with asthma:", "Patients with asthma"),
        ("All participants:", None),
        ("Common to both groups:", None),
        ("Criteria for the heart:", None),
        ("Women:", None),
        ("For male subjects:", None),
    ],
)
def test_a_cohort_heading_leaves_the_kind(line, cohort):
    _, criterion = split_criteria(f"Exclusion Criteria:\n\n* first\n\n{line}\n\n* second")
    assert (criterion.text, criterion.kind, criterion.cohort) == ("second", EX, cohort)


@pytest.mark.parametrize(
    "line",
    [
        "Other inclusion/exclusion criteria, not shown, may apply here.",
        "A cold is no criterion for exclusion.",
        "No exclusion criteria.",
        "Anyone short of one of the inclusion criteria.",
        "Exclusively breastfed",
        "Male or female",
        "None",
        "Age 18 to 65 years, inclusive",
        "People who are eligible for surgery",
        "written informed consent",
    ],
)
@pytest.mark.parametrize("mark", ["", "* ", "1. "])
def test_a_line_that_says_more_is_a_criterion(line, mark):
    assert line in [criterion.text for criterion in split_criteria(f"Inclusion Criteria:\n\n* tall\n\n{mark}{line}")]
