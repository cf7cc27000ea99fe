"""Help while a rule is being written: its words, its faults and how to mend them, what can come next, and who may ask."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from trials.admin.rule_help import LONGEST_TEXT
from trials.models import CatalogStamp, Condition, Question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]


@pytest.fixture
def coordinator(django_user_model):
    """Staff who may change trials and nothing else; ``may`` gives them more."""
    user = django_user_model.objects.create(username="nurse", is_staff=True)
    may(user, "change_trial")
    return user


@pytest.fixture
def desk(client, coordinator):
    """The coordinator's browser."""
    client.force_login(coordinator)
    return client


def may(user, *permissions):
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="trials", codename__in=permissions))


def ask(desk, rule, **fields):
    response = desk.post(reverse("admin:trials_trial_rule"), {"rule": rule, "cursor": len(rule), "kind": "inclusion"} | fields)
    assert response.status_code == 200
    return response.json()


def inserts(answer):
    return [item["insert"] for item in answer["completions"]]


@pytest.mark.parametrize(
    ("rule", "kind", "says", "means"),
    [
        ("age >= 18", "inclusion", "Age is at least 18 years", "Passes when: this is so. Rules out when: it is not."),
        ("pregnant is yes", "exclusion", "Pregnant is yes", "Rules out when: this is so. Passes when: it is not."),
        ("age < 18 or sex is male", "unclear", "Age is below 18 years or sex is Male", "Set first whether this is an inclusion or an exclusion: "),
        ("age >= 18", "nonsense", "Age is at least 18 years", None),
        (" age\n>= 18 ", "inclusion", "Age is at least 18 years", "Passes when: "),
        ("", "inclusion", None, "Without a rule, patients read that the study team will check this."),
        (" \n", "exclusion", None, "Without a rule, "),
    ],
)
def test_a_rule_is_said_in_words_with_what_it_does_to_a_patient(desk, rule, kind, says, means):
    answer = ask(desk, rule, kind=kind)
    assert (answer["says"], answer["error"], answer["column"], answer["fix"]) == (says, None, None, None)
    assert (answer["means"] or "").startswith(means or "") and bool(answer["means"]) == bool(means)
    assert not answer["unfinished"]


@pytest.mark.parametrize(
    ("rule", "error", "column", "fix"),
    [
        ("aeg >= 18", "unknown question 'aeg' at column 1; did you mean 'age'?", 1, "age"),
        ("AGE >= 18", "unknown question 'AGE' at column 1", 1, "age"),
        ("age >= 18 and zzz is yes", "unknown question 'zzz' at column 15", 15, None),
        ("diagnosis is rp_xlinked", "'diagnosis' has no choice 'rp_xlinked'; did you mean 'rp_x_linked'? (column 14)", 14, "rp_x_linked"),
        ("diagnosis in (RP)", "'diagnosis' has no choice 'RP' (column 15)", 15, "rp"),
        ("pregnant is maybe", "'pregnant' has no choice 'maybe' (column 13)", 13, None),
        ("age >= 18 moths", "'age' is in years, not moths; did you mean 'months'? (column 11)", 11, "months"),
        ("age is 18", "'age' is a number question at column 1; write 'age >= 1' or 'age between 1 and 2'", 1, None),
        ("age >=", "the rule ends at column 7; expected a number", 7, None),
    ],
)
def test_a_fault_comes_with_its_place_and_the_likely_fix(desk, rule, error, column, fix):
    answer = ask(desk, rule)
    assert (answer["error"], answer["column"], answer["fix"]) == (error, column, fix)
    assert answer["says"] is answer["means"] is None
    assert answer["use"] == (f"Use “{fix}”" if fix else None)
    if fix:
        start = column - 1
        mended = rule[:start] + fix + rule[start + answer["fix_length"] :]
        assert ask(desk, mended)["says"]


@pytest.mark.parametrize(
    ("rule", "unfinished"),
    [
        ("preg", True),
        ("pregnant ", True),
        ("pregnant is", True),
        ("age >= 18 and", True),
        ("age", True),
        ("age >= ", True),
        ("age >= 18 and ", True),
        ("age >= 18 and pre", True),
        ("aeg >= 18", False),
        ("zzz", True),
    ],
)
def test_what_is_still_being_written_is_told_from_what_is_wrong(desk, rule, unfinished):
    assert ask(desk, rule)["unfinished"] is unfinished


def test_a_fault_away_from_the_cursor_is_no_unfinished_rule(desk):
    assert not ask(desk, "pre is yes", cursor=3)["unfinished"]


@pytest.mark.parametrize(
    ("following", "kind"),
    [
        (" >= 8 g/dL", "&kind=number"),
        (">8", "&kind=number"),
        (" between 1 and 2", "&kind=number"),
        (" is yes", "&kind=yes_no"),
        (" is not no", "&kind=yes_no"),
        (" is blue", "&kind=choice"),
        (" in (blue, red)", "&kind=choice"),
        (" not in (blue, red)", "&kind=choice"),
        (" includes any of (blue, red)", "&kind=choices"),
    ],
)
def test_an_unknown_question_can_be_added_by_who_may(desk, coordinator, following, kind):
    assert ask(desk, f"eyes{following}")["add_question"] is None
    may(coordinator, "add_question")
    answer = ask(desk, f"eyes{following}")
    assert answer["add_question"] == f"/admin/trials/question/add/?key=eyes{kind}"
    assert answer["add_text"] == "Add a question “eyes” (opens in a new tab)"
    may(coordinator, "view_question")
    assert 'value="eyes"' in desk.get(answer["add_question"]).content.decode()


def test_an_unknown_choice_can_be_added_by_who_may(desk, coordinator):
    rules = {
        "treatments includes laser": f"/admin/trials/question/{Question.objects.get(key='treatments').pk}/change/",
        "diagnosis is choroideremia": "/admin/trials/condition/add/?key=choroideremia",
        "pregnant is maybe": None,
    }
    assert [ask(desk, rule)["add_question"] for rule in rules] == [None, None, None]
    may(coordinator, "change_question", "add_condition")
    assert [ask(desk, rule)["add_question"] for rule in rules] == list(rules.values())
    assert ask(desk, "treatments includes laser")["add_text"] == "Add “laser” to the answers of “treatments” (opens in a new tab)"


def test_a_rule_is_completed_at_the_cursor(desk):
    answer = ask(desk, "preg and age > 1", cursor=4)
    assert (inserts(answer), answer["start"]) == (["pregnant "], 0)
    assert answer["completions"][0] == {"insert": "pregnant ", "label": "pregnant", "hint": "Are you pregnant?"}
    answer = ask(desk, "age >= 18 and sex is ")
    assert (inserts(answer), answer["offers"]) == (["female ", "male ", "not "], "3 suggestions: press the down arrow.")
    assert ask(desk, "preg")["offers"] == "1 suggestion: press the down arrow."
    assert ask(desk, "zzz")["offers"] is None


def test_a_condition_is_found_by_another_name(desk):
    Condition.objects.filter(key="rp_x_linked").update(synonyms=["XLRP"])
    CatalogStamp.objects.update(token="after the update")
    assert inserts(ask(desk, "diagnosis is xlrp")) == ["rp_x_linked "]


@pytest.mark.parametrize("cursor", ["", "-1", "x", "99999", "9" * 5000, "1.5", "٣"])
def test_without_a_usable_cursor_the_end_is_completed(desk, cursor):
    assert inserts(ask(desk, "preg", cursor=cursor)) == ["pregnant "]


def test_nothing_sent_is_an_empty_rule(desk):
    assert desk.post(reverse("admin:trials_trial_rule")).json()["completions"][0]["insert"] == "diagnosis "


def test_a_rule_that_is_too_long_is_refused_in_words(desk):
    just_right = ask(desk, "a" * LONGEST_TEXT)
    assert just_right["error"] == "the rule is longer than 2000 characters; split the criterion"
    too_long = ask(desk, "a" * (LONGEST_TEXT + 1))
    assert too_long["error"] == "The rule is longer than 4000 characters; split the criterion."
    assert too_long["completions"] == []


@pytest.mark.parametrize("rule", ["(" * LONGEST_TEXT, "not " * 900, "\x00", "😀 is yes", "<script>alert(1)</script>", "age >= " + "9" * 1900])
def test_no_text_breaks_it(desk, rule):
    answer = ask(desk, rule)
    assert answer["says"] or answer["error"]


def test_questions_that_cannot_be_used_are_told(desk):
    Question.objects.filter(key="pregnant").update(ask_if="gone is yes")
    CatalogStamp.objects.update(token="after the update")
    assert ask(desk, "age >= 18")["error"] == "'pregnant' ask_if: unknown question 'gone' at column 1"


def test_nothing_is_written(desk):
    stamp = CatalogStamp.objects.get().token
    ask(desk, "aeg >= 18")
    assert CatalogStamp.objects.get().token == stamp


def test_only_who_may_change_trials_may_ask(client, coordinator, django_user_model):
    address = reverse("admin:trials_trial_rule")
    assert client.post(address, {"rule": "age >= 18"}).status_code == 302
    client.force_login(django_user_model.objects.create(username="reader", is_staff=True))
    assert client.post(address, {"rule": "age >= 18"}).status_code == 403
    coordinator.is_staff = False
    coordinator.save()
    client.force_login(coordinator)
    assert client.post(address, {"rule": "age >= 18"}).status_code == 302


def test_it_is_asked_by_post_only_and_from_our_own_pages(desk, coordinator):
    address = reverse("admin:trials_trial_rule")
    assert desk.get(address, {"rule": "age >= 18"}).status_code == 405
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(coordinator)
    assert careful.post(address, {"rule": "age >= 18"}).status_code == 403


def test_the_answer_is_kept_nowhere(desk):
    response = desk.post(reverse("admin:trials_trial_rule"), {"rule": "age >= 18"})
    assert "no-store" in response["Cache-Control"]
