"""Runs a command, such as pytest, with a PostgreSQL server of its own: ``python -m tests.on_postgresql python -m pytest tests/integration``.

Where PostgreSQL is not installed it says so and ends well, so that the tests go on with SQLite alone.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.integration import clusters


def main() -> int:
    """Starts the server, runs the command with its address in ``TEST_DATABASE_URL``, and stops the server. Gives the command's exit code."""
    if why := clusters.missing():
        print(f"The tests are not run on PostgreSQL. {why}")
        return 0
    with clusters.one_cluster(logs="none") as cluster:
        return subprocess.run(sys.argv[1:], env=os.environ | {"TEST_DATABASE_URL": cluster.address}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
