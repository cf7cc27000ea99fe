"""The check of the splitting finds what is lost, doubled, moved or changed; and the splitting loses nothing of any text."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trials.registry.criteria import split_criteria
from trials.registry.losses import LostLine, lost_lines

TEXT = "Inclusion Criteria:\n\n* tall\n* strong:\n\n  * arms\n\nCohort A:\n\n1. age \\>= 18\n\nExclusion Criteria:\n\n* shy"
CRITERIA = split_criteria(TEXT)
TALL, STRONG, AGE, SHY = CRITERIA


def test_nothing_is_lost_of_a_text_that_was_split():
    assert lost_lines(TEXT, CRITERIA) == []


def test_the_kind_words_of_a_text_without_criteria_are_no_loss():
    assert lost_lines("Key Inclusion Criteria:\n\n1.\n\n* \n\n---", ()) == []


@pytest.mark.parametrize(
    ("criteria", "lost"),
    [
        (
            (),
            [
                LostLine(3, "* tall"),
                LostLine(4, "* strong:"),
                LostLine(6, "* arms"),
                LostLine(8, "Cohort A:"),
                LostLine(10, "1. age \\>= 18"),
                LostLine(14, "* shy"),
            ],
        ),
        ((TALL, AGE, SHY), [LostLine(4, "* strong:"), LostLine(6, "* arms")]),
        ((TALL, STRONG, AGE), [LostLine(14, "* shy")]),
        ((TALL, TALL, STRONG, AGE, SHY), [LostLine(3, "* tall")]),
        ((STRONG, TALL, AGE, SHY), [LostLine(3, "* tall"), LostLine(3, "* tall")]),
        ((TALL, STRONG, replace(AGE, text="age >= 81"), SHY), [LostLine(10, "1. age \\>= 18")]),
        ((TALL, replace(STRONG, text="strong:"), AGE, SHY), [LostLine(4, STRONG.source)]),
        ((TALL, STRONG, replace(AGE, headings=(), cohort=None), SHY), [LostLine(8, "Cohort A:")]),
        ((TALL, STRONG, replace(AGE, headings=("Cohort A:", "Age"), cohort=None), SHY), []),
        ((replace(TALL, line=4), STRONG, AGE, SHY), [LostLine(4, "* tall")]),
        ((replace(TALL, source="* tail"), STRONG, AGE, SHY), [LostLine(3, "* tail")]),
    ],
    ids=[
        "all",
        "one",
        "the last",
        "doubled",
        "out of order",
        "a word changed",
        "a sub-item",
        "a heading",
        "a heading is kept",
        "a wrong line",
        "a source that is not there",
    ],
)
def test_what_is_lost_is_named_by_its_line(criteria, lost):
    assert lost_lines(TEXT, criteria) == lost


PIECES = st.sampled_from(
    [
        *(
            "Inclusion Criteria:",
            "Exclusion Criteria",
            "Key exclusion criteria:",
            "DISEASE CHARACTERISTICS:",
            "Hepatic",
            "Cohort A:",
            "For Part 2:",
            "Women who:",
        ),
        *("Everyone must meet all of these criteria:", "Participants will be excluded if any of these apply:", "Note: none", "None", "OR", "or"),
        *(
            "* ",
            "1. ",
            "2. ",
            "3) ",
            "- ",
            "• ",
            "a. ",
            "b. ",
            "ii. ",
            "i.",
            "(1) ",
            "\\* ",
            "（1）",
            "① x",
            "   ",
            "  * ",
            "\t",
            "***",
            "…",
            "(",
            ")",
            ".",
            "：",
            "、",
        ),
        *("\n", "\n\n", "\r\n", "\u2028", "\x0b", " ", "<!-- -->", "&gt; 5", "\\>= 3", "1.5 x ULN", "E. coli", "https://example.org"),
        *("Age over 18", "HIV positive;", "either of the following:", "hemoglobin"),
    ]
)


@settings(max_examples=1000)
@given(st.one_of(st.lists(PIECES, max_size=25).map("".join), st.lists(PIECES, max_size=25).map(" ".join), st.text(max_size=200)))
def test_nothing_is_lost_of_any_text(text):
    assert lost_lines(text, split_criteria(text)) == []
