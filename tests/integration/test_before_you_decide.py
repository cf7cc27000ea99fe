"""What a trial brings with it is read off its record: each line only where the record says so."""

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from prescreen.decide import LINES, before_you_decide, find
from tests.factories import CriterionFactory, TrialFactory
from trials.desk.readability import grade
from trials.models import Trial

pytestmark = pytest.mark.django_db

READ = yaml.safe_load((Path(__file__).parent / "before_you_decide.yaml").read_text(encoding="utf-8"))
CELLS = {"approach": "engineered_cells", "delivery": "ex_vivo"}
IN_BODY = {"approach": "gene_addition", "delivery": "in_vivo"}


def names(criterion: str = "", kind: str = "inclusion", **parts) -> set[str]:
    """The lines of a trial with these facts and one criterion."""
    trial = TrialFactory(**parts)
    if criterion:
        CriterionFactory(trial=trial, kind=kind, text=criterion)
    return set(find(trial).names)


@pytest.mark.usefixtures("starter")
class TestTheStarter:
    """The table was read against each record."""

    def test_each_published_trial_is_in_the_table(self):
        assert set(READ) == set(Trial.objects.published().values_list("nct_id", flat=True))

    @pytest.mark.parametrize("number", sorted(READ))
    def test_says_what_was_read(self, number):
        found = find(Trial.objects.with_parts().get(nct_id=number))
        assert [*found.names, *([found.years] if found.years else ["long"] if found.is_long else [])] == READ[number]


class TestASilentRecord:
    """Nothing is guessed."""

    def test_brings_nothing(self):
        assert before_you_decide(TrialFactory()) == ()

    def test_of_an_oncolytic_virus_brings_nothing(self):
        assert names(approach="oncolytic_virus", delivery="in_vivo", vector="oncolytic adenovirus") == set()

    def test_of_cells_names_no_chemotherapy(self):
        assert names(**CELLS) == {"cells"}


class TestOnce:
    """A single dose, where title or summary say so."""

    @pytest.mark.parametrize(
        "told",
        [
            "It is given once into a vein.",
            "It was given once into the spinal fluid.",
            "GT005 is placed under the retina once, in surgery.",
            "A single dose is given to adults.",
            "One eye gets one shot with a working gene.",
            "They are given back in one infusion.",
            "A one-time gene therapy.",
            "One-time treatment under the retina.",
        ],
    )
    def test_is_read(self, told):
        assert "once" in names(summary=told)

    @pytest.mark.parametrize(
        "told",
        [
            "It was given once every four weeks, 12 times.",
            "It is given once a month.",
            "The first dose is given once; repeated doses follow.",
            "Later a cold virus brings the gene once more.",
            "The trial compares two doses.",
            "The cells go back into a vein, 4 or 8 times.",
            "One group gets a placebo.",
            "It is put into the bladder.",
            "People who once had surgery may join.",
        ],
    )
    def test_is_not_read(self, told):
        assert "once" not in names(summary=told)

    def test_is_not_read_off_a_criterion(self):
        assert names("A single dose of steroids is allowed") == set()


class TestWhatCannotBeUndone:
    """By what is done to genes or cells."""

    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            ({**IN_BODY}, {"added"}),
            ({**IN_BODY, "vector": "plasmid in fat bubbles, not a virus"}, set()),
            ({"approach": "gene_editing", "delivery": "in_vivo"}, {"edited"}),
            ({"approach": "gene_editing", "delivery": "ex_vivo"}, {"cells"}),
            ({"approach": "gene_silencing", "delivery": "in_vivo"}, set()),
            ({"approach": "gene_silencing", "delivery": "in_vivo", "vector": "AAV5"}, {"added", "carrier_virus"}),
            ({"approach": "gene_addition", "delivery": "ex_vivo", "vector": "lentiviral"}, {"cells"}),
            ({**CELLS, "summary": "A built-in safety switch is added to the cells."}, set()),
            ({"delivery": "ex_vivo"}, {"cells"}),
            ({"delivery": "in_vivo"}, set()),
        ],
    )
    def test_is_read(self, facts, expected):
        assert names(**facts) == expected


class TestTheClosedDoor:
    """A carrier virus that the body may learn to fight."""

    @pytest.mark.parametrize("facts", [{"vector": "AAV9"}, {"vector": "rAAV8"}, {"vector": "adenovirus"}, {"summary": "A carrier virus brings a gene."}])
    def test_is_read_off_the_vector_or_the_summary(self, facts):
        assert "carrier_virus" in names(**IN_BODY, **facts)

    @pytest.mark.parametrize(
        "criterion",
        ["AAV8 neutralizing antibody titer of 1:1000 or more", "Neutralizing antibodies against AAV5 above 1:100", "rAAVrh74 antibodies not raised"],
    )
    def test_is_read_off_a_test_for_antibodies(self, criterion):
        assert names(criterion, delivery="in_vivo") == {"virus_antibodies"}

    def test_is_said_once(self):
        assert names("Negative for AAV antibodies", **IN_BODY, vector="AAV") == {"added", "carrier_virus"}

    @pytest.mark.parametrize("criterion", ["Antibodies against hepatitis C", "Earlier AAV gene therapy"])
    def test_is_not_read_off_other_words(self, criterion):
        assert names(criterion, "exclusion", delivery="in_vivo") == set()


class TestChemotherapy:
    """Before the cells, as far as the record names it."""

    @pytest.mark.parametrize(
        "told",
        [
            "The changed cells go back through a vein after a few days of chemotherapy.",
            "A short course of chemotherapy comes first to make room for them.",
            "They go back through a vein after a short chemotherapy.",
            "They go back through a vein after the medicine busulfan.",
            "The cells are given after lymphodepletion.",
        ],
    )
    def test_is_read_off_the_summary(self, told):
        assert "chemotherapy" in names(**CELLS, summary=told)

    @pytest.mark.parametrize(
        "criterion",
        [
            "No allergy to busulfan",
            "History of allergy to fludarabine or cyclophosphamide",
            "Cannot have the lymphodepleting chemotherapy",
            "Steroids within 7 days before lymphodepletion",
            "Older than 2 months and younger than 1 year when busulfan is given",
            "Contraindication to melphalan",
            "Pregnancy test negative prior to the start of conditioning",
        ],
    )
    def test_is_read_off_a_criterion(self, criterion):
        assert "chemotherapy" in names(criterion, **CELLS)

    @pytest.mark.parametrize(
        "criterion",
        [
            "Prior treatment with busulfan",
            "Cyclophosphamide within 4 weeks before enrolment",
            "30 days or more since any earlier chemotherapy",
            "No other illness that conflicts with the protocol",
            "Heart condition that is stable",
        ],
    )
    def test_of_the_past_is_not_read(self, criterion):
        assert "chemotherapy" not in names(criterion, **CELLS)

    def test_comes_only_with_cells(self):
        assert "chemotherapy" not in names("Allergy to busulfan", **IN_BODY)

    @pytest.mark.parametrize(
        "told", ["They go back with or without the chemotherapy drug busulfan first.", "Some groups first get the chemotherapy drug cyclophosphamide."]
    )
    def test_of_some_is_said_of_some(self, told):
        assert names(**CELLS, summary=told) == {"cells", "chemotherapy_some"}


class TestBirthControl:
    """Asked for in any words."""

    @pytest.mark.parametrize(
        "criterion",
        [
            "Uses an effective double method of contraception",
            "Refuses barrier contraception",
            "Condoms with all partners from the injection until 3 months after it",
            "Able to have children and not willing to use birth control",
            "Women: contraception for 12 months after dosing",
        ],
    )
    def test_is_read(self, criterion):
        assert names(criterion) == {"birth_control"}

    @pytest.mark.parametrize("criterion", ["Taking oral contraceptives with estrogen", "Pregnant or breastfeeding"])
    def test_is_not_read(self, criterion):
        assert names(criterion, "exclusion") == set()


class TestHivMedicine:
    """A stop that the trial asks for, not one of the past."""

    @pytest.mark.parametrize("told", ["Some people then pause their HIV medicine under close watch.", "The study has an analytical treatment interruption."])
    def test_is_read_off_the_summary(self, told):
        assert names(summary=told) == {"hiv_medicine"}

    @pytest.mark.parametrize("criterion", ["Willing to interrupt antiretroviral therapy for 16 weeks", "Agrees to stop HIV drugs", "Able to pause ART"])
    def test_is_read_off_a_criterion(self, criterion):
        assert names(criterion) == {"hiv_medicine"}

    @pytest.mark.parametrize(
        "criterion",
        [
            "No interruption of ART in the last 12 months",
            "Prior analytical treatment interruption",
            "Stopped HIV medicine because of side effects",
            "Willing to stay on ART",
        ],
    )
    def test_is_not_read(self, criterion):
        assert names(criterion) == set()


class TestFollowUp:
    """How long check-ups go on."""

    @pytest.mark.parametrize(("years", "line"), [("15", "15 years."), ("1", "1 year."), ("14.5", "14.5 years."), ("0.5", "0.5 years.")])
    def test_is_the_record_s_own_number(self, years, line):
        assert before_you_decide(TrialFactory(follow_up_years=Decimal(years))) == (f"Check-ups go on for {line}",)

    @pytest.mark.parametrize(
        ("told", "years"),
        [
            ("Accepts 5 years of follow-up", "5"),
            ("Unwilling to consent to the 15-year follow-up", "15"),
            ("Unwilling to be followed for 15 years", "15"),
            ("Agrees to long-term follow-up", ""),
            ("Two years after the end of follow-up", ""),
            ("Followed for high pressure, 5 years ago", ""),
            ("No cancer in the last 5 years", ""),
        ],
    )
    def test_is_read_off_a_criterion(self, told, years):
        trial = TrialFactory()
        CriterionFactory(trial=trial, text=told)
        assert find(trial).years == years
        assert find(trial).is_long == (told == "Agrees to long-term follow-up")


def test_each_line_is_plain():
    assert {line.name: round(grade(str(line.text)), 1) for line in LINES if grade(str(line.text)) > 8} == {}


def test_a_trial_is_read_once(django_assert_num_queries):
    trial = Trial.objects.with_parts().get(pk=TrialFactory(**IN_BODY).pk)
    before_you_decide(trial)
    with django_assert_num_queries(0):
        assert before_you_decide(trial) == ("Once given, the new gene cannot be taken out again.",)
