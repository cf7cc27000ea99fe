"""Invented patients, seeded: everything that is true of each, and what is known of it so far."""

from __future__ import annotations

import random

from tests.benchmarks.generator import AREAS, FIRST, SLUGS, Shape
from trials.eligibility.questionnaire import Known, Questionnaire
from trials.eligibility.questions import Kind

AGES = (8, 15, 25, 34, 42, 51, 58, 63, 68, 72, 79)


class Patients:
    """Patients by number: the same number is the same patient."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire, self.shape = questionnaire, Shape(questionnaire)

    def record(self, number: int) -> dict[str, object]:
        """All answers of a patient, exact, in the form of the answers file."""
        random_ = random.Random(f"patient {number}")
        condition = self.shape.condition(random_)
        while condition // AREAS < 8:  # only the narrowest conditions are exact
            condition = self.shape.condition(random_)
        record: dict[str, object] = {"diagnosis": f"c{condition}", "age": random_.choice(AGES), "sex": random_.choice(("female", "male"))}
        for key, question in self.questionnaire.items():
            if key not in record:
                record[key] = self._answer(key, question.kind, random_)
        if record["sex"] == "male":
            record["pregnant"] = "no"
        return record

    def _answer(self, key: str, kind: Kind, random_: random.Random) -> object:
        match kind:
            case Kind.NUMBER:
                limits = [float(limit) for limit in self.shape.limits[key]]
                return round(random_.triangular(limits[0] * 0.9, limits[-1] * 1.05, (limits[5] + limits[6]) / 2), 1)
            case Kind.YES_NO:
                return "yes" if random_.random() < 0.08 else "no"
            case Kind.CHOICE:
                return self.shape.choice(key, random_)
        return sorted({self.shape.choice(key, random_) for _ in range(random_.choice((0, 0, 1, 1, 2, 3)))})

    def answers(self, number: int) -> dict[str, object]:
        """What a patient has answered: condition (sometimes only its family), age and sex; 0 to 40% of the others are not known."""
        random_ = random.Random(f"answers {number}")
        unknown = random_.uniform(0, 0.4)
        answers = {key: answer for key, answer in self.record(number).items() if key in FIRST or random_.random() >= unknown}
        if random_.random() < 0.1:
            answers["diagnosis"] = self.questionnaire["diagnosis"].ancestors(str(answers["diagnosis"]))[0]
        return answers

    def area(self, number: int) -> str:
        """The condition area of a patient's condition."""
        (slug,) = SLUGS[int(str(self.record(number)["diagnosis"])[1:]) % len(SLUGS)]
        return slug

    def known(self, answers: dict[str, object]) -> Known:
        """The answers as the engine takes them."""
        return self.questionnaire.settle(self.questionnaire.read(answers))
