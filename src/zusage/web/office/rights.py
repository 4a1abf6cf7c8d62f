"""A view comes in, the same view with the roles that may open it goes out; the middleware `guard` asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from django.views.decorators.http import require_http_methods

from zusage.web.office.models import ROLES, User
from zusage.web.office.queries import the_firm

View = TypeVar("View", bound=Callable[..., Any])
EVERYONE = ROLES
WRITERS = ("owner", "adviser", "assistant")
DECIDERS = ("owner", "adviser")
OWNER = ("owner",)
READERS = (*DECIDERS, "auditor")
"""Who may look at what rests on what customers bring and cost: drafts, proposals, capacity. No assistants."""


def page(*roles: str, methods: tuple[str, ...] = ("GET",), auditor_writes: bool = False) -> Callable[[View], View]:
    """Names the roles that may open a view and the methods it takes; no roles: open to all, signed in or not.

    `auditor_writes`: somebody who only reads may still send this, such as their own language.
    """

    def decorate(view: View) -> View:
        allowed = [*methods, "HEAD"] if "GET" in methods else list(methods)
        decorated = require_http_methods(allowed)(view)
        decorated.roles = roles  # type: ignore[attr-defined]
        decorated.methods = methods  # type: ignore[attr-defined]
        decorated.auditor_writes = auditor_writes  # type: ignore[attr-defined]
        return decorated

    return decorate


def user_of(request: HttpRequest) -> User:
    """The person behind a request that passed the guard."""
    assert isinstance(request.user, User)  # noqa: S101 - the guard has let nobody else in
    return request.user


def sees_money(user: User) -> bool:
    """Whether somebody may see what customers bring and cost: assistants only where the owner allows."""
    return user.role != "assistant" or the_firm().assistants_see_money
