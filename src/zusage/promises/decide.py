"""A policy, a calendar, a customer's standing and a request come in; the answer goes out: what, who, where, until when.

The same inputs give the same answer. An answer carries a copy of the terms it rests on, so nothing that changes later
alters it; what happens to it afterwards are events (see `events`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from zusage.ground.nearest import not_among
from zusage.ground.reasons import Finding, Reason, Refused, mistake
from zusage.ground.worktime import Calendar
from zusage.policy.document import URGENT, Policy, Promise, Response, Service, Text
from zusage.policy.terms import CHANNELS
from zusage.promises import allowance, sentences
from zusage.promises.answer import Answer, Settlement
from zusage.promises.clock import due
from zusage.promises.standing import CAUSES, Request, RuleName, Standing, agreed_on, class_promises_in_force, last_told

_NO_TEXT = Text("", "")


def decide(policy: Policy, calendar: Calendar, standing: Standing, request: Request) -> Answer:
    """What was promised, whether it is within the allowance, who does it where on which channel, and until when.

    `calendar` is the firm's (`clock.calendar_of`), or that of the person who does it. Raises Refused with every mistake
    of the request: unknown class, service, role, channel or urgency, a time without offset, a time before the policy.
    """
    _check(policy, calendar, standing, request)
    case = _Case(policy, calendar, standing, request)
    answer = case.answer()
    text = sentences.customer_text(policy, answer, calendar.hours.zone)
    return replace(answer, reasons=tuple(case.reasons(answer)), customer_text=text)


def _check(policy: Policy, calendar: Calendar, standing: Standing, request: Request) -> None:
    keys = [item.key for item in policy.classes]
    mistakes: list[Finding] = []
    if standing.class_key not in keys:
        mistakes.append(mistake("promise_unknown_class", **not_among(standing.class_key, keys)))
    mistakes += unknown_words(
        policy, what=request.what, channel=request.channel, urgency=request.urgency, cause=request.cause,
        wants=request.wants,
    )  # fmt: skip
    if request.at.utcoffset() is None:
        mistakes.append(mistake("worktime_naive_time", moment=request.at.isoformat()))
    elif policy.valid_from is not None and (day := _day(calendar, request)) < policy.valid_from:
        mistakes.append(mistake("promise_before_policy", asked_on=day, first_on=policy.valid_from))
    if mistakes:
        raise Refused(mistakes)


def unknown_words(
    policy: Policy, *, what: str, channel: str, urgency: str, cause: str, wants: str | None
) -> Iterator[Finding]:
    """The words of a request that nobody knows, whenever and by whomever it is asked."""
    known: list[tuple[str, str, Sequence[str]]] = [
        ("promise_unknown_service", what, [item.key for item in policy.services]),
        ("promise_unknown_channel", channel, CHANNELS),
        ("promise_unknown_urgency", urgency, (*URGENT, "normal")),
        ("promise_unknown_cause", cause, CAUSES),
    ]
    if wants is not None:
        known.append(("promise_unknown_role", wants, [item.key for item in policy.roles]))
    for code, text, names in known:
        if text not in names:
            yield mistake(code, **not_among(text, names))


def _day(calendar: Calendar, request: Request) -> date:
    """The firm's date at the moment of asking."""
    return request.at.astimezone(calendar.hours.zone).date()


def urgent_responses(policy: Policy, class_key: str, urgency: str) -> Iterator[Response]:
    """What holds besides for an urgent request of a class; an emergency is as fast as any class, in every minute."""
    for named, table in policy.requests.urgent:
        if named == urgency:
            yield dict(table)[class_key]
    if urgency == "emergency":
        yield from policy.responses


def escalated_response(policy: Policy, calendar: Calendar, class_key: str, urgency: str, at: datetime) -> Response:
    """How fast a request is answered that becomes urgent at a moment: the response of `events` that is due first then.

    `urgency` is one of `document.URGENT`; the policy has a response for each of them.
    """
    cut_off = policy.requests.cut_off_seconds
    return min(urgent_responses(policy, class_key, urgency), key=lambda item: due(item, calendar, at, cut_off))


class _Case:
    """One request with everything it is judged by; each method answers one question."""

    def __init__(self, policy: Policy, calendar: Calendar, standing: Standing, request: Request) -> None:
        self.policy, self.calendar, self.standing, self.request = policy, calendar, standing, request
        self.at = request.moment()
        self.day = _day(calendar, request)
        self.service: Service = policy.service(request.what)
        self.agreed = agreed_on(standing, self.day)
        self.of_class = class_promises_in_force(policy, standing, self.day)
        self.promises = {promise.service: promise for promise in self.of_class} | self.agreed
        self.spoken = self._response()
        self.consumes = allowance.consumes(self.service, request, standing)

    def answer(self) -> Answer:
        """The answer, still without its text and reasons."""
        promise, spoken = self.promises.get(self.service.key), self.spoken
        response_rule, response, due_at = self._fastest()
        limit = self._first("allowance", self.request.channel)
        state = allowance.state(self.policy, limit, self.standing, self.day) if limit else None
        settlement = self._settlement(limit, state)
        return Answer(
            customer_id=self.standing.customer_id,
            class_key=self.standing.class_key,
            request=self.request,
            policy_hash=self.policy.hash,
            policy_version=self.policy.version,
            rule=self._rule(promise) if promise else None,
            promise=promise,
            response_rule=response_rule,
            response=response,
            cut_off_seconds=self.policy.requests.cut_off_seconds,
            settlement=settlement,
            charge=allowance.charge(self.policy, self.day) if settlement == "charge" else None,
            allowance=state,
            who=self._who(promise or spoken, settlement),
            where=self._where(),
            channel=self._channel(settlement),
            due_at=due_at,
            reply=spoken.reply if spoken else None,
            completion_at=self._due(spoken.completion) if spoken and spoken.completion else None,
            opens_at=None if self.calendar.is_open(self.at) else self.calendar.next_open(self.at).astimezone(UTC),
            customer_text=_NO_TEXT,
            reasons=(),
        )

    def _rule(self, promise: Promise) -> RuleName:
        """Where a promise comes from: agreed > class > standard > floor."""
        if promise.service in self.agreed:
            return "agreed"
        if self.policy.service(promise.service).kind == "floor":
            return "floor"
        return "standard" if promise in self.policy.standard else "class"

    def _first(self, measure: str, channel: str | None = None) -> Promise | None:
        """The first promise of a measure, about a channel where one is named."""
        for key in self.policy.measured.get(measure, ()):
            promise = self.promises.get(key)
            if promise and (channel is None or allowance.covers(promise, channel)):
                return promise
        return None

    def _response(self) -> Promise | None:
        """The promise that says how fast: the service's own, else the first of its kind in the catalogue."""
        own = self.promises.get(self.service.key) if self.service.measure == "response" else None
        return own or self._first("response")

    def _due(self, response: Response) -> datetime:
        return due(response, self.calendar, self.at, self.policy.requests.cut_off_seconds)

    def _fastest(self) -> tuple[RuleName, Response, datetime]:
        """The response that is due first: urgency may make it faster, never slower."""
        rule: RuleName = self._rule(self.spoken) if self.spoken else "standard"
        response = self.spoken.response() if self.spoken else self.policy.requests.standard
        best = (rule, response, self._due(response))
        urgents = urgent_responses(self.policy, self.standing.class_key, self.request.urgency)
        for urgent in dict.fromkeys(item for item in urgents if item != response):
            moment = self._due(urgent)
            if moment < best[2]:
                best = ("urgency", urgent, moment)
        return best

    def _settlement(self, limit: Promise | None, state: allowance.State | None) -> Settlement:
        if self.service.key not in self.promises and self.service.kind != "floor" and self.request.urgency == "normal":
            return "not_promised"
        if limit is None or state is None or state.within or not self.consumes:
            return "included"
        rule = limit.used_up or self.policy.allowance.used_up
        if rule == "charge" and not self._chargeable():
            return "appointment"
        if rule == "next_package" and sentences.next_package(self.policy, self.standing.class_key) is None:
            return "appointment"
        return rule

    def _chargeable(self) -> bool:
        """Never duty and what is yet to be checked; consumers only where the policy says so."""
        return self.service.legal == "extra" and (self.policy.allowance.charge_consumers or not self.standing.consumer)

    def _who(self, promise: Promise | None, settlement: Settlement) -> str | None:
        """The owner where asked to decide; the personal contact for calls back and advice; else the service's role."""
        if settlement == "ask_owner":
            return next((role.key for role in self.policy.roles if role.owner), self.policy.roles[0].key)
        person = self._first("contact_person")
        if person and person.mode == "personal" and self.service.measure in ("response", "included"):
            return person.role
        return (promise.role if promise else None) or self.service.role

    def _where(self) -> str | None:
        venue = self._first("venue")
        # "office only" is no promise to somebody who cannot come: they are visited
        if venue and venue.mode == "office" and self.standing.cannot_come:
            return "on_site"
        return venue.mode if venue else None

    def _channel(self, settlement: Settlement) -> str:
        if settlement == "standard_channel":
            return self.policy.allowance.channel
        own = self.promises.get(self.service.key)
        offered = own if own and own.channels else self._first("channel")
        if offered is None or self.request.channel in offered.channels:
            return self.request.channel
        return offered.channels[0]

    def reasons(self, answer: Answer) -> Iterator[Reason]:
        """Why the answer is what it is, as data."""
        told = last_told(self.standing, self.day)
        former = told is not None and self.of_class is told.promises
        class_key = told.class_key if told and former else answer.class_key
        yield Reason(f"promise_rule_{answer.rule or 'none'}", {"text": class_key})
        if answer.response_rule == "urgency":
            yield Reason(f"promise_urgent_{self.request.urgency}")
        if told and former:
            code = "promise_told_before_assumed" if told.assumed else "promise_told_before"
            yield Reason(code, {"told_on": told.on, "text": told.class_key})
        elif told is None or told.assumed:
            yield Reason("promise_told_assumed")
        if answer.allowance and not self.consumes:
            yield Reason("promise_consumes_nothing")
        if self.request.wants is not None and self.request.wants != answer.who:
            wanted = self.policy.role(self.request.wants).name[self.policy.firm.language]
            yield Reason("promise_other_role", {"text": wanted})
        if self.standing.cannot_come and answer.where == "on_site":
            yield Reason("promise_cannot_come")
        if answer.channel != self.request.channel:
            yield Reason("promise_other_channel")
