"""The first start: one page makes the firm, its owner and its service model, once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.people import POLICY
from zusage.ground.reasons import Refused
from zusage.policy import TEMPLATES
from zusage.policy.read import read_policy_text
from zusage.web.office.actions import open_office
from zusage.web.office.models import Firm, PolicyVersion, User
from zusage.web.office.queries import policy_of

pytestmark = pytest.mark.django_db
START = "/office/start/"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
PERSON = {"name": "Dora Muster", "email": "Dora@Example.org", "password": "ein langer satz", "language": "de"}
TYPED = {**PERSON, "firm_name": "Muster: Makler & Söhne", "place": "AT-9", "concept": "abc"}


def upload(text: str) -> dict[str, Any]:
    return {**PERSON, "concept": "own", "policy": SimpleUploadedFile("policy.yaml", text.encode())}


def test_every_page_leads_to_the_first_start(client: Client) -> None:
    assert client.get("/").headers["Location"] == START
    assert client.get("/customers/").headers["Location"] == START
    assert client.get(START).status_code == 200


@pytest.mark.parametrize("concept", TEMPLATES)
def test_a_template_becomes_the_firms_own_service_model(client: Client, concept: str) -> None:
    done = client.post(START, {**TYPED, "concept": concept})
    assert (done.status_code, done.headers.get("Location")) == (302, "/imports/")
    owner, version = User.objects.get(), PolicyVersion.objects.get()
    firm = policy_of(version).firm
    assert (owner.email, owner.name, owner.role, owner.language) == ("dora@example.org", "Dora Muster", "owner", "de")
    assert (firm.name, firm.country, firm.state, firm.language) == ("Muster: Makler & Söhne", "AT", "9", "de")
    assert (Firm.objects.get().name, version.published_by) == ("Muster: Makler & Söhne", owner)
    assert client.get("/imports/").status_code == 200  # signed in


def test_an_uploaded_service_model_stays_as_it_is(client: Client) -> None:
    assert client.post(START, upload(POLICY)).status_code == 302
    read = read_policy_text(POLICY).policy
    version = PolicyVersion.objects.get()
    assert (version.text, version.hash, Firm.objects.get().name) == (POLICY, read.hash, read.firm.name)


def test_all_mistakes_of_an_uploaded_service_model_are_shown_with_their_lines(client: Client) -> None:
    broken = POLICY.replace("practical_share: 40 %", "practical_share: fourty").replace("cause: duty", "cause: dutty")
    with pytest.raises(Refused) as refused:
        read_policy_text(broken)
    done = client.post(START, upload(broken))
    assert (done.status_code, done.context["refused"]) == (422, refused.value.findings)
    assert (Firm.objects.count(), User.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"password": "kurz"}, ["password"]),
        ({"password": "dora@example.org"}, ["password"]),
        ({"email": "dora"}, ["email"]),
        ({"firm_name": ""}, ["firm_name"]),
        ({"concept": "own"}, ["policy"]),
        ({"name": "", "place": "DE-XX"}, ["name", "place"]),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client: Client, changed: dict[str, str], wrong: list[str]) -> None:
    done = client.post(START, TYPED | changed)
    assert (done.status_code, sorted(done.context["form"].errors)) == (422, wrong)
    assert Firm.objects.count() == 0


def test_there_is_one_firm_however_many_start_it(client: Client) -> None:
    facts = {key: PERSON[key] for key in ("name", "password", "language")}
    open_office(firm_name="Erste", policy_text=POLICY, email="a@example.org", now=NOW, **facts)
    with pytest.raises(Refused):
        open_office(firm_name="Zweite", policy_text=POLICY, email="b@example.org", now=NOW, **facts)
    assert [firm.name for firm in Firm.objects.all()] == ["Erste"]
    assert [user.email for user in User.objects.all()] == ["a@example.org"]
    assert client.post(START, TYPED).headers["Location"] == "/"
    assert User.objects.count() == 1


def test_in_the_offices_network_only_who_sees_the_terminal_starts_it(client: Client, settings: Any) -> None:
    settings.OFFICE, settings.SETUP_CODE = True, "3f9a01bc"
    assert sorted(client.post(START, TYPED).context["form"].errors) == ["code"]
    assert sorted(client.post(START, {**TYPED, "code": "3f9a01bd"}).context["form"].errors) == ["code"]
    assert client.post(START, {**TYPED, "code": "3f9a01bc"}).status_code == 302
    settings.SETUP_CODE = ""


def test_without_a_code_in_the_terminal_nobody_starts_it_from_the_network(client: Client, settings: Any) -> None:
    settings.OFFICE, settings.SETUP_CODE = True, ""
    assert sorted(client.post(START, {**TYPED, "code": ""}).context["form"].errors) == ["code"]
