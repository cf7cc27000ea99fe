"""A process of its own over a database file, as one worker of a server: it does what each line on its input says, and answers with a line of JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.db import OperationalError, transaction  # noqa: E402

from tests.integration.patients import RESULTS, Patient, text_of  # noqa: E402
from trials import catalog, overlay, renewal  # noqa: E402
from trials.eligibility import storing  # noqa: E402
from trials.eligibility.index import Index  # noqa: E402
from trials.models import Criterion, Question, Trial  # noqa: E402

built = 0
compile_really, save_really = Index.compile, storing.save


def compile_counted(*arguments) -> Index:
    """Counts the indexes that this process makes."""
    global built  # noqa: PLW0603
    built += 1
    return compile_really(*arguments)


def stop_in_the_middle(index: Index, folder: Path) -> None:
    """Writes most of an index, says so, and never comes back."""
    save_really(index, folder)
    answer("in the middle")
    time.sleep(600)


def answer(value: object) -> None:
    """Answers the line."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def look(*_nothing: str) -> dict:
    """One request: which trials there are, and how many indexes this process made so far."""
    now = catalog.current()
    return {"token": now.token, "trials": list(now.listings), "built": built, "behind": now.is_behind, "state": now.state}


def results(area: str = "eye", **given: object) -> str:
    """A patient's page of results."""
    patient = Patient()
    patient.remember(area=area, **given)
    return text_of(patient.open(RESULTS))


def save_many(number: str, count: int) -> int:
    """Saves a trial so many times, each in a transaction of its own; tells how often the database was locked."""
    locked = 0
    for turn in range(count):
        try:
            with transaction.atomic():
                trial = Trial.objects.get(nct_id=number)
                trial.summary = f"Saved {turn} times"
                trial.save()
        except OperationalError:
            locked += 1
    return locked


def look_for(seconds: float) -> dict:
    """Requests, one after the other for so long; tells how many, and how often the database was locked."""
    ends, looks, locked = time.monotonic() + seconds, 0, 0
    while time.monotonic() < ends:
        try:
            looks += bool(results())
        except OperationalError:
            locked += 1
    return {"looks": looks, "locked": locked}


def memory(*_nothing: str) -> dict:
    """Private memory in MiB, and how many indexes are mapped."""
    private = sum(int(line.split()[1]) for line in Path("/proc/self/smaps_rollup").read_text().splitlines() if line.startswith("Private"))
    mapped = {line.partition("/index/")[0].split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "/index/lanes" in line}
    return {"private": private / 1024, "mapped": len(mapped)}


def rewrite(text: str, rule: str) -> int:
    """Changes the rule of the criterion with this text."""
    criterion = Criterion.objects.get(text=text)
    criterion.rule = rule
    criterion.save()
    return 1


def break_off(*_nothing: str) -> None:
    """From now on this process stops in the middle of making an index."""
    storing.save = stop_in_the_middle


def set_field(number: str, name: str, value: object) -> None:
    """Changes one value of a trial."""
    trial = Trial.objects.get(nct_id=number)
    setattr(trial, name, value)
    trial.save()


def call_all_large() -> None:
    """From now on this process takes every index for a large one, and begins a new one as soon as one is wanted."""
    overlay.SMALLEST, overlay.LARGE, overlay.BETWEEN = 0, 0, timedelta(0)


def judge_few(most: int) -> None:
    """From now on this process reads so many changed trials one by one, and rests long between two indexes."""
    overlay.MOST_CHANGED, overlay.BETWEEN = most, timedelta(hours=1)


def hide_and_think_better(number: str) -> int:
    """Withdraws a trial, looks at the catalog, and takes it all back. Tells how many trials there were to see."""
    with transaction.atomic():
        set_field(number, "published", False)
        seen = len(catalog.current().listings)
        transaction.set_rollback(True)
    return seen


def delete(number: str) -> None:
    """Deletes a trial."""
    Trial.objects.get(nct_id=number).delete()


def hide(number: str) -> None:
    """Withdraws a trial without a signal and without history, as a restored backup would."""
    Trial.objects.filter(nct_id=number).update(published=False)
    catalog.touch()


def kept() -> list[str]:
    """The trials that this process has read, and would not read again."""
    return sorted(catalog._current.shelf._kept)


def make_while_others_write(number: str) -> int:
    """Makes an index; a trial is withdrawn as soon as all were read."""
    read_really = renewal._one_by_one

    def read():
        yield from read_really()
        set_field(number, "published", False)

    renewal._one_by_one = read
    try:
        return renewal.make_index_meanwhile()
    finally:
        renewal._one_by_one = read_really


def set_unit(key: str, unit: str) -> None:
    """Gives a question one more unit."""
    question = Question.objects.get(key=key)
    question.units[unit] = "6.35"
    question.save()


DO: dict[str, Callable[..., object]] = {
    "look": look,
    "results": results,
    "save many": save_many,
    "look for": look_for,
    "memory": memory,
    "rewrite": rewrite,
    "break off": break_off,
    "set": set_field,
    "delete": delete,
    "set unit": set_unit,
    "touch": catalog.touch,
    "touch words": catalog.touch_words,
    "hide behind its back": hide,
    "kept": kept,
    "make while others write": make_while_others_write,
    "call all large": call_all_large,
    "judge few": judge_few,
    "hide and think better": hide_and_think_better,
    "builder": lambda: overlay._builder.pid,
    "wake up": str,
}

if __name__ == "__main__":
    Index.compile = compile_counted
    for line in sys.stdin:
        name, arguments = json.loads(line)
        answer(DO[name](**arguments) if isinstance(arguments, dict) else DO[name](*arguments))
