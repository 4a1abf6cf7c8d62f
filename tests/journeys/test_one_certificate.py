"""Capacity page, check of a draft and release of letters say the same of the same state: the example firm with waves of
reductions ahead, a weaker promise that some know, and somebody on leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import F
from tests.web.book.conftest import run

from zusage.policy.edit import Put, change
from zusage.policy.read import read_policy_text
from zusage.web.bridge.checking import gate_of
from zusage.web.bridge.known import Known
from zusage.web.charter.letters.actions import release
from zusage.web.charter.letters.models import LetterWave
from zusage.web.charter.letters.queries import hours_check
from zusage.web.charter.models import Sheet
from zusage.web.customers.models import Customer, Membership
from zusage.web.customers.queries import published_run
from zusage.web.insight.actions import start_study
from zusage.web.insight.queries import last_study
from zusage.web.office.jobs import start_job
from zusage.web.office.models import Absence, PolicyVersion, User
from zusage.web.office.queries import policy_of
from zusage.web.review.models import Proposal
from zusage.web.review.queries import tables_of_run
from zusage.web.review.waves.actions import set_waves
from zusage.web.serve.example import enter_example
from zusage.web.services.actions import open_draft
from zusage.web.services.models import Announcement, Check
from zusage.web.services.publish.actions import publish_draft, record_announced
from zusage.web.services.queries import known_of, trial_of

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TODAY, NEXT = NOW.date(), NOW.date() + timedelta(weeks=1)
RARER = Put(("matrix", "annual_check", "A"), {"mode": "guaranteed", "per_year": 0.5})
FIFTEEN = Put(("matrix", "annual_check", "A"), {"mode": "guaranteed", "per_year": 15})


@pytest.fixture
def firm(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The example firm: its best customers were promised fifteen annual checks a year, which is now one in two years.

    Some of those know. Six others were confirmed in the best class, which their figures do not reach, and are planned
    to go down two a week; a seventh goes down on a day that is decided.
    """
    settings.DATA = tmp_path
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    enter_example("de", NOW)
    owner = User.objects.get(role="owner")
    first = _published(PolicyVersion.objects.get(), FIFTEEN, "lavish", owner)
    version = _published(first, RARER, "lean", owner)
    least = Customer.objects.filter(run__published=True, class_key="C", unit_id=F("number")).order_by("number")
    falling = [item for item in least if Customer.objects.filter(unit_id=item.unit_id).count() == 1][:7]
    for item in falling:
        Membership.objects.filter(number=item.number).update(class_key="A", effective_on=TODAY)
    assert run(start_job("review", now=NOW)).state == "done"
    announced = Announcement.objects.get(policy=version, class_key="A")
    record_announced(
        announcement=announced, numbers=announced.numbers[:3], said_on=TODAY, how="letter", by=owner, now=NOW
    )
    Membership.objects.create(
        number=falling[6].number, class_key="C", effective_on=TODAY + timedelta(days=200), change="down",
        policy=version, because="criteria", decided_by=owner, decided_at=NOW,
    )  # fmt: skip
    Proposal.objects.filter(unit_id=falling[6].unit_id).update(state="confirmed")
    current = published_run()
    assert current is not None
    set_waves(per_week=2, first_on=NEXT, version=0, run=current, policy=policy_of(version), by=owner, now=NOW)
    Absence.objects.create(user=owner, first_on=NEXT, last_on=NEXT + timedelta(days=2))
    return SimpleNamespace(owner=owner, version=version, run=current, falling=falling, told=announced.numbers)


def _published(former: PolicyVersion, promise: Put, label: str, owner: User) -> PolicyVersion:
    draft = open_draft(text=change(former.text, [promise]), base=former, by=owner, now=NOW)
    return publish_draft(
        draft=draft, version=draft.version, label=label, begins_on=TODAY, risk="Wir stellen ein.",
        reduction="Zu viele Termine.", by=owner, now=NOW,
    )  # fmt: skip


def test_the_check_of_an_unchanged_draft_and_the_release_of_letters_say_what_the_capacity_page_says(
    firm: SimpleNamespace,
) -> None:
    assert run(start_study(growth=0, years=1, by=firm.owner, now=NOW)).state == "done"
    page = Check.objects.get(draft=None)
    as_page = hours_check(firm.version)
    draft = open_draft(text=firm.version.text, base=firm.version, by=firm.owner, now=NOW)
    assert run(start_job("check", now=NOW, subject=draft.pk)).state == "done"
    checked = Check.objects.get(draft=draft)
    assert (checked.hash, checked.run) == (page.hash, page.run) == (firm.version.hash, firm.run.pk)
    assert {name: checked.figures[name] for name in ("after", "gate")} == page.figures
    as_draft = hours_check(firm.version)
    assert as_draft == as_page
    assert (as_page.answer, as_page.checked_on, as_page.other_book) == ("short", TODAY, False)
    assert as_page.figures["owed_seconds"] == page.figures["after"]["owed_seconds"]

    wave = LetterWave.objects.create(
        kind="welcome", channel="post", language="de", per_week=5, first_on=NEXT, policy=firm.version, by=firm.owner,
        at=NOW,
    )  # fmt: skip
    Sheet.objects.create(pk=1, street="Am Markt 1", postcode="04109", city="Leipzig")
    release(wave=wave, version=1, signed="Wir stellen ein.", by=firm.owner, now=NOW)
    wave.refresh_from_db()
    assert wave.hours == {"answer": "short", "checked_on": TODAY.isoformat(), **as_page.figures}

    study = last_study()
    assert study is not None
    fullest = page.figures["gate"]["worst"]
    assert f"ab 09.11.2026 mit {-(-fullest['permille'] // 10)}" in study.figures["pages"]["de"]["lead"][-1]


def test_what_the_office_alone_knows_is_in_the_certificate(firm: SimpleNamespace) -> None:
    plan = trial_of(policy_of(firm.version), TODAY)
    assert plan is not None
    known, tables = known_of(plan.policy, TODAY), tables_of_run(firm.run, TODAY)
    notice = timedelta(days=plan.policy.review.notice_days - 1)
    planned = [known.reduced_until[item.unit_id] for item in firm.falling[:6]]
    assert sorted(planned) == sorted([NEXT + timedelta(weeks=week) + notice for week in (0, 0, 1, 1, 2, 2)])
    assert known.reduced_until[firm.falling[6].unit_id] == TODAY + timedelta(days=199)
    assert {item.until for item in known.held} == {TODAY + notice}
    assert len(known.held) == len(firm.told)
    with_all = gate_of(plan, tables, known, TODAY)
    assert with_all != gate_of(plan, tables, Known(), TODAY)
    assert with_all["worst"] != gate_of(plan, tables, Known(absent=known.absent), TODAY)["worst"]

    draft = change(firm.version.text, [Put(("matrix", "annual_check", "B"), "on_request")])
    less = known_of(read_policy_text(draft).policy, TODAY).held
    assert less[: len(known.held)] == [*known.held]
    added = less[len(known.held) :]
    members = Customer.objects.filter(run__published=True, class_key="B", former=False)
    assert {item.unit_id for item in added} == set(members.values_list("unit_id", flat=True))
    assert {(item.class_key, item.until, item.policy.hash) for item in added} == {
        ("B", TODAY + notice, firm.version.hash)
    }
