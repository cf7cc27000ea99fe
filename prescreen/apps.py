"""The patient's site."""

from django.apps import AppConfig


class PrescreenConfig(AppConfig):
    """Has no models: that is the privacy policy."""

    name = "prescreen"
