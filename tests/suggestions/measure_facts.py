"""How good the suggested facts are: ``.venv/bin/python -m tests.suggestions.measure_facts`` prints the figures for each field.

The truth is the trial's own file among the starter trials, or the table ``READ`` below, read by hand. What a starter file leaves out is not
counted, as its source may not have said it; what ``READ`` leaves out must not be suggested. A condition counts as near where it is wider or
narrower than the true one. The words of facts.yaml were chosen with these records in sight.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from trials.registry.records import StudyRecord, parse_study
from trials.suggestions.facts import ConditionName, is_gene_therapy, suggest_facts

PROJECT = Path(__file__).resolve().parents[2]
DATA = PROJECT.parent / "shared" / "data"
STARTER = PROJECT / "trials" / "starter"
FIELDS = {"areas": "condition_areas", "conditions": "conditions", "approach": "approach", "delivery": "delivery", "vector": "vector", "genes": "genes"}

CELLS = "engineered_cells ex_vivo"
READ = {
    "NCT02349698": f"cancer leukemia,lymphoma {CELLS} -",
    "NCT03937544": f"cancer b_all {CELLS} -",
    "NCT04077866": f"cancer glioblastoma {CELLS} -",
    "NCT04100187": f"cancer leukemia {CELLS} -",
    "NCT04385173": f"cancer glioblastoma {CELLS} -",
    "NCT04637503": f"cancer neuroblastoma {CELLS} -",
    "NCT04835519": f"cancer aml {CELLS} -",
    "NCT04836507": f"cancer large_b_cell_lymphoma {CELLS} -",
    "NCT04842812": f"cancer solid_tumor {CELLS} -",
    "NCT05143151": f"cancer pancreatic_cancer {CELLS} -",
    "NCT05480501": f"cancer b_all {CELLS} -",
    "NCT05507827": f"cancer b_all {CELLS} lentiviral",
    "NCT05515185": f"cancer digestive_cancer {CELLS} -",
    "NCT05562024": f"cancer neuroblastoma {CELLS} -",
    "NCT05768880": f"cancer brain_tumor {CELLS} lentiviral",
    "NCT05835687": f"cancer brain_tumor {CELLS} lentiviral",
    "NCT05993949": f"cancer b_all {CELLS} -",
    "NCT06221553": f"cancer dipg {CELLS} lentiviral",
    "NCT06414135": f"- - {CELLS} -",
    "NCT06482905": f"cancer malignant_glioma {CELLS} -",
    "NCT06612645": f"cancer solid_tumor {CELLS} lentiviral",
    "NCT06646627": f"cancer ovarian_cancer {CELLS} -",
    "NCT06852573": f"- - {CELLS} -",
    "NCT06912152": f"cancer solid_tumor {CELLS} -",
    "NCT06993766": f"cancer b_all {CELLS} -",
    "NCT07148791": f"- - {CELLS} lentiviral",
    "NCT07222735": f"cancer sarcoma {CELLS} -",
    "NCT07231081": f"cancer solid_tumor {CELLS} -",
    "NCT07386002": f"cancer glioblastoma {CELLS} -",
    "NCT07390539": f"cancer brain_tumor {CELLS} -",
    "NCT01461213": "eye choroideremia gene_addition - -",
    "NCT02937844": f"cancer glioblastoma {CELLS} -",
    "NCT03116113": "eye rp_x_linked gene_addition in_vivo -",
    "NCT03316560": "eye rp_rpgr gene_addition in_vivo AAV2 RPGR",
    "NCT04284254": "genetic mps_1_hurler gene_addition ex_vivo transposon IDUA",
    "NCT04794101": "eye rp_rpgr gene_addition - - RPGR",
    "NCT04945772": "eye retinitis_pigmentosa gene_addition - -",
    "NCT05203939": "eye retinitis_pigmentosa,lca gene_addition in_vivo -",
    "NCT05748873": "eye retinitis_pigmentosa gene_addition - -",
    "NCT05874310": "eye rp_rpgr gene_addition - - RPGR",
    "NCT05926583": "eye rp_rpgr gene_addition in_vivo AAV5 RPGR",
    "NCT06018363": f"cancer malignant_glioma {CELLS} -",
    "NCT06275620": "eye rp_rpgr gene_addition in_vivo - RPGR",
    "NCT06292650": "eye retinitis_pigmentosa gene_addition - -",
    "NCT06333249": "eye rp_rpgr gene_addition in_vivo - RPGR",
    "NCT06388200": "eye retinitis_pigmentosa gene_addition in_vivo -",
    "NCT06591793": "eye usher gene_addition in_vivo AAV",
}
"""Areas, conditions, approach, delivery, vector, genes as the record's own text states them."""

GENE_THERAPIES_AMONG_OTHERS = {number for number in READ if READ[number].startswith("eye") or "IDUA" in READ[number]} | {
    *("NCT02937844", "NCT04611503", "NCT04630769", "NCT04850118", "NCT05682144", "NCT06018363", "NCT06646289"),
    *("NCT01505062", "NCT02065011", "NCT03326336", "NCT03374657", "NCT03584165", "NCT04517149", "NCT06291935", "NCT07004647", "NCT07331272"),
}
"""Those among the studies of all kinds, found by reading each that has any word of genes, vectors or engineered cells."""


def conditions() -> tuple[ConditionName, ...]:
    """The tree of conditions."""
    choices = yaml.safe_load((STARTER / "questions" / "diagnosis.yaml").read_text(encoding="utf-8"))[0]["choices"]
    return tuple(ConditionName(one["key"], (one["label"], *one.get("synonyms", ())), tuple(one["areas"]), one.get("parent")) for one in choices)


def truth() -> dict[str, dict[str, set[str] | None]]:
    """By NCT number: the true values of each field; None where the truth is not known."""
    known: dict[str, dict[str, set[str] | None]] = {}
    for number, line in READ.items():
        values = [set(part.split(",")) - {"-"} for part in line.split()]
        known[number] = dict(zip(FIELDS, [*values, *[set[str]()] * (6 - len(values))], strict=True))
    for path in sorted((STARTER / "trials").rglob("*.yaml")):
        for trial in filter(None, yaml.safe_load_all(path.read_text(encoding="utf-8"))):
            stated = {field: _listed(trial.get(key)) for field, key in FIELDS.items()}
            known[trial["nct_id"]] = {field: values or None for field, values in stated.items()}
            if trial.get("approach") == "engineered_cells" or trial["nct_id"] == "NCT05942599":
                known[trial["nct_id"]]["genes"] = set()
    return known


def _listed(value: str | list[str] | None) -> set[str]:
    return {_normal(one) for one in ([value] if isinstance(value, str) else value or [])}


def _normal(value: str) -> str:
    """A vector of the starter trials in the words of the suggestions."""
    patterns = {
        "adenovirus": r"(?:oncolytic|non-replicating) adenovirus.*",
        "herpes simplex virus 1": r"oncolytic HSV-1",
        "vaccinia virus": r"oncolytic vaccinia.*",
    }
    patterns |= {"AAVrh10": r"AAVrh\.10", "plasmid": r"plasmid in .*", "transposon": r".*transposon.*", "electroporation": r"electroporation.*"}
    return next((normal for normal, pattern in patterns.items() if re.fullmatch(pattern, value)), value)


def gene_therapy_records() -> Iterator[StudyRecord]:
    """The whole records."""
    for path in sorted((DATA / "registry" / "gene_therapy").glob("*.json")):
        yield parse_study(json.loads(path.read_text(encoding="utf-8")))


def flattened_records() -> Iterator[StudyRecord]:
    """Titles, conditions and interventions of those kept with their criteria only."""
    whole = {record.nct_id for record in gene_therapy_records()}
    for line in (DATA / "registry" / "gene_therapy_criteria.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["nct_id"] not in whole:
            listed = [row["conditions"]] if isinstance(row["conditions"], str) else row["conditions"] or []
            yield _record(row["nct_id"], row["title"], row["official_title"], listed, [one.get("name") for one in row["interventions"] or []])


def fact_records() -> Iterator[StudyRecord]:
    """One title and one condition, in the words of whoever collected the facts."""
    for line in (DATA / "starter_facts.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield _record(row["nct_id"], row["plain_title"], "", [row["condition"]], [])


def other_records() -> Iterator[StudyRecord]:
    """Studies of all kinds."""
    with gzip.open(DATA / "registry" / "other_studies.jsonl.gz", "rt", encoding="utf-8") as file:
        yield from (parse_study(json.loads(line)) for line in file)


def _record(number: str, title: str | None, official: str | None, listed: list[str], interventions: list[str | None]) -> StudyRecord:
    protocol: dict[str, Any] = {
        "identificationModule": {"nctId": number, "briefTitle": title, "officialTitle": official},
        "conditionsModule": {"conditions": listed},
        "armsInterventionsModule": {"interventions": [{"type": "OTHER", "name": name} for name in interventions if name]},
    }
    return parse_study({"protocolSection": protocol})


def figures(records: Iterator[StudyRecord], wrong: list[str] | None = None) -> dict[str, Counter[str]]:
    """For each field: values suggested, right, near, wrong, true, and true ones covered."""
    tree, known = conditions(), truth()
    parents = {one.key: one.parent for one in tree}
    counted: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    for record in (record for record in records if record.nct_id in known):
        suggestions = suggest_facts(record, tree)
        for field, true in known[record.nct_id].items():
            if true is None:
                continue
            values = {one.value: one.because for one in suggestions if one.field == field}
            near = {value for value in values if any(_related(field, value, one, parents) for one in true)}
            counted[field].update(suggested=len(values), right=len(true & {*values}), near=len(near - true), wrong=len({*values} - near), true=len(true))
            counted[field].update(covered=sum(any(_related(field, value, one, parents) for value in values) for one in true))
            if wrong is not None:
                wrong += [
                    f"{record.nct_id} {field}: {value} <- {values[value]}; true: {', '.join(sorted(true)) or 'none'}" for value in sorted({*values} - true)
                ]
    return counted


def _related(field: str, value: str, true: str, parents: Mapping[str, str | None]) -> bool:
    """Whether a value is the true one, or wider or narrower: a condition in the tree, AAV for AAV8."""
    if field == "conditions":
        return true in _line(value, parents) or value in _line(true, parents)
    return value == true or (field == "vector" and value == "AAV" and true.startswith("AAV"))


def _line(key: str | None, parents: Mapping[str, str | None]) -> Iterator[str]:
    while key:
        yield key
        key = parents.get(key)


def precision(counted: Counter[str]) -> float:
    """The share of what is suggested that is right or near."""
    return 1 - counted["wrong"] / counted["suggested"] if counted["suggested"] else 1.0


def hints(records: Iterator[StudyRecord]) -> dict[str, str]:
    """By NCT number: why each record is called a gene therapy, for those that are."""
    asked = ((record.nct_id, is_gene_therapy(record)) for record in records)
    return {number: hint.because for number, hint in asked if hint.answer == "yes"}


def main() -> None:
    """Prints the figures, and each suggestion that is not exactly right."""
    if not DATA.is_dir():
        print("There are no records to measure with.")
        return
    sets = {
        "whole records": gene_therapy_records,
        "flattened records": flattened_records,
        "collected facts": fact_records,
        "studies of all kinds": other_records,
    }
    for name, records in sets.items():
        wrong: list[str] = []
        print(f"\n{name}\n  {'':10} suggested  right  near  wrong  precision  covered")
        for field, one in figures(records(), wrong).items():
            covered = f"{one['covered']} of {one['true']}"
            print(f"  {field:10} {one['suggested']:9} {one['right']:6} {one['near']:5} {one['wrong']:6} {precision(one):10.3f}  {covered}")
        print(*(f"  {line}" for line in wrong), sep="\n")
    for name, records in sets.items():
        called, total = hints(records()), sum(1 for _ in records())
        print(f"\n{name}: {len(called)} of {total} are called gene therapies")
        if records is other_records:
            print(f"  wrongly: {sorted({*called} - GENE_THERAPIES_AMONG_OTHERS)}; missed: {sorted(GENE_THERAPIES_AMONG_OTHERS - {*called})}")


if __name__ == "__main__":
    main()
