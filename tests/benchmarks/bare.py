"""What the site's pages are compared with: one page with one crispy form, on the middleware that a new Django project has. Settings, view and server in one."""

from __future__ import annotations

import os

from django import forms

DEBUG = False
SECRET_KEY = "for-a-benchmark-only-never-in-production-0123456789"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = WSGI_MODULE = "tests.benchmarks.bare"
USE_TZ = True
INSTALLED_APPS = ["prescreen", "crispy_forms", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
PAGE = """{% load crispy_forms_tags %}<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A question</title></head><body><main>{% crispy form %}</main></body></html>"""
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": ["templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        ("django.template.loaders.locmem.Loader", {"page.html": PAGE}),
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ("plain",)
CRISPY_TEMPLATE_PACK = "plain"


CHOICES = [("one", "The first"), ("two", "The second"), ("three", "The third"), ("four", "The fourth"), ("unknown", "I am not sure")]


class BareForm(forms.Form):
    """One question with a hint and five choices, which is what the site's questions have on average."""

    answer = forms.ChoiceField(label="Which of these is it?", help_text="Choose the closest one.", choices=CHOICES, widget=forms.RadioSelect)


def page(request):
    """The page."""
    from crispy_forms.helper import FormHelper  # noqa: PLC0415
    from crispy_forms.layout import Submit  # noqa: PLC0415
    from django.shortcuts import redirect, render  # noqa: PLC0415

    form = BareForm(request.POST or None)
    if form.is_bound and form.is_valid():
        return redirect("/")
    form.helper = FormHelper()
    form.helper.add_input(Submit("continue", "Continue"))
    return render(request, "page.html", {"form": form})


def __getattr__(name: str):
    """The addresses, and the application for granian; both need settings that are read already."""
    if name == "urlpatterns":
        from django.urls import path  # noqa: PLC0415

        return [path("", page)]
    if name == "application":
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.bare"
        from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

        return get_wsgi_application()
    raise AttributeError(name)
