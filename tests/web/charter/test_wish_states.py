"""Whatever customers and the firm do in whatever order: one open wish of a kind, and what was answered stays."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import CARO
from tests.web.charter.test_own_page import PRICED
from zusage.ground.reasons import Refused
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text
from zusage.web.charter.link import actions
from zusage.web.charter.link.queries import charter, terms_of
from zusage.web.customers.choices.actions import Answered
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.consent.queries import may_write
from zusage.web.customers.models import Agreement, Customer, OwnChoice
from zusage.web.office.models import PolicyVersion, User

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(0, 2)),
        st.tuples(st.just("undo"), st.sampled_from(["package", "contact", "why"])),
        st.tuples(st.just("contact"), st.sampled_from(["a@example.org", "b@example.org"])),
        st.tuples(st.just("accept"), st.integers(1, 2)),
        st.tuples(st.just("refuse"), st.integers(1, 2)),
        st.tuples(st.just("decline"), st.integers(0, 2)),
        st.tuples(st.just("consent"), st.booleans()),
        st.tuples(st.just("object"), st.booleans()),
    ),
    max_size=12,
)


class Firm:
    """A customer and the firm, who do what is drawn, one after the other."""

    def __init__(self, policy: Policy, owner: User) -> None:
        self.policy, self.owner, self.now = policy, owner, timezone.now()
        self.customer = Customer.objects.get(run__published=True, number=CARO)
        self.allowed = False  # advertising by telephone, as last said
        self.objected = False

    def order(self, place: int) -> None:
        found = charter(self.policy)
        mark = terms_of(found.packages[place], place, found).mark
        actions.wish_package(
            customer=self.customer, policy=self.policy, place=place, mark=mark, source="page", by=None, now=self.now
        )

    def undo(self, kind: str) -> None:
        actions.undo(customer=self.customer, kind=kind, now=self.now)

    def contact(self, email: str) -> None:
        actions.wish_contact(customer=self.customer, lines={"email": email}, source="page", by=None, now=self.now)

    def accept(self, version: int) -> None:
        for wish in Wish.objects.order_by("pk"):
            facts = {"wish": wish, "version": version, "text": "", "by": self.owner, "now": self.now}
            if wish.kind == "package":
                day = timezone.localdate(self.now) + timedelta(1)
                actions.accept_package(effective_on=day, contract="Vertrag im Ordner", **facts)  # type: ignore[arg-type] # all as named
            else:
                actions.accept_contact(**facts)  # type: ignore[arg-type] # the same

    def refuse(self, version: int) -> None:
        for wish in Wish.objects.order_by("-pk"):
            actions.refuse_wish(wish=wish, version=version, text="Geht nicht.", by=self.owner, now=self.now)

    def decline(self, place: int) -> None:
        actions.refuse_package(
            customer=self.customer, policy=self.policy, place=place, by=None, evidence="Seite",
            said_on=timezone.localdate(self.now), now=self.now,
        )  # fmt: skip

    def consent(self, allow: bool) -> None:
        actions.set_consent(
            customer=self.customer, channel="phone", allow=allow, wording="Ja" if allow else "", source="Seite",
            by=None, now=self.now,
        )  # fmt: skip
        self.allowed, self.objected = allow, self.objected and not allow

    def object(self, yes: bool) -> None:
        if yes:
            actions.object_to_advertising(customer=self.customer, source="Seite", by=None, now=self.now)
        else:
            actions.take_objection_back(customer=self.customer, source="Seite", now=self.now)
        self.objected = yes

    def do(self, step: str, value: object) -> None:
        """One step; what is refused changes nothing."""
        try:
            with transaction.atomic():
                getattr(self, step)(value)
        except (Answered, Refused):
            pass


def answered() -> dict[int, tuple[object, ...]]:
    found = Wish.objects.exclude(state="open")
    return {item.pk: (item.state, item.class_key, str(item.data), item.answered_at, item.version) for item in found}


def check(firm: Firm, before: dict[int, tuple[object, ...]]) -> None:
    after = answered()
    assert {key: after[key] for key in before} == before
    kinds = list(Wish.objects.filter(state="open").values_list("kind", flat=True))
    assert sorted(kinds) == sorted(set(kinds))
    accepted = Wish.objects.filter(state="accepted", kind="package")
    assert OwnChoice.objects.filter(state="chosen").count() == accepted.count()
    assert Agreement.objects.count() == 2 * sum(item.price is not None for item in accepted)
    today = timezone.localdate(firm.now)
    assert may_write(CARO, "phone", "advertising", today).allowed == (firm.allowed and not firm.objected)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_order_of_steps_answers_twice_or_forgets(office: SimpleNamespace, steps: list[tuple[str, object]]) -> None:
    policy = read_policy_text(PRICED).policy
    with transaction.atomic():
        PolicyVersion.objects.filter(pk=office.version.pk).update(text=PRICED, hash=policy.hash)
        firm = Firm(policy, office.owner)
        for step, value in steps:
            before = answered()
            firm.do(step, value)
            check(firm, before)
        transaction.set_rollback(True)
