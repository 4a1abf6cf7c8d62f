"""A plan, its book, its policy's text and a growth come in; what any change of the policy would mean goes out.

Changes are tried on the plain document of the policy (milliseconds), and only what they touch is reckoned anew: hours
where promises changed, everything else by `plan_again`. `settled` reads the changed text as a user's file is read and
reckons the whole plan: what is shown to people comes from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from zusage.capacity import check_hours
from zusage.engine import Frame
from zusage.ground.reasons import Refused, mistake
from zusage.outlook.again import plan_again
from zusage.outlook.ahead import LONGEST_YEARS, Outlook, Seconds, look_ahead, short_roles, there_of
from zusage.outlook.growth import Growth
from zusage.outlook.worth import owed_by_role
from zusage.plan import Plan
from zusage.policy.document import Policy
from zusage.policy.edit import Change, change, changed
from zusage.policy.read import plain_document, read_document, read_policy_text

PROMISING = ("services", "standard", "promises", "requests", "allowance", "review", "next_from_delivery")
"""Parts of a policy that say what is promised, and nothing of who is in which class or what work costs."""


@dataclass(frozen=True)
class Use:
    """What freed hours are used for, by name: only then they are worth money. Cents an hour."""

    name: str
    cents_per_hour: int


@dataclass(frozen=True)
class Situation:
    """Where one stands: the plan, the tables of its book, the text of its policy, and how the book grows."""

    plan: Plan
    tables: Mapping[str, Frame]
    text: str
    growth: Growth
    years: int  # looked ahead
    until: date | None = None  # a way has to hold until then; None: today where it does not fit today, else all years
    use: Use | None = None
    known: dict[str, Plan] = field(default_factory=dict, compare=False, repr=False)  # plans tried already
    bases: list[Plan] = field(default_factory=list, compare=False, repr=False)  # those reckoned as a whole

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The plain document of the policy. Raises Refused where its text is not the policy the plan was made with."""
        document = plain_document(self.text)
        if read_document(document).hash != self.plan.policy.hash:
            raise Refused([mistake("outlook_other_policy")])
        return document

    @cached_property
    def outlook(self) -> Outlook:
        """The way ahead without any change."""
        return look_ahead(self.plan, self.growth, self.years)

    @cached_property
    def aim(self) -> date:
        """The day until which a way has to hold."""
        course = self.outlook.courses["mid"]
        if self.until is not None:
            return self.until
        return self.plan.periods.as_of if self.outlook.tipping.now else course.mondays[-1]

    def tried(self, changes: tuple[Change, ...]) -> Plan:
        """The plan under some changes, with what is needed to tell whether the hours suffice."""
        key = repr(changes)
        if key not in self.known:
            self.known[key] = self._tried(changes) if changes else self.plan
        return self.known[key]

    def _tried(self, changes: tuple[Change, ...]) -> Plan:
        policy = read_document(changed(self.document, changes))
        for base in (self.plan, *self.bases):
            light = _same_but(base.policy, policy, PROMISING if _by_cost(policy) else (*PROMISING, "roles"))
            if light:
                return _lightly(base, policy)
        self.bases.append(plan_again(self.plan, self.tables, policy))
        return self.bases[-1]

    def settled(self, changes: Sequence[Change]) -> tuple[str, Plan]:
        """The text of the policy after some changes, and the whole plan under it."""
        text = change(self.text, changes)
        return text, plan_again(self.plan, self.tables, read_policy_text(text).policy)

    def under(self, policy: Policy) -> Plan:
        """The same book under another policy."""
        return plan_again(self.plan, self.tables, policy)

    def lacking(self, plan: Plan, growth: Growth | None = None) -> dict[str, int]:
        """Seconds of a year that each short role lacks on the worst day until the aim; roles that suffice are left
        out. Today's customers count as the plan counts them."""
        there, owed = there_of(plan.hours), owed_by_role(plan)
        worst = {role: seconds - there[role] for role, seconds in owed.items() if seconds > there[role]}
        if self.aim > plan.periods.as_of:
            for ahead in self._ahead(plan, growth or self.growth):
                for role in short_roles(ahead, there):
                    worst[role] = max(worst.get(role, 0), ahead[role] - there[role])
        return worst

    def _ahead(self, plan: Plan, growth: Growth) -> list[Seconds]:
        """What is owed in each week until the aim."""
        years = min(LONGEST_YEARS, max(self.years, (self.aim - plan.periods.as_of).days // 365 + 1))
        course = look_ahead(plan, growth, years, ("mid",)).courses["mid"]
        return [owed for monday, owed in zip(course.mondays, course.owed, strict=True) if monday <= self.aim]


def _same_but(one: Policy, other: Policy, parts: Sequence[str]) -> bool:
    return replace(other, version=one.version, **{name: getattr(one, name) for name in parts}) == one


def _by_cost(policy: Policy) -> bool:
    """Whether classes depend on what an hour costs."""
    return any(item.metric == "contribution" for item in policy.criteria())


def _lightly(plan: Plan, policy: Policy) -> Plan:
    """The plan with other promises and other people: hours owed and there change, accounts and classes do not."""
    day = plan.periods.as_of
    roles = tuple(
        replace(
            item,
            capacity_seconds=policy.role(item.role).capacity_seconds(),
            internal_seconds=policy.role(item.role).internal_seconds_year(),
            rate=policy.role(item.role).rate(day),
        )
        for item in plan.roles
    )
    return replace(plan, policy=policy, roles=roles, hours=check_hours(plan.units.lazy(), roles, policy, day))
