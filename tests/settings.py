"""The settings under test: those of a developer's machine."""

import os

os.environ.setdefault("DJANGO_LOCAL", "1")

from prescreen.settings import *  # noqa: F403
