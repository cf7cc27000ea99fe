"""The web tier: granian with two processes over 5,000 open trials, beside a bare Django page with one crispy form: ``python -m tests.benchmarks.web``.

Both servers are up at the same time and are asked in turn, a short round each, so that what else the machine does meets both alike.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.integration.clusters import free_port

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, CONNECTIONS = 2, 16
ROUNDS, SECONDS = 3, 1.0
"""So many rounds of so many seconds for each kind of page."""

KINDS = ("bare", "question", "results", "pdf")


def measure(trials: int = 5_000) -> dict[str, object]:
    """Requests a second and milliseconds of each kind of page, the engine's share of a question page, and what a whole screening costs."""
    with tempfile.TemporaryDirectory(prefix="bench-web-") as folder, contextlib.ExitStack() as servers:
        settings = {"DJANGO_LOCAL": "1", "DJANGO_SETTINGS_MODULE": "prescreen.settings", "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}
        environment = os.environ | settings | {"INDEX_FOLDER": f"{folder}/index"}
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        told = json.loads(_python(["tests.benchmarks.web_records", str(trials)], environment))
        site = servers.enter_context(served("prescreen.wsgi:application", environment, "/healthz"))
        bare = servers.enter_context(served("tests.benchmarks.bare:application", os.environ | {"DJANGO_SETTINGS_MODULE": "tests.benchmarks.bare"}, "/"))
        requests = {"bare": [("/", "")], **told.pop("requests")}
        pages = {kind: _Page(bare if kind == "bare" else site, requests[kind]) for kind in (*KINDS, "check", "summary")}
        for kind in ("check", "summary"):
            pages[kind].ask(SECONDS / 2)
        for page in pages.values():
            page.ask(SECONDS / 3, counted=False)
        for _ in range(ROUNDS):
            for kind in KINDS:
                pages[kind].ask(SECONDS)
    figures = {kind: page.figures() for kind, page in pages.items()}
    ratio = statistics.median(ours / theirs for ours, theirs in zip(pages["question"].rates, pages["bare"].rates, strict=True))
    return {**told, "processes": PROCESSES, "connections": CONNECTIONS, "pages": figures, "question_to_bare": ratio, "screening": _screening(told, figures)}


def _screening(told: dict, figures: dict[str, dict[str, float]]) -> dict[str, float]:
    """What one patient costs: each question shown and answered, then the answers, the results, the summary and the PDF."""
    pages = statistics.mean(told["pages_asked"])
    after = sum(figures[kind]["cpu_ms"] for kind in ("check", "results", "summary", "pdf"))
    return {"questions": pages, "cpu_ms": pages * (figures["question"]["cpu_ms"] + told["post_to_get"] * figures["question"]["cpu_ms"]) + after}


class _Page:
    """One kind of page of one server, and what was measured so far."""

    def __init__(self, server: tuple[subprocess.Popen, int], requests: list[tuple[str, str]]) -> None:
        (self.process, self.port), self.requests = server, json.dumps(requests)
        self.rates: list[float] = []
        self.taken: list[float] = []
        self.cpu = 0.0

    def ask(self, seconds: float, counted: bool = True) -> None:
        """One round of load."""
        before = cpu_seconds(self.process.pid)
        run = json.loads(_python(["tests.benchmarks.load", str(self.port), str(seconds), str(CONNECTIONS)], dict(os.environ), self.requests))
        if counted:
            self.cpu += cpu_seconds(self.process.pid) - before
            self.rates.append(run["count"] / run["seconds"])
            self.taken += run["taken"]

    def figures(self) -> dict[str, float]:
        """Requests a second (the median of the rounds), milliseconds, and the processor's milliseconds a page."""
        hundredths = statistics.quantiles(self.taken, n=100)
        return {"per_s": statistics.median(self.rates), "p50_ms": hundredths[49] * 1000, "p99_ms": hundredths[98] * 1000, "cpu_ms": self.cpu_ms()}

    def cpu_ms(self) -> float:
        """The processor's milliseconds that a page takes in the server's processes."""
        return self.cpu / len(self.taken) * 1000


def _python(module: list[str], environment: dict[str, str], given: str = "") -> str:
    return subprocess.run([sys.executable, "-m", *module], cwd=ROOT, env=environment, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout


@contextlib.contextmanager
def served(application: str, environment: dict[str, str], address: str) -> Iterator[tuple[subprocess.Popen, int]]:
    """Serves an application with granian; gives its process and port once it answers."""
    port = free_port()
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(PROCESSES), "--blocking-threads", "1", "--no-ws"]
    server = subprocess.Popen([sys.executable, "-m", "granian", *options, "--log-level", "warning", application], cwd=ROOT, env=environment)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                asking = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                asking.request("GET", address)
                if asking.getresponse().status == 200:
                    break
            time.sleep(0.2)
        else:
            raise TimeoutError(f"{application} does not answer")
        yield server, port
    finally:
        server.terminate()
        server.wait(20)


def cpu_seconds(pid: int) -> float:
    """The processor's seconds that a process and its children took so far; 0 where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text(encoding="ascii").split()]
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(child) for child in children)


def table(figures: dict) -> str:
    """The figures to read."""
    lines = [
        f"{figures['trials']} open trials, granian with {PROCESSES} processes, {CONNECTIONS} connections",
        f"{'page':<10}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}",
    ]
    lines += [f"{kind:<10}{one['per_s']:>10.1f}{one['p50_ms']:>9.1f}{one['p99_ms']:>9.1f}{one['cpu_ms']:>9.2f}" for kind, one in figures["pages"].items()]
    screening = figures["screening"]
    lines.append(f"question pages to bare pages: {figures['question_to_bare']:.0%}; the engine's share of a question page: {figures['engine_share']:.0%}")
    lines.append(f"a whole screening: {screening['questions']:.0f} questions, {screening['cpu_ms']:.0f} ms of one core")
    return "\n".join(lines)


if __name__ == "__main__":
    start = time.perf_counter()
    print(table(measure()))
    print(f"took {time.perf_counter() - start:.0f} s")
