"""The built-in questions and trials, read from their files."""

from functools import cache
from pathlib import Path

from trials.eligibility.judging import Trial
from trials.eligibility.questionnaire import Questionnaire
from trials.files import read_files
from trials.files.trials import judged

FOLDER = Path(__file__).parents[2] / "trials/starter"
AREAS = ("cancer", "eye", "genetic", "hiv")


@cache
def starter() -> tuple[Questionnaire, dict[str, Trial], dict[str, Trial]]:
    """The questions, the published trials and the unpublished ones, by NCT number."""
    contents, questionnaire = read_files([FOLDER], areas=AREAS)
    published = {record.nct_id: judged(record, questionnaire) for record in contents.trials if record.values["published"]}
    unpublished = {record.nct_id: judged(record, questionnaire) for record in contents.trials if not record.values["published"]}
    return questionnaire, published, unpublished
