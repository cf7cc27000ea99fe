#!/usr/bin/env python3
"""Runs a management command. In a clean checkout it first makes the virtual environment, as `make run` does."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Runs the command of the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prescreen.settings")
    if "DJANGO_SECRET_KEY" not in os.environ:
        os.environ.setdefault("DJANGO_LOCAL", "1")  # a developer's machine; a server is told its key
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415
    except ImportError:
        run_in_environment()
    execute_from_command_line(sys.argv)


def run_in_environment() -> None:
    """Starts this program again inside .venv, which is made if need be."""
    python = HERE / ".venv" / "bin" / "python"
    if Path(sys.prefix) == python.parent.parent:
        sys.exit("Django is missing from .venv; run `make install`.")
    subprocess.run(["make", "--silent", "--directory", HERE, "install"], check=True, stdout=sys.stderr)
    os.execv(python, [python, *sys.argv])


if __name__ == "__main__":
    main()
