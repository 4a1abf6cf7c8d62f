"""A customer's own page: who may open it, what it shows, what is done on it, and that it says nothing to strangers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, DORO, EMIL, NAMES, POLICY
from tests.web.conftest import IMPORTED
from zusage.ground.reasons import Refused
from zusage.policy.read import read_policy_text
from zusage.web.book.models import Erased
from zusage.web.book.queries import digest_of
from zusage.web.calendar.jobs import refresh_touchpoints
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.actions import links_for, revoke_link
from zusage.web.charter.link.actions import accept_package
from zusage.web.charter.models import CustomerLink
from zusage.web.charter.outbox.mail import From, composed
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.choices.models import DeclinedService, Wish
from zusage.web.customers.consent.actions import lift, lock
from zusage.web.customers.consent.models import OwnConsent
from zusage.web.customers.consent.queries import consented, may_write
from zusage.web.customers.models import Agreement, Customer, Membership, OwnChoice, Told
from zusage.web.desk.models import Request
from zusage.web.office.models import PolicyVersion

PRICED = POLICY.replace(
    "A: {name: Premium,", "A: {name: Premium, price: {net: 120, tax: 19 %, per: year, notice_days: 30},"
)
WITH_NEWSLETTER = PRICED.replace(
    "matrix:",
    "  newsletter: {name: Rundbrief, kind: standard, measure: publication, minutes: 1, role: owner}\nmatrix:\n"
    "  newsletter: {A: {mode: email, per_year: 4}, B: {mode: email, per_year: 4}, C: {mode: email, per_year: 2}}",
)


@pytest.fixture(autouse=True)
def always(stopped: datetime) -> None:
    """Of every test here."""


@pytest.fixture
def shop(office: SimpleNamespace, settings: Any, tmp_path: Any) -> SimpleNamespace:
    """The small office, whose best package can be bought, with a link for Caro."""
    settings.DATA = tmp_path
    policy = read_policy_text(PRICED).policy
    PolicyVersion.objects.filter(pk=office.version.pk).update(text=PRICED, hash=policy.hash)
    office.policy = policy
    office.path = link(office, CARO)
    return office


def link(office: SimpleNamespace, number: str, days: int = 30) -> str:
    until = timezone.localdate() + timedelta(days)
    made = links_for([number], by=office.owner, now=timezone.now(), expires_on=until)
    return re.sub(r"^https?://[^/]+", "", made[number])


def visit() -> Client:
    return Client(headers={"accept-language": "de"})


def text(answer: HttpResponse) -> str:
    found = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", found)


def act(path: str, **sent: object) -> HttpResponse:
    return visit().post(path, sent)


# --- who may open it


def test_a_link_opens_one_customers_page_without_signing_in(shop: SimpleNamespace) -> None:
    answer = visit().get(shop.path)
    assert (answer.status_code, "Ihr Paket ist Klassik" in text(answer)) == (200, True)
    assert dict(answer.cookies) == {}
    assert [answer.headers[name] for name in ("Referrer-Policy", "X-Robots-Tag", "Cache-Control")] == [
        "no-referrer", "noindex, nofollow, noarchive", "no-store"
    ]  # fmt: skip


def test_only_the_hash_of_an_address_is_kept(shop: SimpleNamespace) -> None:
    token = shop.path.split("/")[2]
    found = CustomerLink.objects.get()
    assert len(token) >= 43
    assert token not in "".join(str(value) for value in vars(found).values())


def closed(shop: SimpleNamespace) -> dict[str, str]:
    """Addresses that open nothing, each for another reason."""
    paths = {name: link(shop, number) for name, number in (("expired", ALMA), ("revoked", BELA), ("former", EMIL))}
    paths["foreign"] = link(shop, "no customer of ours")
    paths["unknown"] = "/k/" + "x" * 43 + "/"
    paths["short"] = "/k/x/"
    paths["hash"] = f"/k/{CustomerLink.objects.filter(number=CARO).get().token_hash}/"
    CustomerLink.objects.filter(number=ALMA).update(expires_on=timezone.localdate() - timedelta(1))
    revoke_link(link=CustomerLink.objects.get(number=BELA), by=shop.owner, now=timezone.now())
    Customer.objects.filter(number=EMIL).update(former=True)
    return paths


def test_whatever_is_wrong_with_an_address_the_answer_is_the_same(shop: SimpleNamespace) -> None:
    answers = {}
    for name, path in closed(shop).items():
        for method in ("get", "post"):
            for more in ("", "package/0/"):
                cache.clear()
                sent = visit()
                answer = getattr(sent, method)(path + more)
                answers[name, method, more] = (answer.status_code, answer.content, sorted(answer.headers.items()))
    one = answers["unknown", "get", ""]
    assert one[0] == 404
    assert {key for key, found in answers.items() if found != one} == set()


def test_each_wrong_address_costs_the_same_questions(shop: SimpleNamespace) -> None:
    counts = {}
    for name, path in closed(shop).items():
        cache.clear()
        with CaptureQueriesContext(connection) as found:
            visit().get(path)
        counts[name] = len(found)
    assert len(set(counts.values())) == 1


def test_who_tries_many_addresses_is_slowed_down_whatever_they_try(shop: SimpleNamespace) -> None:
    client = visit()
    seen = [client.get(f"/k/{'x' * 42}{place % 10}/").status_code for place in range(22)]
    assert seen == [404] * 21 + [429]
    assert client.get(shop.path).status_code == 429


def test_a_network_of_ipv6_counts_as_one_place(shop: SimpleNamespace) -> None:
    seen = [
        visit().get(f"/k/{'x' * 43}/", REMOTE_ADDR=f"2001:db8:0:1::{place:x}").status_code for place in range(1, 23)
    ]
    assert seen == [404] * 21 + [429]


def test_a_page_that_is_asked_for_all_the_time_waits(shop: SimpleNamespace) -> None:
    client = visit()
    assert {client.get(shop.path + "package/99/").status_code for _ in range(80)} == {302}
    assert 429 in {client.get(shop.path + "package/99/").status_code for _ in range(100)}


def test_right_addresses_do_not_use_up_the_guesses(shop: SimpleNamespace) -> None:
    client = visit()
    assert {client.get(shop.path + "package/99/").status_code for _ in range(30)} == {302}
    assert [client.get(f"/k/{'x' * 43}/").status_code for _ in range(22)] == [404] * 21 + [429]


def test_the_address_of_a_mail_and_the_page_count_wrong_ones_together(shop: SimpleNamespace) -> None:
    client = visit()
    assert [client.get("/k/confirm/nothing/").status_code for _ in range(21)] == [404] * 21
    assert [client.get(path).status_code for path in (shop.path, "/k/confirm/nothing/")] == [429, 429]


def test_guessing_once_writes_nothing_and_no_address_of_a_visitor_is_kept(shop: SimpleNamespace) -> None:
    with CaptureQueriesContext(connection) as asked:
        visit().get(f"/k/{'x' * 43}/", REMOTE_ADDR="192.0.2.8")
    assert {item["sql"].split()[0] for item in asked} == {"SELECT"}
    for _ in range(10):
        visit().get(f"/k/{'x' * 43}/", REMOTE_ADDR="192.0.2.8")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM cache")
        kept = [str(row) for row in cursor.fetchall()]
    assert len(kept) == 2  # visits, and wrong ones among them
    assert [row for row in kept if "192.0.2" in row] == []


def test_another_site_cannot_send_its_forms(shop: SimpleNamespace) -> None:
    answer = visit().post(shop.path, {"act": "object"}, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, may_write(CARO, "post", "advertising", timezone.localdate()).allowed) == (404, True)


def test_each_use_is_counted(shop: SimpleNamespace) -> None:
    visit().get(shop.path)
    visit().get(shop.path)
    found = CustomerLink.objects.get()
    assert (found.uses, found.last_seen_on) == (2, timezone.localdate())


def test_a_page_speaks_the_language_that_is_chosen(shop: SimpleNamespace) -> None:
    assert "Your package is Klassik" in text(visit().get(shop.path + "?language=en"))
    assert "Ihr Paket ist Klassik" in text(visit().get(shop.path + "?language=fr"))


# --- what it shows


def test_it_shows_no_letter_of_a_class_and_nobody_else(shop: SimpleNamespace) -> None:
    page = visit().get(link(shop, BELA)).content.decode()
    assert [key for key in ("plate", "hue-", NAMES[ALMA], ALMA, "Owner", "owner@example.org") if key in page] == []
    assert re.findall(r">\s*[ABC]\s*<", page) == []


def test_until_told_the_former_promise_holds(shop: SimpleNamespace) -> None:
    today = timezone.localdate()
    facts = {"number": CARO, "policy": shop.version, "created_at": timezone.now()}
    Told.objects.create(class_key="C", told_on=date(2026, 1, 2), said_on=date(2026, 1, 2), **facts)
    Membership.objects.create(
        number=CARO, class_key="A", effective_on=today, change="up", policy=shop.version, because="criteria",
        decided_by=shop.owner, decided_at=IMPORTED,
    )  # fmt: skip
    assert "Ihr Paket ist Klassik, mitgeteilt für die Zeit ab 02.01.2026" in text(visit().get(shop.path))
    Told.objects.create(class_key="A", told_on=today + timedelta(9), said_on=today, **facts)
    page = text(visit().get(shop.path))
    assert f"haben wir Ihnen Premium mitgeteilt; es gilt ab {today + timedelta(9):%d.%m.%Y}" in page
    Told.objects.filter(class_key="A").update(told_on=today)
    assert "Ihr Paket ist Premium" in text(visit().get(shop.path))


def test_documents_are_given_to_the_customer_they_were_sent_to(shop: SimpleNamespace, settings: Any) -> None:
    (settings.DATA / "letter.pdf").write_bytes(b"%PDF-1.7 Caro")
    facts = {
        "unit_id": CARO, "name": "x", "kind": "welcome", "channel": "post", "gate": "service",
        "written_at": timezone.now(), "attachment": "letter.pdf", "subject": "Willkommen",
    }  # fmt: skip
    sent = Message.objects.create(number=CARO, purpose="1", state="handed_over", handed_over_at=timezone.now(), **facts)
    others = [
        Message.objects.create(number=ALMA, purpose="1", state="handed_over", handed_over_at=timezone.now(), **facts),
        Message.objects.create(number=CARO, purpose="2", state="written", **facts),
    ]
    assert "Willkommen" in text(visit().get(shop.path))
    answer = visit().get(f"{shop.path}document/{sent.pk}/")
    assert (b"".join(answer.streaming_content), answer.headers["Content-Type"]) == (b"%PDF-1.7 Caro", "application/pdf")
    assert {visit().get(f"{shop.path}document/{item.pk}/").status_code for item in others} == {302}
    Message.objects.filter(pk=sent.pk).update(attachment="../outside.pdf")
    (settings.DATA.parent / "outside.pdf").write_bytes(b"secret")
    assert visit().get(f"{shop.path}document/{sent.pk}/").status_code == 302


# --- choosing


def ordered(path: str, place: int = 0, **more: object) -> HttpResponse:
    mark = visit().get(f"{path}package/{place}/").context["terms"].mark
    return visit().post(f"{path}package/{place}/", {"mark": mark, **more})


def test_an_order_shows_net_tax_gross_and_notice_before_its_button(shop: SimpleNamespace) -> None:
    page = text(visit().get(f"{shop.path}package/0/"))
    assert "120 € netto im Jahr, dazu 19 % Umsatzsteuer (22,80 €): 142,80 € im Jahr." in page.replace("\xa0", " ")
    assert ("Frist von 30 Tagen" in page, "Unverbindlich anfragen" in page) == (True, True)


def test_a_click_on_a_package_with_a_price_says_that_it_orders_nothing(shop: SimpleNamespace) -> None:
    page = text(visit().get(f"{shop.path}package/0/"))
    assert "Mit der Anfrage bestellen Sie noch nichts und schulden nichts." in page
    assert "gehört die Belehrung über Ihr Widerrufsrecht dazu" in page
    assert "bestellen" not in re.sub("bestellen Sie noch nichts", "", page)
    page = text(visit().get(ordered(shop.path)["Location"]))
    assert "Ihre Anfrage ist bei uns. Bestellt ist damit noch nichts" in page
    assert "haben Sie unverbindlich angefragt: Premium" in page


def test_a_package_with_a_price_is_accepted_only_with_its_contract(
    shop: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    ordered(shop.path)
    wish, client = Wish.objects.get(), as_role("adviser")
    assert "Probe, Caro fragt unverbindlich nach Premium." in text(client.get(f"/telling/pages/{wish.pk}/"))
    sent = {"version": wish.version, "effective_on": timezone.localdate().isoformat(), "words": ""}
    for contract in ("", "   "):
        assert client.post(f"/telling/pages/{wish.pk}/", sent | {"contract": contract}).status_code == 422
    with pytest.raises(Refused):
        accept_package(
            wish=wish, version=1, effective_on=timezone.localdate(), text="", by=shop.owner, now=timezone.now()
        )
    assert (Wish.objects.get().state, Agreement.objects.count()) == ("open", 0)


def test_an_order_is_a_wish_with_its_terms_until_a_person_accepts(shop: SimpleNamespace) -> None:
    ordered(shop.path, text="Ab Januar bitte")
    wish = Wish.objects.get()
    assert (wish.kind, wish.class_key, wish.state, wish.source, wish.text) == (
        "package", "A", "open", "page", "Ab Januar bitte"
    )  # fmt: skip
    assert wish.price == {
        "net_cents": 12000, "tax_permille": 190, "tax_cents": 2280, "gross_cents": 14280, "per": "year",
        "notice_days": 30,
    }  # fmt: skip
    assert (OwnChoice.objects.count(), Agreement.objects.count()) == (0, 0)


def test_an_order_sent_twice_is_one(shop: SimpleNamespace) -> None:
    ordered(shop.path)
    ordered(shop.path)
    assert list(Wish.objects.values_list("state", flat=True)) == ["open"]


def test_nobody_orders_other_terms_than_they_read(shop: SimpleNamespace) -> None:
    mark = visit().get(f"{shop.path}package/0/").context["terms"].mark
    dearer = PRICED.replace("net: 120", "net: 240")
    hash_now = read_policy_text(dearer).policy.hash
    PolicyVersion.objects.filter(pk=shop.version.pk).update(text=dearer, hash=hash_now)
    answer = visit().post(f"{shop.path}package/0/", {"mark": mark})
    assert (answer.status_code, Wish.objects.count()) == (422, 0)
    assert "Das Paket hat sich geändert" in text(answer)


def test_a_choice_can_be_taken_back_until_it_is_accepted(shop: SimpleNamespace) -> None:
    ordered(shop.path)
    act(shop.path, act="undo", kind="package")
    assert Wish.objects.get().state == "undone"
    act(shop.path, act="undo", kind="package")
    assert Wish.objects.get().version == 2


def test_a_package_that_is_not_wanted_is_on_record_at_once(shop: SimpleNamespace) -> None:
    ordered(shop.path)
    act(shop.path, act="decline_package", place="0")
    found = OwnChoice.objects.get()
    assert (found.state, found.class_key, found.by) == ("declined", "A", None)
    assert Wish.objects.get().state == "undone"


def test_an_accepted_package_changes_class_and_promises_with_its_reason(
    shop: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    ordered(shop.path)
    wish, today = Wish.objects.get(), timezone.localdate()
    client = as_role("adviser")
    assert client.get(f"/telling/pages/{wish.pk}/").status_code == 200
    sent = {
        "version": wish.version,
        "effective_on": today.isoformat(),
        "words": "Schön.",
        "contract": "Vertrag, Ordner 7",
    }
    assert client.post(f"/telling/pages/{wish.pk}/", sent).status_code == 302
    wish.refresh_from_db()
    assert (wish.state, wish.answered_by, wish.answer) == ("accepted", shop.adviser, "Schön.")
    choice = OwnChoice.objects.get()
    assert (choice.state, choice.class_key, choice.chosen_on, choice.by) == ("chosen", "A", today, shop.adviser)
    held = Membership.objects.filter(number=CARO).order_by("pk").last()
    assert held is not None
    assert (held.class_key, held.because, held.change, held.effective_on) == ("A", "chosen", "up", today)
    agreed = Agreement.objects.order_by("service")
    assert [item.service for item in agreed] == ["annual_check", "callback"]
    assert agreed[0].source.startswith("Vertrag, Ordner 7; Premium, angefragt am")
    assert "142,80\xa0€ im Jahr" in agreed[0].source
    told = Told.objects.get(number=CARO)
    assert (told.class_key, told.how, told.told_on) == ("A", "choice", today)
    page = text(visit().get(shop.path))
    assert ("Ihr Paket ist Premium" in page, "Bestätigt: Premium" in page) == (True, True)


def test_a_wish_taken_back_meanwhile_is_not_accepted(shop: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    ordered(shop.path)
    wish = Wish.objects.get()
    act(shop.path, act="undo", kind="package")
    sent = {
        "version": wish.version,
        "effective_on": timezone.localdate().isoformat(),
        "words": "Gern!",
        "contract": "Ordner",
    }
    answer = as_role("owner").post(f"/telling/pages/{wish.pk}/", sent)
    assert (answer.status_code, OwnChoice.objects.count()) == (409, 0)
    assert "Gern!" in text(answer)


def test_a_smaller_package_holds_from_tomorrow_without_notice(
    shop: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    path = link(shop, EMIL)
    ordered(path, 2)
    wish, today = Wish.objects.get(), timezone.localdate()
    client = as_role("owner")
    assert "Weniger als bisher gilt frühestens ab morgen." in text(client.get(f"/telling/pages/{wish.pk}/"))
    sent = {"version": wish.version, "effective_on": today.isoformat(), "words": ""}
    assert client.post(f"/telling/pages/{wish.pk}/", sent).status_code == 422
    sent["effective_on"] = (today + timedelta(1)).isoformat()
    assert client.post(f"/telling/pages/{wish.pk}/", sent).status_code == 302
    held = Membership.objects.filter(number=EMIL).order_by("pk").last()
    assert held is not None
    assert (held.class_key, held.because, held.effective_on) == ("C", "chosen", today + timedelta(1))
    assert Agreement.objects.count() == 0


def test_of_less_than_before_nothing_is_said_where_it_is_more(
    shop: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    ordered(shop.path)
    page = text(as_role("owner").get(f"/telling/pages/{Wish.objects.get().pk}/"))
    assert ("Gilt ab" in page, "Weniger als bisher" in page) == (True, False)


def test_a_refusal_needs_words_that_a_customer_may_read(
    shop: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    ordered(shop.path)
    wish = Wish.objects.get()
    client = as_role("owner")
    for words in (" ", "Klasse A ist voll."):
        answer = client.post(f"/telling/pages/{wish.pk}/refuse/", {"version": wish.version, "refusal": words})
        assert answer.status_code == 422
    client.post(
        f"/telling/pages/{wish.pk}/refuse/", {"version": wish.version, "refusal": "Zurzeit ist kein Platz frei."}
    )
    assert "Nicht möglich: Premium" in text(visit().get(shop.path))
    assert "Zurzeit ist kein Platz frei." in text(visit().get(shop.path))


# --- consents, services, contact data, why


def test_a_consent_is_kept_with_wording_and_moment_and_withdrawn_at_once(shop: SimpleNamespace) -> None:
    today = timezone.localdate()
    act(shop.path, act="consent", channel="phone", allow="yes")
    act(shop.path, act="consent", channel="phone", allow="yes")
    found = OwnConsent.objects.get()
    assert (found.channel, found.by, "Ich willige ein, dass Test mich per Telefon" in found.wording) == (
        "phone", None, True
    )  # fmt: skip
    assert may_write(CARO, "phone", "advertising", today).allowed
    act(shop.path, act="consent", channel="phone", allow="no")
    assert not may_write(CARO, "phone", "advertising", today).allowed


def told_address(shop: SimpleNamespace, settings: Any) -> None:
    """A mail server is set, and Caro has told us her address."""
    settings.SMTP_URL, settings.MAIL_FROM = "smtp://localhost:2525", "Test <buero@example.org>"
    Wish.objects.create(
        number=CARO, unit_id=CARO, name="x", kind="contact", data={"email": "caro@example.org"}, source="page",
        asked_at=timezone.now(), state="accepted", answered_at=timezone.now(),
    )  # fmt: skip


def way_in(mail: Message) -> str:
    """Where the link of a mail leads, as it leaves."""
    body = str(composed(mail, From("Test", "buero@example.org"), "de").body)
    return re.sub(r"^.*?(/k/confirm/\S+).*$", r"\1", body, flags=re.DOTALL)


def test_a_consent_to_mail_counts_once_the_mail_was_answered(shop: SimpleNamespace, settings: Any) -> None:
    today = timezone.localdate()
    told_address(shop, settings)
    act(shop.path, act="consent", channel="email", allow="yes")
    act(shop.path, act="consent", channel="email", allow="yes")
    mail = Message.objects.get()
    assert (mail.kind, mail.gate, mail.address, mail.state) == ("confirm", "asked", "caro@example.org", "written")
    assert not may_write(CARO, "email", "advertising", today).allowed
    path = way_in(mail)
    assert "/k/confirm/" not in mail.text
    looked = visit().get(path)
    assert (looked.status_code, may_write(CARO, "email", "advertising", today).allowed) == (200, False)
    assert visit().post(path).status_code == 200
    assert visit().post(path).status_code == 200
    assert may_write(CARO, "email", "advertising", today).allowed
    assert NAMES[CARO] not in looked.content.decode()


def test_an_address_of_a_mail_that_is_not_ours_confirms_nothing(shop: SimpleNamespace, settings: Any) -> None:
    told_address(shop, settings)
    act(shop.path, act="consent", channel="email", allow="yes")
    path = way_in(Message.objects.get())
    unknown = visit().get("/k/" + "x" * 43 + "/")
    for wrong in (path[:-2] + "x/", "/k/confirm/1/", "/k/confirm/x:y:z/"):
        answer = visit().post(wrong)
        assert (answer.status_code, answer.content) == (404, unknown.content)
    OwnConsent.objects.update(withdrawn_at=timezone.now())
    assert visit().post(path).status_code == 404


def test_the_consent_that_is_kept_of_an_erased_customer_is_confirmed_by_no_mail(
    shop: SimpleNamespace, settings: Any
) -> None:
    told_address(shop, settings)
    act(shop.path, act="consent", channel="email", allow="yes")
    path, unknown = way_in(Message.objects.get()), visit().get("/k/" + "x" * 43 + "/")
    Erased.objects.create(digest=digest_of(CARO), alias="erased-1", erased_on=timezone.localdate(), reason="Verlangen")
    for answer in (visit().get(path), visit().post(path)):
        assert (answer.status_code, answer.content) == (404, unknown.content)
    assert OwnConsent.objects.get().confirmed_at is None


def test_who_told_us_no_address_is_asked_for_one_first(shop: SimpleNamespace, settings: Any) -> None:
    settings.SMTP_URL, settings.MAIL_FROM = "smtp://localhost:2525", "Test <buero@example.org>"
    answer = act(shop.path, act="consent", channel="email", allow="yes")
    assert (answer.status_code, OwnConsent.objects.count()) == (422, 0)


def test_letters_can_be_forbidden_and_allowed_again(shop: SimpleNamespace) -> None:
    today = timezone.localdate()
    act(shop.path, act="consent", channel="post", allow="no")
    assert not may_write(CARO, "post", "advertising", today).allowed
    act(shop.path, act="consent", channel="post", allow="yes")
    assert may_write(CARO, "post", "advertising", today).allowed


def test_an_objection_ends_all_advertising_and_can_be_taken_back(shop: SimpleNamespace) -> None:
    today = timezone.localdate()
    act(shop.path, act="consent", channel="email", allow="yes")
    act(shop.path, act="object")
    assert {may_write(CARO, way, "advertising", today).allowed for way in ("email", "post", "phone")} == {False}
    act(shop.path, act="object_back")
    assert may_write(CARO, "post", "advertising", today).allowed


def test_the_floor_cannot_be_declined_and_what_is_declined_can_be_had_again(shop: SimpleNamespace) -> None:
    assert act(link(shop, ALMA), act="without", service="advice").status_code == 422
    path = link(shop, ALMA)
    act(path, act="without", service="annual_check")
    act(path, act="without", service="annual_check")
    assert DeclinedService.objects.filter(wanted_again_at=None).count() == 1
    assert "Jahrescheck möchten Sie nicht" in text(visit().get(path))
    act(path, act="again", service="annual_check")
    assert DeclinedService.objects.filter(wanted_again_at=None).count() == 0


def test_only_what_comes_unasked_is_offered_to_do_without(shop: SimpleNamespace) -> None:
    today = timezone.localdate()
    for key, offered in (("A", ["annual_check"]), ("B", []), ("C", [])):  # B gets it on request
        Told.objects.filter(number=ALMA).delete()
        Told.objects.create(
            number=ALMA, policy=shop.version, class_key=key, told_on=today, said_on=today, how="letter",
            created_at=timezone.now(),
        )  # fmt: skip
        assert [name for name, _ in visit().get(link(shop, ALMA)).context["own"].declinable] == offered


def test_what_is_declined_is_planned_no_more_at_once_and_by_night(shop: SimpleNamespace) -> None:
    path, today = link(shop, ALMA), timezone.localdate()
    facts = {"unit_id": ALMA, "name": "x", "service": "annual_check", "class_key": "A"}
    planned = Touchpoint.objects.create(due_on=today + timedelta(3), **facts)
    done = Touchpoint.objects.create(due_on=today - timedelta(3), state="done", **facts)
    act(path, act="without", service="annual_check")
    assert [Touchpoint.objects.get(pk=item.pk).state for item in (planned, done)] == ["gone", "done"]
    refresh_touchpoints(shop.run, shop.policy, today)
    assert Touchpoint.objects.filter(unit_id=ALMA, service="annual_check", state="open").count() == 0


def test_nobody_orders_the_package_they_have(shop: SimpleNamespace) -> None:
    assert visit().get(link(shop, ALMA) + "package/0/").status_code == 302


def test_a_customer_asks_three_times_a_day_at_most(shop: SimpleNamespace) -> None:
    for _ in range(3):
        assert act(shop.path, act="why", why="Warum?").status_code == 302
        act(shop.path, act="undo", kind="why")
    assert act(shop.path, act="why", why="Warum?").status_code == 422
    assert Request.objects.count() == 3


def test_the_office_sees_what_a_customer_wants_and_does_without(
    shop: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    path = link(shop, ALMA)
    act(path, act="without", service="annual_check")
    act(path, act="contact", city="Leipzig")
    page = text(as_role("owner").get(f"/customers/{ALMA}/"))
    assert "Darauf verzichtet der Kunde: Jahrescheck" in page
    assert "Der Kunde nennt neue Kontaktdaten." in page


def test_contact_data_are_a_proposal_until_accepted(shop: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    act(shop.path, act="contact", email="caro@example.org", phone="0341 999")
    wish = Wish.objects.get()
    assert (wish.kind, wish.data) == ("contact", {"email": "caro@example.org", "phone": "0341 999"})
    as_role("owner").post(f"/telling/pages/{wish.pk}/", {"version": wish.version, "words": ""})
    page = visit().get(shop.path)
    assert page.context["own"].contact == {"email": "caro@example.org", "phone": "0341 999"}
    act(shop.path, act="contact", email="caro@example.org")
    assert Wish.objects.count() == 1


def test_what_cannot_be_read_is_said_and_kept(shop: SimpleNamespace) -> None:
    answer = act(shop.path, act="contact", email="nonsense", city="Leipzig")
    assert (answer.status_code, answer.context["contact_form"]["city"].value()) == (422, "Leipzig")
    assert Wish.objects.count() == 0


def test_a_question_is_a_request_to_a_named_person_and_its_answer_stands_on_the_page(
    shop: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    act(shop.path, act="why", why="Warum nicht Premium?")
    act(shop.path, act="why", why="Noch einmal: warum?")
    wish, taken = Wish.objects.get(), Request.objects.get()
    assert (taken.owner, taken.cause, taken.due_at is not None, wish.request) == (shop.owner, "ours", True, taken.pk)
    client = as_role("owner")
    draft = client.get(f"/telling/pages/{wish.pk}/").context["form"]["answer"].value()
    assert draft == "Ihr Paket Klassik ergibt sich aus dem Umfang unserer Zusammenarbeit."
    wrong = client.post(f"/telling/pages/{wish.pk}/", {"version": 1, "answer": "Sie sind Klasse C.", "minutes": 5})
    assert wrong.status_code == 422
    client.post(f"/telling/pages/{wish.pk}/", {"version": 1, "answer": "Weil es so vereinbart ist.", "minutes": 5})
    taken.refresh_from_db()
    assert (taken.state, taken.kept) == ("done", True)
    assert "Weil es so vereinbart ist." in text(visit().get(shop.path))


def test_whoever_chose_their_package_is_told_so(shop: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    client, today = as_role("owner"), timezone.localdate()
    ordered(shop.path)
    client.post(
        f"/telling/pages/{Wish.objects.get().pk}/",
        {"version": 1, "effective_on": today.isoformat(), "contract": "Ordner"},
    )
    act(shop.path, act="why", why="Warum?")
    draft = client.get(f"/telling/pages/{Wish.objects.get(kind='why').pk}/").context["form"]["answer"].value()
    assert draft == "Sie haben Premium gewählt."


def test_a_question_taken_back_needs_no_answer(shop: SimpleNamespace) -> None:
    act(shop.path, act="why", why="Warum?")
    act(shop.path, act="undo", kind="why")
    assert (Wish.objects.get().state, Request.objects.get().state) == ("undone", "dropped")


@pytest.mark.parametrize("sent", [{}, {"act": "nonsense"}, {"act": "undo", "kind": "x"}, {"act": "consent"}])
def test_what_is_none_of_ours_changes_nothing(shop: SimpleNamespace, sent: dict[str, str]) -> None:
    assert act(shop.path, **sent).status_code in (302, 422)
    assert (Wish.objects.count(), OwnChoice.objects.count(), OwnConsent.objects.count()) == (0, 0, 0)


# --- the office


def test_a_link_is_made_shown_once_and_revoked(shop: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    client, today = as_role("assistant"), timezone.localdate()
    made = client.post(f"/customers/{DORO}/page/", {"expires_on": (today + timedelta(5)).isoformat()}).context["made"]
    path = re.sub(r"^https?://[^/]+", "", made)
    assert visit().get(path).status_code == 200
    found = CustomerLink.objects.get(number=DORO)
    assert (found.made_by, found.expires_on) == (shop.assistant, today + timedelta(5))
    assert path not in client.get(f"/customers/{DORO}/page/").content.decode()
    client.post(f"/customers/{DORO}/page/{found.pk}/revoke/")
    assert visit().get(path).status_code == 404


def test_a_link_cannot_be_made_for_ever_or_for_the_past(
    shop: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    for days in (-1, 2000):
        day = timezone.localdate() + timedelta(days)
        answer = as_role("owner").post(f"/customers/{DORO}/page/", {"expires_on": day.isoformat()})
        assert (answer.status_code, answer.context["made"]) == (422, "")


def test_a_preview_shows_the_page_and_can_do_nothing(shop: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    answer = as_role("auditor").get(f"/customers/{CARO}/page/preview/")
    assert ("Ihr Paket ist Klassik" in text(answer), "<form" in answer.content.decode()) == (True, False)
    assert CustomerLink.objects.get().uses == 0


def test_wishes_of_other_advisers_are_not_seen(shop: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    ordered(shop.path)
    Customer.objects.filter(number=CARO).update(adviser="Somebody else")
    shop.firm.advisers_see_own_only = True
    shop.firm.save()
    wish = Wish.objects.get()
    assert list(as_role("adviser").get("/telling/pages/").context["open"]) == []
    assert as_role("adviser").get(f"/telling/pages/{wish.pk}/").status_code == 404
    assert as_role("adviser").get(f"/customers/{CARO}/page/").status_code == 404


def test_the_log_says_that_it_was_the_customer(shop: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    ordered(shop.path)
    listed = as_role("owner").get("/office/changes/?kind=wish").context["listed"]
    assert [lines["by"] for _, _, lines in listed] == ["der Kunde"]


# --- locked


def locked(office: SimpleNamespace, why: str) -> None:
    lock(number=CARO, why=why, text="Akte", since=timezone.localdate(), by=office.owner, now=timezone.now())


def test_the_page_of_the_dead_answers_like_an_unknown_address_until_the_lock_is_lifted(shop: SimpleNamespace) -> None:
    unknown = visit().get("/k/unknown/")
    locked(shop, "deceased")
    answer = visit().get(shop.path)
    assert (answer.status_code, answer.content) == (404, unknown.content)
    lift(number=CARO, by=shop.owner, now=timezone.now())
    assert visit().get(shop.path).status_code == 200


@pytest.mark.parametrize("why", ["restricted", "dispute", "moved", "other"])
def test_whoever_is_locked_for_another_reason_keeps_their_page_and_what_they_say_on_it_counts(
    shop: SimpleNamespace, why: str
) -> None:
    locked(shop, why)
    assert visit().get(shop.path).status_code == 200
    for allow in ("yes", "no", "yes"):
        visit().post(shop.path, {"act": "consent", "channel": "phone", "allow": allow})
        given = consented(CARO, "phone", "advertising", timezone.localdate())
        assert (given.allowed, given.ground) == ((True, "consent") if allow == "yes" else (False, ""))
        assert may_write(CARO, "phone", "advertising", timezone.localdate()).allowed == (
            why == "moved" and allow == "yes"
        )


def test_no_new_link_is_made_for_the_dead(shop: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    locked(shop, "deceased")
    client, until = as_role("owner"), timezone.localdate() + timedelta(30)
    client.post(f"/customers/{CARO}/page/", {"expires_on": until.isoformat()})
    assert CustomerLink.objects.count() == 1
    assert "Die eigene Seite ist geschlossen" in client.get(f"/customers/{CARO}/page/").content.decode()


def test_a_customer_who_sends_too_much_reads_so_in_the_language_of_their_page(shop: SimpleNamespace) -> None:
    for language, heading in (("de", "Das war zu viel auf einmal."), ("en", "That was too much at once.")):
        answer = visit().post(f"{shop.path}?language={language}", {"act": "why", "why": "x" * 2_600_000})
        page = answer.content.decode()
        assert (answer.status_code, f"<h1>{heading}</h1>" in page, "Heute" in page) == (413, True, False)
    assert Wish.objects.count() == 0
