"""Versions: what differs between two, in words; back as a draft; files in and out as they are written."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests import people
from tests.web.services.publish.conftest import FASTER_C, SLOWER, drafted, published
from zusage.policy.read import read_policy_text
from zusage.web.office.models import PolicyVersion
from zusage.web.services.models import Draft
from zusage.web.services.publish.queries import next_label

As = Callable[[str], Client]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


@pytest.fixture
def second(office: SimpleNamespace) -> PolicyVersion:
    """A second version, slower for A."""
    return published(
        drafted(office, SLOWER, now=NOW), office.owner, NOW, begins_on=TODAY, risk="Wir stellen ein.", reduction="Nun."
    )


def test_the_list_says_what_holds_and_what_was_signed(
    office: SimpleNamespace, second: PolicyVersion, as_role: As, django_assert_num_queries: Any
) -> None:
    adviser = as_role("adviser")
    page = adviser.get("/services/versions/")
    assert [item.label for item in page.context["listed"]] == ["two", "test"]
    assert "Risiko übernommen von Owner: Wir stellen ein." in page.content.decode()
    assert as_role("assistant").get("/services/versions/").status_code == 403
    with django_assert_num_queries(5):
        adviser.get("/services/versions/")
    published(
        drafted(office, FASTER_C, now=NOW), office.owner, NOW, begins_on=TODAY, label="three", risk="a", reduction="b"
    )
    with django_assert_num_queries(5):
        adviser.get("/services/versions/")


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("de", ("Rückruf (Premium)", "am selben Arbeitstag", "am nächsten Arbeitstag")),
        ("en", ("Rückruf (Premium)", "the same working day", "the next working day")),
    ],
)
def test_two_versions_are_compared_in_the_readers_language(
    office: SimpleNamespace, second: PolicyVersion, as_role: As, language: str, line: tuple[str, str, str]
) -> None:
    office.owner.language = language
    office.owner.save()
    owner = as_role("owner")
    for query in ("", f"?old={office.version.pk}&new={second.pk}", "?old=x&new=99999"):
        ((_, items),) = owner.get(f"/services/versions/compare/{query}").context["differences"]
        assert [(item.what, item.before, item.after) for item in items] == [line]
    turned = owner.get(f"/services/versions/compare/?old={second.pk}&new={office.version.pk}")
    ((_, items),) = turned.context["differences"]
    assert [(item.before, item.after) for item in items] == [line[:0:-1]]
    same = owner.get(f"/services/versions/compare/?old={second.pk}&new={second.pk}")
    assert same.context["differences"] == []


def test_an_earlier_version_comes_back_as_a_draft(office: SimpleNamespace, second: PolicyVersion, as_role: As) -> None:
    as_role("owner").post("/services/new/", {"base": office.version.pk})
    draft = Draft.objects.get(state="open")
    assert (draft.text, draft.hash, draft.base) == (office.version.text, office.version.hash, office.version)


def test_a_file_becomes_a_draft_and_comes_back_byte_for_byte(office: SimpleNamespace, as_role: As) -> None:
    written = (
        "# Unser Servicekonzept\r\n" + people.POLICY.replace("C: {name: Klassik}", "C: {name: Klassik} # gut")
    ).encode()
    owner = as_role("owner")
    taken = owner.post("/services/versions/import/", {"policy": SimpleUploadedFile("p.yaml", written)})
    draft = Draft.objects.get()
    assert taken["Location"] == f"/services/{draft.pk}/check/"
    back = owner.get(f"/services/{draft.pk}.yaml").content
    assert back == written
    assert read_policy_text(back.decode()).policy.hash == office.version.hash
    assert as_role("auditor").post("/services/versions/import/").status_code == 403


def test_a_customer_list_in_the_place_of_a_service_model_is_sent_where_it_belongs(
    office: SimpleNamespace, as_role: As
) -> None:
    listed = SimpleUploadedFile("kunden.yaml", b"Kundennummer;Name\n0001;Muster\n")
    page = as_role("owner").post("/services/versions/import/", {"policy": listed})
    assert page.status_code == 422
    shown = unescape(page.content.decode())
    assert "Kunden- und Umsatzlisten lesen Sie unter „Importe“ ein." in shown
    assert "zusage policy" not in shown


def test_a_file_with_mistakes_is_no_draft_and_all_of_them_are_shown(office: SimpleNamespace, as_role: As) -> None:
    text = people.POLICY.replace("practical_share: 40 %", "practical_share: viel").replace("A: same_day", "A: sofort")
    page = as_role("owner").post("/services/versions/import/", {"policy": SimpleUploadedFile("p.yaml", text.encode())})
    assert page.status_code == 422
    assert {"policy_not_share", "policy_unknown_mode"} <= {item.reason.code for item in page.context["refused"]}
    assert not Draft.objects.exists()


def test_a_published_version_is_taken_along_as_it_was_written(
    office: SimpleNamespace, second: PolicyVersion, as_role: As
) -> None:
    found = as_role("auditor").get(f"/services/versions/{second.pk}.yaml")
    assert (found.content, found["Content-Disposition"]) == (
        second.text.encode(),
        'attachment; filename="policy-two.yaml"',
    )


def test_a_label_that_is_taken_gets_a_number(office: SimpleNamespace) -> None:
    assert [next_label(wanted) for wanted in ("test", "fresh", "2026-9")] == ["test-1", "fresh", "2026-9"]
    PolicyVersion.objects.filter(label="test").update(label="2026-9")
    assert next_label("2026-9") == "2026-10"
