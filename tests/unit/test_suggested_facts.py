"""Facts suggested from a record's own words: what is suggested, and above all what is not."""

from collections.abc import Mapping

import pytest

from trials.registry.records import StudyRecord, parse_study
from trials.suggestions.facts import ConditionName, FactSuggestion, is_gene_therapy, suggest_facts

TREE = (
    ConditionName("blood_cancer", ("Blood cancer",), ("cancer",), None),
    ConditionName("leukemia", ("Leukemia", "leukaemia"), ("cancer",), "blood_cancer"),
    ConditionName("all", ("Acute lymphoblastic leukemia (ALL)", "ALL"), ("cancer",), "leukemia"),
    ConditionName("b_all", ("B-cell ALL", "B-ALL"), ("cancer",), "all"),
    ConditionName("aml", ("Acute myeloid leukemia (AML)", "AML"), ("cancer",), "leukemia"),
    ConditionName("lymphoma", ("Lymphoma",), ("cancer",), "blood_cancer"),
    ConditionName("hodgkin_lymphoma", ("Hodgkin lymphoma",), ("cancer",), "lymphoma"),
    ConditionName("lymphoma_other", ("Another kind of lymphoma",), ("cancer",), "lymphoma"),
    ConditionName("solid_tumor", ("Solid tumor (a lump)",), ("cancer",), None),
    ConditionName("melanoma", ("Melanoma",), ("cancer",), "solid_tumor"),
    ConditionName("sarcoma", ("Sarcoma",), ("cancer",), "solid_tumor"),
    ConditionName("liver_cancer", ("Liver cancer",), ("cancer",), "solid_tumor"),
    ConditionName("nsclc", ("Non-small cell lung cancer",), ("cancer",), "solid_tumor"),
    ConditionName("sclc", ("Small cell lung cancer",), ("cancer",), "solid_tumor"),
    ConditionName("retinitis_pigmentosa", ("Retinitis pigmentosa (RP)", "RP"), ("eye",), None),
    ConditionName("rp_x_linked", ("X-linked RP (genes on the X chromosome)", "XLRP"), ("eye",), "retinitis_pigmentosa"),
    ConditionName("lhon", ("Leber hereditary optic neuropathy (LHON)",), ("eye",), None),
    ConditionName("hemophilia", ("Hemophilia",), ("genetic",), None),
    ConditionName("hemophilia_a", ("Hemophilia A (low factor VIII)", "haemophilia A"), ("genetic",), "hemophilia"),
    ConditionName("beta_thalassemia", ("Beta-thalassemia",), ("genetic",), None),
    ConditionName("friedreich", ("Friedreich ataxia", "FA"), ("genetic",), None),
    ConditionName("fanconi_anemia", ("Fanconi anemia", "FANC"), ("genetic",), None),
    ConditionName("twice", ("Some other ataxia", "FANC"), ("genetic",), None),
    ConditionName("hiv", ("HIV infection", "AIDS"), ("hiv",), None),
    ConditionName("hiv_lymphoma", ("HIV with lymphoma", "AIDS-related lymphoma"), ("hiv",), "hiv"),
)


def record(title: str = "", *conditions: str, interventions: Mapping[str, str] | None = None, **more: object) -> StudyRecord:
    protocol = {
        "identificationModule": {"nctId": "NCT00000001", "briefTitle": title, "officialTitle": more.get("official")},
        "conditionsModule": {"conditions": conditions, "keywords": more.get("keywords", [])},
        "descriptionModule": {"briefSummary": more.get("summary", "")},
        "eligibilityModule": {"eligibilityCriteria": more.get("criteria", "")},
        "armsInterventionsModule": {
            "interventions": [{"type": more.get("type", "OTHER"), "name": k, "description": v} for k, v in (interventions or {}).items()]
        },
    }
    return parse_study({"protocolSection": protocol})


def suggested(study: StudyRecord, field: str) -> set[str]:
    return {one.value for one in suggest_facts(study, TREE) if one.field == field}


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("A trial in hemophilia", {"hemophilia"}),
        ("A trial in Haemophilia A", {"hemophilia_a"}),
        ("Hemophilia-A in men", {"hemophilia_a"}),
        ("Hemophilia and more: hemophilia A", {"hemophilia_a"}),
        ("Factor VIII deficiency", {"hemophilia_a"}),
        ("Hemophiliac volunteers", set()),
        ("Adults with leukaemias", {"leukemia"}),
        ("Leber's Hereditary Optic Neuropathy", {"lhon"}),
        ("Leber’s hereditary optic neuropathy", {"lhon"}),
        ("β-Thalassaemia", {"beta_thalassemia"}),
        ("X-linked retinitis pigmentosa", {"rp_x_linked"}),
        ("XLRP (retinitis pigmentosa)", {"rp_x_linked"}),
        ("xlrp", set()),
        ("RP", set()),
        ("Non-small cell lung cancer", {"nsclc"}),
        ("Small cell lung cancer", {"sclc"}),
        ("Non-small cell and small cell lung carcinoma", {"sclc"}),
        ("Children with ALL", {"all"}),
        ("all children", set()),
        ("A STUDY OF ALL CHILDREN", set()),
        ("B-ALL in children", {"b_all"}),
        ("Skin cancer that is not melanoma: non-melanoma skin cancer", set()),
        ("Hodgkin's Lymphoma", {"hodgkin_lymphoma"}),
        ("Anaplastic lymphoma kinase", set()),
        ("FANC", set()),
        ("Fa", set()),
    ],
)
def test_conditions_of_a_title(title: str, keys: set[str]) -> None:
    assert suggested(record(title), "conditions") == keys


def test_a_condition_may_be_written_back_to_front() -> None:
    assert suggested(record("A study", "Leukemia, Myeloid, Acute"), "conditions") == {"aml"}


def test_what_stands_in_brackets_does_not_part_a_name() -> None:
    assert suggested(record("A study", "Acute (adult) myeloid leukemia"), "conditions") == {"aml"}


def test_the_wide_condition_of_the_title_stands_for_a_long_list_of_its_kinds() -> None:
    kinds = ("Melanoma", "Sarcoma", "Liver cancer")
    assert suggested(record("For solid tumors", *kinds), "conditions") == {"solid_tumor"}
    assert suggested(record("A study", "Solid tumor", *kinds), "conditions") == {"melanoma", "sarcoma", "liver_cancer"}
    assert suggested(record("For solid tumors such as melanoma", *kinds), "conditions") == {"melanoma", "sarcoma", "liver_cancer"}
    assert suggested(record("For solid tumors", *kinds[:1]), "conditions") == {"melanoma"}
    assert suggested(record("For solid tumors", *kinds[:2]), "conditions") == {"melanoma", "sarcoma"}


def test_criteria_suggest_nothing() -> None:
    study = record("Knee pain", criteria="Exclusion Criteria:\n- HIV infection\n- hemophilia A\n- prior gene therapy with AAV8")
    assert suggest_facts(study, TREE) == ()
    assert is_gene_therapy(study).answer == "doubtful"


def test_the_summary_counts_only_in_a_record_without_conditions() -> None:
    assert suggested(record("A study", summary="For men with hemophilia A."), "conditions") == {"hemophilia_a"}
    assert suggested(record("A study", "Knee pain", summary="It is common in hemophilia A."), "conditions") == set()
    assert suggested(record("Melanoma", summary="It is common in hemophilia A."), "conditions") == {"melanoma"}


@pytest.mark.parametrize(
    ("title", "areas"),
    [
        ("Hemophilia A", {"genetic"}),
        ("AIDS-related lymphoma", {"hiv"}),
        ("Lymphoma in people with HIV", {"cancer", "hiv"}),
        ("An HIV-based vector for hemophilia", {"genetic"}),
        ("An HIV-1 based vector for the retina", {"eye"}),
        ("A lentiviral vector", set()),
        ("HIV-negative men", set()),
        ("People living with HIV", {"hiv"}),
        ("Degeneration of the retina", {"eye"}),
        ("Thymic carcinomas", {"cancer"}),
        ("Tumor necrosis factor in knee pain", set()),
        ("Knee pain", set()),
    ],
)
def test_areas(title: str, areas: set[str]) -> None:
    assert suggested(record(title), "areas") == areas


@pytest.mark.parametrize(
    ("title", "approach", "delivery", "vector"),
    [
        ("AAV8 gene therapy for hemophilia A", "gene_addition", "in_vivo", "AAV8"),
        ("rAAV2/5-F8 for hemophilia A", "gene_addition", "in_vivo", "AAV2/5"),
        ("scAAVrh.10 in hemophilia", "gene_addition", "in_vivo", "AAVrh10"),
        ("AAV.7m8 in the eye", "gene_addition", "in_vivo", "AAV.7m8"),
        ("An adeno-associated virus serotype 9 vector (AAV9)", "gene_addition", "in_vivo", "AAV9"),
        ("Adeno-associated viral vector for hemophilia", "gene_addition", "in_vivo", "AAV"),
        ("AAV1 and AAV10 compared", "gene_addition", "in_vivo", None),
        ("CAR-T cells for leukemia", "engineered_cells", "ex_vivo", None),
        ("CAR T cells made with a lentiviral vector", "engineered_cells", "ex_vivo", "lentiviral"),
        ("Base edited CAR T cells", None, "ex_vivo", None),
        ("CRISPR gene editing in vivo", "gene_editing", "in_vivo", None),
        ("Oncolytic adenovirus for melanoma", "oncolytic_virus", "in_vivo", "adenovirus"),
        ("A recombinant oncolytic herpes simplex virus", "oncolytic_virus", "in_vivo", "herpes simplex virus 1"),
        ("Valoctocogene roxaparvovec", "gene_addition", "in_vivo", None),
        ("Tisagenlecleucel for B-ALL", "engineered_cells", "ex_vivo", None),
        ("Lovotibeglogene autotemcel", "gene_addition", "ex_vivo", None),
        ("Gene therapy for HIV infection", None, None, None),
        ("Gene therapy for hemophilia A", "gene_addition", None, None),
        ("Gene therapy with a plasmid, then with an adenoviral vector", "gene_addition", None, None),
        ("Subretinal injection of a steroid", None, None, None),
    ],
)
def test_approach_delivery_and_vector(title: str, approach: str | None, delivery: str | None, vector: str | None) -> None:
    study = record(title)
    assert [suggested(study, field) for field in ("approach", "delivery", "vector")] == [{value} - {None} for value in (approach, delivery, vector)]


@pytest.mark.parametrize(
    ("title", "genes"),
    [
        ("RPE65 gene therapy", {"RPE65"}),
        ("Gene therapy rpe65", set()),
        ("AAV2-hRPE65 vector", {"RPE65"}),
        ("Gene therapy for factor VIII", {"F8"}),
        ("AAV5-hRKp.RPGR", {"RPGR"}),
        ("AAV gene therapy for CHM", set()),
        ("AAV2-REP1 for choroideremia", {"CHM"}),
        ("Micro-dystrophin gene therapy", {"DMD"}),
        ("CD19 CAR T cells", set()),
        ("AAV vector in HIV", set()),
        ("A genetic test of RPE65", set()),
    ],
)
def test_genes(title: str, genes: set[str]) -> None:
    assert suggested(record(title), "genes") == genes


@pytest.mark.parametrize(
    ("study", "answer"),
    [
        (record("Gene therapy for hemophilia"), "yes"),
        (record("A study", interventions={"Drug X": "An AAV8 vector with a gene"}), "yes"),
        (record("A study", summary="The cells carry a chimeric antigen receptor."), "yes"),
        (record("Expression of a gene in leukemia", interventions={"Gene sequencing": ""}, type="GENETIC"), "doubtful"),
        (record("Nothing at all", type="GENETIC", interventions={"Blood draw": ""}), "doubtful"),
        (record("Vasculitis with ANCA (AAV)"), "doubtful"),
        (record("A COVID-19 vaccine with an adenoviral vector"), "doubtful"),
        (record("An adenoviral vector vaccine for melanoma"), "yes"),
        (record("HIV care under cART therapy"), "doubtful"),
        (record("A drug after CAR-T therapy in lymphoma"), "doubtful"),
        (record("A drug for people who had prior gene therapy"), "doubtful"),
        (record("NOVOCART for knees"), "doubtful"),
        (record("Signal transducers and linear transducers"), "doubtful"),
        (record("Genetically modified soy"), "doubtful"),
        (record(""), "doubtful"),
    ],
)
def test_whether_a_record_speaks_of_a_gene_therapy(study: StudyRecord, answer: str) -> None:
    assert is_gene_therapy(study).answer == answer


def test_a_study_that_only_follows_earlier_participants_is_marked() -> None:
    hint = is_gene_therapy(record("Long-term follow-up of people after gene therapy"))
    assert (hint.answer, hint.follows_earlier) == ("yes", "title: 'Long-term follow-up'")
    assert is_gene_therapy(record("Long-term follow-up of knee surgery")).follows_earlier == ""
    assert is_gene_therapy(record("Gene therapy for hemophilia")).follows_earlier == ""


def test_the_reason_quotes_the_record_and_says_where() -> None:
    study = record("A study", "Severe Haemophilia A", interventions={"Drug X": "uses an AAV8 vector"})
    assert suggest_facts(study, TREE) == (
        FactSuggestion("areas", "genetic", "condition: 'Haemophilia A'"),
        FactSuggestion("conditions", "hemophilia_a", "condition: 'Haemophilia A'"),
        FactSuggestion("approach", "gene_addition", "intervention: 'AAV8'"),
        FactSuggestion("delivery", "in_vivo", "intervention: 'AAV8'"),
        FactSuggestion("vector", "AAV8", "intervention: 'AAV8'"),
    )


def test_reasons_are_short() -> None:
    study = record("AAV" + "x" * 500, summary="gene therapy")
    assert all(len(one.because) <= 120 for one in suggest_facts(study, TREE))


def test_a_tree_that_turns_in_a_circle_does_not_hang() -> None:
    circle = (ConditionName("a", ("Apple",), ("eye",), "b"), ConditionName("b", ("Berry",), ("eye",), "a"))
    assert suggest_facts(record("Knee pain"), circle) == ()


def test_without_conditions_areas_come_from_single_words() -> None:
    assert {one.value for one in suggest_facts(record("Cancer of the eye"), ())} == {"cancer", "eye"}
