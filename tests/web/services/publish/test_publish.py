"""Publishing: from today at the earliest, signed where hours or promises ask for it, and never past the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests import people
from tests.people import ALMA, BELA, CARO, DORO
from tests.web.conftest import book_tables
from tests.web.services.publish.conftest import (
    FASTER_C,
    MORE_HOURS,
    SLOWER,
    calls_every_week,
    checked,
    drafted,
    published,
)
from zusage import engine
from zusage.ground.reasons import Reason, Refused
from zusage.plan import PREVIOUS, make_plan
from zusage.policy.edit import Put
from zusage.policy.read import read_policy_text
from zusage.web.customers.models import Told
from zusage.web.office.jobs import start_job
from zusage.web.office.models import Job, PolicyVersion
from zusage.web.office.queries import policy_of, policy_version_on
from zusage.web.review.queries import former_classes
from zusage.web.services.actions import edit_draft, open_draft
from zusage.web.services.models import Announcement, Draft
from zusage.web.services.queries import trial_of

As = Callable[[str], Client]
NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 3)
pytestmark = pytest.mark.usefixtures("kept")


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [item.reason.code for item in refused.value.findings]


def test_unknown_hours_need_a_person_who_takes_the_risk_and_says_why(office: SimpleNamespace) -> None:
    draft = drafted(office, FASTER_C, now=NOW)
    with pytest.raises(Refused) as refused:
        published(draft, office.owner, NOW, begins_on=TODAY)
    assert codes(refused) == ["publish_risk_missing"]
    assert Draft.objects.get(pk=draft.pk).state == "open"
    made = published(draft, office.owner, NOW, begins_on=TODAY, risk="Zum Jahreswechsel stellen wir ein.")
    assert made.certificate == {
        "day": "2026-11-03",
        "answer": "unknown",
        "risk": {"by": office.owner.pk, "name": "Owner", "reason": "Zum Jahreswechsel stellen wir ein."},
    }


def test_missing_hours_need_the_same_and_the_certificate_keeps_the_figures(office: SimpleNamespace) -> None:
    few = Put(("resources", "roles", "owner", "weekly_hours"), "0:01")
    draft = drafted(office, few, now=NOW)
    checked(draft, NOW)
    with pytest.raises(Refused) as refused:
        published(draft, office.owner, NOW, begins_on=TODAY)
    assert codes(refused) == ["publish_risk_missing"]
    made = published(draft, office.owner, NOW, begins_on=TODAY, risk="Nur für zwei Wochen.")
    plan = trial_of(policy_of(made), TODAY)
    assert plan is not None
    kept = made.certificate
    assert (kept["answer"], kept["hash"], kept["run"]) == ("short", draft.hash, office.run.pk)
    assert (kept["owed_seconds"], kept["there_seconds"]) == (plan.hours.owed_seconds, plan.hours.there_seconds)
    assert kept["risk"]["reason"] == "Nur für zwei Wochen."


def test_hours_that_suffice_need_no_signature(office: SimpleNamespace) -> None:
    calls_every_week(office)
    draft = drafted(office, MORE_HOURS, now=NOW)
    checked(draft, NOW)
    made = published(draft, office.owner, NOW, begins_on=TODAY)
    assert (made.certificate["answer"], "risk" in made.certificate) == ("fits", False)
    assert [(item["class_key"], item["permille"] >= 950) for item in made.certificate["kept"]] == [("C", True)]
    assert [job.kind for job in Job.objects.filter(state="queued")] == ["daily"]


def test_where_no_log_tells_when_customers_ask_answers_are_not_said_to_be_kept(office: SimpleNamespace) -> None:
    draft = drafted(office, MORE_HOURS, now=NOW)
    checked(draft, NOW)
    with pytest.raises(Refused) as refused:
        published(draft, office.owner, NOW, begins_on=TODAY)
    assert codes(refused) == ["publish_risk_missing"]
    made = published(draft, office.owner, NOW, begins_on=TODAY, risk="Eine Anrufliste kommt erst im Januar.")
    assert (made.certificate["answer"], made.certificate["kept"]) == ("unknown", [])
    assert [item["code"] for item in made.certificate["grounds"]] == ["simulate_no_times"]


def test_answers_that_come_too_late_need_a_signature(office: SimpleNamespace) -> None:
    calls_every_week(office, at_once=30)
    soon = Put(("matrix", "callback", "C"), "within 1 hour")
    draft = drafted(office, MORE_HOURS, soon, now=NOW)
    checked(draft, NOW)
    with pytest.raises(Refused) as refused:
        published(draft, office.owner, NOW, begins_on=TODAY)
    assert codes(refused) == ["publish_risk_missing"]
    made = published(draft, office.owner, NOW, begins_on=TODAY, risk="Wir üben noch.")
    assert [item["code"] for item in made.certificate["grounds"]] == ["gate_answers"]


def test_a_check_of_an_older_text_is_no_check(office: SimpleNamespace) -> None:
    draft = drafted(office, MORE_HOURS, now=NOW)
    checked(draft, NOW)
    after = edit_draft(
        draft=draft, version=1, changes=[FASTER_C], what=Reason("services_new"), by=office.owner, now=NOW
    )
    with pytest.raises(Refused) as refused:
        published(after, office.owner, NOW, begins_on=TODAY)
    assert codes(refused) == ["publish_risk_missing"]


def test_weaker_promises_need_one_signature_for_the_list_of_those_affected(office: SimpleNamespace) -> None:
    draft = drafted(office, SLOWER, FASTER_C, now=NOW)
    with pytest.raises(Refused) as refused:
        published(draft, office.owner, NOW, begins_on=TODAY)
    assert codes(refused) == ["publish_risk_missing", "publish_reduction_missing"]
    made = published(draft, office.owner, NOW, begins_on=TODAY, risk="Geht.", reduction="Zu viele am selben Tag.")
    found = {
        item.class_key: (item.weakened, item.services, item.numbers, item.reason, item.by)
        for item in Announcement.objects.filter(policy=made)
    }
    assert found == {
        "A": (True, [{"key": "callback", "weakened": True}], [ALMA, BELA], "Zu viele am selben Tag.", office.owner),
        "C": (False, [{"key": "callback", "weakened": False}], [CARO, DORO], "", office.owner),
    }
    assert {item.number: (item.policy, item.assumed) for item in Told.objects.all()} == dict.fromkeys(
        (ALMA, BELA, CARO, DORO), (office.version, True)
    )


@pytest.mark.parametrize("kind", ["review", "publish", "undo"])
@pytest.mark.parametrize("state", ["queued", "running"])
def test_while_the_book_is_reckoned_publishing_waits_and_says_so(
    office: SimpleNamespace, as_role: As, kind: str, state: str
) -> None:
    draft = drafted(office, FASTER_C, now=NOW)
    job = start_job(kind, now=NOW)
    Job.objects.filter(pk=job.pk).update(state=state)
    with pytest.raises(Refused) as refused:
        published(draft, office.owner, NOW, begins_on=TODAY, risk="Geht.")
    assert codes(refused) == ["office_policy_waits"]
    assert (Draft.objects.get(pk=draft.pk).state, PolicyVersion.objects.count()) == ("open", 1)
    typed = {"version": 1, "label": "two", "begins_on": str(timezone.localdate()), "risk": "Geht."}
    page = as_role("owner").post(f"/services/{draft.pk}/publish/", typed)
    assert (page.status_code, page.context["form"].data["risk"]) == (422, "Geht.")
    assert "neu gerechnet" in page.content.decode()
    Job.objects.filter(pk=job.pk).update(state="done")
    assert published(draft, office.owner, NOW, begins_on=TODAY, risk="Geht.").label == "two"


def fresh_text() -> str:
    """A service model of one's own, with a comment and a label nobody has used."""
    return people.POLICY.replace("from: 600, stay: 500", "from: 250, stay: 200").replace(
        "C: {name: Klassik}", "C: {name: Klassik}  # wie besprochen"
    ).replace("version: test", "version: fresh")  # fmt: skip


def test_a_text_is_published_byte_for_byte_and_gives_the_classes_of_the_command_line(office: SimpleNamespace) -> None:
    text = fresh_text()
    draft = open_draft(text=text, base=None, by=office.owner, now=NOW)
    made = published(draft, office.owner, NOW, begins_on=TODAY, label="fresh", risk="Geht.")
    assert (made.text, made.hash, made.valid_from) == (text, read_policy_text(text).policy.hash, TODAY)
    plan = trial_of(policy_of(made), TODAY)
    former = [*former_classes(TODAY)]
    previous = engine.table({name: [row[name] for row in former] for name in PREVIOUS}, PREVIOUS)
    by_command = make_plan(book_tables(), read_policy_text(text).policy, not_after=TODAY, previous=previous)
    assert plan is not None
    assert engine.rows(plan.memberships) == engine.rows(by_command.memberships)


def test_another_label_is_written_into_the_text_which_stays_the_same_service_model(office: SimpleNamespace) -> None:
    draft = open_draft(text=fresh_text(), base=None, by=office.owner, now=NOW)
    made = published(draft, office.owner, NOW, begins_on=TODAY, label="2027", risk="Geht.")
    assert (made.label, made.hash, policy_of(made).version) == ("2027", draft.hash, "2027")
    assert "# wie besprochen" in made.text


def test_a_day_of_the_future_changes_nothing_until_then(office: SimpleNamespace) -> None:
    draft = drafted(office, FASTER_C, now=NOW)
    later = TODAY + timedelta(30)
    made = published(draft, office.owner, NOW, begins_on=later, risk="Geht.")
    assert policy_version_on(TODAY) == office.version
    assert policy_version_on(later - timedelta(1)) == office.version
    assert policy_version_on(later) == made


def test_an_earlier_service_model_comes_back_as_a_version_of_its_own(office: SimpleNamespace) -> None:
    published(drafted(office, FASTER_C, now=NOW), office.owner, NOW, begins_on=TODAY, risk="Geht.")
    back = open_draft(text=office.version.text, base=office.version, by=office.owner, now=NOW)
    made = published(
        back, office.owner, NOW, begins_on=TODAY + timedelta(1), label="three", risk="Geht.", reduction="Zurück."
    )
    one, other = policy_of(office.version), policy_of(made)
    assert (one.promises, one.classes) == (other.promises, other.classes)
    assert policy_version_on(TODAY + timedelta(1)) == made


# --- pages


def typed(draft: Draft, **more: Any) -> dict[str, Any]:
    return {"version": draft.version, "label": "two", "begins_on": str(timezone.localdate()), **more}


def test_the_owner_publishes_on_the_page_and_nobody_else_may(office: SimpleNamespace, as_role: As) -> None:
    draft = drafted(office, SLOWER, now=NOW)
    address = f"/services/{draft.pk}/publish/"
    for role in ("adviser", "assistant", "auditor"):
        assert as_role(role).get(address).status_code == 403
        assert as_role(role).post(address, typed(draft, risk="a", reduction="b")).status_code == 403
    owner = as_role("owner")
    assert [*owner.get(address).context["form"].fields] == ["version", "begins_on", "label", "risk", "reduction"]
    missing = owner.post(address, typed(draft, risk="Geht."))
    assert (missing.status_code, missing.context["form"]["risk"].value()) == (422, "Geht.")
    done = owner.post(address, typed(draft, risk="Geht.", reduction="Anders geht es nicht."))
    assert (done.status_code, done["Location"]) == (302, "/services/versions/")
    assert PolicyVersion.objects.get(label="two").published_by == office.owner


def test_who_publishes_what_somebody_just_changed_sees_both_and_loses_nothing(
    office: SimpleNamespace, as_role: As
) -> None:
    draft = drafted(office, FASTER_C, now=NOW)
    edit_draft(draft=draft, version=1, changes=[SLOWER], what=Reason("services_new"), by=office.owner, now=NOW)
    page = as_role("owner").post(f"/services/{draft.pk}/publish/", typed(draft, risk="Geht.", reduction="Nun."))
    assert page.status_code == 409
    assert page.context["form"].data["risk"] == "Geht."
    assert page.context["form"].data["version"] == "2"
    assert not PolicyVersion.objects.filter(label="two").exists()


def test_a_day_in_the_past_is_refused(office: SimpleNamespace, as_role: As) -> None:
    draft = drafted(office, FASTER_C, now=NOW)
    page = as_role("owner").post(
        f"/services/{draft.pk}/publish/", typed(draft, begins_on=str(timezone.localdate() - timedelta(1)), risk="Geht.")
    )
    assert (page.status_code, [*page.context["form"].errors]) == (422, ["begins_on"])


REFUSED = {
    "policy_refused_age": ("when: {yield: {from: 150, stay: 120}}", "when: {own_alter: 60}"),
    "design_below_floor": ("  callback: {A", "  advice: {C: none}\n  callback: {A"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_no_way_leads_a_refused_criterion_or_a_class_below_the_floor_into_force(
    office: SimpleNamespace, as_role: As, code: str
) -> None:
    text = people.POLICY.replace(*REFUSED[code])
    assert text != people.POLICY
    owner = as_role("owner")
    upload = owner.post("/services/versions/import/", {"policy": SimpleUploadedFile("p.yaml", text.encode())})
    assert upload.status_code == 422
    assert code in [item.reason.code for item in upload.context["refused"]]
    draft = drafted(office, FASTER_C, now=NOW)
    raw = typed(draft, risk="a", text=text, policy=text)  # fields that no form has are no way in
    owner.post(f"/services/{draft.pk}/publish/", raw)
    Draft.objects.create(
        text=text, hash="0" * 64, made_by=office.owner, made_at=NOW, changed_by=office.owner, changed_at=NOW
    )
    forced = Draft.objects.get(hash="0" * 64)
    with pytest.raises(Refused):
        published(forced, office.owner, NOW, begins_on=TODAY, label="three", risk="a", reduction="b")
    assert [item.text for item in PolicyVersion.objects.all() if REFUSED[code][1] in item.text] == []
