"""The settings under test: those of a developer's machine. ``TEST_DATABASE_URL`` runs the tests on another database than SQLite in memory."""

import os

os.environ.setdefault("DJANGO_LOCAL", "1")
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from prescreen.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.hashing.LightArgon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
