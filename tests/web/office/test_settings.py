"""Settings: firm and rights, people and their links, the service model, jobs, backups, changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import EMIL
from tests.web.conftest import PASSWORD
from zusage.web.customers.models import OwnChoice
from zusage.web.office.actions import add_person
from zusage.web.office.backup import backups, keep_backup
from zusage.web.office.jobs import run_job
from zusage.web.office.models import Firm, Job, User
from zusage.web.office.signin import DEMO_LINKS, PASSWORD_LINKS

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
As = Callable[[str], Client]


@pytest.fixture
def data(settings: Any, tmp_path: Path) -> Path:
    settings.DATA = tmp_path
    (tmp_path / "secret-key").write_text("k" * 40)
    (tmp_path / "files").mkdir()
    return tmp_path


def person(user: User, **changed: str) -> dict[str, str]:
    known = {"version": str(user.version), "name": user.name, "email": user.email, "role": user.role}
    return known | {"language": "de", "is_active": "on"} | changed


# --- the firm


def test_an_edit_of_an_older_version_shows_both_and_loses_nothing(office: SimpleNamespace, as_role: As) -> None:
    owner = as_role("owner")
    assert owner.post("/office/settings/", {"version": "1", "name": "Eins"}).status_code == 302
    late = owner.post("/office/settings/", {"version": "1", "name": "Zwei", "assistants_see_money": "on"})
    assert (late.status_code, Firm.objects.get().name) == (409, "Eins")
    assert [(now, typed) for _, now, typed in late.context["versions"]] == [("Eins", "Zwei"), ("nein", "ja")]
    assert (late.context["form"]["name"].value(), late.context["form"]["version"].value()) == ("Zwei", "2")
    assert owner.post("/office/settings/", {"version": "2", "name": "Zwei"}).status_code == 302
    assert (Firm.objects.get().name, Firm.objects.get().version) == ("Zwei", 3)


def test_what_was_changed_stands_in_the_log_with_before_and_after(office: SimpleNamespace, as_role: As) -> None:
    as_role("owner").post("/office/settings/", {"version": "1", "name": "Neu", "assistants_see_money": "on"})
    seen = as_role("auditor").get("/office/changes/", {"kind": "firm", "by": office.owner.pk})
    (row, _, lines) = seen.context["listed"][0]
    assert (row.actor, sorted(lines["fields"])) == (
        office.owner,
        [("Assistenz sieht Erträge, Kosten und Deckungsbeiträge", "nein", "ja"), ("Name", "Test", "Neu")],
    )
    assert as_role("adviser").get("/office/changes/").status_code == 403


def test_the_log_speaks_of_people_classes_and_days_in_words(office: SimpleNamespace, as_role: As) -> None:
    OwnChoice.objects.create(
        number=EMIL, state="chosen", class_key="A", chosen_on=date(2026, 11, 3), evidence="Brief", by=office.adviser,
        created_at=timezone.now(),
    )  # fmt: skip
    (_, what, lines) = as_role("owner").get("/office/changes/", {"kind": "ownchoice"}).context["listed"][0]
    assert (lines["kind"], what, sorted(lines["fields"])) == (
        "Wahl",
        "angelegt",
        [
            ("Beleg", "–", "Brief"),
            ("Klasse", "–", "Premium"),
            ("Kundennummer", "–", EMIL),
            ("Stand", "–", "gewählt"),
            ("Tag", "–", "03.11.2026"),
            ("Von", "–", "Adviser"),
        ],
    )


def test_a_password_never_stands_in_the_log(office: SimpleNamespace, as_role: As) -> None:
    office.assistant.set_password("ein anderes kennwort")
    office.assistant.save()
    assert b"md5" not in as_role("owner").get("/office/changes/").content


# --- people


def test_a_new_person_chooses_a_password_by_a_link_that_is_good_once(office: SimpleNamespace, as_role: As) -> None:
    owner = as_role("owner")
    typed = {"name": "Nina Neu", "email": "Nina@Example.org", "role": "adviser", "language": "en", "version": "1"}
    shown = owner.post("/office/people/new/", typed | {"weekly_seconds": "38,5"}, follow=True)
    link = re.search(r"/office/welcome/[^<\s]+", shown.content.decode())
    assert link is not None
    stranger = Client()
    assert stranger.get(link[0]).status_code == 200
    assert stranger.post(link[0], {"password": "kurz"}).status_code == 422
    assert stranger.post(link[0], {"password": "ein langer satz"}).headers["Location"] == "/account/login/"
    assert stranger.post(link[0], {"password": "noch ein langer satz"}).status_code == 404
    nina = User.objects.get(email="nina@example.org")
    assert (nina.check_password("ein langer satz"), nina.weekly_seconds, nina.role) == (True, 138600, "adviser")


def test_a_link_ends_after_a_week(office: SimpleNamespace, settings: Any) -> None:
    new = add_person(values={"email": "n@example.org", "name": "N", "role": "assistant"})
    link = PASSWORD_LINKS.link(new)
    assert PASSWORD_LINKS.person(link) == new
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert PASSWORD_LINKS.person(link) is None


@pytest.mark.parametrize("link", ["", "1", "1-", "x-y", "٣-abc", "999999-abc-def"])
def test_a_link_that_never_was_one_opens_nothing(office: SimpleNamespace, link: str) -> None:
    assert PASSWORD_LINKS.person(link) is None


def test_who_may_no_longer_sign_in_is_out_at_once(office: SimpleNamespace, as_role: As) -> None:
    adviser, owner = as_role("adviser"), as_role("owner")
    assert adviser.get("/office/me/").status_code == 200
    typed = person(office.adviser)
    del typed["is_active"]
    assert owner.post(f"/office/people/{office.adviser.pk}/", typed).status_code == 302
    assert adviser.get("/office/me/").headers["Location"] == "/account/login/?next=/office/me/"
    assert owner.get("/office/me/").status_code == 200


@pytest.mark.parametrize("changed", [{"role": "adviser"}, {"is_active": ""}])
def test_the_last_owner_stays(office: SimpleNamespace, as_role: As, changed: dict[str, str]) -> None:
    done = as_role("owner").post(f"/office/people/{office.owner.pk}/", person(office.owner, **changed))
    kept = User.objects.get(pk=office.owner.pk)
    assert (done.status_code, kept.role, kept.is_active, kept.version) == (422, "owner", True, 1)


def test_a_mail_address_is_one_persons(office: SimpleNamespace, as_role: As) -> None:
    done = as_role("owner").post(
        f"/office/people/{office.adviser.pk}/", person(office.adviser, email="OWNER@example.org")
    )
    assert (done.status_code, [item.reason.code for item in done.context["refused"]]) == (422, ["office_email_taken"])


def test_days_away_are_entered_and_taken_out(office: SimpleNamespace, as_role: As) -> None:
    owner, away = as_role("owner"), f"/office/people/{office.adviser.pk}/away/"
    assert owner.post(away, {"first_on": "2026-12-24", "last_on": "2026-12-23"}).status_code == 422
    assert owner.post(away, {"first_on": "2026-12-23", "last_on": "2026-12-24", "note": "Urlaub"}).status_code == 302
    absence = office.adviser.absences.get()
    assert (absence.first_on, absence.last_on) == (date(2026, 12, 23), date(2026, 12, 24))
    assert owner.post(f"{away}{absence.pk}/").status_code == 302
    assert office.adviser.absences.count() == 0


def test_the_list_of_people_asks_the_database_as_often_for_four_as_for_seven(
    office: SimpleNamespace, as_role: As, django_assert_num_queries: Any
) -> None:
    owner = as_role("owner")
    owner.get("/office/people/")  # what is read once per process
    for number in range(4):
        if number != 1:
            add_person(values={"email": f"{number}@example.org", "name": f"P{number}", "role": "assistant"})
        with django_assert_num_queries(5):
            owner.get("/office/people/")


# --- jobs, backups, health


def test_a_backup_is_made_as_a_job_and_taken_along_with_the_password(
    office: SimpleNamespace, as_role: As, data: Path
) -> None:
    keep_backup(NOW)
    (made,) = backups()
    owner = as_role("owner")
    assert owner.post(f"/office/backups/{made.name}", {"own_password": "falsch"}).status_code == 422
    taken = owner.post(f"/office/backups/{made.name}", {"own_password": PASSWORD})
    assert b"".join(taken.streaming_content) == made.read_bytes()
    assert owner.get("/office/backups/../secret-key").status_code == 404
    assert as_role("adviser").post(f"/office/backups/{made.name}", {"own_password": PASSWORD}).status_code == 403


def test_the_last_fourteen_backups_are_kept(office: SimpleNamespace, data: Path) -> None:
    for second in range(16):
        keep_backup(NOW.replace(second=second))
    assert [path.name for path in backups()] == [f"zusage-20261125-0900{second:02d}.zip" for second in range(15, 1, -1)]


def test_a_backup_that_fails_says_so_on_the_jobs_page(office: SimpleNamespace, as_role: As, data: Path) -> None:
    (data / "secret-key").unlink()
    job = Job.objects.create(kind="backup", created_at=NOW)
    run_job.func(job.pk)
    job.refresh_from_db()
    assert (job.state, as_role("assistant").get("/office/jobs/").context["running"]) == ("failed", False)


def test_health_is_said_without_details_and_with_them_to_the_owner(
    office: SimpleNamespace, client: Client, as_role: As, data: Path
) -> None:
    silent = client.get("/healthz")
    assert (silent.status_code, silent.json()) == (503, {"ok": False})
    (data / "worker.beat").touch()
    assert (client.get("/healthz").status_code, client.get("/healthz").json()) == (200, {"ok": True})
    assert as_role("owner").get("/healthz").json() == {"ok": True, "database": True, "jobs": True, "disk": True}


# --- the reader's own


def test_everyone_chooses_language_and_theme_even_an_auditor(office: SimpleNamespace, as_role: As) -> None:
    assert as_role("auditor").post("/office/me/", {"language": "en", "theme": "dark"}).status_code == 302
    auditor = User.objects.get(pk=office.auditor.pk)
    assert (auditor.language, auditor.theme) == ("en", "dark")


def test_the_link_of_the_example_is_good_once_and_for_the_example_only(office: SimpleNamespace) -> None:
    address = f"/office/enter/{DEMO_LINKS.link(office.owner)}/"
    assert Client().get(address).headers["Location"] == "/account/login/"
    Firm.objects.update(demo=True)
    assert Client().get(address).headers["Location"] == "/"
    assert Client().get(address).headers["Location"] == "/account/login/"
