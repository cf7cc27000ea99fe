"""Writing trial and question files (YAML) that ``read_files`` reads back to the same records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import yaml
from django.utils.translation import gettext as _

from trials.models import Choice, Condition, Criterion, Question, Site, Trial
from trials.vocabulary import DIAGNOSIS

LINE_WIDTH = 120
REMARKS = {
    "to_do": "# to do: no rule yet. Once this file is loaded, the criterion counts as left to the study team.",
    "review": "# to review: the registry changed or dropped this line.",
}
"""What a file cannot say of a criterion but in a comment, by the criterion's state."""


class WritingError(ValueError):
    """A record that the file format has no place for. The message names it and the fix."""


class _Flow(list):
    """A list on one line: ``[eye, genetic]``."""


class _FlowMap(dict):
    """A mapping on one line: ``{city: Boston, country: United States}``."""


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper. Texts that YAML of any version would take for something else are quoted."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


_LIKE_NUMBERS = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$|0o[0-7]+$")
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _LIKE_NUMBERS, list("-+.0123456789"))
_Dumper.add_representer(_Flow, lambda dumper, items: dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True))
_Dumper.add_representer(_FlowMap, lambda dumper, items: dumper.represent_mapping("tag:yaml.org,2002:map", items.items(), flow_style=True))


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Plain lines as a block, a text with control characters in double quotes, any other as PyYAML sees fit."""
    lines = text.split("\n")
    style = None
    if not all(line.isprintable() for line in lines):
        style = '"'
    elif len(lines) > 1:
        style = "|" if lines[0] and lines[-1] and all(line == line.strip() for line in lines) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _dump(value: Any) -> str:
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=LINE_WIDTH, default_flow_style=False)
    return "".join(char if char.isprintable() or char == "\n" else _escape(char) for char in text)


def _escape(char: str) -> str:
    """A character that nobody would see, such as a right-to-left mark, as double quotes take it. It stands nowhere else."""
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None and value not in ("", [], {})}


def _number(number: Decimal | None) -> int | float | str | None:
    """A decimal number as a file has it; one with more digits than a YAML number keeps is a text, which the reader takes too."""
    if number is None:
        return None
    if number == int(number):
        return int(number)
    return float(number) if Decimal(repr(float(number))) == number else format(number.normalize(), "f")


def write_trial(trial: Trial) -> str:
    """The trial as one YAML document in the format of trial files.

    Read back, it gives the same records, but for what only the desk knows: the registry's own lines, and what is still to do or to review
    (comments tell). Other conditions are written as words: if the tree has one of them by now, the trial is filed under it.

    Raises ``WritingError`` for what the format has no place for, above all a criterion that is not known to include or exclude.
    """
    criteria = list(trial.criteria.all())
    areas = [area.slug for area in trial.areas.all()]
    _refuse_gaps(trial, areas, criteria)
    head = {
        "nct_id": trial.nct_id,
        "title": trial.title,
        "summary": trial.summary,
        "condition_areas": _Flow(areas),
        "conditions": _Flow([*(condition.key for condition in trial.conditions.all()), *trial.condition_names]),
        "approach": trial.approach,
        "delivery": trial.delivery,
        "vector": trial.vector,
        "route": trial.route,
        "genes": _Flow(trial.genes),
        "phase": _Flow(trial.phase),
        "status": trial.status,
        "sponsor": trial.sponsor,
        "sites": [_FlowMap(_site(site)) for site in trial.sites.all()],
        "contact": _without_empty({"name": trial.contact_name, "phone": trial.contact_phone, "email": trial.contact_email}),
        "sex": trial.sex,
        "follow_up_years": _number(trial.follow_up_years),
        "source": trial.source,
        "as_of": trial.as_of,
        "published": trial.published,
        "criteria_complete": trial.criteria_complete,
        "cohorts": [cohort.name for cohort in trial.cohorts.all()],
    }
    samples = [{"name": row.name, "answers": _FlowMap(row.answers), "expect": row.expect} for row in trial.sample_patients.all()]
    return "".join(
        (
            _dump(_without_empty(head)),
            "criteria:\n",
            *(_criterion(criterion) for criterion in criteria),
            _dump({"sample_patients": samples}) if samples else "",
        )
    )


def _refuse_gaps(trial: Trial, areas: list[str], criteria: list[Criterion]) -> None:
    if not areas:
        raise WritingError(_("%(trial)s has no condition area. Choose one; a file needs it.") % {"trial": trial.nct_id})
    if not criteria:
        raise WritingError(_("%(trial)s has no criteria. Add one; a file needs it.") % {"trial": trial.nct_id})
    for criterion in criteria:
        if criterion.kind == Criterion.UNCLEAR:
            said = _("%(trial)s: the criterion “%(criterion)s” is neither an inclusion nor an exclusion yet. Choose which; a file needs it.")
            raise WritingError(said % {"trial": trial.nct_id, "criterion": criterion})


def _criterion(criterion: Criterion) -> str:
    remark = REMARKS.get(criterion.state)
    item = {
        criterion.kind: criterion.text,
        "plain": criterion.plain,
        "rule": criterion.rule,
        "cohort": criterion.cohort.name if criterion.cohort else "",
    }
    return (f"{remark}\n" if remark else "") + _dump([_without_empty(item)])


def _site(site: Site) -> dict[str, str]:
    return _without_empty({name: getattr(site, name) for name in ("facility", "city", "state", "country", "zip", "status")})


def write_questions() -> str:
    """All questions as one YAML list in the format of question files. The conditions are the choices of the question about the diagnosis.

    Read back, they are the same, but for a condition of no area, which the reader puts into the areas of the question.
    """
    conditions = Condition.objects.select_related("parent").prefetch_related("areas")
    return "\n".join(
        _dump([_question(row, map(_condition, conditions) if row.key == DIAGNOSIS else map(_choice, row.choices.all()))])
        for row in Question.objects.prefetch_related("areas", "choices")
    )


def _question(row: Question, choices: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return (
        _without_empty(
            {
                "key": row.key,
                "kind": row.kind,
                "text": row.text,
                "child_text": row.child_text,
                "help": row.help,
                "why": row.why,
                "unit": row.unit,
                "units": _FlowMap({unit: int(factor) if factor.isdecimal() else factor for unit, factor in row.units.items()}),
                "min": _number(row.min),
                "max": _number(row.max),
                "choices": [_FlowMap(choice) for choice in choices],
                "areas": _Flow(area.slug for area in row.areas.all()),
                "sensitive": row.sensitive or None,
                "source": row.source,
                "ask_if": row.ask_if,
            }
        )
        | ({} if row.otherwise is None else {"otherwise": row.otherwise})
        | {"order": row.order}
        | ({"changes": row.changes} if row.changes else {})
    )


def _choice(choice: Choice) -> dict[str, Any]:
    return _without_empty({"key": choice.key, "label": choice.label, "parent": choice.parent})


def _condition(condition: Condition) -> dict[str, Any]:
    return _without_empty(
        {
            "key": condition.key,
            "label": condition.label,
            "parent": condition.parent.key if condition.parent else "",
            "areas": [area.slug for area in condition.areas.all()],
            "help": condition.help,
            "synonyms": condition.synonyms,
        }
    )
