"""The program's log holds no address that opens something for whoever reads it."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client

from tests.web.test_access import ROUTES, Route
from zusage.web.charter.models import new_token
from zusage.web.office.quiet import Quiet
from zusage.web.office.signin import DEMO_LINKS, PASSWORD_LINKS

SECRET = {"token", "link", "signed"}
"""Arguments of addresses that open something."""
OPEN = [route for route in ROUTES if SECRET & set(route.arguments)]


def line(record: logging.LogRecord) -> str:
    assert Quiet().filter(record) is True
    return record.getMessage()


def test_the_console_is_quiet() -> None:
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["quiet"]


@pytest.mark.parametrize("route", OPEN, ids=lambda route: route.name)
def test_whatever_goes_wrong_at_such_an_address_is_logged_without_it(
    office: SimpleNamespace, caplog: pytest.LogCaptureFixture, route: Route
) -> None:
    caplog.set_level("WARNING", "django.request")  # also what the office does not log at all
    for secret in (new_token(), PASSWORD_LINKS.link(office.owner), DEMO_LINKS.link(office.owner)):
        caplog.clear()
        given = {name: secret if name in SECRET else value for name, value in route.arguments.items()}
        Client(enforce_csrf_checks=True).delete(Route(route.name, route.view, given).path)
        [said] = map(line, caplog.records)
        assert (secret in said, said.count("/…")) == (False, 1)


def test_other_lines_stay_as_they_are() -> None:
    record = logging.LogRecord("zusage", 20, "", 0, "%s: %s of %s", ("/customers/0001/", 3, "2026-11-25T09:00"), None)
    assert line(record) == "/customers/0001/: 3 of 2026-11-25T09:00"
