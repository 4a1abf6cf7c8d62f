"""The check of a draft: what it finds stands on its page, by name and for the reader, until something changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.test import Client

from tests.people import CARO, EMIL
from tests.web.book.conftest import run
from tests.web.services.conftest import NOW
from tests.web.services.publish.conftest import FASTER_C, SLOWER, checked, drafted, published
from zusage.ground.reasons import Reason
from zusage.policy.edit import Put
from zusage.web.charter.sheet.actions import edit_sheet
from zusage.web.customers.models import Agreement, Customer, Membership
from zusage.web.office.models import Absence, Firm, Job
from zusage.web.review.models import Proposal
from zusage.web.services.actions import edit_draft
from zusage.web.services.models import Announcement, Check, Draft, Mover
from zusage.web.services.publish.actions import record_announced
from zusage.web.services.publish.queries import check_of, is_current
from zusage.web.services.queries import read_draft, trial_of

As = Callable[[str], Client]
DAY = NOW.date()
pytestmark = pytest.mark.usefixtures("kept")


def lower_cut(office: SimpleNamespace) -> Draft:
    """A draft under which Emil reaches the best class, and Alma's household no longer does."""
    return drafted(
        office,
        Put(("classes", "best_first", "A", "when"), {"all": [{"yield": 250}, {"recurring_share": "50 %"}]}),
        Put(("classes", "best_first", "B", "when"), {"yield": 20}),
        now=NOW,
    )


def test_the_check_keeps_hours_sums_and_everybody_who_would_move(office: SimpleNamespace) -> None:
    draft = lower_cut(office)
    job = checked(draft, NOW)
    assert job.state == "done", job.findings
    found = check_of(draft)
    assert found is not None
    assert is_current(found, draft)
    plan = trial_of(read_draft(draft).policy, NOW.date())
    assert plan is not None
    assert found.figures["after"]["owed_seconds"] == plan.hours.owed_seconds
    assert found.figures["after"]["answer"] == plan.hours.answer
    sums = {item["key"]: item["after"]["customers"] for item in found.figures["classes"]}
    assert sums == {item.class_key: item.customers for item in plan.classes}
    moved = {item.unit_id: (item.from_key, item.to_key, item.change) for item in Mover.objects.all()}
    assert moved == {EMIL: ("B", "A", "up"), CARO: ("C", "B", "up")}
    emil = Mover.objects.get(unit_id=EMIL)
    assert {line["metric"]: (line["value"], line["cut"]) for line in emil.lines}["yield"] == (30000, 25000)


def test_a_second_check_takes_the_place_of_the_first(office: SimpleNamespace) -> None:
    draft = lower_cut(office)
    checked(draft, NOW)
    checked(draft, NOW)
    assert (Check.objects.count(), Mover.objects.count()) == (1, 2)


def test_a_check_is_stale_once_the_draft_or_the_book_changes(office: SimpleNamespace, as_role: As) -> None:
    draft = lower_cut(office)
    checked(draft, NOW)
    owner = as_role("owner")
    assert owner.get(f"/services/{draft.pk}/check/").context["current"] is True
    edit_draft(draft=draft, version=1, changes=[FASTER_C], what=Reason("services_new"), by=office.owner, now=NOW)
    page = owner.get(f"/services/{draft.pk}/check/")
    assert page.context["current"] is False
    assert "gilt nicht mehr" in page.content.decode()


def test_a_check_is_stale_once_the_office_knows_something_else(
    office: SimpleNamespace, as_role: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each thing that hours are reckoned with besides the book, one after the other; that a day passes is nothing."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    promise = office.policy.promises_of("A")[0]
    version = published(
        drafted(office, SLOWER, now=NOW), office.owner, NOW, begins_on=DAY, risk="Geht.", reduction="Nun."
    )
    draft = drafted(office, SLOWER, FASTER_C, now=NOW)
    facts = {"by": office.owner, "created_at": NOW}
    entered: dict[str, Callable[[], object]] = {
        "Abwesenheiten": lambda: Absence.objects.create(user=office.owner, first_on=DAY, last_on=DAY),
        "wer worüber informiert wurde": lambda: record_announced(
            announcement=Announcement.objects.get(policy=version, class_key="A"), numbers=None,
            said_on=DAY + timedelta(1), how="letter", by=office.owner, now=NOW + timedelta(1),
        ),
        "ab wann Rückstufungen gelten": lambda: Proposal.objects.create(
            run=office.run, unit_id=EMIL, name=EMIL, sort_key=EMIL, members=[EMIL], from_key="B", to_key="C",
            change="down", reduces=True, because="criteria", wave_on=DAY,
        ),
        "einzeln vereinbarte Zusagen": lambda: Agreement.objects.create(
            number=CARO, service=promise.service, class_key="A", terms=asdict(promise), since=DAY, source="x", **facts
        ),
        "bestätigte Einstufungen": lambda: Membership.objects.create(
            number=CARO, class_key="B", effective_on=DAY, change="up", policy=version, because="criteria",
            decided_by=office.owner, decided_at=NOW, applied=True,
        ),
    }  # fmt: skip
    owner = as_role("owner")
    for name, enter in entered.items():
        checked(draft, NOW)
        monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=1))
        assert is_current(check_of(draft), draft), name
        monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
        enter()
        for page in ("check", "publish"):
            found = unescape(owner.get(f"/services/{draft.pk}/{page}/").content.decode())
            assert f"Seitdem geändert: {name}." in found, name
        assert "risk" in owner.get(f"/services/{draft.pk}/publish/").context["form"].fields, name


def test_who_edits_starts_the_check_and_others_read_it(office: SimpleNamespace, as_role: As) -> None:
    draft = lower_cut(office)
    address = f"/services/{draft.pk}/check/"
    assert as_role("assistant").get(address).status_code == 403
    assert as_role("auditor").post(f"{address}start/").status_code == 403
    assert as_role("owner").post(f"{address}start/").status_code == 302
    (job,) = Job.objects.filter(kind="check")
    waiting = as_role("adviser").get(address).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    as_role("owner").post(f"{address}start/")
    assert Job.objects.filter(kind="check").count() == 1
    run(job)
    for role in ("owner", "adviser", "auditor"):
        assert as_role(role).get(address).status_code == 200


@pytest.mark.parametrize(("language", "sentence"), [("de", "wird weniger"), ("en", "becomes less")])
def test_the_page_says_whose_promises_become_weaker(
    office: SimpleNamespace, as_role: As, language: str, sentence: str
) -> None:
    draft = drafted(office, SLOWER, FASTER_C, now=NOW)
    office.owner.language = language
    office.owner.save()
    page = as_role("owner").get(f"/services/{draft.pk}/check/")
    lines = [
        (item["name"], item["size"], len(item["weaker"]), len(item["stronger"])) for item in page.context["affected"]
    ]
    assert lines == [("Premium", 2, 1, 0), ("Klassik", 2, 0, 1)]
    assert sentence in page.content.decode()
    assert 'href="/customers/?class_key=A"' in page.content.decode()  # who they are, before anybody signs


def test_without_a_book_there_is_nothing_to_check_against(office: SimpleNamespace, as_role: As) -> None:
    draft = lower_cut(office)
    office.run.published = False
    office.run.save()
    page = as_role("owner").post(f"/services/{draft.pk}/check/start/", follow=True)
    assert not Job.objects.filter(kind="check").exists()
    assert "noch keinen Bestand" in page.content.decode()


def test_the_list_of_those_who_move_is_filtered_for_the_reader_and_can_be_taken_along(
    office: SimpleNamespace, as_role: As, django_assert_num_queries: Any
) -> None:
    Customer.objects.filter(number=EMIL).update(name="=1+1", adviser="Jemand")
    draft = lower_cut(office)
    checked(draft, NOW)
    Mover.objects.filter(unit_id=EMIL).update(name="=1+1")
    owner = as_role("owner")
    address = f"/services/{draft.pk}/check/movers/"
    page = owner.get(f"{address}?change=up")
    assert [(item.unit_id, old, new) for item, old, new, _ in page.context["lines"]] == [
        (EMIL, "Komfort", "Premium"),
        (CARO, "Klassik", "Komfort"),
    ]
    assert page.context["lines"][0][3][0] == "Ertrag im Jahr 300\xa0€ (≥ 250\xa0€)"
    with django_assert_num_queries(21):
        owner.get(f"{address}?change=up")
    Mover.objects.filter(unit_id=EMIL).delete()
    with django_assert_num_queries(21):
        owner.get(f"{address}?change=up")
    Mover.objects.all().delete()
    checked(draft, NOW)
    Mover.objects.filter(unit_id=EMIL).update(name="=1+1")
    sheet = openpyxl.load_workbook(BytesIO(owner.get(f"/services/{draft.pk}/check/movers.xlsx").content)).active
    assert sheet is not None
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2)]
    assert [row[:3] for row in rows if row[0] == EMIL] == [(EMIL, "=1+1", "steigt auf")]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2, max_col=2) for cell in row} == {"s"}
    assert LogEntry.objects.filter(additional_data__export="movers").count() == 1
    Firm.objects.update(advisers_see_own_only=True)
    mine = as_role("adviser").get(f"{address}?change=up")
    assert [item.unit_id for item, *_ in mine.context["lines"]] == [CARO]


def test_remarks_on_the_draft_stand_on_the_page_before_and_after_the_check(
    office: SimpleNamespace, as_role: As
) -> None:
    proxy = Put(("classes", "best_first", "B", "when"), {"all": [{"yield": 150}, {"own_plz_bonus": 1}]})
    draft, owner = drafted(office, proxy, now=NOW), as_role("owner")
    (remark,) = [item for item in read_draft(draft).findings if item.reason.code == "policy_proxy"]
    for _ in range(2):
        page = owner.get(f"/services/{draft.pk}/check/")
        section = unescape(page.content.decode()).split("<h2>Hinweise")[1].split("</section>")[0]
        assert "own_plz_bonus" in section
        assert remark.where.file is not None
        assert remark.where.file not in section  # there is no file to look into
        checked(draft, NOW)


def test_what_customers_should_not_read_stands_on_the_page_with_the_cell_where_it_is_mended(
    office: SimpleNamespace, as_role: As
) -> None:
    wording = Put(("matrix", "callback", "A"), {"mode": "same_day", "wording": "Kunden der Klasse A heute."})
    draft, owner = drafted(office, wording, now=NOW), as_role("owner")
    for address in (f"/services/{draft.pk}/check/", f"/services/{draft.pk}/publish/"):
        found = owner.get(address).context["charter"]
        assert [(item.reason.code, url) for item, url in found] == [
            ("packages_internal", f"/services/{draft.pk}/matrix/cell/?row=callback&class=A&alone=1")
        ]
        assert "nennt die interne Klasse „A“" in unescape(owner.get(address).content.decode())
    assert owner.get(found[0][1]).status_code == 200
    plain = drafted(office, FASTER_C, now=NOW)
    assert owner.get(f"/services/{plain.pk}/check/").context["charter"] == []


def test_a_word_the_firm_never_wants_customers_to_read_is_found_in_a_draft_before_it_is_published(
    office: SimpleNamespace, as_role: As
) -> None:
    wording = Put(("matrix", "callback", "A"), {"mode": "same_day", "wording": "Nur kurz am selben Tag."})
    draft, owner = drafted(office, wording, now=NOW), as_role("owner")
    pages = [f"/services/{draft.pk}/{name}/" for name in ("check", "publish")]
    assert [owner.get(page).context["charter"] for page in pages] == [[], []]
    edit_sheet(version=0, values={"refused": ["nur kurz", "Massengeschäft"]}, by=office.owner, now=NOW)
    for page in pages:
        found = owner.get(page)
        assert [(item.reason.code, item.reason.values["word"], url) for item, url in found.context["charter"]] == [
            ("packages_degrading", "Nur kurz", f"/services/{draft.pk}/matrix/cell/?row=callback&class=A&alone=1")
        ]
        assert "enthält das Wort „Nur kurz“" in unescape(found.content.decode())
        assert found.context["unfit"] is True


def test_a_sentence_that_contradicts_its_promise_is_told_there_too(office: SimpleNamespace, as_role: As) -> None:
    wording = Put(("matrix", "callback", "A"), {"mode": "same_day", "wording": "Am nächsten Arbeitstag."})
    page = as_role("owner").get(f"/services/{drafted(office, wording, now=NOW).pk}/check/")
    assert [item.reason.code for item, _ in page.context["charter"]] == ["packages_contradicts"]
    assert page.context["unfit"] is False
