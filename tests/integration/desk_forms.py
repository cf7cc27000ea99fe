"""The pages of the desk as its addresses tell, and the forms that they show, to be sent as they are or with anything in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client
from django.urls import resolve, reverse

from trials.models import Trial

OWN = "own"
"""The kind of pages that are of no record: those of the desk itself, and of one's own sign-in."""

ENDS = 2
"""So many of the first and of the last records of a kind have their pages asked for."""


@dataclass
class Form:
    """A form as a browser would send it unchanged, and what else it offers. ``spare`` are the fields of a row that can be added."""

    address: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    offered: list[tuple[str, str]] = field(default_factory=list)
    spare: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    is_post: bool = False

    def as_shown(self) -> list[tuple[bytes, bytes]]:
        """The fields as a browser sends them unchanged."""
        return [(name.encode(), value.encode()) for name, value in self.fields]


class _Forms(HTMLParser):
    def __init__(self, address: str, page: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.select = self.area = ""
        self.words: list[str] = []
        self.is_inside = False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        name, kind, value = found.get("name") or "", found.get("type"), found.get("value")
        if tag == "form":
            self.forms.append(Form(found.get("action") or self.address, is_post=found.get("method", "").lower() == "post"))
            self.is_inside = True
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and self.is_inside:
            self._add(self.select, value or "", "selected" in found)
        elif tag == "textarea":
            self.area, self.words = name, []
        elif tag in ("input", "button") and name and self.is_inside:
            if kind == "file":
                self.forms[-1].files.append(name)
            else:
                boxes, buttons = kind in ("checkbox", "radio"), kind in ("submit", "image") or tag == "button"
                self._add(name, value or ("on" if boxes else ""), "checked" in found or not (boxes or buttons))

    def handle_data(self, data):
        if self.area:
            self.words.append(data)

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_inside = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self._add(self.area, "".join(self.words).removeprefix("\n"), True)
            self.area = ""

    def _add(self, name: str, value: str, is_sent: bool) -> None:
        form = self.forms[-1]
        if name == "csrfmiddlewaretoken":
            return
        if "__prefix__" in name:
            form.spare.append((name, value))
            return
        form.offered.append((name, value))
        if is_sent:
            form.fields.append((name, value))


def forms_of(response, address: str) -> list[Form]:
    """The forms of a page that are sent by POST."""
    if "html" not in response.get("Content-Type", ""):
        return []
    return [form for form in _Forms(address, response.content.decode()).forms if form.is_post]


def routes(resolver=None) -> dict[str, object]:
    """Every address of the desk by its name; those without one lead elsewhere, or nowhere."""
    found = {}
    for one in admin.site.urls[0] if resolver is None else resolver:
        if hasattr(one, "url_patterns"):
            found |= routes(one.url_patterns)
        elif one.name:
            found[one.name] = one
    return found


def models() -> dict[str, type[Model]]:
    """The kinds of records that have pages, by what their addresses' names begin with."""
    return {f"{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry}


def kind_of(route: str) -> str:
    """What kind of pages an address belongs to: those of a kind of record, or ``OWN``."""
    return next((kind for kind in models() if route.startswith(f"{kind}_")), OWN)


def addresses_of(route: str) -> list[str]:
    """The addresses of this name: of each record, where it is about one. A route that takes anything else has to be told here, or it cannot be reversed."""
    told = {
        "view_on_site": [[ContentType.objects.get_for_model(Trial).pk, Trial.objects.values_list("pk", flat=True)[0]]],
        "app_list": [["trials"], ["auth"]],
    }
    if route in told:
        return [reverse(f"admin:{route}", args=one) for one in told[route]]
    converters = routes()[route].pattern.converters
    if not converters:
        return [reverse(f"admin:{route}")]
    keys = list(models()[kind_of(route)].objects.order_by("pk").values_list("pk", flat=True))
    return [reverse(f"admin:{route}", kwargs=dict.fromkeys(converters, key)) for key in dict.fromkeys([*keys[:ENDS], *keys[-ENDS:]])]


def route_of(address: str) -> str:
    """The name of the route at an address."""
    return resolve(address.partition("?")[0]).url_name


def shown_forms(browser: Client, kind: str) -> list[Form]:
    """The forms that the pages of this kind show, each address's once. What is sent to pages of another kind is left to those."""
    found: dict[str, Form] = {}
    for address in (one for route in routes() if kind_of(route) == kind for one in addresses_of(route)):
        if route_of(address) != "logout":
            for form in forms_of(browser.get(address), address):
                if kind_of(route_of(form.address)) == kind:
                    found.setdefault(form.address, form)
    return list(found.values())


def named_in_links(response) -> set[str]:
    """What the links of a page ask of it."""
    if "html" not in response.get("Content-Type", ""):
        return set()
    links = re.findall(r'href="\?([^"]*)"', response.content.decode())
    return {name for link in links for name, _value in parse_qsl(unescape(link), keep_blank_values=True)}
