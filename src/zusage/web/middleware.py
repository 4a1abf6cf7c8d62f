"""A request comes in, a response with its security headers, in the reader's language, goes out."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import resolve
from django.utils import timezone, translation

from zusage.web.customers.queries import flips_seen
from zusage.web.office.queries import asked_once, firm_time_zone, has_firm

GetResponse = Callable[[HttpRequest], HttpResponseBase]
HEALTH = "/healthz"
SAFE = ("GET", "HEAD", "OPTIONS")
GONE = (ObjectDoesNotExist, LookupError, FileNotFoundError)
"""What a page meets that began with the rows of one run and went on when those of the next one were published."""
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def content_security(get_response: GetResponse) -> GetResponse:
    """Nothing is loaded from elsewhere and no script stands in a page."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def speak(get_response: GetResponse) -> GetResponse:
    """Language of the user (before sign-in: of the browser), time zone of the firm."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path == HEALTH:
            return get_response(request)  # it answers even where the database does not
        if request.user.is_authenticated:
            language = request.user.language
        else:
            language = request.session.get("language") or translation.get_language_from_request(request)[:2]
        language = language if language in ("de", "en") else "en"
        request.language = language  # type: ignore[attr-defined]
        with asked_once(), translation.override(language), timezone.override(ZoneInfo(firm_time_zone())):
            return get_response(request)

    return middleware


def guard(get_response: GetResponse) -> GetResponse:
    """Each page names who may see it (`office.rights.page`); one that names nobody is closed to everyone.

    An auditor reads: whatever changes anything is refused, wherever it stands.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    def process_view(
        request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        roles = getattr(view, "roles", None)
        if roles == ():
            return None
        if not request.user.is_authenticated and not has_firm():  # people there are only where there is a firm
            return redirect("first_start")
        if view.__module__.startswith("allauth."):
            return None  # it has rules of its own: which of its pages exist stands in urls.py
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if roles is None or request.user.role not in roles:
            raise PermissionDenied
        if request.method not in SAFE and not request.user.writes and not getattr(view, "auditor_writes", False):
            raise PermissionDenied
        return None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def settle(get_response: GetResponse) -> GetResponse:
    """A page that met a book being published begins once more, with the new one.

    A page asks the database many questions, each of which sees what is published at that moment. Where the flip comes
    between two of them, rows of the former run are gone, or, worse since nothing fails, figures of both stand side by
    side. One transaction around each page would keep the flip waiting on SQLite; so the flips are counted before and
    after instead (`flips_seen`). Only what changes nothing is begun again, and only once; whatever is wrong for another
    reason is so the second time too.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method not in SAFE or request.path == HEALTH:
            return get_response(request)
        before = flips_seen()
        answer = get_response(request)
        if answer.streaming or hasattr(request, "begun_again") or flips_seen() == before:
            return answer
        request.begun_again = True  # type: ignore[attr-defined]
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if request.method not in SAFE or not isinstance(exception, GONE) or hasattr(request, "begun_again"):
            return None
        request.begun_again = True  # type: ignore[attr-defined]
        found = resolve(request.path_info)
        answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        return answer

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
