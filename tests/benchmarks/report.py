"""What was measured, as a table, as ``bench.json`` and as a picture of how cost grows with the number of trials."""

from __future__ import annotations

import math
import os
import platform
import sqlite3
from collections.abc import Iterator, Mapping
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

PACKAGES = ("numpy", "lark", "rule-engine", "panzi-json-logic", "cel-python", "psycopg")
ROWS = {
    "match_ms": "Match, condition known: median, ms",
    "match_worst_ms": "Match, condition known: worst, ms",
    "match_no_condition_ms": "Match, no condition, ms",
    "answer_ms": "One more answer, ms",
    "next_question_ms": "Next question: median, ms",
    "next_question_worst_ms": "Next question: worst, ms",
    "explain20_ms": "20 trials explained, ms",
    "compile_s": "Compile, s",
    "load_ms": "Load, mapped, ms",
    "private_mib": "Private memory of a worker, MiB",
    "stored_mib": "Index on disk, MiB",
    "checked": "Verdicts equal to the plain judge's",
}
DRAWN = {
    "match_no_condition_ms": ("match, no condition", "#8a4f00", "6 4"),
    "match_ms": ("match, condition known", "#00558c", ""),
    "next_question_ms": ("next question", "#5b2a86", "2 3"),
    "answer_ms": ("one more answer", "#2d6a2d", "9 3 2 3"),
}
LEFT, TOP, WIDTH, HEIGHT = 70, 50, 400, 300


def machine() -> dict[str, object]:
    """What it was measured on."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return {"processor": model, "cores": os.cpu_count(), "system": platform.system()}


def versions() -> dict[str, str]:
    """The versions of what was measured."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def slope(sizes: Mapping[str, Mapping[str, Any]], key: str) -> float | None:
    """How cost grows: the exponent of the number of trials, fitted over the sizes; 1 is in proportion."""
    points = [(math.log(int(size)), math.log(measured[key])) for size, measured in sizes.items()]
    if len(points) < 2:
        return None
    middle_x, middle_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / sum((x - middle_x) ** 2 for x, _ in points)


def show(result: Mapping[str, Any]) -> None:
    """Prints the table."""
    sizes = result["sizes"]
    table = Table("", *(f"{int(size):,} trials" for size in sizes), "growth", title=f"{result['machine']['processor']}, {result['machine']['cores']} cores")
    for key, words in ROWS.items():
        exponent = slope(sizes, key) if key.endswith("_ms") else None
        table.add_row(words, *(_number(measured[key]) for measured in sizes.values()), "" if exponent is None else f"n^{exponent:.2f}")
    for key, words in (("per_criterion_ratio", "a criterion"), ("per_patient_ratio", "a patient")):
        table.add_section()
        for name in next(iter(sizes.values()))[key]:
            table.add_row(f"{name}: times slower, {words}", *(_of_peer(measured, key, name) for measured in sizes.values()))
    table.add_section()
    for name in next(iter(sizes.values())).get("questions_to_5", {}):
        asked = (_number(measured["questions_to_5"][name]) if "questions_to_5" in measured else "" for measured in sizes.values())
        table.add_row(f"Questions until 5 trials are undecided: {name}", *asked)
    console = Console(width=None if os.isatty(1) else 150)
    console.print(table)
    console.print("(of n): measured on so many trials alone, and scaled. Growth: the exponent of the number of trials, 1 in proportion.")


def _of_peer(measured: Mapping[str, Any], key: str, name: str) -> str:
    if name not in measured[key]:
        return ""
    count = measured["peer_trials"][name]
    return f"{_number(measured[key][name])}×" + (f" (of {count})" if count < measured["trials"] else "")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def picture(sizes: Mapping[str, Mapping[str, Any]]) -> str:
    """How the cost grows, both axes logarithmic, as SVG."""
    low, high = 1e-2, 10 ** math.ceil(math.log10(max(measured[key] for measured in sizes.values() for key in DRAWN)))
    counts = [int(size) for size in sizes]

    def x(count: float) -> float:
        return LEFT + WIDTH * math.log(count / min(counts)) / math.log(max(counts) / min(counts))

    def y(time: float) -> float:
        return TOP + HEIGHT * (1 - math.log(max(time, low) / low) / math.log(high / low))

    told = "; ".join(f"{words}: {', '.join(f'{m[key]:.2g} ms at {int(size):,} trials' for size, m in sizes.items())}" for key, (words, *_) in DRAWN.items())
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 410" role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="13">',
            '<title id="title">Time for one patient against the number of trials</title>',
            f'<desc id="desc">Medians in milliseconds, both axes logarithmic. {escape(told)}.</desc>',
            '<rect width="680" height="410" fill="#fff"/>',
            f'<text x="{LEFT}" y="26" font-size="16" font-weight="bold">Time for one patient, by number of trials</text>',
            *_axes(counts, low, high, x, y),
            *_lines(sizes, x, y),
            "</svg>\n",
        ]
    )


def _axes(counts: list[int], low: float, high: float, x: Any, y: Any) -> Iterator[str]:
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        place = y(10.0**power)
        yield f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{place:.1f}" y2="{place:.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 8}" y="{place + 4:.1f}" text-anchor="end">{10.0**power:g} ms</text>'
    for count in counts:
        yield f'<line x1="{x(count):.1f}" x2="{x(count):.1f}" y1="{TOP}" y2="{TOP + HEIGHT}" stroke="#ddd"/>'
        yield f'<text x="{x(count):.1f}" y="{TOP + HEIGHT + 20}" text-anchor="middle">{count:,}</text>'
    yield f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 42}" text-anchor="middle">trials</text>'


def _lines(sizes: Mapping[str, Mapping[str, Any]], x: Any, y: Any) -> Iterator[str]:
    last = list(sizes.values())[-1]
    taken = -99.0
    for key in sorted(DRAWN, key=lambda key: -last[key]):
        words, colour, dashes = DRAWN[key]
        points = [(x(int(size)), y(measured[key])) for size, measured in sizes.items()]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"/>'
        yield from (f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3.5" fill="{colour}"/>' for across, down in points)
        taken = max(taken + 18, points[-1][1] + 4)
        yield f'<text x="{LEFT + WIDTH + 12}" y="{taken:.1f}" fill="{colour}">{words} (n^{slope(sizes, key):.2f})</text>'
