"""An answer and what happened since come in; the moment it is due now goes out. The answer itself never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from zusage.ground.reasons import Refused, mistake
from zusage.ground.worktime import Calendar
from zusage.policy.document import Response
from zusage.promises.answer import Answer
from zusage.promises.clock import closing, due

Kind = Literal["paused", "resumed", "postponed", "escalated", "written"]


@dataclass(frozen=True)
class Event:
    """Something that happened to a request.

    `paused`: we wait for the customer. `resumed`: we have what we need. `postponed`: the customer wants it later, on
    `until`. `escalated`: it became urgent, `response` holds from now on. `written`: the customer wrote again.
    """

    at: datetime
    kind: Kind
    until: date | None = None
    response: Response | None = None


LAST_HOUR = 3600
"""A promise gets tight one working hour before it is due at the latest: time for a call back and its preparation."""
LAST_SHARE = 4
"""Of a longer promise it is the last quarter: who has a week wants to know more than an hour before its end."""


def tight_from(answer: Answer, calendar: Calendar, due_at: datetime) -> datetime:
    """From when on it gets tight to keep a promise that is due at a moment (`due_now`): UTC, never before the asking.

    The last working hour, or the last quarter of the working time that was promised, whichever is longer.
    """
    asked = answer.request.moment()
    promised = calendar.between(asked, answer.due_at)
    return max(asked, calendar.subtract(due_at, max(LAST_HOUR, promised // LAST_SHARE)).astimezone(UTC))


def due_now(answer: Answer, calendar: Calendar, events: Sequence[Event]) -> datetime | None:
    """When the request is due after all events, UTC; None while the clock stands.

    Pauses count in working time and never make anything due earlier; a postponement moves the due moment to the close
    of its day, or of the next working day; an escalation only makes it earlier. `calendar` is the one of the answer.
    Raises Refused where a pause ends that never began or begins twice.
    """
    ordered = sorted(events, key=lambda event: event.at)
    pauses = _pauses(ordered)
    if pauses is None:
        return None
    clock = calendar.minus(pauses)
    moment = answer.due_at
    if pauses:
        moment = max(moment, due(answer.response, clock, answer.request.moment(), answer.cut_off_seconds))
    for event in ordered:
        if event.kind == "postponed" and event.until is not None:
            moment = max(moment, closing(clock, clock.nth_day(event.until, 1)))
        elif event.kind == "written" and answer.reply is not None:
            moment = due(answer.reply, clock, event.at, answer.cut_off_seconds)
        elif event.kind == "escalated" and event.response is not None:
            moment = min(moment, due(event.response, clock, event.at, answer.cut_off_seconds))
    return moment


def _pauses(events: Sequence[Event]) -> list[tuple[datetime, datetime]] | None:
    """Begin and end of every pause; None where the last one has not ended."""
    found: list[tuple[datetime, datetime]] = []
    began: datetime | None = None
    for event in events:
        if event.kind not in ("paused", "resumed"):
            continue
        if (event.kind == "paused") == (began is not None):
            raise Refused([mistake(f"promise_{event.kind}_twice", moment=event.at.isoformat())])
        if began is not None:
            found.append((began, event.at.astimezone(UTC)))
        began = event.at.astimezone(UTC) if event.kind == "paused" else None
    return None if began is not None else found
