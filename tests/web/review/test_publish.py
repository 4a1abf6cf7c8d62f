"""Publishing: files become a book with figures and proposals, and the former book stays until the flip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.review.conftest import EXAMPLE, do, example_policy, exported, small
from zusage import engine
from zusage.book import read_book
from zusage.plan import make_plan
from zusage.policy.read import read_policy
from zusage.web.book.models import Address, Book, Import
from zusage.web.bridge.figures import account_rows, unit_rows
from zusage.web.bridge.reckoning import drop_tables
from zusage.web.customers.models import Account, Customer, Membership, OwnChoice, OwnWork, Run, Unit
from zusage.web.office.backup import JOURNAL, backups_folder
from zusage.web.office.models import Job
from zusage.web.privacy.erasing.actions import erase
from zusage.web.review import jobs
from zusage.web.review.actions import confirm_first, confirm_upgrades, override_class
from zusage.web.review.models import Proposal
from zusage.web.review.queries import classes_in_force

Publish = Callable[..., Job]


def listed() -> list[tuple[str, str, str]]:
    """The published customers: number, class in force, class proposed."""
    rows = Customer.objects.filter(run__published=True).order_by("number")
    return list(rows.values_list("number", "class_key", "proposed_key"))


def opened() -> list[tuple[str, str, str, str]]:
    """The open proposals of the published run."""
    found = Proposal.objects.filter(state="open", run__published=True).order_by("unit_id")
    return list(found.values_list("unit_id", "from_key", "to_key", "change"))


def test_the_first_import_proposes_a_class_for_everyone_and_gives_none(
    nobody_decided: SimpleNamespace, publish: Publish
) -> None:
    done = publish(*small())
    assert (done.state, done.findings, done.result["customers"], done.result["proposals"]) == ("done", [], 4, 3)
    assert listed() == [(ALMA, "", "A"), (BELA, "", "A"), (CARO, "", "C"), (EMIL, "", "B")]
    assert opened() == [(ALMA, "", "A", "first"), (CARO, "", "C", "first"), (EMIL, "", "B", "first")]
    assert Import.objects.get().state == "published"
    assert Proposal.objects.get(unit_id=ALMA).members == [ALMA, BELA]


def test_a_second_import_proposes_changes_and_makes_none(nobody_decided: SimpleNamespace, publish: Publish) -> None:
    publish(*small())
    confirm_first(by=nobody_decided.owner, reason="Einführung", now=timezone.now())
    publish(*small(alma=90, caro=700))
    assert listed() == [(ALMA, "A", "C"), (BELA, "A", "C"), (CARO, "C", "A"), (EMIL, "B", "B")]
    assert opened() == [(ALMA, "A", "C", "down"), (CARO, "C", "A", "up")]
    assert classes_in_force(timezone.localdate()) == {ALMA: "A", BELA: "A", CARO: "C", EMIL: "B"}


def test_proposals_of_a_former_run_are_overtaken(nobody_decided: SimpleNamespace, publish: Publish) -> None:
    publish(*small())
    publish(*small(alma=90))
    assert sorted(Proposal.objects.values_list("unit_id", "to_key", "state")) == [
        (ALMA, "A", "overtaken"), (ALMA, "C", "open"), (CARO, "C", "open"), (CARO, "C", "overtaken"),
        (EMIL, "B", "open"), (EMIL, "B", "overtaken"),
    ]  # fmt: skip
    assert (Run.objects.count(), Book.objects.count()) == (1, 1)


def test_an_import_is_undone_and_what_people_decided_stays(nobody_decided: SimpleNamespace, publish: Publish) -> None:
    publish(*small())
    confirm_first(by=nobody_decided.owner, reason="Einführung", now=timezone.now())
    publish(*small(caro=700))
    confirm_upgrades(chosen=[Proposal.objects.get(state="open").pk], by=nobody_decided.owner, now=timezone.now())
    second = Import.objects.latest("pk")
    assert do("undo", second.pk).state == "done"
    second.refresh_from_db()
    assert second.state == "undone"
    assert second.undone_at is not None
    assert listed() == [(ALMA, "A", "A"), (BELA, "A", "A"), (CARO, "A", "C"), (EMIL, "B", "B")]
    assert opened() == [(CARO, "A", "C", "down")]


def test_with_the_only_import_undone_there_is_no_book(nobody_decided: SimpleNamespace, publish: Publish) -> None:
    publish(*small())
    assert do("undo", Import.objects.get().pk).state == "done"
    assert (Book.objects.count(), Run.objects.count(), Customer.objects.count(), opened()) == (0, 0, 0, [])


def test_what_is_not_ready_is_not_published(nobody_decided: SimpleNamespace, publish: Publish) -> None:
    publish(*small())
    entry = Import.objects.get()
    Import.objects.update(state="open")
    assert [item["reason"]["code"] for item in do("publish", entry.pk).findings] == ["review_not_ready"]
    assert [item["reason"]["code"] for item in do("undo", entry.pk).findings] == ["review_not_published"]


def test_a_job_that_was_killed_after_the_flip_ends_what_it_began(
    nobody_decided: SimpleNamespace, publish: Publish
) -> None:
    publish(*small())
    run = Run.objects.get(published=True)
    again = do("publish", Import.objects.get().pk)
    assert (again.state, Run.objects.get(published=True).pk) == ("done", run.pk)


# --- whatever breaks before the flip leaves the former book as it was


class PulledPlug(Exception):  # noqa: N818 - nobody made a mistake
    """The machine stops at a write."""


@contextmanager
def breaking_at(number: int) -> Iterator[list[int]]:
    """The write of that number and none of them before breaks; the list holds how many there were."""
    seen = [0]

    def run(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and "zusage_job" not in sql and "django_tasks" not in sql:
            seen[0] += 1
            if seen[0] == number:
                raise PulledPlug
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        yield seen


def state_of_book() -> tuple[Any, ...]:
    """What readers see: the published rows."""
    runs = list(Run.objects.filter(published=True).values_list("pk", "book__published"))
    tables = (Customer, Unit, Account)
    counts = [model._default_manager.filter(run__published=True).count() for model in tables]
    return runs, counts, listed(), opened()


@pytest.mark.uncounted
@pytest.mark.django_db(transaction=True)
def test_a_publishing_that_breaks_at_any_write_leaves_the_former_book_or_the_new_one(
    nobody_decided: SimpleNamespace, publish: Publish, bring_anew: Callable[..., Import]
) -> None:
    publish(*small())
    confirm_first(by=nobody_decided.owner, reason="Einführung", now=timezone.now())
    entry = bring_anew(*small(caro=700))
    before, flipped = state_of_book(), False
    for number in range(1, 200):
        with breaking_at(number) as seen:
            job = do("publish", entry.pk)
        entry.refresh_from_db()
        if seen[0] < number:
            break
        flipped = flipped or entry.state == "published"
        if flipped:
            assert (listed()[2], opened()) == ((CARO, "C", "A"), [(CARO, "C", "A", "up")])
        else:
            assert (job.state, entry.state, state_of_book()) == ("failed", "ready", before)
    assert (job.state, entry.state, flipped) == ("done", "published", True)
    assert (Run.objects.count(), Book.objects.count()) == (1, 1)
    assert {model._default_manager.exclude(run__published=True).count() for model in (Customer, Unit, Account)} == {0}


def test_proposals_of_a_publishing_that_broke_off_do_not_stay(
    nobody_decided: SimpleNamespace, bring_anew: Callable[..., Import], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pulled(*_: Any, **values: Any) -> None:
        raise PulledPlug

    entry = bring_anew(*small())
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_flip", pulled)
        assert (do("publish", entry.pk).state, Proposal.objects.count()) == ("failed", 3)
    assert (do("publish", entry.pk).state, len(opened()), Proposal.objects.count()) == ("done", 3, 3)


def test_tables_that_a_killed_worker_had_only_begun_go_with_their_run(tmp_path: Path) -> None:
    for name in ("run-1", ".begun-run-1-x", ".begun-run-12-x"):
        (tmp_path / name).mkdir()
    drop_tables(tmp_path / "run-1")
    assert [path.name for path in tmp_path.iterdir()] == [".begun-run-12-x"]


# --- what people decide and note counts


def test_what_is_decided_while_the_rows_are_written_counts(
    nobody_decided: SimpleNamespace, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(*small())
    flip = jobs._flip

    def decided_before(run: Run | None, *more: Any, **values: Any) -> None:
        confirm_first(by=nobody_decided.owner, reason="Einführung", now=timezone.now())
        flip(run, *more, **values)

    monkeypatch.setattr(jobs, "_flip", decided_before)
    publish(*small(caro=700))
    assert listed() == [(ALMA, "A", "A"), (BELA, "A", "A"), (CARO, "C", "A"), (EMIL, "B", "B")]
    assert opened() == [(CARO, "C", "A", "up")]


def test_who_is_erased_while_the_rows_are_written_does_not_come_back_with_them(
    nobody_decided: SimpleNamespace, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(*small())
    keep, begun = jobs.keep_tables, []

    def erased_before(*given: Any) -> None:  # what is written from here on was read before
        begun.append(given)
        if len(begun) == 1:
            caro = Customer.objects.get(run__published=True, number=CARO)
            erase(customer=caro, reason="Verlangen", by=nobody_decided.owner, now=timezone.now())
        keep(*given)

    monkeypatch.setattr(jobs, "keep_tables", erased_before)
    assert publish(*small(caro=700)).state == "done"
    assert (len(begun), [row[0] for row in listed()]) == (2, [ALMA, BELA, EMIL, "erased-1"])
    assert Customer.objects.get(number="erased-1").name == "Gelöschter Kunde"
    for model in (Customer, Unit, Account, Address, Proposal, Run):
        for row in model._default_manager.values():
            assert CARO not in str(row), model
    (backups_folder() / JOURNAL).unlink(missing_ok=True)


def test_a_choice_noted_in_the_office_and_an_override_count(nobody_decided: SimpleNamespace, publish: Publish) -> None:
    publish(*small())
    confirm_first(by=nobody_decided.owner, reason="Einführung", now=timezone.now())
    today = timezone.localdate()
    OwnChoice.objects.create(
        number=CARO, state="chosen", class_key="B", chosen_on=date(2026, 10, 1), evidence="Telefon",
        by=nobody_decided.owner, created_at=timezone.now(),
    )  # fmt: skip
    emil = Customer.objects.get(number=EMIL)
    override_class(emil, "A", "Empfiehlt", today + timedelta(days=99), nobody_decided.owner, timezone.now())
    assert do("review").state == "done"
    assert list(Customer.objects.order_by("number").values_list("number", "because"))[2:] == [
        (CARO, "chosen"), (EMIL, "override"),
    ]  # fmt: skip
    assert opened() == [(CARO, "C", "B", "up")]


def test_work_noted_in_the_office_is_part_of_the_account(nobody_decided: SimpleNamespace, publish: Publish) -> None:
    publish(*small())
    before = Account.objects.get(number=CARO).figures["seen"]
    OwnWork.objects.create(
        number=CARO, done_on=date(2026, 10, 12), activity="call", seconds=600, by=nobody_decided.owner,
        created_at=timezone.now(),
    )  # fmt: skip
    do("review")
    assert (before, Account.objects.get(number=CARO).figures["seen"]) == (0, 1)


# --- the same answer as on the command line


def test_the_example_firm_gets_the_same_classes_and_figures_as_on_the_command_line(
    nobody_decided: SimpleNamespace, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    # soon after the last day of the files: a class that was set by hand until a day counts here by the day of today
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    version = example_policy(nobody_decided)
    assert publish(*exported()).state == "done"
    policy = read_policy(EXAMPLE / "policy.yaml").policy
    book = read_book(EXAMPLE / "exports")
    plan = make_plan(book.tables, policy, not_after=timezone.localdate(), findings=book.findings)
    run = Run.objects.get(published=True)
    assert (run.policy, run.as_of) == (version, plan.periods.as_of)
    columns = ("customer_id", "unit_id", "class_key", "because", "undecided")
    here = Customer.objects.filter(run=run, former=False).order_by("number")
    assert list(here.values_list("number", "unit_id", "proposed_key", "because", "undecided")) == [
        tuple(row[name] for name in columns) for row in engine.rows(plan.memberships)
    ]
    accounts = {row["number"]: row["figures"] for row in account_rows(plan)}
    assert dict(Account.objects.filter(run=run).values_list("number", "figures")) == accounts
    units = {row["unit_id"]: (row["figures"], row["parts"]) for row in unit_rows(plan)}
    found = Unit.objects.filter(run=run).values_list("unit_id", "figures", "parts")
    assert {unit: (figures, parts) for unit, figures, parts in found} == units

    # and after all of it is confirmed, a second run on the same book proposes nothing
    confirm_first(by=nobody_decided.owner, reason="Einführung", now=timezone.now())
    assert Membership.objects.count() == len(accounts)
    assert do("review").state == "done"
    assert opened() == []
