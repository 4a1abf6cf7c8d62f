"""The capacity page: asked for, reckoned in the background, kept with its day, and a way out taken into a draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.book.conftest import run
from tests.web.services.conftest import NOW
from zusage.ground.reasons import Refused
from zusage.policy.edit import Put, change
from zusage.policy.read import read_policy_text
from zusage.web.customers.actions import record_agreement
from zusage.web.customers.models import Customer, Membership, Run, Told
from zusage.web.insight.actions import start_study, take_way
from zusage.web.insight.models import CapacityStudy
from zusage.web.insight.queries import fits, last_drafts, last_study, studying
from zusage.web.office.models import Absence, Firm, Job, PolicyVersion, User
from zusage.web.services.models import Announcement, Draft
from zusage.web.services.queries import known_of

As = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("kept")


def studied(office: SimpleNamespace, growth: int | None = 2, years: int = 3) -> CapacityStudy:
    """An answer, found as the worker finds it."""
    job = run(start_study(growth=growth, years=years, by=office.owner, now=NOW))
    assert job.state == "done", job.findings
    found = last_study()
    assert found is not None
    return found


def read(client: Client, path: str = "/capacity/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.text)


def test_an_office_without_an_answer_says_what_will_stand_here(as_role: As) -> None:
    page = read(as_role("owner"))
    assert "Reichen die Stunden für die Zusagen?" in page
    assert ">Ausrechnen<" in page
    assert ">Ausrechnen<" not in read(as_role("auditor"))


def test_whoever_asks_gets_the_page_with_its_day_once_the_job_is_through(office: SimpleNamespace, as_role: As) -> None:
    owner = as_role("owner")
    asked = {"growth": "2", "years": "3", "use": "Überstunden enden", "use_cents": "35,50"}
    assert owner.post("/capacity/", asked).status_code == 302
    job = Job.objects.get(kind="capacity")
    assert 'hx-trigger="every 2s"' in read(owner)
    assert owner.post("/capacity/", {"growth": "9", "years": "9"}).status_code == 302
    assert Job.objects.filter(kind="capacity").count() == 1
    assert run(job).state == "done"
    found = last_study()
    assert found is not None
    assert (found.growth, found.years, found.use, found.use_cents) == (2, 3, "Überstunden enden", 3550)
    assert (found.run, found.policy) == (office.run.pk, office.version)
    page = read(owner)
    assert found.figures["pages"]["de"]["headline"] in page
    assert "nach dem Servicekonzept test" in page
    assert "hx-trigger" not in page.split('<div id="capacity"')[1].split(">")[0]


def test_growth_and_changes_by_class_are_asked_kept_said_and_shown_again(office: SimpleNamespace, as_role: As) -> None:
    owner = as_role("owner")
    rows = owner.get("/capacity/").context["form"].rows
    assert [name for name, _ in rows] == ["Premium", "Komfort", "Klassik"]
    fields = {name: [field.html_name if field else None for _, field in cells] for name, cells in rows}
    assert (fields["Premium"][1], fields["Klassik"][2]) == (None, None)  # nothing is above, nothing below
    new_best, _, down = fields["Premium"]
    up = fields["Klassik"][1]
    sent = {"years": "3", new_best: "2", down: "2,5", up: "10"}
    assert owner.post("/capacity/", sent).status_code == 302
    assert run(Job.objects.get(kind="capacity")).state == "done"
    found = last_study()
    assert found is not None
    assert (found.growth, found.by_class) == (None, {"A": 2})
    assert found.drift == [["A", "B", 25], ["C", "B", 100]]
    page = read(owner)
    assert "Angenommen: 2 Neue im Jahr in „Premium“." in page
    assert "Angenommen: 2,5 % von „Premium“ wechseln im Jahr nach „Komfort“." in page.replace("\xa0", " ")
    form = owner.get("/capacity/").context["form"]
    assert {name: str(form[name].value()) for name in (new_best, down, up)} == {new_best: "2", down: "2.5", up: "10"}
    assert f'name="{down}" value="2,5"' in page


def test_growth_is_stated_once(as_role: As) -> None:
    owner = as_role("owner")
    (_, [(_, new), *_]), *_ = owner.get("/capacity/").context["form"].rows
    answer = owner.post("/capacity/", {"years": "3", "growth": "5", new.html_name: "2"})
    assert {*answer.context["form"].errors} == {"growth"}
    answer = owner.post("/capacity/", {"years": "3", new.html_name: "viele"})
    assert {*answer.context["form"].errors} == {new.html_name}
    assert not Job.objects.filter(kind="capacity").exists()


def test_every_section_stands_on_the_page_in_the_readers_language(office: SimpleNamespace, as_role: As) -> None:
    found = studied(office)
    office.owner.language = "en"
    office.owner.save()
    for role, language in (("owner", "en"), ("adviser", "de")):
        page = read(as_role(role))
        for block in found.figures["pages"][language]["blocks"]:
            assert f'<section id="{block["anchor"]}"' in page
            assert block["answer"] in page
            assert all(table["caption"] in page for table in block["tables"])
            assert (
                f"{block['topic']}{'“' if language == 'de' else '”'}</summary>" in page
            )  # what proves it folds on a phone


def test_what_cannot_be_is_said_at_the_field_and_nothing_is_reckoned(as_role: As) -> None:
    answer = as_role("owner").post("/capacity/", {"growth": "viele", "years": "99"})
    assert answer.status_code == 422
    assert {*answer.context["form"].errors} == {"growth", "years"}
    for half in ({"use": "Überstunden enden"}, {"use_cents": "35"}):
        answer = as_role("owner").post("/capacity/", {"years": "3"} | half)
        assert {*answer.context["form"].errors} == {"use"}
    assert not Job.objects.filter(kind="capacity").exists()


def test_a_growth_beyond_all_measure_fails_with_its_reason(office: SimpleNamespace, as_role: As) -> None:
    job = run(start_study(growth=5000, years=3, by=office.owner, now=NOW))
    assert job.state == "failed"
    assert [item["reason"]["code"] for item in job.findings] == ["growth_too_much"]
    assert 'role="alert"' in read(as_role("owner"))
    assert last_study() is None


def test_an_answer_is_stale_once_book_or_service_model_changed(office: SimpleNamespace, as_role: As) -> None:
    found = studied(office)
    assert fits(found, office.version)
    assert "anderes Servicekonzept" not in read(as_role("owner"))
    CapacityStudy.objects.filter(pk=found.pk).update(run=office.run.pk + 1)
    assert not fits(last_study(), office.version)
    assert "anderes Servicekonzept" in read(as_role("owner"))


def test_before_the_first_import_there_is_nothing_to_reckon(office: SimpleNamespace, as_role: As) -> None:
    Run.objects.update(published=False)
    with pytest.raises(Refused) as refused:
        start_study(growth=None, years=5, by=office.owner, now=NOW)
    assert [item.reason.code for item in refused.value.findings] == ["insight_no_book"]
    assert as_role("owner").post("/capacity/", {"years": "5"}, follow=True).status_code == 200


def test_a_way_out_becomes_a_draft_of_the_service_model(office: SimpleNamespace, as_role: As) -> None:
    found = studied(office)
    rows = {"tried": [{"put": ["matrix", "callback", "A"], "value": "next_workday"}]}
    CapacityStudy.objects.filter(pk=found.pk).update(figures=found.figures | {"changes": rows})
    adviser = as_role("adviser")
    answer = adviser.post("/capacity/take/", {"study": found.pk, "way": "tried"})
    draft = Draft.objects.get()
    assert answer.url == f"/services/{draft.pk}/check/"
    wanted = change(office.version.text, [Put(("matrix", "callback", "A"), "next_workday")])
    assert (draft.text, draft.base, draft.made_by) == (wanted, office.version, office.adviser)
    assert draft.hash == read_policy_text(wanted).policy.hash
    for sent in ({"study": found.pk, "way": "none"}, {"study": 0, "way": "tried"}, {"way": "tried"}):
        assert adviser.post("/capacity/take/", sent).status_code == 404
    with pytest.raises(LookupError):
        take_way(study=found, key="none", by=office.owner, now=NOW)


def test_only_the_last_answers_are_kept(office: SimpleNamespace) -> None:
    for _ in range(4):
        studied(office, years=1)
    assert CapacityStudy.objects.count() == 3
    assert studying() is None


def test_of_a_list_with_names_a_reader_sees_only_the_own_customers(office: SimpleNamespace, as_role: As) -> None:
    found = studied(office, years=1)
    table = {"caption": "", "heads": [["Name", False]], "rows": [["Alma"], ["Emil"]], "foot": [], "units": [ALMA, EMIL]}
    block = {"anchor": "mix", "topic": "", "answer": "", "remarks": [], "pictures": [], "tables": [table]}
    found.figures["pages"]["de"]["blocks"] = [block]
    found.save()
    Firm.objects.update(advisers_see_own_only=True)
    User.objects.filter(pk=office.adviser.pk).update(adviser="Adviser")
    Customer.objects.filter(number=EMIL).update(adviser="Adviser")
    Customer.objects.filter(number__in=[ALMA, BELA]).update(adviser="Other")
    for role, names in (("adviser", ["Emil"]), ("owner", ["Alma", "Emil"])):
        (shown,) = as_role(role).get("/capacity/").context["found"]["blocks"]
        assert [line["cells"][0][0] for line in shown["tables"][0]["lines"]] == names


# --- what the office knows besides the book


def test_absences_agreements_and_drafts_are_known(office: SimpleNamespace, draft: Draft) -> None:
    today = NOW.date()
    Absence.objects.create(user=office.owner, first_on=today, last_on=today + timedelta(days=4))
    office.owner.resource_role = "owner"
    office.owner.save()
    check = next(item for item in office.policy.promises_of("A") if item.service == "annual_check")
    record_agreement(
        customer=Customer.objects.get(number=EMIL), promise=check, class_key="A", since=today, until=None,
        source="Vertrag", by=office.owner, now=NOW,
    )  # fmt: skip
    known = known_of(office.policy, today)
    assert known.absent == {"owner": [(today, today + timedelta(days=4))]}
    assert [item.promise for item in known.agreed[EMIL]] == [check]
    assert [*dict(last_drafts())] == [f"test #{draft.pk}"]


def test_a_decided_reduction_holds_from_its_day(office: SimpleNamespace) -> None:
    day = NOW.date() + timedelta(days=40)
    Membership.objects.create(
        number=BELA, class_key="C", effective_on=day, change="down", policy=office.version, because="criteria",
        decided_by=office.owner, decided_at=NOW,
    )  # fmt: skip
    assert known_of(office.policy, NOW.date()).reduced_until == {ALMA: day - timedelta(days=1)}


def test_who_was_not_told_a_weaker_promise_yet_keeps_the_former_one_until_the_notice_is_over(
    office: SimpleNamespace,
) -> None:
    today = NOW.date()
    text = change(office.version.text, [Put(("matrix", "callback", "A"), "next_workday"), Put(("version",), "two")])
    policy = read_policy_text(text).policy
    version = PolicyVersion.objects.create(
        text=text, hash=policy.hash, label="two", valid_from=date(2026, 11, 1), published_at=NOW,
        published_by=office.owner,
    )  # fmt: skip
    Announcement.objects.create(
        policy=version, former=office.version, class_key="A", services=[], weakened=True, numbers=[ALMA, EMIL, CARO],
        customers=3, by=office.owner, at=NOW,
    )  # fmt: skip
    told: dict[str, Any] = {"policy": version, "class_key": "A", "created_at": timezone.now()}
    Told.objects.create(number=EMIL, told_on=today + timedelta(days=10), **told)
    Told.objects.create(number=CARO, told_on=today, **told)
    held = {item.unit_id: (item.class_key, item.until) for item in known_of(policy, today).held}
    notice = timedelta(days=policy.review.notice_days)
    assert held == {
        ALMA: ("A", today + notice - timedelta(days=1)),
        EMIL: ("A", today + timedelta(days=9)),
    }
