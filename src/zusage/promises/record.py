"""Answers come in, JSON goes out, to be kept and read by other programs, and back again; its lines come in, contacts
and due moments go out."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from zusage.ground.typed import typed
from zusage.promises.answer import Answer
from zusage.promises.standing import Contact


def as_json(answer: Answer, zone: tzinfo) -> dict[str, Any]:
    """An answer with all its terms; moments in ISO form with the offset of the firm's zone, money in cents."""
    plain: dict[str, Any] = _plain(answer, zone)
    if answer.allowance is not None:
        plain["allowance"]["left"] = answer.allowance.left
    return plain | {"within": answer.within}


def from_json(row: Mapping[str, Any]) -> Answer:
    """The answer of its JSON, the way back of `as_json`; all moments are UTC."""
    answer: Answer = typed(row, Answer)
    return answer


def past_contacts(lines: Iterable[str], customers: Container[str]) -> tuple[Contact, ...]:
    """The contacts of some customers in a record of answers; lines that are none are passed over."""
    return tuple(_contact(item["request"]) for item in _answers(lines) if item["customer_id"] in customers)


def requests_due(lines: Iterable[str], first: date, last: date) -> list[dict[str, Any]]:
    """The answered requests of a record that are due from `first` to `last`: the keys of `touchpoints.DUE`, due_at.

    The record says what was promised, not what was done since.
    """
    found = []
    for item in _answers(lines):
        due_at = datetime.fromisoformat(item["due_at"])
        if first <= due_at.date() <= last:
            found.append(
                {
                    "due_on": due_at.date(),
                    "due_at": due_at,
                    "unit_id": item["customer_id"],
                    "class_key": item["class_key"],
                    "service": item["request"]["what"],
                    "role": item["who"],
                    "seconds": 0,
                }
            )
    return found


def _answers(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            answer = json.loads(line)
        except ValueError:
            continue  # a line cut short by a full disk must not stop the next answer
        if isinstance(answer, dict) and {"customer_id", "request", "due_at"} <= answer.keys():
            yield answer


def _contact(request: dict[str, Any]) -> Contact:
    cause = request["cause"] if request["urgency"] == "normal" else "duty"
    return Contact(datetime.fromisoformat(request["at"]), request["channel"], cause=cause, matter=request["matter"])


def _plain(value: Any, zone: tzinfo) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name), zone) for item in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item, zone) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, dict):
        return {key: _plain(item, zone) for key, item in value.items()}
    return value.isoformat() if isinstance(value, date) else value
