"""Reading registry records needs neither Django nor the network."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_reader_loads_no_django_and_no_http_client():
    command = "import sys, trials.registry.sources; print(*{name.partition('.')[0] for name in sys.modules})"
    finished = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(finished.stdout.split())
    assert "trials" in loaded
    assert loaded.isdisjoint({"django", "prescreen", "httpx", "yaml", "numpy"})
