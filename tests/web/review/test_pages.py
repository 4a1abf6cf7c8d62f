"""The pages of the review: one sentence with figures, the proposals with their parts, and the decisions."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import ALMA, CARO, EMIL
from tests.web.book.conftest import run
from tests.web.review.conftest import with_notice
from zusage.web.customers.models import Customer, Membership, Run
from zusage.web.office.jobs import start_job
from zusage.web.office.models import Firm, Job
from zusage.web.review.actions import AT_ONCE
from zusage.web.review.models import Flag, Proposal
from zusage.web.review.queries import proposed_changes

AsRole = Callable[[str], Client]


@pytest.fixture
def proposed(office: SimpleNamespace) -> SimpleNamespace:
    """Caro is to be reduced from A to C, Emil to move up from C to B."""
    for number, key in ((CARO, "A"), (EMIL, "C")):
        Membership.objects.filter(number=number).update(class_key=key)
        Customer.objects.filter(number=number).update(class_key=key)
    Proposal.objects.bulk_create(proposed_changes(office.run, office.policy, timezone.localdate()))
    return office


def heading(response: HttpResponse) -> str:
    found = re.search(r"<h1>(.*?)</h1>", response.content.decode(), re.DOTALL)
    assert found
    return unescape(found[1])


def names(response: HttpResponse) -> list[str]:
    """The customers listed, as they stand in the table."""
    return [unescape(name) for name in re.findall(r'<a href="/review/\d+/">([^<]+)</a>', response.content.decode())]


def of(unit_id: str) -> Proposal:
    return Proposal.objects.get(unit_id=unit_id)


def decision(found: Proposal, which: str, reason: str = "Besprochen", **more: object) -> dict[str, object]:
    day = timezone.localdate() + timedelta(days=30)
    return {"which": which, "reason": reason, "version": found.version, "effective_on": day.isoformat()} | more


def test_the_first_line_says_what_is_proposed(proposed: SimpleNamespace, as_role: AsRole) -> None:
    page = as_role("owner").get("/review/")
    assert (heading(page), names(page)) == ("Vorgeschlagen: 1 Aufstieg, 1 Rückstufung.", ["Emil Muster & Söhne"])
    assert names(as_role("auditor").get("/review/?part=down")) == ["Probe, Caro"]


def test_with_nothing_to_decide_it_says_so(office: SimpleNamespace, as_role: AsRole) -> None:
    assert heading(as_role("owner").get("/review/")) == (
        "Zur Zeit ist nichts zu entscheiden: jeder Kunde ist in der Klasse, die sich aus seinen Zahlen ergibt."
    )


def test_before_the_first_import_it_says_what_to_do(office: SimpleNamespace, as_role: AsRole) -> None:
    Run.objects.update(published=False)
    assert heading(as_role("owner").get("/review/")) == "Noch gibt es nichts einzustufen."


def test_assistants_decide_no_class(proposed: SimpleNamespace, as_role: AsRole) -> None:
    assert as_role("assistant").get("/review/").status_code == 403
    assert as_role("auditor").post("/review/upgrades/", {"which": "all"}).status_code == 403


def test_upgrades_are_confirmed_together(proposed: SimpleNamespace, as_role: AsRole) -> None:
    answer = as_role("adviser").post("/review/upgrades/", {"which": "chosen", "chosen": [of(EMIL).pk, of(CARO).pk]})
    assert answer.headers["Location"] == "/review/"
    assert (of(EMIL).state, of(CARO).state) == ("confirmed", "open")
    assert Customer.objects.get(number=EMIL).class_key == "B"


def test_a_reduction_shows_what_it_takes_and_is_signed(proposed: SimpleNamespace, as_role: AsRole) -> None:
    found, client = of(CARO), as_role("owner")
    page = client.get(f"/review/{found.pk}/")
    assert heading(page) == "Probe, Caro: von Premium zu Klassik?"
    cells = re.findall(
        r'<th scope="row">Jahrescheck</th>\s*<td[^>]*>(.*?)</td>\s*<td[^>]*>(.*?)</td>', page.content.decode()
    )
    assert cells == [("fest zugesagt, einmal im Jahr", "<strong>–</strong>")]
    client.post(f"/review/{found.pk}/", decision(found, "confirm", "Ruft nie an"))
    made = Membership.objects.filter(number=CARO).latest("pk")
    assert (made.class_key, made.reason, made.decided_by, made.applied) == ("C", "Ruft nie an", proposed.owner, False)
    assert made.effective_on == timezone.localdate() + timedelta(days=30)


def test_a_reduction_is_proposed_with_the_notice_of_the_service_model(
    proposed: SimpleNamespace, as_role: AsRole
) -> None:
    with_notice(proposed.run, 1)
    page = as_role("owner").get(f"/review/{of(CARO).pk}/").content.decode()
    assert f'value="{timezone.localdate() + timedelta(days=1)}"' in page
    assert "Das Servicekonzept sieht 1 Tag Frist vor, damit Sie es vorher sagen können." in page


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"reason": "  "}, "Bitte schreiben Sie dazu, warum: der Grund steht später beim Kunden."),
        (
            {"effective_on": "2020-01-01"},
            "Eine Rückstufung gilt frühestens ab morgen. Bitte wählen Sie einen späteren Tag.",
        ),
        ({"effective_on": "bald"}, "Bitte geben Sie einen Tag an."),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    proposed: SimpleNamespace, as_role: AsRole, more: dict[str, str], error: str
) -> None:
    found = of(CARO)
    page = as_role("owner").post(f"/review/{found.pk}/", decision(found, "confirm") | more)
    assert re.findall(r"<li>(.*?)</li>", page.content.decode().split('<form class="form"')[1]) == [error]
    assert of(CARO).state == "open"


def test_a_class_is_kept_with_a_reason(proposed: SimpleNamespace, as_role: AsRole) -> None:
    found = of(EMIL)
    as_role("adviser").post(f"/review/{found.pk}/", {"which": "keep", "reason": "Wird verkauft", "version": 1})
    assert (of(EMIL).state, of(EMIL).reason, of(EMIL).decided_by) == ("kept", "Wird verkauft", proposed.adviser)


def test_of_two_who_decide_the_second_sees_both_and_loses_nothing(proposed: SimpleNamespace, as_role: AsRole) -> None:
    found = of(CARO)
    as_role("adviser").post(f"/review/{found.pk}/", decision(found, "keep", "Baut gerade"))
    page = as_role("owner").post(f"/review/{found.pk}/", decision(found, "confirm", "Ruft nie an"))
    assert page.status_code == 409
    text = unescape(page.content.decode())
    assert re.findall("„(.*?)“", text) == ["Baut gerade"]
    assert re.findall("<blockquote>(.*?)</blockquote>", text) == ["Ruft nie an"]


def test_first_classes_are_signed_together(proposed: SimpleNamespace, as_role: AsRole) -> None:
    Membership.objects.all().delete()
    Proposal.objects.all().delete()
    Proposal.objects.bulk_create(proposed_changes(proposed.run, proposed.policy, timezone.localdate()))
    client = as_role("owner")
    assert heading(client.get("/review/")) == "Vorgeschlagen: 4 erste Einstufungen."
    client.post("/review/first/", {"reason": " "})
    assert Membership.objects.count() == 0
    client.post("/review/first/", {"reason": "Einführung"})
    assert Membership.objects.filter(reason="Einführung", decided_by=proposed.owner).count() == 5


def many(office: SimpleNamespace, change: str) -> int:
    """More open proposals than are confirmed while somebody waits."""
    Proposal.objects.all().delete()
    more = AT_ONCE + 1
    Customer.objects.bulk_create(
        Customer(run=office.run, number=f"M{number:04}", unit_id=f"M{number:04}", name=f"M{number}")
        for number in range(more)
    )
    Proposal.objects.bulk_create(
        Proposal(
            run=office.run, unit_id=f"M{number:04}", name=f"M{number}", sort_key=f"m{number:04}",
            members=[f"M{number:04}"], from_key="" if change == "first" else "C", to_key="B", change=change,
            because="criteria",
        )
        for number in range(more)
    )  # fmt: skip
    return more


@pytest.mark.parametrize(
    ("change", "address", "sent"),
    [("first", "/review/first/", {"reason": "Einführung"}), ("up", "/review/upgrades/", {"which": "all"})],
)
def test_thousands_are_confirmed_in_the_background_with_progress(
    proposed: SimpleNamespace, as_role: AsRole, change: str, address: str, sent: dict[str, str]
) -> None:
    more, before = many(proposed, change), Membership.objects.count()
    client = as_role("owner")
    for _ in range(2):  # who presses twice has it done once
        assert client.post(address, sent).headers["Location"] == "/review/"
    job = Job.objects.get(kind="confirm")
    assert Membership.objects.count() == before
    page = unescape(client.get("/review/").content.decode())
    assert "Sie werden im Hintergrund bestätigt" in page
    Proposal.objects.filter(unit_id="M0000").update(state="overtaken")  # meanwhile
    run(job)
    job.refresh_from_db()
    assert (job.state, job.result, job.done, job.total) == ("done", {"confirmed": more - 1}, more - 1, more - 1)
    assert Membership.objects.count() == before + more - 1
    decided = Membership.objects.filter(number__startswith="M").values_list("decided_by", "reason").distinct()
    assert [*decided] == [(proposed.owner.pk, sent.get("reason", ""))]


def test_without_the_person_who_signed_nothing_is_confirmed(proposed: SimpleNamespace) -> None:
    many(proposed, "first")
    job = run(start_job("confirm", now=timezone.now(), asked={"reason": "Einführung"}))
    assert [item["reason"]["code"] for item in job.findings] == ["review_nobody_signed"]
    assert not Membership.objects.filter(number__startswith="M").exists()


def test_a_decision_is_taken_back_before_its_day(proposed: SimpleNamespace, as_role: AsRole) -> None:
    client, found = as_role("owner"), of(CARO)
    client.post(f"/review/{found.pk}/", decision(found, "confirm"))
    waiting = Membership.objects.get(number=CARO, applied=False)
    page = client.get("/review/?part=pending")
    assert re.findall(r'href="(/review/pending/\d+/)"', page.content.decode()) == [f"/review/pending/{waiting.pk}/"]
    client.post(f"/review/pending/{waiting.pk}/", {"reason": "Hat sich gemeldet"})
    assert (of(CARO).state, Membership.objects.filter(applied=False).count()) == ("taken_back", 0)


def test_an_adviser_sees_the_own_customers_only(proposed: SimpleNamespace, as_role: AsRole) -> None:
    Firm.objects.update(advisers_see_own_only=True)
    Customer.objects.filter(number=EMIL).update(adviser="Somebody else")
    client = as_role("adviser")
    assert heading(client.get("/review/")) == "Vorgeschlagen: 1 Rückstufung."
    assert client.get(f"/review/{of(EMIL).pk}/").status_code == 404
    client.post("/review/upgrades/", {"which": "chosen", "chosen": [of(EMIL).pk]})
    assert of(EMIL).state == "open"


def test_the_owner_sees_equal_reasons_until_they_are_marked_seen(proposed: SimpleNamespace, as_role: AsRole) -> None:
    flag = Flag.objects.create(by=proposed.adviser, at=timezone.now(), reason="zu wenig Ertrag", count=11)
    assert re.findall("„(.*?)“", as_role("owner").get("/review/").content.decode()) == ["zu wenig Ertrag"]
    assert re.findall("„(.*?)“", as_role("adviser").get("/review/").content.decode()) == []
    as_role("owner").post(f"/review/flags/{flag.pk}/seen/")
    assert Flag.objects.get().seen_by == proposed.owner


def test_reckoning_anew_starts_once_and_shows_its_progress(proposed: SimpleNamespace, as_role: AsRole) -> None:
    client = as_role("adviser")
    client.post("/review/run/")
    client.post("/review/run/")
    job = Job.objects.get(kind="review")
    part = client.get(f"/review/progress/{job.pk}/", headers={"HX-Request": "true"})
    assert re.findall(r'hx-get="([^"]+)"', part.content.decode()) == [f"/review/progress/{job.pk}/"]
    Job.objects.update(state="done")
    assert client.get(f"/review/progress/{job.pk}/", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("part", ["first", "up", "down", "unclear", "pending"])
def test_a_list_asks_the_database_as_often_for_three_as_for_one(
    office: SimpleNamespace, as_role: AsRole, part: str
) -> None:
    client = as_role("owner")
    client.get("/review/")  # what is read once per process
    asked = []
    for numbers in ([ALMA], [ALMA, CARO, EMIL]):
        fill(office, part, numbers)
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"/review/?part={part}").status_code == 200
        asked.append(len(found))
    assert asked[0] == asked[1]


def fill(office: SimpleNamespace, part: str, numbers: list[str]) -> None:
    """Rows of a part of the page for some customers."""
    Proposal.objects.all().delete()
    Membership.objects.filter(applied=False).delete()
    Customer.objects.filter(number__in=numbers).update(undecided=part == "unclear")
    if part == "pending":
        for number in numbers:
            Membership.objects.create(
                number=number, class_key="C", effective_on=timezone.localdate() + timedelta(days=9), change="down",
                policy=office.version, because="criteria", decided_by=office.owner, decided_at=timezone.now(),
            )  # fmt: skip
    elif part != "unclear":
        change, reduces = {"first": ("first", False), "up": ("up", False), "down": ("down", True)}[part]
        for number in numbers:
            Proposal.objects.create(
                run=office.run, unit_id=number, name=number, sort_key=number, members=[number], from_key="B",
                to_key="A", change=change, reduces=reduces, because="criteria",
            )  # fmt: skip


def test_pages_are_there_in_english(proposed: SimpleNamespace, as_role: AsRole) -> None:
    proposed.owner.language = "en"
    proposed.owner.save()
    client = as_role("owner")
    assert heading(client.get("/review/")) == "Proposed: 1 upgrade, 1 reduction."
    assert heading(client.get(f"/review/{of(CARO).pk}/")) == "Probe, Caro: from Premium to Klassik?"
