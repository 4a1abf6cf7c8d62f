"""A book that is published while a page is made: whatever the page has read before, it comes, and comes whole."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people import ALMA, CARO
from tests.web.conftest import publish_run
from zusage.web.book.models import Book
from zusage.web.customers.models import Account, Customer, Membership, Run, Unit
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
    """Publishes a run between two questions to the database, and takes the rows of the former one away."""

    def __init__(self, run: Run, after: int) -> None:
        self.run, self.left = run, after

    def __call__(self, execute: Callable[..., Any], *asked: Any) -> Any:
        self.left -= 1
        if self.left == -1:
            former = Run.objects.filter(published=True)
            keys = [*former.values_list("pk", flat=True)]
            former.update(published=False)
            Run.objects.filter(pk=self.run.pk).update(published=True)
            for model in (Account, Unit, Customer):
                model._default_manager.filter(run__in=keys).delete()
        return execute(*asked)


@pytest.mark.parametrize("path", PAGES)
def test_a_book_published_between_any_two_questions_of_a_page_is_no_failure(
    next_run: Run, as_role: Callable[[str], Client], path: str
) -> None:
    owner = as_role("owner")
    with CaptureQueriesContext(connection) as asked:
        assert owner.get(path).status_code == 200
    for after in range(len(asked)):
        with transaction.atomic():
            with connection.execute_wrapper(Meanwhile(next_run, after)):
                assert (after, owner.get(path).status_code) == (after, 200)
            transaction.set_rollback(True)
