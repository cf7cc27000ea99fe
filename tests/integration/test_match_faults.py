"""``manage.py match``: one clear line, and exit code 2, for each thing that can be wrong with an answers file."""

import pytest
from django.core.management import load_command_class
from django.core.management.base import CommandError

from .test_match_command import file_of, output_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

WRONG = {
    "an unknown question": ({"answers": {"aeg": 34}}, "unknown question 'aeg'; did you mean 'age'?"),
    "an unknown choice": ({"answers": {"diagnosis": "rp_xlinked"}}, "'diagnosis' has no choice 'rp_xlinked'; did you mean 'rp_x_linked'?"),
    "a number in words": ({"answers": {"age": "thirty"}}, "'age' takes a number, such as 34; not 'thirty'"),
    "a number below the smallest": ({"answers": {"age": -1}}, "'age' cannot be below 0 years"),
    "a number above the largest": ({"answers": {"age": {"value": 1441, "unit": "months"}}}, "'age' cannot be above 120 years"),
    "another question's unit": ({"answers": {"weight": {"value": 70, "unit": "years"}}}, "'weight' is in kg, not years; it takes kg, lb"),
    "a unit that is a list": ({"answers": {"weight": {"value": 70, "unit": ["kg"]}}}, "'weight' is in kg"),
    "bounds crossed": ({"answers": {"age": {"min": 30, "max": 20}}}, "'age': min is above max"),
    "a value and a bound": ({"answers": {"age": {"value": 30, "max": 20}}}, "'age' takes a number, or 'value', or 'min' and 'max'"),
    "a number that says nothing": ({"answers": {"age": {}}}, "'age' takes a number, or 'value'"),
    "a number that is a flag": ({"answers": {"age": True}}, "'age' takes a number, such as 34; not 'True'"),
    "a number that is a list": ({"answers": {"age": [34]}}, "'age' takes a number"),
    "no number at all": ('{"answers": {"age": NaN}}', "'age' takes a number, such as 34; not 'nan'"),
    "a number without end": ('{"answers": {"age": Infinity}}', "'age' takes a number, such as 34; not 'inf'"),
    "a number of 400 digits": ('{"answers": {"antibodies": -1' + "0" * 399 + "}}", "'antibodies' cannot be below 0 titer"),
    "a number of 5000 digits": ('{"answers": {"age": ' + "9" * 5000 + "}}", "age"),
    "yes to a choice question": ({"answers": {"sex": True}}, "'sex' has no choice 'True'"),
    "a word where yes or no is asked": ({"answers": {"pregnant": "maybe"}}, "'pregnant' has no choice 'maybe'"),
    "one choice where a list is asked": ({"answers": {"treatments": "surgery"}}, "'treatments' takes a list of choices, not 'surgery'"),
    "a list where one choice is asked": ({"answers": {"sex": ["male"]}}, "'sex' has no choice '['male']'"),
    "a list in a list": ({"answers": {"treatments": [["surgery"]]}}, "'treatments' has no choice"),
    "the word for not sure": ({"answers": {"diagnosis": "unknown"}}, "'diagnosis' has no choice 'unknown'"),
    "an unknown area": ({"condition_area": "eyes", "answers": {}}, "unknown condition area 'eyes'; known are cancer, eye, genetic, hiv"),
    "an area that is a list": ({"condition_area": ["eye"], "answers": {}}, "unknown condition area '['eye']'"),
    "an area that is a mapping": ({"condition_area": {"eye": 1}, "answers": {}}, "unknown condition area"),
    "a key that does not belong there": ({"area": "eye", "answers": {}}, "an answers file has no 'area'; it holds 'condition_area' and 'answers'"),
    "answers that are a list": ({"answers": [34]}, 'an answers file holds {"condition_area": …, "answers": {…}}'),
    "no answers": ({"answers": None}, "an answers file holds"),
    "a list": ([], "an answers file holds"),
    "a bare word": ('"eye"', "an answers file holds"),
    "broken JSON": ('{\n"answers": {"age": 34,}}', ":2: not valid JSON: "),
    "an empty file": ("", ":1: not valid JSON: "),
    "brackets without end": ("[" * 100_000, "answers.json"),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_clear_line_says_what_is_wrong(name, tmp_path):
    content, fault = WRONG[name]
    path = file_of(tmp_path, content)
    with pytest.raises(CommandError) as caught:
        output_of(path, "--json")
    assert caught.value.returncode == 2
    assert str(caught.value).startswith(path)
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("content", [b"\xff\xfe", '{"answers": {}}'.encode("utf-16")], ids=["no text", "another encoding"])
def test_a_file_that_is_not_utf_8_is_one_clear_line(content, tmp_path):
    (tmp_path / "answers.json").write_bytes(content)
    with pytest.raises(CommandError, match=r"answers\.json: cannot be read: .*utf-8"):
        output_of(str(tmp_path / "answers.json"))


def test_a_missing_file_is_one_line_on_the_error_output_and_exit_code_2(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        load_command_class("trials", "match").run_from_argv(["manage.py", "match", str(tmp_path / "gone.json"), "--json"])
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert f"{tmp_path}/gone.json: cannot be read" in shown.err


def test_a_folder_is_no_answers_file(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        output_of(str(tmp_path))
