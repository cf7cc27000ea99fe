"""Question files with a fault are refused whole, and the message names file, line and fault."""

import re

import pytest

from .small import QUESTIONS, load, refusal, write

pytestmark = pytest.mark.django_db

COUGH = "- {key: cough, kind: yes_no, text: 'Do you cough?'}\n"
"""The first line of each bad file below is in order."""


def question(*lines: str) -> str:
    """A file of two questions: a good one on line 1, and one from line 2 on that these lines complete."""
    return COUGH + "- key: fever\n" + "".join(f"  {line}\n" for line in lines)


def of_kind(kind: str, *lines: str) -> str:
    """The same with kind and text on lines 3 and 4: the lines given start at line 5."""
    return question(f"kind: {kind}", "text: About fever", *lines)


def choice(*entries: str) -> str:
    """A choice question with these choices from line 6 on."""
    return of_kind("choice", "choices:", *(f"- {{{entry}}}" for entry in entries))


BAD = {
    # what is wrong: (file, line, words of the message)
    "an unknown key": (of_kind("yes_no", "helps: Over 38"), 5, "a question has no 'helps'; did you mean 'help'?"),
    "no key": (COUGH + "- {kind: yes_no, text: Fever}", 2, "the question needs 'key'"),
    "no kind": (question("text: Fever"), 2, "the question needs 'kind'"),
    "no text": (question("kind: yes_no"), 2, "the question needs 'text'"),
    "an empty text": (question("kind: yes_no", "text: ''"), 4, "the question needs 'text'"),
    "a text of blanks": (question("kind: yes_no", "text: '  '"), 4, "the question needs 'text'"),
    "an unknown kind": (question("kind: yesno", "text: Fever"), 3, "'kind' cannot be 'yesno'; did you mean 'yes_no'?"),
    "a kind that is a list": (question("kind: [number]", "text: Fever"), 3, "'kind' must be a text"),
    "a text that is a list": (question("kind: yes_no", "text: [Fever]"), 4, "'text' must be a text"),
    "a text that YAML reads as no": (question("kind: yes_no", "text: no"), 4, "'text' must be a text; put it in quotes"),
    "a key with a blank": (COUGH + "- {key: my fever, kind: yes_no, text: Fever}", 2, "'my fever' cannot be a question's key"),
    "a number without a unit": (of_kind("number"), 2, "'fever' is a number and needs a unit"),
    "a unit where there is no number": (of_kind("yes_no", "unit: kg"), 2, "'fever' is no number"),
    "bounds where there is no number": (choice("key: a, label: A") + "  min: 1\n", 2, "'fever' is no number"),
    "units that are a list": (of_kind("number", "unit: C", "units: [C, F]"), 6, "'units' must map each unit to its factor"),
    "a factor that is a word": (of_kind("number", "unit: C", "units: {F: half}"), 6, "'half' is not a number; write it like 3, 0.5 or 1/12"),
    "a factor divided by 0": (of_kind("number", "unit: C", "units: {F: 1/0}"), 6, "'1/0' is not a number"),
    "a factor of 0": (of_kind("number", "unit: C", "units: {F: 0}"), 2, "the factor of F must be above 0"),
    "a factor below 0": (of_kind("number", "unit: C", "units: {F: -1}"), 2, "the factor of F must be above 0"),
    "another factor than 1 for its own unit": (of_kind("number", "unit: C", "units: {C: 2}"), 2, "the factor of its own unit C must be 1"),
    "a smallest value above the largest": (of_kind("number", "unit: C", "min: 43", "max: 42"), 2, "min 43 is above max 42"),
    "a bound that is a word": (of_kind("number", "unit: C", "min: low"), 6, "'low' is not a number"),
    "a bound without end": (of_kind("number", "unit: C", "max: .inf"), 6, "'inf' is not a number"),
    "no choices": (of_kind("choice"), 2, "'fever' needs choices"),
    "an empty list of choices": (of_kind("choices", "choices: []"), 2, "'fever' needs choices"),
    "choices that are no list": (of_kind("choice", "choices: {a: A}"), 5, "'choices' must be a list"),
    "a choice that is no mapping": (of_kind("choice", "choices:", "- high"), 6, "a choice must be a mapping"),
    "a choice without a label": (choice("key: a, label: A", "key: b"), 7, "the choice needs 'label'"),
    "a choice without a key": (choice("label: A"), 6, "the choice needs 'key'"),
    "a choice with an unknown key": (choice("key: a, lable: A"), 6, "a choice has no 'lable'; did you mean 'label'?"),
    "a choice whose key YAML reads as no": (choice("key: no, label: 'No'"), 6, "'key' must be a text; put it in quotes"),
    "a choice with a label of blanks": (choice("key: a, label: ' '"), 6, "label"),
    "a choice that is there twice": (choice("key: a, label: A", "key: a, label: B"), 2, "the choice 'a' is there twice"),
    "a choice of an unknown parent": (choice("key: high, label: A", "key: b, label: B, parent: hihg"), 2, "'hihg'; did you mean 'high'?"),
    "a choice that is its own ancestor": (choice("key: a, label: A, parent: b", "key: b, label: B, parent: a"), 2, "is its own ancestor"),
    "a choice with the name of not sure": (choice("key: unknown, label: Other"), 2, "'unknown' cannot be a choice's key"),
    "a choice with the name of none of these": (choice("key: none_of_these, label: Other"), 2, "'none_of_these' cannot be a choice's key"),
    "a condition with the name of not listed": (
        "- {key: diagnosis, kind: choice, text: Which?, choices: [{key: not_listed, label: Other}]}".replace("Which?", "'Which?'"),
        1,
        "'not_listed' cannot be a choice's key",
    ),
    "choices where none can be": (of_kind("yes_no", "choices: [{key: a, label: A}]"), 2, "so it cannot have choices"),
    "a question with the name of the area's page": (COUGH + "- {key: area, kind: yes_no, text: Area}", 2, "'area' cannot be a question's key"),
    "a question with the name of the first page": (COUGH + "- {key: who, kind: yes_no, text: Who}", 2, "'who' cannot be a question's key"),
    "an unknown area": (of_kind("yes_no", "areas: [eye, gentic]"), 5, "unknown condition area 'gentic'; did you mean 'genetic'?"),
    "a flag that is a word": (of_kind("yes_no", "sensitive: perhaps"), 5, "'sensitive' must be true or false"),
    "an unknown source": (of_kind("yes_no", "source: bloodtest"), 5, "'source' cannot be 'bloodtest'; did you mean 'blood_test'?"),
    "an unknown way to change": (of_kind("yes_no", "changes: grow"), 5, "'changes' cannot be 'grow'; did you mean 'grows'?"),
    "an answer that is no number and grows": (of_kind("yes_no", "changes: grows"), 2, "'fever' cannot grow with time"),
    "an order that is a word": (of_kind("yes_no", "order: first"), 5, "'order' must be a whole number"),
    "an order that is no whole number": (of_kind("yes_no", "order: 1.5"), 5, "'order' must be a whole number"),
    "an order that is a flag": (of_kind("yes_no", "order: true"), 5, "'order' must be a whole number"),
    "a condition on an unknown question": (of_kind("yes_no", "ask_if: cuogh is yes"), 2, "unknown question 'cuogh' at column 1; did you mean 'cough'?"),
    "a condition with the wrong operator": (of_kind("yes_no", "ask_if: cough >= 1"), 2, "'cough' is a yes/no question"),
    "a condition that ends too soon": (of_kind("yes_no", "ask_if: cough is"), 2, "the rule ends at column 9"),
    "a condition on itself": (of_kind("yes_no", "ask_if: fever is yes"), 2, "go round in a circle"),
    "a value otherwise that it cannot take": (of_kind("yes_no", "ask_if: cough is yes", "otherwise: maybe"), 2, "'fever' otherwise: 'fever' has no choice"),
    "a value otherwise without a condition": (of_kind("yes_no", "otherwise: maybe"), 2, "otherwise"),
    "a question that is there twice": (of_kind("yes_no") + of_kind("yes_no"), 5, "the question 'cough' is there twice; it also stands at"),
    "a key that is there twice": (of_kind("yes_no", "kind: number"), 5, "not valid YAML: 'kind' is there twice"),
    "tabs": (COUGH + "- key: fever\n\tkind: yes_no\n", 3, "not valid YAML"),
    "a bracket left open": (COUGH + "- {key: fever\n\n", 4, "not valid YAML"),
    "a quote left open": (COUGH + "- key: 'fever\n", 3, "not valid YAML"),
    "a Python object": (COUGH + "- !!python/object/apply:os.getcwd []\n", 2, "not valid YAML"),
    "an alias of nothing": (COUGH + "- *fever\n", 2, "stands for a value from elsewhere; write the value out"),
    "a list of words": (COUGH + "- fever\n", 2, "a question must be a mapping"),
    "a list in a list": (COUGH + "- [fever]\n", 2, "a question must be a mapping"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_question_file_is_refused_with_file_line_and_fault(name, tmp_path):
    text, line, fault = BAD[name]
    write(tmp_path, bad=text)
    message = refusal(tmp_path)
    assert message.startswith(f"{tmp_path}/bad.yaml:{line}: ")
    assert fault in message
    assert "\n" not in message


def test_conditions_that_need_each_other_are_refused(tmp_path):
    write(tmp_path, bad=of_kind("yes_no", "ask_if: chill is yes") + "- {key: chill, kind: yes_no, text: Chills, ask_if: fever is yes}\n")
    message = refusal(tmp_path)
    assert "go round in a circle" in message
    assert "'fever' needs 'chill'" in message or "'chill' needs 'fever'" in message


def test_the_line_named_is_that_of_the_question_at_fault_and_not_of_the_one_it_names(tmp_path):
    """The message holds both names: that of the question and, as the likely fix, that of an earlier one."""
    write(tmp_path, bad=COUGH + "- {key: fever, kind: yes_no, text: Fever, ask_if: cogh is yes}\n")
    message = refusal(tmp_path)
    assert "did you mean 'cough'?" in message
    assert message.startswith(f"{tmp_path}/bad.yaml:2: ")


def test_a_question_in_two_files_is_refused_and_both_are_named(tmp_path):
    write(tmp_path, first=COUGH, second="# the same again\n" + COUGH)
    assert refusal(tmp_path) == f"{tmp_path}/second.yaml:2: the question 'cough' is there twice; it also stands at {tmp_path}/first.yaml:1"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param("- {key: fièvre}".encode("latin-1"), "the file is not UTF-8 text", id="another encoding"),
        pytest.param(b"\xff\xfe\x00", "the file is not UTF-8 text", id="no text at all"),
        pytest.param(b"- {key: fever}\x00", "not valid YAML", id="a zero byte"),
        pytest.param(b"[" * 2000, "lists and mappings stand more than 20 deep inside each other", id="brackets without end"),
        pytest.param(b"#" * 2_000_001, "the file is larger than 2,000,000 bytes", id="too large"),
    ],
)
def test_a_file_that_is_no_yaml_text_is_refused(content, fault, tmp_path):
    (tmp_path / "bad.yaml").write_bytes(content)
    message = refusal(tmp_path)
    assert re.match(rf"{tmp_path}/bad\.yaml:[12]: {fault}", message)
    assert "\n" not in message


def test_a_path_that_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path / "gone.yaml") == f"{tmp_path}/gone.yaml:1: there is no such file or folder"


def test_one_bad_file_keeps_out_all_the_good_ones(tmp_path):
    write(tmp_path, a_good=QUESTIONS, bad=BAD["an unknown kind"][0], z_good="- {key: chill, kind: yes_no, text: Chills}")
    assert f"{tmp_path}/bad.yaml:3" in refusal(tmp_path)


def test_a_second_load_with_a_fault_leaves_what_the_first_one_saved(tmp_path):
    load(tmp_path, good=COUGH)
    write(tmp_path, good=COUGH.replace("Do you cough?", "Do you cough a lot?"), bad="- {key: fever}")
    assert "the question needs 'kind'" in refusal(tmp_path)
