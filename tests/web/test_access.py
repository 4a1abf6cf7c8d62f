"""Who may open what: every address of the office, tried by every role, against the table in access.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from zusage.web.office.models import ROLES

STRANGER = "stranger"
"""Somebody who is not signed in."""
GROUPS = {
    "public": (*ROLES, STRANGER),
    "everyone": ROLES,
    "writers": ("owner", "adviser", "assistant"),
    "money": ("owner", "adviser", "auditor"),
    "deciders": ("owner", "adviser"),
    "keepers": ("owner", "auditor"),
    "owner": ("owner",),
    "nobody": (),
}
"""The words of the table. An assistant is tried in a firm that does not show them money."""
TABLE = tomllib.loads((Path(__file__).parent / "access.toml").read_text("utf-8"))
SAMPLES = {"int": 987654, "str": "nothing", "slug": "nothing", "path": "nothing"}
"""Arguments of addresses: of things that do not exist, which every role is told in the same way."""


@dataclass(frozen=True)
class Route:
    """A named address with its view and the arguments it is tried with."""

    name: str
    view: Callable[..., HttpResponse]
    arguments: dict[str, object]

    @property
    def path(self) -> str:
        return reverse(self.name, kwargs=self.arguments)

    @property
    def line(self) -> str:
        """The line for the table, as the view itself says it; whoever adds it looks whether that is meant."""
        cells = ", ".join(f'{method.lower()} = "{self.group(method)}"' for method in ("GET", "POST"))
        return f"{self.name} = {{ {cells} }}"

    def group(self, method: str) -> str:
        roles = getattr(self.view, "roles", None)
        if roles is None or method not in self.view.methods:  # type: ignore[attr-defined]
            return "nobody"
        if roles == ():
            return "public"
        reads = method == "GET" or self.view.auditor_writes  # type: ignore[attr-defined]
        wanted = {role for role in roles if reads or role != "auditor"}
        return next((group for group, known in GROUPS.items() if set(known) == wanted), "?")


def routes(resolver: URLResolver | None = None, before: dict[str, object] | None = None) -> Iterator[Route]:
    """Every address of the office, whatever file it stands in."""
    for entry in (resolver or get_resolver()).url_patterns:
        found = {name: sample(kind) for name, kind in entry.pattern.converters.items()}
        arguments = (before or {}) | found
        if isinstance(entry, URLResolver):
            yield from routes(entry, arguments)
        else:
            assert isinstance(entry, URLPattern)
            yield Route(entry.name or f"no name: {entry.pattern}", entry.callback, arguments)


def sample(converter: object) -> object:
    return SAMPLES[type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")]


ROUTES = sorted(routes(), key=lambda route: route.name)


def test_every_address_stands_in_the_table() -> None:
    missing = [route.line for route in ROUTES if route.name not in TABLE]
    assert missing == [], "add to tests/web/access.toml:\n" + "\n".join(missing)


def test_the_table_names_nothing_that_is_gone_and_no_name_stands_for_two_addresses() -> None:
    names = [route.name for route in ROUTES]
    assert sorted(set(TABLE) - set(names)) == []
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def rows() -> dict[str, list[tuple[object, ...]]]:
    """Everything that is stored, but for the sessions of those who ask."""
    models = [model for model in apps.get_models() if model is not Session]
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in models}


def allowed(route: Route, method: str, answer: HttpResponse) -> bool:
    """Whether somebody was let in: a page, a way on, or the word that there is no such thing."""
    way = answer.headers.get("Location", "")
    usual = (200, 204, 302, 303) if method == "get" else (200, 204, 302, 303, 400, 409, 422, 503)
    if answer.status_code == 404:  # the library says so where there is no second factor
        return bool(route.arguments) or method == "post" or route.name.startswith("mfa_")
    if route.name == "health":  # nothing works for it here: 503 is an answer too
        return answer.status_code in (200, 503)
    return (answer.status_code in usual) and not way.startswith("/account/login/?next=")


def refused(role: str, answer: HttpResponse, *, nobody: bool) -> bool:
    """Whether somebody was kept out, a stranger by being asked who they are; 404 would do where nobody gets in."""
    if answer.status_code == 405 or (nobody and answer.status_code == 404):
        return True
    if role == STRANGER:
        return answer.headers.get("Location", "").startswith("/account/login/?next=")
    return answer.status_code == 403


def ask(client: Client, route: Route, method: str) -> HttpResponse:
    """The answer to a bare request; whatever it changed is taken back."""
    with transaction.atomic():
        answer = getattr(client, method)(route.path)
        transaction.set_rollback(True)
    return answer  # type: ignore[no-any-return]


def visitors(office: SimpleNamespace) -> Iterator[tuple[str, Client]]:
    for role in (*ROLES, STRANGER):
        client = Client()
        if role != STRANGER:
            client.force_login(office.users[role], backend="allauth.account.auth_backends.AuthenticationBackend")
        yield role, client


def wrong(route: Route, method: str, role: str, answer: HttpResponse) -> str | None:
    """What is wrong with an answer, None where it is as the table says."""
    group = TABLE[route.name][method]
    may = role in GROUPS[group]
    right = allowed(route, method, answer) if may else refused(role, answer, nobody=group == "nobody")
    told = f"{answer.status_code} {answer.headers.get('Location', '')}".strip()
    return None if right else f"{role} {method} {route.path} ({route.name}): {told}, may: {may}"


@pytest.mark.uncounted
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_role_gets_what_the_table_says_and_a_refusal_changes_nothing(
    office: SimpleNamespace, method: str
) -> None:
    mistakes = []
    for role, client in visitors(office):
        signed_in = SimpleCookie(client.cookies)
        for route in (route for route in ROUTES if route.name in TABLE):
            client.cookies = SimpleCookie(signed_in)  # the row of the session is taken back with what a request does
            mistakes.append(wrong(route, method, role, ask(client, route, method)))
    assert [mistake for mistake in mistakes if mistake] == []


@pytest.mark.uncounted
def test_what_is_refused_leaves_every_row_as_it_was(office: SimpleNamespace) -> None:
    signed_in = list(visitors(office))
    before = rows()
    for role, client in signed_in:
        for route in ROUTES:
            for method in ("get", "post"):
                if route.name in TABLE and role not in GROUPS[TABLE[route.name][method]]:
                    getattr(client, method)(route.path)
    assert rows() == before
