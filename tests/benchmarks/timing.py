"""Timing pieces of work: warmed up, the garbage collector at rest, a median for each case."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Case = TypeVar("Case")
Result = TypeVar("Result")


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """What lives now is left alone by the collector, and no collection runs."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def milliseconds(work: Callable[[Case], object], cases: Sequence[Case], repeat: int = 3, warm_up: int = 3) -> list[float]:
    """For each case the median time of the work, in milliseconds."""
    with no_garbage_collection():
        for case in cases[:warm_up]:
            work(case)
        return [statistics.median(_once(work, case) for _ in range(repeat)) for case in cases]


def median(work: Callable[[Case], object], cases: Sequence[Case], repeat: int = 3, warm_up: int = 3) -> float:
    """The median over the cases of the median time of the work, in milliseconds."""
    return statistics.median(milliseconds(work, cases, repeat, warm_up))


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What the work returns, and its seconds."""
    with no_garbage_collection():
        start = time.perf_counter()
        result = work()
        return result, time.perf_counter() - start


def _once(work: Callable[[Case], object], case: Case) -> float:
    start = time.perf_counter()
    work(case)
    return (time.perf_counter() - start) * 1000
