"""What the firm's rules let go, what a law keeps whatever a rule says, and that looking changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from auditlog.models import LogEntry
from dateutil.relativedelta import relativedelta
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.people import ALMA, CARO, DORO
from tests.web.book.conftest import run
from tests.web.test_access import rows
from zusage.ground.reasons import Refused
from zusage.web.book.actions import undo_import
from zusage.web.book.models import Book, Consent, Import, ImportFile
from zusage.web.book.queries import active_files, stored
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.models import CustomerLink
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.choices.queries import contact_of
from zusage.web.customers.consent.models import ConsentUse, Objection, OwnConsent
from zusage.web.customers.models import Agreement, Customer, Note
from zusage.web.customers.referrals.models import OwnReferral
from zusage.web.desk.models import Event, Request
from zusage.web.office.jobs import start_job
from zusage.web.office.models import Job, PolicyVersion
from zusage.web.privacy.erasing.queries import is_kept
from zusage.web.privacy.jobs import watch
from zusage.web.privacy.keeping.actions import set_rule
from zusage.web.privacy.keeping.models import RetentionRule
from zusage.web.privacy.keeping.queries import BY_KEY, RULES, going, months_before, states
from zusage.web.privacy.queries import HOLDINGS

SignIn = Callable[[str], Client]


def ago(months: int, days: int = 1) -> datetime:
    """A moment so many months and a day ago."""
    return timezone.now() - relativedelta(months=months) - timedelta(days=days)


def apply(office: SimpleNamespace, *keys: str, months: int | None = None) -> dict[str, int]:
    """Switch rules on and apply them as the worker does."""
    for rule in RULES:
        if rule.key in keys and not rule.of:
            set_rule(key=rule.key, months=months or rule.months, on=True, version=0, by=office.owner, now=ago(0))
    done = run(start_job("retention", now=timezone.now(), by=office.owner))
    assert done.state == "done"
    return dict(done.result["retention"])


def request(number: str, at: datetime, **more: Any) -> Request:
    found = Request.objects.create(
        **{
            "number": number, "unit_id": number, "name": "N", "asked_at": at, "what": "callback", "text": "Text",
            "phone": "+49341111", "state": "done", "done_at": at, "class_key": "C", "policy_hash": "x", "answer": {},
            "kept": True,
        } | more
    )  # fmt: skip
    Event.objects.create(request=found, at=at, kind="done", text="Bitte nie montags")
    return found


def test_without_a_rule_nothing_goes_and_no_job_starts(office: SimpleNamespace) -> None:
    Note.objects.create(number=CARO, text="alt", created_at=ago(200))
    assert apply(office) == {}
    watch(datetime(2027, 1, 1, 12, tzinfo=UTC))
    assert (Note.objects.count(), Job.objects.filter(kind="retention").count()) == (1, 1)


def test_looking_at_what_would_go_changes_nothing_and_names_nobody(office: SimpleNamespace, as_role: SignIn) -> None:
    OwnReferral.objects.create(
        number=CARO, prospect="Nora Neu", named_on=ago(7).date(), state="lost", created_at=ago(7)
    )
    client, before = as_role("owner"), rows()
    text = client.get("/privacy/").content.decode()
    kept = {name: item for name, item in rows().items() if name != "zusage.Session"}
    assert ("Nora" in text, {**before, **kept} == before) == (False, True)
    assert [(item.rule.key, item.size) for item in states(timezone.localdate()) if item.size] == [("prospects", 1)]


def test_a_recommendation_that_came_to_nothing_loses_its_name_and_still_counts(office: SimpleNamespace) -> None:
    facts = {"number": CARO, "prospect": "Nora Neu", "contact": "0341 9", "created_at": ago(7)}
    for state, months in (("lost", 7), ("lost", 5), ("talking", 7)):
        OwnReferral.objects.create(state=state, named_on=ago(months).date(), **facts)
    assert apply(office, "prospects") == {"prospects": 1}
    assert sorted(OwnReferral.objects.values_list("state", "prospect")) == [
        ("lost", ""), ("lost", "Nora Neu"), ("talking", "Nora Neu"),
    ]  # fmt: skip


def test_finished_requests_lose_their_texts_and_keep_whether_the_promise_was_kept(office: SimpleNamespace) -> None:
    old, young = request(CARO, ago(37)), request(CARO, ago(35))
    still = request(DORO, ago(90), state="open", done_at=None, kept=None)
    assert apply(office, "requests") == {"requests": 1}
    for item in (old, young, still):
        item.refresh_from_db()
    assert [(item.text, item.phone, item.events.get().text, item.kept) for item in (old, young, still)] == [
        ("", "", "", True),
        ("Text", "+49341111", "Bitte nie montags", True),
        ("Text", "+49341111", "Bitte nie montags", None),
    ]


def test_links_that_open_nothing_go_and_those_that_do_stay(office: SimpleNamespace) -> None:
    for place, (days, revoked) in enumerate([(-400, None), (-300, None), (30, ago(13)), (30, None)]):
        CustomerLink.objects.create(
            number=CARO, token_hash=str(place), made_at=ago(14), revoked_at=revoked,
            expires_on=timezone.localdate() + timedelta(days),
        )  # fmt: skip
    assert apply(office, "links") == {"links": 2}
    assert [*CustomerLink.objects.order_by("token_hash").values_list("token_hash", flat=True)] == ["1", "3"]


def test_contact_data_in_force_and_agreed_packages_outlive_their_wish(office: SimpleNamespace) -> None:
    facts = {"unit_id": CARO, "name": "N", "source": "paper", "asked_at": ago(40), "answered_at": ago(40)}
    for number, kind, state in (
        *((CARO, "contact", "accepted"), (CARO, "contact", "refused"), (CARO, "why", "accepted")),
        *((CARO, "package", "accepted"), (DORO, "package", "accepted"), (DORO, "why", "open")),
    ):
        Wish.objects.create(number=number, kind=kind, state=state, data={"city": "Leipzig"}, **facts)
    Wish.objects.filter(number=DORO, kind="package").update(answered_at=ago(49))  # its year is over for three years
    Agreement.objects.create(
        number=CARO, service="callback", class_key="A", terms={}, since=ago(40).date(), source="Brief",
        by=office.owner, created_at=ago(40),
    )  # fmt: skip
    assert apply(office, "wishes") == {"wishes": 3}
    assert sorted(Wish.objects.values_list("number", "kind", "state")) == [
        (CARO, "contact", "accepted"), (CARO, "package", "accepted"), (DORO, "why", "open"),
    ]  # fmt: skip
    assert contact_of(CARO) == {"city": "Leipzig"}


def test_no_rule_can_be_set_below_the_law(office: SimpleNamespace, as_role: SignIn) -> None:
    assert apply(office, "consents", "messages", months=1) == {"consents": 0, "uses": 0, "messages": 0}
    assert dict(RetentionRule.objects.values_list("key", "months")) == {"consents": 60, "messages": 72}
    sent = {"months": 71, "on": "on", "version": 1}
    assert as_role("owner").post("/privacy/rules/messages/", sent).status_code == 422


def consent(withdrawn: datetime | None, channel: str = "phone") -> OwnConsent:
    return OwnConsent.objects.create(
        number=CARO, channel=channel, purpose="advertising", granted_at=ago(150), wording="Ja", source="Büro",
        withdrawn_at=withdrawn, created_at=ago(150),
    )  # fmt: skip


def test_a_proof_of_consent_stays_five_years_from_its_last_use_and_against_a_list(office: SimpleNamespace) -> None:
    gone, used, listed, standing = (
        consent(ago(61)),
        consent(ago(61), "email"),
        consent(ago(61), "message"),
        consent(None),
    )
    ConsentUse.objects.create(number=CARO, channel="email", purpose="advertising", used_on=ago(59).date(), what="Mail")
    Consent.objects.create(
        book=Book.objects.get(published=True), customer_id=CARO, channel="message", purpose="advertising",
        granted_on=ago(150).date(),
    )  # fmt: skip
    Objection.objects.create(number=CARO, said_on=ago(300).date(), how="Brief", created_at=ago(300))
    assert apply(office, "consents") == {"consents": 1, "uses": 0}
    assert {item.pk for item in OwnConsent.objects.all()} == {used.pk, listed.pk, standing.pk}
    assert (gone.pk in {used.pk}, Objection.objects.count()) == (False, 1)


def test_the_uses_of_a_consent_go_with_it_five_years_after_the_last(office: SimpleNamespace) -> None:
    def use(months: int, channel: str, what: str) -> None:
        ConsentUse.objects.create(
            number=CARO, channel=channel, purpose="advertising", used_on=ago(months).date(), what=what
        )

    consent(ago(61))
    consent(None, "message")
    use(62, "phone", "goes with its consent")
    use(62, "message", "its consent stands")
    use(62, "email", "proves nothing any more, but the next one does")
    use(59, "email", "is not old enough")
    use(62, "post", "without a consent")
    shown = {item.rule.key: item.size for item in states(timezone.localdate()) if item.size}
    assert shown == {"consents": 3}
    assert apply(office, "consents") == {"consents": 1, "uses": 2}
    assert {item.what for item in ConsentUse.objects.all()} == {
        "its consent stands", "proves nothing any more, but the next one does", "is not old enough",
    }  # fmt: skip


@given(st.integers(30, 70), st.one_of(st.none(), st.integers(1, 70)))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
def test_an_accepted_package_is_kept_as_long_by_an_erasure_as_by_the_rule(
    office: SimpleNamespace, months: int, ended: int | None
) -> None:
    Wish.objects.all().delete()
    Agreement.objects.all().delete()
    wish = Wish.objects.create(
        number=CARO, unit_id=CARO, name="N", kind="package", state="accepted", source="paper", asked_at=ago(months),
        answered_at=ago(months),
    )  # fmt: skip
    if ended is not None:
        Agreement.objects.create(
            number=CARO, service="callback", class_key="A", terms={}, since=ago(months).date(), source="Brief",
            until=ago(min(ended, months)).date(), by=office.owner, created_at=ago(months),
        )  # fmt: skip
    (holding,) = (item for item in HOLDINGS if item.name == "Wish")
    today = timezone.localdate()
    assert is_kept(holding, wish, today) == (not going(BY_KEY["wishes"], 36, today).exists())


def test_letters_stay_until_six_whole_years_have_passed(office: SimpleNamespace) -> None:
    year = timezone.localdate().year
    moments = [datetime(year - 7, 12, 31, 12, tzinfo=UTC), datetime(year - 6, 1, 1, 12, tzinfo=UTC)]
    for place, (at, state) in enumerate(
        [(moments[0], "handed_over"), (moments[1], "handed_over"), (moments[0], "unclear")]
    ):
        Message.objects.create(
            number=CARO, unit_id=CARO, name="N", purpose=f"letters {place}", kind="welcome", channel="post",
            gate="service", state=state, written_at=at,
        )  # fmt: skip
    assert apply(office, "messages") == {"messages": 1}
    assert sorted(Message.objects.values_list("purpose", flat=True)) == ["letters 1", "letters 2"]


def test_who_was_left_out_of_a_wave_is_not_named_for_ever(office: SimpleNamespace) -> None:
    facts = {"kind": "welcome", "channel": "post", "language": "de", "per_week": 5, "by": office.owner}
    for years in (7, 1):
        at = timezone.now() - timedelta(days=366 * years)
        wave = LetterWave.objects.create(at=at, first_on=at.date(), policy=PolicyVersion.objects.first(), **facts)
        WaveLetter.objects.create(wave=wave, number=CARO, unit_id=CARO, name=f"{years}", state="left_out")
    assert apply(office, "letters") == {"letters": 1}
    assert [item.name for item in WaveLetter.objects.all()] == ["1"]


def test_only_files_that_no_longer_count_lose_their_bytes_and_what_replaced_them_is_not_undone(
    office: SimpleNamespace, settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    (tmp_path / "files").mkdir()
    old = Import.objects.create(created_at=ago(30), state="published", published_at=ago(30))
    undone = Import.objects.create(created_at=ago(30), state="undone")
    waiting = Import.objects.create(created_at=ago(30), state="ready")
    young = Import.objects.create(created_at=ago(2), state="published", published_at=ago(2))

    def file(part_of: Import, sha256: str, kind: str = "customers", **more: Any) -> ImportFile:
        stored(sha256).write_text(sha256)
        return ImportFile.objects.create(part_of=part_of, name=sha256, sha256=sha256, size=1, kind=kind, **more)

    replaced = file(old, "replaced")
    file(young, "newer", replaces=replaced)
    file(old, "counts")
    file(old, "left", left_out=True, rejects=[{"text": "Muster"}])
    file(old, "shared", left_out=True)
    file(young, "shared")
    file(old, "statement", kind="yields", left_out=True)
    file(undone, "undone")
    file(waiting, "waiting")
    before = set(active_files().values_list("name", flat=True))
    assert apply(office, "files") == {"files": 3}
    left = sorted(path.name for path in (tmp_path / "files").iterdir())
    assert left == ["counts", "newer", "shared", "statement", "waiting"]
    assert (set(active_files().values_list("name", flat=True)), before <= set(left)) == (before, True)
    assert ImportFile.objects.get(name="left").rejects == []
    # what the newer one replaced is gone: without it the book would silently lack a list
    with pytest.raises(Refused) as refused:
        undo_import(found=young, by=office.owner, now=timezone.now())
    (finding,) = refused.value.findings
    assert (finding.reason.code, finding.reason.values) == ("imports_undo_lost", {"names": "replaced"})
    assert not Job.objects.filter(kind="undo").exists()
    undo_import(found=old, by=office.owner, now=timezone.now())  # it replaced nothing
    assert Job.objects.get(kind="undo").subject == old.pk


def test_what_went_is_kept_as_numbers(office: SimpleNamespace) -> None:
    Note.objects.create(number=CARO, text="alt", created_at=ago(61))
    apply(office, "notes")
    kept = LogEntry.objects.filter(additional_data__has_key="retention").get()
    assert (kept.actor, kept.additional_data) == (office.owner, {"retention": {"notes": 1}})


def test_a_rule_that_is_on_is_applied_once_a_night(office: SimpleNamespace) -> None:
    set_rule(key="notes", months=60, on=True, version=0, by=office.owner, now=ago(0))
    zone = ZoneInfo("Europe/Berlin")
    for hour in (3, 4, 5):
        watch(datetime(2027, 1, 4, hour, tzinfo=zone))
    assert Job.objects.filter(kind="retention").count() == 1


def test_a_rule_that_somebody_else_set_meanwhile_is_shown_and_nothing_lost(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    client = as_role("owner")
    assert client.post("/privacy/rules/notes/", {"months": 48, "on": "on", "version": 0}).status_code == 302
    answer = client.post("/privacy/rules/notes/", {"months": 24, "version": 0})
    assert (answer.status_code, 'value="24"' in answer.content.decode()) == (409, True)
    assert RetentionRule.objects.get().months == 48


def test_former_customers_are_only_suggested(office: SimpleNamespace, as_role: SignIn) -> None:
    Customer.objects.filter(number__in=(CARO, ALMA)).update(former=True)
    request(ALMA, ago(2))
    before = Customer.objects.count()
    text = as_role("owner").get("/privacy/").content.decode()
    apply(office, *(rule.key for rule in RULES))
    assert (f"/customers/{CARO}/privacy/" in text, f"/customers/{ALMA}/privacy/" in text) == (True, False)
    assert Customer.objects.count() == before


@given(st.dates(date(2000, 3, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_so_many_months_before_is_as_the_calendar_says(day: date, months: int) -> None:
    assert months_before(day, months) == day - relativedelta(months=months)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_nothing_goes_of_an_empty_office(office: SimpleNamespace, rule: Any) -> None:
    assert going(rule, 1, timezone.localdate()).count() == 0
