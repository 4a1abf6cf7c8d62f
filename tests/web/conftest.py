"""A small office for every test of the web: the firm, its people, the five customers with their figures."""

from __future__ import annotations

import functools
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.db.models import Model
from django.test import Client

from tests import people
from tests.people import ALMA, BELA, CARO, DORO, EMIL, booked, call, full_logs, full_year, tables
from zusage.engine import Frame
from zusage.plan import make_plan
from zusage.web.bridge.figures import account_rows, customer_rows, summary_of, unit_rows
from zusage.web.customers.models import Account, Book, Customer, Membership, Run, Unit
from zusage.web.office.models import ROLES, Firm, PolicyVersion, User
from zusage.web.office.queries import policy_of
from zusage.web.services import queries as services

IMPORTED = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
PASSWORD = "richtig-langes-kennwort"  # noqa: S105 - of the tests
CLASSES = {ALMA: "A", BELA: "A", CARO: "C", DORO: "C", EMIL: "B"}


@pytest.fixture
def office(db: None, first_rows: Rows) -> SimpleNamespace:
    """Firm, one user per role (`office.owner`, …), policy, a published run; classes confirmed as proposed."""
    services._knowing.cache_clear()  # ids of rows begin anew with each test
    cache.clear()  # no model, so a test that empties the tables leaves it: visits are counted from none
    return first_rows.again("office", new_office)


def new_office() -> SimpleNamespace:
    firm = Firm.objects.create(pk=1, name="Test", created_at=IMPORTED)
    users = {
        role: User.objects.create_user(f"{role}@example.org", PASSWORD, name=role.title(), role=role) for role in ROLES
    }
    version = publish_policy(users["owner"])
    run = publish_run(version)
    for number, key in CLASSES.items():
        Membership.objects.create(
            number=number, class_key=key, effective_on=date(2026, 11, 2), change="first", policy=version,
            because="criteria", decided_by=users["owner"], decided_at=IMPORTED, applied=True,
        )  # fmt: skip
        Customer.objects.filter(run=run, number=number).update(class_key=key)
    return SimpleNamespace(firm=firm, policy=policy_of(version), version=version, run=run, users=users, **users)


class Rows:
    """What a fixture adds to the tables, written by the office's own code once and as bare rows for each later test."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Any, list[tuple[str, list[tuple[Any, ...]]]]]] = {}
        self.types: set[tuple[Any, ...]] = set()

    def again(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` returned when it was first called, for this test alone, with its rows in the tables."""
        # tests that empty the tables give the types of the log other ids, which the kept rows do not know
        if (types := set(stored(ContentType))) != self.types:
            self.types, self.kept = types, {}
        if name in self.kept:
            with connection.cursor() as cursor:
                for insert, rows in self.kept[name][1]:
                    cursor.executemany(insert, rows)
        else:
            before = {model: stored(model) for model in apps.get_models()}
            made = make()
            added = {model: [row for row in stored(model) if row not in before[model]] for model in before}
            assert all(set(before[model]) <= set(stored(model)) for model in before), "rows were changed, not added"
            self.kept[name] = made, [(insert_into(model), rows) for model, rows in added.items() if rows]
        return deepcopy(self.kept[name][0])


def stored(model: type[Model]) -> list[tuple[Any, ...]]:
    """The rows of a table as they are."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns_of(model)} FROM {model._meta.db_table}")  # noqa: S608 - names of our own
        return cursor.fetchall()  # type: ignore[no-any-return]


def insert_into(model: type[Model]) -> str:
    places = ", ".join(["%s"] * len(model._meta.concrete_fields))
    return f"INSERT INTO {model._meta.db_table} ({columns_of(model)}) VALUES ({places})"  # noqa: S608 - of our own


def columns_of(model: type[Model]) -> str:
    return ", ".join(connection.ops.quote_name(field.column) for field in model._meta.concrete_fields)


@pytest.fixture(scope="session")
def first_rows() -> Rows:
    return Rows()


def publish_policy(by: User) -> PolicyVersion:
    """The small policy of `people` as the one in force."""
    policy = people.changed()
    return PolicyVersion.objects.create(
        text=people.POLICY, hash=policy.hash, label="test", valid_from=date(2026, 1, 1), published_at=IMPORTED,
        published_by=by,
    )  # fmt: skip


def book_tables() -> dict[str, Frame]:
    """The book of the five: two of them bring little, one of those calls every month."""
    return {**_book()}


@functools.cache
def _book() -> dict[str, Frame]:
    return tables(
        yields=[*full_year(), booked(ALMA, 900), booked(BELA, 120), booked(CARO, 40), booked(EMIL, 300)],
        work=[call(CARO, on=date(2026, month, 4)) for month in range(1, 11)],
        logs=full_logs("calls"),
    )


def publish_run(version: PolicyVersion) -> Run:
    """A book of the five people and their figures, published."""
    found = deepcopy(figures())
    book = Book.objects.create(created_at=IMPORTED, published=True)
    run = Run.objects.create(
        book=book, policy=version, as_of=people.TODAY, created_at=IMPORTED, published=True, summary=found["summary"]
    )
    since = people.SINCE
    Customer.objects.bulk_create(Customer(run=run, since=since[r["number"]], **r) for r in found["customers"])
    Unit.objects.bulk_create(Unit(run=run, **row) for row in found["units"])
    Account.objects.bulk_create(Account(run=run, **row) for row in found["accounts"])
    return run


@functools.cache
def figures() -> dict[str, Any]:
    """What the small policy makes of the five people, as rows: reckoned once, the same for every test."""
    plan = make_plan(book_tables(), people.changed(), as_of=people.TODAY)
    return {
        "summary": summary_of(plan),
        "customers": list(customer_rows(plan, {})),
        "units": list(unit_rows(plan)),
        "accounts": list(account_rows(plan)),
    }


@pytest.fixture
def as_role(office: SimpleNamespace) -> Callable[[str], Client]:
    """`as_role("adviser")`: a client signed in as that person."""

    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(office.users[role], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in
