"""The written policy comes in, the frozen one goes out: defaults filled in, references resolved, all mistakes noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zusage.policy import written as w
from zusage.policy.classes import NOTICE_DAYS_AT_MOST, PROVISIONAL, freeze_classes
from zusage.policy.defaults import need, or_else, within
from zusage.policy.document import (
    CAUSES,
    Activity,
    ClassResponse,
    Dated,
    EarnedTime,
    Evidence,
    Match,
    Policy,
    Potential,
    Profile,
    Promise,
    Review,
    Role,
    Service,
    ServiceClass,
    ServiceKind,
    Text,
    Travel,
    YieldResponse,
    YieldRule,
    YieldRules,
)
from zusage.policy.firm import freeze_firm
from zusage.policy.mistakes import Mistakes
from zusage.policy.requests import check_windows, freeze_allowance, freeze_months, freeze_opening, freeze_requests
from zusage.policy.resources import VAT
from zusage.policy.terms import read_promise

MONEY = ("recurring", "one_off", "fee", "bonus")
LIABILITY_YEARS = 5
"""Commission of life and private health has to be paid back in part where the contract ends within five years."""
YEARS_AT_MOST, MONTHS_AT_MOST, REVIEW_MONTHS_AT_MOST = 30, 120, 60


def freeze(written: w.WrittenPolicy, mistakes: Mistakes) -> Policy:
    """The complete policy; only meaningful when no mistake of severity `error` was noted."""
    with mistakes.inside("firm"):
        firm = freeze_firm(written.firm, mistakes)
    roles = _roles(written.resources.roles, mistakes)
    role_keys = tuple(written.resources.roles)
    classes = freeze_classes(written.classes, mistakes)
    services = _services(written.services, role_keys, mistakes)
    standard, promises = _matrix(written, classes, services, role_keys, mistakes)
    with mistakes.inside("opening"):
        opening = freeze_opening(written.opening, firm.time_zone, mistakes)
    check_windows(opening, promises, mistakes)
    with mistakes.inside("requests"):
        requests = freeze_requests(written.requests, [item.key for item in classes], mistakes)
    with mistakes.inside("allowance"):
        allowance = freeze_allowance(written.allowance, [cell for _, cells in promises for cell in cells], mistakes)
    policy = Policy(
        version=written.version or "",
        valid_from=written.valid_from,
        firm=firm,
        opening=opening,
        roles=roles,
        overhead=written.resources.overhead or _always(0),
        base_cost=written.resources.base_cost or _always(0),
        travel=_travel(written.resources.travel),
        activities=_activities(written.activities, role_keys, mistakes),
        yields=_yields(written.yields, firm.profile, mistakes),
        evidence=Evidence(
            prior_milli=or_else(written.evidence.prior_years, 500),
            confidence_permille=or_else(written.evidence.confidence, 800),
            coverage_permille=or_else(written.evidence.coverage, 500),
        ),
        potential=Potential(
            lines=tuple((line, value or 0) for line, value in written.potential.lines.items()),
            from_contracts=or_else(written.potential.from_contracts, 1),
        ),
        earned=EarnedTime(
            margin_permille=or_else(written.earned_time.margin, 0),
            minimum_contacts_milli=or_else(written.earned_time.minimum_contacts, 2000),
        ),
        household_together=written.classes.household == "together",
        classes=classes,
        services=services,
        standard=standard,
        promises=promises,
        requests=requests,
        allowance=allowance,
        next_from_delivery=written.touchpoints.next_from == "delivery",
        review=_review(written.review, mistakes),
        utilisation_permille=or_else(written.capacity.utilisation, 1000),
        kept_permille=or_else(written.capacity.kept, 950),
        response=_response(written.response, classes, mistakes),
        referral_decay_permille=or_else(written.referrals.decay, 0),
    )
    if not policy.version:
        mistakes.add("policy_required", "version", field="version")
    _check_shares(policy, mistakes)
    return policy


def _review(written: w.Review, mistakes: Mistakes) -> Review:
    with mistakes.inside("review"):
        return Review(
            notice_days=within(written.notice_days, 30, 1, NOTICE_DAYS_AT_MOST, mistakes, "notice_days"),
            every_months=within(written.every_months, 12, 1, REVIEW_MONTHS_AT_MOST, mistakes, "every_months"),
        )


def _response(written: w.YieldResponse, classes: tuple[ServiceClass, ...], mistakes: Mistakes) -> YieldResponse | None:
    """What is assumed about service and yield: for every class above the last one, in rising order, with its source."""
    if written == w.YieldResponse():
        return None
    keys = [item.key for item in classes if not item.provisional][:-1]
    with mistakes.inside("response"):
        source = need(written.source, Text("", ""), mistakes, "source")
        for key in set(written.classes) - set(keys):
            mistakes.unknown("policy_response_class", key, keys, "classes", key)
        found = []
        for key in keys:
            with mistakes.inside("classes", key):
                if key not in written.classes:
                    mistakes.add("policy_required", field=key)
                    continue
                item = written.classes[key]
                low, mid, high = (need(getattr(item, name), 0, mistakes, name) for name in ("low", "mid", "high"))
                if None not in (item.low, item.mid, item.high) and not low <= mid <= high:
                    mistakes.add("policy_response_order")
                found.append(ClassResponse(key, low, mid, high))
    return YieldResponse(source, written.stay or 0, tuple(found))


def _check_shares(policy: Policy, mistakes: Mistakes) -> None:
    if not 500 <= policy.evidence.confidence_permille < 1000:
        mistakes.add("policy_confidence", "evidence", "confidence")
    if policy.utilisation_permille == 0:
        mistakes.add("policy_utilisation", "capacity", "utilisation")
    if not 500 <= policy.kept_permille < 1000:
        mistakes.add("policy_kept", "capacity", "kept")
    if policy.earned.margin_permille == 1000:
        mistakes.add("policy_margin", "earned_time", "margin")


def _always(value: int) -> Dated:
    return Dated(((None, value),))


def _roles(written: Mapping[str, w.Role], mistakes: Mistakes) -> tuple[Role, ...]:
    if not written:
        mistakes.add("policy_required", "resources", "roles", field="roles")
    found = []
    for key, role in written.items():
        with mistakes.inside("resources", "roles", key):
            found.append(_role(key, role, mistakes))
    return tuple(found)


def _role(key: str, written: w.Role, mistakes: Mistakes) -> Role:
    cost = written.yearly_cost
    if written.owner:
        # Without the owner's imputed wage the time of the most expensive person would look free.
        wage = need(written.imputed_wage, _always(0), mistakes, "imputed_wage")
        cost = _plus(cost, wage) if cost else wage
    elif written.imputed_wage is not None:
        mistakes.add("policy_wage_without_owner", "imputed_wage", text=key)
    role = Role(
        key=key,
        name=written.name or Text(key, key),
        owner=written.owner,
        people_milli=or_else(written.people, 1000),
        yearly_cost=need(cost, _always(0), mistakes, "yearly_cost"),
        weekly_seconds=need(written.weekly_hours, 3600, mistakes, "weekly_hours"),
        weeks_milli=or_else(written.weeks, 44_000),
        practical_permille=need(written.practical_share, 1000, mistakes, "practical_share"),
        internal_seconds=or_else(written.internal_hours, 0),
        all_logged=written.all_logged,
    )
    if role.capacity_seconds() <= 0:
        mistakes.add("policy_no_capacity", text=key)
    elif role.internal_seconds_year() > role.capacity_seconds():
        mistakes.add("policy_internal_above_capacity", "internal_hours", text=key)
    if role.weekly_seconds > 168 * 3600 or role.weeks_milli > 53_000 or role.practical_permille > 1000:
        mistakes.add("policy_more_than_a_year", text=key)
    return role


def _plus(one: Dated, other: Dated) -> Dated:
    """The sum of two dated figures: changes wherever one of them changes."""
    firsts = sorted({first for first, _ in one.steps + other.steps if first is not None})
    start = one.steps[0][1] + other.steps[0][1]
    return Dated(((None, start), *((first, one.on(first) + other.on(first)) for first in firsts)))


def _travel(written: w.Travel) -> Travel:
    return Travel(
        per_km=written.per_km or _always(50),
        seconds_per_km=or_else(written.minutes_per_km, 72),
        default_m=or_else(written.default_km, 10_000),
    )


def _check_role(role: str | None, roles: Iterable[str], mistakes: Mistakes) -> None:
    if role is not None and role not in roles:
        mistakes.unknown("policy_unknown_role", role, roles, "role")


def _activities(written: Mapping[str, w.Activity], roles: Iterable[str], mistakes: Mistakes) -> tuple[Activity, ...]:
    found = []
    for key, item in written.items():
        with mistakes.inside("activities", key):
            _check_role(need(item.role, None, mistakes, "role") if item.role is None else item.role, roles, mistakes)
            found.append(
                Activity(
                    key=key,
                    name=item.name or Text(key, key),
                    cause=need(item.cause, CAUSES[0], mistakes, "cause"),
                    role=item.role or "",
                    seconds=need(item.minutes, 0, mistakes, "minutes"),
                    per_line_seconds=item.per_line or 0,
                    if_new_seconds=item.if_new or 0,
                    if_rush_seconds=item.if_rush or 0,
                    around_seconds=item.around or 0,
                    materials_cents=item.materials or 0,
                    travel=item.travel,
                    expected_milli=item.expected.per_customer or 0,
                    expected_per_contract_milli=item.expected.per_contract or 0,
                    assumed=item.assumed,
                    match=tuple(Match(rule.log, rule.direction, rule.place, rule.topic) for rule in item.match),
                )
            )
    return tuple(found)


def _yields(written: w.Yields, profile: Profile, mistakes: Mistakes) -> YieldRules:
    with mistakes.inside("yields"):
        rules = [_yield_rule(kind, getattr(written, kind), profile, mistakes) for kind in MONEY]
        # A cancellation without its original in the statements is taken as money of every year, in full.
        rules.append(YieldRule("cancellation", 1, None, True))
        return YieldRules(
            rules=tuple(rules),
            cancel_original=written.cancellation == "against_original",
            look_back_months=within(written.look_back_months, 12, 1, MONTHS_AT_MOST, mistakes, "look_back_months"),
            buffer_months=within(written.buffer_months, 0, 0, MONTHS_AT_MOST, mistakes, "buffer_months"),
            min_history_months=within(written.min_history_months, 0, 0, MONTHS_AT_MOST, mistakes, "min_history_months"),
        )


def _yield_rule(kind: str, written: w.YieldRule, profile: Profile, mistakes: Mistakes) -> YieldRule:
    usual = LIABILITY_YEARS if kind == "one_off" and profile == "insurance" else 1
    years = within(written.years, usual, 1, YEARS_AT_MOST, mistakes, kind, "years")
    return YieldRule(kind, years, (written.tax or VAT) if written.gross else None, written.counts)


def _services(written: Mapping[str, w.Service], roles: Iterable[str], mistakes: Mistakes) -> tuple[Service, ...]:
    found = []
    for key, item in written.items():
        with mistakes.inside("services", key):
            _check_role(item.role, roles, mistakes)
            kind: ServiceKind = need(item.kind, "standard", mistakes, "kind")
            found.append(
                Service(
                    key=key,
                    name=need(item.name, Text(key, key), mistakes, "name"),
                    description=item.description or Text("", ""),
                    kind=kind,
                    measure=need(item.measure, "included", mistakes, "measure"),
                    seconds=item.minutes or 0,
                    around_seconds=item.around or 0,
                    issue_seconds=item.per_issue or 0,
                    role=item.role,
                    travel=item.travel,
                    materials_cents=item.materials or 0,
                    legal=or_else(item.legal, "duty" if kind == "floor" else "extra"),
                    avoid_months=freeze_months(item.avoid, "avoid", mistakes),
                    prefer_months=freeze_months(item.prefer, "prefer", mistakes),
                )
            )
    return tuple(found)


def _matrix(
    written: w.WrittenPolicy,
    classes: tuple[ServiceClass, ...],
    services: tuple[Service, ...],
    roles: tuple[str, ...],
    mistakes: Mistakes,
) -> tuple[tuple[Promise, ...], tuple[tuple[str, tuple[Promise, ...]], ...]]:
    """What the services promise by themselves, and what each class is promised."""
    for row in set(written.matrix) - set(written.services):
        mistakes.unknown("policy_unknown_service", row, written.services, "matrix", row)
    keys = {item.key for item in classes}
    for row, cells in written.matrix.items():
        for key in set(map(str, cells)) - keys:
            mistakes.unknown("policy_unknown_class", key, [item.key for item in classes], "matrix", row, key)
    likes = {key: item.like for key, item in written.classes.best_first.items()}
    if written.classes.provisional is not None:
        likes[PROVISIONAL] = written.classes.provisional.like
    reader = _Cells(written, likes, roles, mistakes)
    standard = tuple(own for service in services if (own := reader.own(service)))
    promises = tuple(
        (item.key, tuple(cell for service in services if (cell := reader.cell(service, item.key)))) for item in classes
    )
    return standard, promises


class _Cells:
    """Reads the cells of the matrix, each mistake once although classes may copy one another."""

    def __init__(
        self, written: w.WrittenPolicy, likes: Mapping[str, str | None], roles: tuple[str, ...], mistakes: Mistakes
    ) -> None:
        self.written, self.likes, self.roles, self.mistakes = written, likes, roles, mistakes
        self.done: dict[tuple[str, ...], Promise | None] = {}

    def cell(self, service: Service, class_key: str) -> Promise | None:
        """The promise of a class: its own cell, else that of the class it is like, else the service's own promise."""
        if self.written.services[service.key].measure is None:
            return None  # what is promised about it is not known: noted already
        row = self.written.matrix.get(service.key, {})
        wording = self.written.services[service.key].wording
        copied = self.likes.get(class_key)
        if class_key in row:
            return self._read(row[class_key], service, wording, ("matrix", service.key, class_key))
        if copied in row:
            return self._read(row[copied], service, wording, ("matrix", service.key, copied))
        return self.own(service)

    def own(self, service: Service) -> Promise | None:
        """What the service itself promises to every class without a cell of its own."""
        written = self.written.services[service.key]
        if written.measure is None:
            return None
        own: Any = written.promise
        if own is None and service.measure == "included" and service.kind in ("floor", "standard"):
            own = "included"
        return self._read(own, service, written.wording, ("services", service.key, "promise"))

    def _read(self, value: Any, service: Service, wording: Text | None, path: tuple[str, ...]) -> Promise | None:
        if path not in self.done:
            with self.mistakes.inside(*path):
                self.done[path] = read_promise(value, service, self.roles, wording, self.mistakes)
        return self.done[path]
