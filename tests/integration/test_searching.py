"""Long lists can be searched: by other names, drug names, beginnings of words and near spellings."""

import random
import re
from pathlib import Path

import pytest
import yaml

from prescreen.answers import COOKIE
from prescreen.choices import choice_groups, condition_groups
from prescreen.long_lists import entries
from prescreen.searching import Entry, find, slips
from trials import catalog
from trials.vocabulary import DIAGNOSIS

from .patients import options_of, page_of, text_of

SEARCHES = yaml.safe_load((Path(__file__).parent / "searches.yaml").read_text(encoding="utf-8"))
AREAS = ("cancer", "eye", "genetic", "hiv")


def found_for(search: dict) -> tuple[str, ...]:
    """What a search finds, best first."""
    now = catalog.current()
    if search["in"] in (*AREAS, "all"):
        groups = condition_groups(now.questionnaire[DIAGNOSIS], now, None if search["in"] == "all" else search["in"])
    else:
        groups = choice_groups(now.questionnaire[search["in"]])
    return find(search["type"], entries(groups)).values


@pytest.mark.django_db
@pytest.mark.usefixtures("starter")
@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: f"{search['type']} in {search['in']}")
def test_each_listed_search_finds_its_choice_among_the_first_three(search):
    assert search["find"] in found_for(search)[:3]


def test_the_list_of_searches_is_long_and_covers_all_areas():
    assert len(SEARCHES) >= 50
    assert {search["in"] for search in SEARCHES} > set(AREAS)


# --- how words are matched ---


@pytest.mark.parametrize(
    ("typed", "word", "most", "wrong"),
    [
        ("sickle", "sickle", 2, 0),
        ("sickel", "sickle", 2, 1),
        ("duchene", "duchenne", 2, 1),
        ("hemofilia", "hemophilia", 3, 2),
        ("hemo", "hemophilia", 1, 2),
        ("hemoph", "hemophilia", 2, 0),
        ("abcdef", "uvwxyz", 2, 3),
        ("glacoma", "glaucoma", 2, 1),
        ("gluacoma", "glaucoma", 2, 1),
        ("leukemias", "leukemia", 3, 1),
        ("leukemia", "leuk", 2, 3),
    ],
)
def test_slips_are_counted(typed, word, most, wrong):
    assert slips(typed, word, most) == wrong


def plainly(typed: str, word: str) -> int:
    """The slips between two whole words, letter by letter and without any short cut."""
    if not typed or not word:
        return len(typed) + len(word)
    ways = [plainly(typed[1:], word) + 1, plainly(typed, word[1:]) + 1, plainly(typed[1:], word[1:]) + (typed[0] != word[0])]
    if len(typed) > 1 < len(word) and typed[:2] == word[1::-1]:
        ways.append(plainly(typed[2:], word[2:]) + 1)
    return min(ways)


def test_short_cuts_change_no_count():
    chance = random.Random(7)
    for _ in range(300):
        typed, word = ("".join(chance.choices("abcd", k=chance.randint(1, 6))) for _ in range(2))
        beginnings = [word[:end] for end in range(len(word) + 1)] if len(typed) > 4 else [word]
        for most in (0, 1, 2, 3):
            near = [one for one in beginnings if len(one) >= len(typed) - most]
            assert slips(typed, word, most) == min([most + 1, *(plainly(typed, one) for one in near)]), (typed, word, most)


LIST = (
    Entry("sma", ("Spinal muscular atrophy (SMA)", "Zolgensma"), ("Nerves that move the muscles die off.",)),
    Entry("sma_1", ("SMA type 1", "Werdnig-Hoffmann")),
    Entry("als", ("Another condition", "ALS"), ("Such as ALS or Rett syndrome.",)),
    Entry("mps", ("MPS III (Sanfilippo)",)),
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sma", ["sma", "sma_1"]),
        ("sma 1", ["sma_1"]),
        ("sma1", ["sma_1"]),
        ("S.M.A.", ["sma", "sma_1"]),
        ("ZOLGENSMA", ["sma"]),
        ("zolgensma please", ["sma"]),
        ("atrohpy", ["sma"]),
        ("werdnig hofmann", ["sma_1"]),
        ("rett", ["als"]),
        ("san filipo", ["mps"]),
        ("", []),
        ("?", []),
        ("of the", []),
        ("xyzzy", []),
    ],
)
def test_what_was_typed_finds(typed, found):
    assert list(find(typed, LIST).values) == found


def test_a_word_that_few_have_weighs_more():
    brains = [Entry(name, (f"{name} brain disease",)) for name in ("Rett", "Batten", "Krabbe")]
    assert find("brain disease rett", brains).values == ("Rett",)


# --- on the page, without a script ---


@pytest.mark.django_db
@pytest.mark.usefixtures("starter")
class TestOnThePage:
    """The search that a page's own form sends."""

    def asked_for_the_condition(self, patient, area="genetic"):
        """A patient who is asked for the condition."""
        patient.begin(area)
        return patient

    def test_a_long_list_has_a_search_and_a_short_one_has_none(self, patient):
        self.asked_for_the_condition(patient)
        assert 'name="words"' in patient.open(page_of("diagnosis")).content.decode()
        assert 'name="words"' not in patient.open(page_of("area")).content.decode()

    def test_what_is_found_comes_first_and_everything_else_is_still_there(self, patient):
        self.asked_for_the_condition(patient)
        before = options_of(patient.open(page_of("diagnosis")))
        page = patient.send(page_of("diagnosis"), words="sickel cell", find="1")
        assert page.status_code == 200
        assert options_of(page)[0] == "sickle_cell"
        assert sorted(options_of(page)) == sorted(before)
        assert "We found 1 in the list for “sickel cell”." in text_of(page)
        assert COOKIE not in page.cookies, "a search is kept nowhere"
        assert "sickel" not in page.wsgi_request.get_full_path()

    def test_the_list_of_the_next_page_is_as_it_was(self, patient):
        self.asked_for_the_condition(patient)
        before = options_of(patient.open(page_of("diagnosis")))
        assert options_of(patient.send(page_of("diagnosis"), words="sickel cell", find="1")) != before
        assert options_of(patient.open(page_of("diagnosis"))) == before

    def test_words_without_an_answer_are_a_search_whatever_was_pressed(self, patient):
        self.asked_for_the_condition(patient)
        page = patient.send(page_of("diagnosis"), words="bubble boy")
        assert page.status_code == 200
        assert options_of(page)[0] == "scid"

    def test_an_answer_with_words_is_an_answer_unless_find_was_pressed(self, patient):
        self.asked_for_the_condition(patient)
        found = patient.answer("diagnosis", "scid", words="bubble boy", find="1")
        assert found.status_code == 200
        assert re.search(r'value="scid"[^>]* checked', found.content.decode()), "what was chosen stays chosen"
        assert patient.answer("diagnosis", "scid", words="bubble boy").status_code == 302

    def test_the_enter_key_on_an_answer_presses_find_and_still_goes_on(self, patient):
        self.asked_for_the_condition(patient)
        assert patient.answer("diagnosis", "scid", words="", find="1").status_code == 302

    def test_find_without_a_word_asks_for_one(self, patient):
        self.asked_for_the_condition(patient)
        page = patient.send(page_of("diagnosis"), words="  ", find="1")
        assert page.status_code == 200
        assert "Type a word first." in text_of(page)

    def test_what_nobody_knows_is_answered_kindly_and_not_listed_stays(self, patient):
        self.asked_for_the_condition(patient)
        page = patient.send(page_of("diagnosis"), words="<xyzzy>", find="1")
        assert "We did not find “<xyzzy>” in this list. Try another word, or a shorter one." in text_of(page)
        assert "<xyzzy>" not in page.content.decode()
        assert {"not_listed", "unknown"} <= set(options_of(page))

    def test_a_condition_of_another_area_is_named_with_the_way_there(self, patient):
        self.asked_for_the_condition(patient, "eye")
        page = patient.send(page_of("diagnosis"), words="hemofilia", find="1")
        assert "Found in another area, “Genetic condition" in text_of(page)
        assert "Hemophilia" in text_of(page)
        assert f'<a href="{page_of("area")}">Choose another condition area</a>' in page.content.decode()

    def test_boxes_that_were_ticked_stay_ticked(self, patient):
        patient.begin("cancer")
        address = patient.answer("diagnosis", "dlbcl")["Location"]
        while address != page_of("cancer_treatments"):
            address = patient.answer(address.split("/")[-2], "unknown")["Location"]
        page = patient.answer("cancer_treatments", ["surgery", "car_t"], words="keytruda", find="1")
        assert options_of(page)[0] == "pd1"
        assert sorted(re.findall(r'value="(\w+)"[^>]* checked', page.content.decode())) == ["car_t", "surgery"]
        assert {"none_of_these", "unknown"} <= set(options_of(page))

    def test_a_very_long_text_is_cut(self, patient):
        self.asked_for_the_condition(patient)
        assert patient.send(page_of("diagnosis"), words="sickle " * 5000, find="1").status_code == 200
