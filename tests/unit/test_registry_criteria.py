"""Eligibility texts in the shapes that real records have, as small invented ones: each criterion comes out once, with its kind and cohort."""

import pytest

from trials.eligibility.verdicts import CriterionKind
from trials.registry.criteria import split_criteria
from trials.registry.losses import lost_lines

LETTERS = {CriterionKind.INCLUSION: "I", CriterionKind.EXCLUSION: "E", None: "?"}


def told(text):
    """The criteria as ``I text``, ``E [cohort] text`` or ``? text``, checked for losses on the way."""
    criteria = split_criteria(text)
    assert lost_lines(text, criteria) == []
    return [" ".join(filter(None, (LETTERS[one.kind], f"[{one.cohort}]" if one.cohort else "", one.text))) for one in criteria]


def case(name, text, *criteria):
    return pytest.param(text, list(criteria), id=name)


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        case("nothing", "", *()),
        case("nothing but headings", "Inclusion Criteria:\n\nExclusion Criteria:", *()),
        case("bullets", "Inclusion Criteria:\n\n* tall\n* strong\n\nExclusion Criteria:\n\n* shy", "I tall", "I strong", "E shy"),
        case("other bullets", "Inclusion Criteria:\n- tall\n• strong\n● bold\n– kind\n\\- calm", "I tall", "I strong", "I bold", "I kind", "I calm"),
        case("numbers", "Inclusion Criteria:\n\n1. tall\n2) strong\n(3) bold\n4、kind", "I tall", "I strong", "I bold", "I kind"),
        case("escaped numbers", "Inclusion Criteria:\n\n* 1\\. tall\n\n  2\\. strong\n* 3\\. bold", "I tall", "I strong", "I bold"),
        case("a number without a blank", "Inclusion Criteria:\n1.Tall\n2.Strong", "I Tall", "I Strong"),
        case("a decimal is no number of a list", "Inclusion Criteria:\n\n2.5 to 18 years of age", "I 2.5 to 18 years of age"),
        case("letters", "Inclusion Criteria:\na. tall\nb. strong\nc) bold", "I tall", "I strong", "I c) bold"),
        case("Roman numerals", "Inclusion Criteria:\ni. tall\nii. strong\niii. bold\niv. kind", "I tall", "I strong", "I bold", "I kind"),
        case(
            "the ninth letter",
            "Inclusion Criteria:\n" + "\n".join(f"{letter}. x{letter}" for letter in "abcdefghij"),
            *(f"I x{letter}" for letter in "abcdefghij"),
        ),
        case("a name that begins like a letter", "Exclusion Criteria:\n\nE. coli in the blood", "E E. coli in the blood"),
        case("circled numbers", "Exclusion Criteria:\n\n① tall ② strong ③ bold", "E tall", "E strong", "E bold"),
        case("Markdown's escapes", "Inclusion Criteria:\n\n* age \\>=18 and \\<65 \\[years\\], 10\\^9 \\& 5\\~6", "I age >=18 and <65 [years], 10^9 & 5~6"),
        case("HTML entities", "Inclusion Criteria:\n\n* age &gt; 18 &amp;lt; 65 &#39;old&#39;", "I age > 18 < 65 'old'"),
        case("another alphabet", "Inclusion Criteria：\n\n1、年龄≥18岁；\n2、自愿参加（书面）。", "I 年龄≥18岁；", "I 自愿参加（书面）。"),
        case("headings in Chinese", "纳入标准：\n1. 年龄≥18岁\n排除标准：\n1. 妊娠", "I 年龄≥18岁", "E 妊娠"),
        case("headings in Spanish", "Criterios de inclusión:\n\n* alto\n\nCriterios de exclusión:\n\n* tímido", "I alto", "E tímido"),
        case("line breaks of Windows", "Inclusion Criteria:\r\n\r\n* tall\r\n* strong\r\n", "I tall", "I strong"),
        case("a note in Markdown's source", "Inclusion Criteria:\n\n* tall\n\n<!-- -->\n\n* strong", "I tall", "I strong"),
    ],
)
def test_marks_and_signs(text, criteria):
    assert told(text) == criteria


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        case("a sub-list stays with its item", "Inclusion Criteria:\n\n* one of:\n\n  * red\n  * blue\n* tall", "I one of:\n  - red\n  - blue", "I tall"),
        case(
            "an exception stays with its rule",
            "Exclusion Criteria:\n\n* cancer\n\n  * skin cancer is allowed\n* shy",
            "E cancer\n  - skin cancer is allowed",
            "E shy",
        ),
        case("three levels", "Exclusion Criteria:\n\n1. ill:\n\n   1. heart:\n\n      * weak\n   2. lung", "E ill:\n  1. heart:\n    - weak\n  2. lung"),
        case("a paragraph below an item", "Inclusion Criteria:\n\n* tall\n\n  Measured without shoes.\n* bold", "I tall\n  Measured without shoes.", "I bold"),
        case(
            "a list that an item leads on to, no further in",
            "Inclusion Criteria:\n\n* either:\n\nA) red B) blue\n\n* tall",
            "I either:\n  A) red\n  B) blue",
            "I tall",
        ),
        case(
            "bullets that a number leads on to",
            "Inclusion Criteria:\n1. these organs:\n- heart\n- lung\n2. tall",
            "I these organs:\n  - heart\n  - lung",
            "I tall",
        ),
        case(
            "numbers that go on further in",
            "Inclusion Criteria:\n\n* 1\\. tall\n\n  2\\. these:\n  * red\n  * blue\n\n    3\\. bold",
            "I tall",
            "I these:\n  - red\n  - blue",
            "I bold",
        ),
        case("or, on a line of its own", "Inclusion Criteria:\n\n* red\n\n  OR\n* blue\n* tall", "I red\n  OR\nblue", "I tall"),
        case("or, at the end of an item", "Inclusion Criteria:\n\n* red; or\n* blue\n* tall", "I red; or\nblue", "I tall"),
        case("or, between exclusions: each holds alone", "Exclusion Criteria:\n\n* red; or\n* blue", "E red; or", "E blue"),
        case(
            "a bracket that closes on the next line",
            "Exclusion Criteria:\n\n* grade 3 (by the\n* National Scale)\n* shy",
            "E grade 3 (by the\nNational Scale)",
            "E shy",
        ),
        case("an item that goes on in small letters", "Inclusion Criteria:\n\n* tall\n  and strong\n* bold", "I tall and strong", "I bold"),
        case(
            "the old exports: lines broken at column 99",
            "        Inclusion Criteria:\n\n"
            "          -  Taller than the door of the house in which the participant has lived, in or outside\n"
            "             Amsterdam, for a year\n\n"
            "          -  Bold",
            "I Taller than the door of the house in which the participant has lived, in or outside Amsterdam, for a year",
            "I Bold",
        ),
        case("one criterion a line, without marks", "Inclusion Criteria:\n  Tall\n  Strong\nExclusion Criteria:\n  Shy", "I Tall", "I Strong", "E Shy"),
        case(
            "paragraphs",
            "Inclusion Criteria:\n\nTall people.\n\nStrong people, of any age. They must agree.",
            "I Tall people.",
            "I Strong people, of any age. They must agree.",
        ),
        case("bullets in one line", "Inclusion Criteria:\n• Tall • Strong: 2 kg • Bold", "I Tall", "I Strong: 2 kg", "I Bold"),
        case("numbers in one line", "Inclusion Criteria:\n\n1. Tall. 2. Strong 3. Bold 4. Kind", "I Tall.", "I Strong", "I Bold", "I Kind"),
        case("a number in a sentence", "Exclusion Criteria:\n\n1. Toxicity above Grade 2. Pain counts too.", "E Toxicity above Grade 2. Pain counts too."),
        case(
            "an outer list that goes on behind an inner one",
            "Exclusion Criteria:\n\n* 1\\. Shy. 2. Viruses:\n\n  1. one\n  2. two\n  3. three. 3. Loud",
            "E Shy.",
            "E Viruses:\n  1. one\n  2. two\n  3. three.",
            "E Loud",
        ),
        case("a number in brackets", "Exclusion Criteria:\n\n1. Scores (of 1; 2. Higher) in the test", "E Scores (of 1; 2. Higher) in the test"),
        case("an inner list of one", "Inclusion Criteria:\n\n1. tall:\n\n   1. measured\n2. bold", "I tall:\n  1. measured", "I bold"),
        case(
            "exceptions no further in than their rule",
            "Exclusion Criteria:\n\n* ill\n\nThe following are allowed:\n\n* colds\n\nPatients with any of the following are not excluded:\n\n* flu",
            "E ill",
            "E The following are allowed:\n  - colds",
            "E Patients with any of the following are not excluded:\n  - flu",
        ),
        case("a footnote", "Inclusion Criteria:\n\n* tall\\*\n\n\\*above 2 m", "I tall*", "I *above 2 m"),
        case("a bare link", "Inclusion Criteria:\n\nhttps://example.org/criteria", "I https://example.org/criteria"),
    ],
)
def test_what_is_one_criterion(text, criteria):
    assert told(text) == criteria


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        case("exclusion first", "Exclusion Criteria:\n\n* shy\n\nInclusion Criteria:\n\n* tall", "E shy", "I tall"),
        case(
            "repeated headings", "Inclusion Criteria:\n\n* tall\n\nExclusion Criteria:\n\n* shy\n\nInclusion Criteria:\n\n* bold", "I tall", "E shy", "I bold"
        ),
        case("no heading at all: kind unclear", "* tall\n* shy", "? tall", "? shy"),
        case("no inclusion heading: what stands before the exclusions", "* tall\n\nExclusion Criteria:\n\n* shy", "I tall", "E shy"),
        case("a preamble before the first heading", "We look for people.\n\nInclusion Criteria:\n\n* tall", "? We look for people.", "I tall"),
        case(
            "a note on criteria that the record does not show",
            "Exclusion Criteria:\n\n* shy\n\nOther inclusion/exclusion criteria, not shown, may apply here.",
            "E shy",
            "? Other inclusion/exclusion criteria, not shown, may apply here.",
        ),
        case("criteria to leave the study again", "Inclusion Criteria:\n\n* tall\n\nWithdrawal criteria:\n\n* no longer tall", "I tall", "? no longer tall"),
        case("none", "Inclusion Criteria:\n\n* tall\n\nExclusion Criteria:\n\nNone", "I tall", "E None"),
        case("none, in the heading's line", "Inclusion Criteria:\n\n* tall\n\nExclusion Criteria: Nil", "I tall", "E Nil"),
        case(
            "no exclusion criteria",
            "Inclusion Criteria:\n\n* tall\n\nExclusion Criteria:\n\n* There are no exclusion criteria",
            "I tall",
            "E There are no exclusion criteria",
        ),
        case("text in the heading's line", "Inclusion criteria. Tall. Strong.\n\nExclusion criteria Shy people", "I Tall. Strong.", "E Shy people"),
        case(
            "a list in the heading's line", "Inclusion Criteria: 1. Tall 2. Strong 3. Bold\nExclusion Criteria: 1. Shy", "I Tall", "I Strong", "I Bold", "E Shy"
        ),
        case(
            "a heading in the middle of a line",
            "Inclusion Criteria:\n\n* tall\n* others may apply too Exclusion Criteria:\n* shy",
            "I tall",
            "I others may apply too",
            "E shy",
        ),
        case("a heading that is a bullet", "* INCLUSION CRITERIA:\n\n  * tall\n\n* EXCLUSION CRITERIA:\n\n  * shy", "I tall", "E shy"),
        case("a heading further in than its list", "Inclusion Criteria:\n\n1. tall\n\n   Exclusion Criteria:\n2. shy", "I tall", "E shy"),
        case(
            "a sentence as heading",
            "Everyone must meet all of these criteria:\n\n* tall\n\nPatients who meet any of these criteria are not eligible:\n\n* shy",
            "I tall",
            "E shy",
        ),
        case(
            "a sentence as a bullet over its list",
            "Inclusion Criteria:\n\n* People must meet these criteria to be enrolled:\n\n  1. tall\n  2. bold\n* kind",
            "I tall",
            "I bold",
            "I kind",
        ),
        case(
            "a sentence with a condition of its own is a criterion",
            "Inclusion Criteria:\n\n* Patients with a cold are only eligible if they meet the following criteria:\n\n  1. short\n  2. light",
            "I Patients with a cold are only eligible if they meet the following criteria:\n  1. short\n  2. light",
        ),
        case(
            "words of exclusion among inclusions",
            "Inclusion Criteria:\n\n* tall (excluding shoes)\n* people in exclusion zones\n* Not excluded by law",
            "I tall (excluding shoes)",
            "I people in exclusion zones",
            "I Not excluded by law",
        ),
        case(
            "the old format: every line is a demand",
            "DISEASE CHARACTERISTICS:\n\n* Dystrophy\n\nPATIENT CHARACTERISTICS:\n\nAge:\n\n* 18 and over\n\n"
            "Hepatic\n\n* Not specified\n\nPRIOR CONCURRENT THERAPY:\n\n* No surgery",
            "I Dystrophy",
            "I 18 and over",
            "I Not specified",
            "I No surgery",
        ),
    ],
)
def test_inclusion_exclusion_or_unclear(text, criteria):
    assert told(text) == criteria


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        case(
            "cohort headings",
            "Inclusion Criteria:\n\n* tall\n\nCohort A:\n\n* red\n\nCohort B:\n\n* blue\n\nAll participants:\n\n* kind\n\nExclusion Criteria:\n\n* shy",
            "I tall",
            "I [Cohort A] red",
            "I [Cohort B] blue",
            "I kind",
            "E shy",
        ),
        case(
            "cohorts in the kind's heading",
            "Inclusion Criteria for Part 1:\n\n* red\n\nAdditional exclusion criteria for Part 2 only:\n\n* shy\n\nExclusion Criteria (all cohorts):\n\n* loud",
            "I [Part 1] red",
            "E [Part 2] shy",
            "E loud",
        ),
        case(
            "a cohort in brackets",
            "INCLUSION CRITERIA FOR PEOPLE OF THE NORTH (COHORT A)\n\n* red\n\nINCLUSION CRITERIA FOR CONTROLS:\n\n* blue",
            "I [Cohort A] red",
            "I [CONTROLS] blue",
        ),
        case(
            "a cohort over kinds of its own",
            "Arm A\n\nInclusion Criteria:\n\n* red\n\nExclusion Criteria:\n\n* shy\n\nArm B\n\nInclusion Criteria:\n\n* blue",
            "I [Arm A] red",
            "E [Arm A] shy",
            "I [Arm B] blue",
        ),
        case(
            "a cohort inside a list ends with it",
            "Inclusion Criteria:\n\n1. tall\n\n   Cohort One:\n   * red\n\n   Cohort Two:\n   * blue\n2. kind",
            "I tall",
            "I [Cohort One] red",
            "I [Cohort Two] blue",
            "I kind",
        ),
        case(
            "a criterion that names its cohort",
            "Inclusion Criteria:\n\n* For Cohort B, blue\n* Phase 2: bold\n* Part 1 only: red\n* Phase 1 and 2: kind",
            "I [Cohort B] For Cohort B, blue",
            "I [Phase 2] Phase 2: bold",
            "I [Part 1] Part 1 only: red",
            "I [Phase 1 and 2] Phase 1 and 2: kind",
        ),
        case(
            "groups of people",
            "Inclusion Criteria:\n\nHealthy controls:\n\n* strong\n\nPatients with asthma:\n\n* brave",
            "I [Healthy controls] strong",
            "I [Patients with asthma] brave",
        ),
        case(
            "the sexes are no cohorts", "Inclusion Criteria:\n\nFor female participants:\n\n* not pregnant\n\nMen:\n\n* careful", "I not pregnant", "I careful"
        ),
        case("donors", "Donor Inclusion Criteria:\n\n* related\n\nPatient Inclusion Criteria:\n\n* tall", "I [Donor] related", "I tall"),
    ],
)
def test_cohorts(text, criteria):
    assert told(text) == criteria


def headings(text):
    assert lost_lines(text, split_criteria(text)) == []
    return [(one.text, one.headings) for one in split_criteria(text)]


def test_the_words_of_a_heading_stay_with_its_criteria():
    text = "Inclusion Criteria (Part A):\n\nCardiac safety\n\n* strong heart\n\nPrior therapy:\n\n* none\n\nExclusion Criteria:\n\n* shy"
    assert headings(text) == [
        ("strong heart", ("Inclusion Criteria (Part A):", "Cardiac safety")),
        ("none", ("Inclusion Criteria (Part A):", "Prior therapy:")),
        ("shy", ()),
    ]


def test_a_heading_without_criteria_is_a_criterion_itself():
    assert told("Inclusion Criteria:\n\n* tall\n\nExclusion Criteria for Part B:") == ["I tall", "E Exclusion Criteria for Part B:"]


def test_a_choice_among_several_is_one_criterion():
    text = "Inclusion Criteria:\n\nAt least one of the following:\n\n* red\n* blue\n\nExclusion Criteria:\n\nAny of the following:\n\n* shy\n* loud"
    assert told(text) == ["I At least one of the following:\n  - red\n  - blue", "E shy", "E loud"]


def test_the_source_is_kept_untouched_with_its_place():
    text = "Inclusion Criteria:\n\n1. age \\>= 18:\n\n   * or  more\n2. tall"
    first, second = split_criteria(text)
    assert (first.source, first.line, first.start) == ("1. age \\>= 18:\n\n   * or  more", 3, 21)
    assert (second.source, second.line) == ("2. tall", 6)
    assert text[first.start : first.start + len(first.source)] == first.source


@pytest.mark.parametrize("text", ["1. Abc 2. Abc; " * 12_000, "• a " * 40_000, "* a or\n" * 25_000, "(" * 190_000, "and " * 45_000, "Cohort A:\n" * 18_000])
def test_the_longest_texts_take_seconds_at_most(text):
    assert lost_lines(text, split_criteria(text)) == []
