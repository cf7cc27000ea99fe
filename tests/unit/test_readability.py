"""The counter of school grades, against counts by hand."""

import pytest

from trials.desk.readability import grade, sentences, syllables, words_of


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("cat", 1),
        ("eye", 1),
        ("have", 1),
        ("genes", 1),
        ("used", 1),
        ("doctor's", 2),
        ("people", 2),
        ("table", 2),
        ("needed", 2),
        ("changes", 2),
        ("doctor", 2),
        ("hospital", 3),
    ],
)
def test_syllables_are_counted(word, count):
    assert syllables(word) == count


@pytest.mark.parametrize(("text", "count"), [("", 1), ("One.", 1), ("One. Two? Three!", 3), ("no end", 1), ("One. And no end", 2), ("Version 2.5 is one.", 1)])
def test_sentences_are_counted(text, count):
    assert sentences(text) == count


def test_the_grade_is_flesch_and_kincaid_s():
    assert grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    assert grade("The doctor sat. The doctor ran.") == pytest.approx(0.39 * 3 + 11.8 * 8 / 6 - 15.59)
    assert grade("Participants demonstrating inadequate cardiovascular functionality necessitate supplementary evaluation.") > 18


@pytest.mark.parametrize("text", ["", "12.5", "HIV hemophilia"])
def test_a_text_without_words_that_count_has_grade_0(text):
    assert grade(text) == 0


def test_numbers_and_medical_names_are_left_out_of_the_grade():
    assert words_of("Do you have hemophilia or HIV at 34?") == ["Do", "you", "have", "or", "at"]
    assert grade("You have hemophilia.") == grade("You have.")
