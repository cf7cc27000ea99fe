"""Passwords that are easy to guess: how many guesses one takes is estimated by zxcvbn, which knows common passwords, words, names, dates and rows of keys.

The words that somebody would try first here are taken out of a password before it is judged: those of this list, of the site's host names, and the
person's own names. zxcvbn hears of them as well, for those written in disguise (``th3r4py``).
"""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

ENOUGH = 10**10
"""Guesses. From here zxcvbn gives its best score, 4 of 4: "very unguessable", strong protection where the stored passwords are stolen and each guess is
slow (Argon2). The score below it promises moderate protection there, and backups hold the stored passwords."""

LOOKED_AT = 40
"""Characters that are judged, the known words not counted. The time grows fast with the length: the worst 40 take half a second, the worst 72 three.
What is hard to guess in its first 40 is hard to guess as a whole, so nothing is lost but a long password that only its end makes hard."""

READ = 1000
"""Characters of a password that are looked through for known words."""

SHORTEST = 3
"""Characters of a known word. Shorter ones stand in too many others."""

SITE_WORDS = (
    "gene genes genetic genetics genome therapy therapies trial trials finder prescreen prescreener screening eligibility criterion criteria "
    "clinic clinical hospital patient patients doctor nurse provider medical medicine health research study sponsor registry vector "
    "cancer lymphoma leukemia retina retinal hemophilia sickle hiv aids eye desk admin administrator coordinator publisher auditor staff account "
    "login signin password passphrase passcode secret welcome change changeme temporary initial"
)


class GuessingValidator:
    """For ``AUTH_PASSWORD_VALIDATORS``: refuses what is easy to guess."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raises ``ValidationError`` for a password that takes fewer than ``ENOUGH`` guesses."""
        if guesses(password, known_words(user)) < ENOUGH:
            said = _("This password is easy to guess. Take four or more words that do not belong together, and none that has to do with you or this site.")
            raise ValidationError(said, code="password_easy_to_guess")

    def get_help_text(self) -> str:
        """What to do, for the pages that ask for a new password."""
        return _("Your password should be hard to guess: for example four or more words that do not belong together.")


def known_words(user: AbstractBaseUser | None) -> list[str]:
    """The words that somebody would try first, the person's own before the others, in small letters."""
    named = [str(getattr(user, name, "")) for name in ("username", "first_name", "last_name", "email")]
    parts = [part for text in (*named, *settings.ALLOWED_HOSTS) for part in (text, *re.split(r"[\W_]+", text))]
    return [word for word in dict.fromkeys(part.lower() for part in (*parts, *SITE_WORDS.split())) if len(word) >= SHORTEST]


def guesses(password: str, known: list[str]) -> int:
    """About how many guesses a password takes, for somebody who tries the known words first."""
    longest_first = sorted(known, key=len, reverse=True)
    rest = re.sub("|".join(map(re.escape, longest_first)), "", password[:READ], flags=re.IGNORECASE)[:LOOKED_AT]
    return int(zxcvbn(rest, known, max_length=LOOKED_AT)["guesses"]) if rest else 1
