"""A book that is published while a page is made: whatever the page has read before, it comes, and comes whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import ALMA, CARO
from tests.web.conftest import publish_run
from zusage.web.book.models import Book
from zusage.web.customers.actions import count_flip
from zusage.web.customers.models import Account, Customer, Membership, Run, Unit
from zusage.web.middleware import settle
from zusage.web.review import jobs
from zusage.web.review.models import Proposal
from zusage.web.review.queries import proposed_changes

PAGES = ("/", f"/customers/{ALMA}/", f"/customers/{CARO}/rows/", "/review/?part=down")


@pytest.fixture
def next_run(office: SimpleNamespace) -> Run:
    """A second run, written and not yet published; Caro has a proposal in the first one."""
    Membership.objects.filter(number=CARO).update(class_key="A")
    Proposal.objects.bulk_create(proposed_changes(office.run, office.policy, office.run.as_of))
    Run.objects.update(published=False)
    Book.objects.update(published=False)
    found = publish_run(office.version)
    Run.objects.update(published=False)
    Run.objects.filter(pk=office.run.pk).update(published=True)
    return found


class Meanwhile:
    """Publishes a run between two questions to the database; the rows of the former one may be taken away as well."""

    def __init__(self, run: Run, after: int, *, tidy: bool) -> None:
        self.run, self.left, self.tidy = run, after, tidy

    def __call__(self, execute: Callable[..., Any], *asked: Any) -> Any:
        self.left -= 1
        if self.left == -1:
            former = [*Run.objects.filter(published=True).values_list("pk", flat=True)]
            jobs._flip(self.run, None, "", 0, now=self.run.created_at, today=timezone.localdate())
            for model in (Account, Unit, Customer) if self.tidy else ():
                model._default_manager.filter(run__in=former).delete()
        return execute(*asked)


@pytest.mark.uncounted
@pytest.mark.parametrize("path", PAGES)
def test_a_book_published_between_any_two_questions_of_a_page_is_no_failure(
    next_run: Run, as_role: Callable[[str], Client], path: str
) -> None:
    owner = as_role("owner")
    with CaptureQueriesContext(connection) as asked:
        assert owner.get(path).status_code == 200
    for after in range(len(asked)):
        with transaction.atomic():
            with connection.execute_wrapper(Meanwhile(next_run, after, tidy=True)):
                assert (after, owner.get(path).status_code) == (after, 200)
            transaction.set_rollback(True)


def seen(client: Client, path: str) -> str:
    """What stands on a page, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(path).content.decode()))


def test_rows_and_sums_of_a_page_are_of_one_run(next_run: Run, as_role: Callable[[str], Client]) -> None:
    Customer.objects.filter(run=next_run).update(contribution_cents=F("contribution_cents") + 100_00)
    owner, path = as_role("owner"), "/customers/"
    with CaptureQueriesContext(connection) as asked:
        seen(owner, path)
    for after in range(len(asked)):
        with transaction.atomic():
            with connection.execute_wrapper(Meanwhile(next_run, after, tidy=False)):
                met = seen(owner, path)
            assert (after, met) == (after, seen(owner, path))
            transaction.set_rollback(True)


def test_a_page_begins_once_more_only_where_a_run_was_published(rf: RequestFactory) -> None:
    asked: list[str] = []

    def page(request: HttpRequest) -> HttpResponse:
        asked.append(request.path)
        if request.GET:
            count_flip()
        return HttpResponse()

    for request in (rf.get("/quiet"), rf.get("/met?flip=1"), rf.head("/met?flip=1"), rf.post("/sent?flip=1")):
        assert settle(page)(request).status_code == 200
    assert asked == ["/quiet", *["/met"] * 4, "/sent"]
