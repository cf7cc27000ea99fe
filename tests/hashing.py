"""How the tests hash passwords."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class LightArgon2(Argon2PasswordHasher):
    """The site's own hash, with a small part of its work."""

    memory_cost, time_cost, parallelism = 1024, 1, 1
