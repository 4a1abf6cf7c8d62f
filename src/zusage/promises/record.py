"""Answers come in, lines of JSON go out, to be kept and read by other programs; lines come in, past contacts go out."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from zusage.promises.answer import Answer
from zusage.promises.standing import Contact


def as_json(answer: Answer, zone: tzinfo) -> dict[str, Any]:
    """An answer with all its terms; moments in ISO form with the offset of the firm's zone, money in cents."""
    plain: dict[str, Any] = _plain(answer, zone)
    if answer.allowance is not None:
        plain["allowance"]["left"] = answer.allowance.left
    return plain | {"within": answer.within}


def past_contacts(lines: Iterable[str], customers: Container[str]) -> tuple[Contact, ...]:
    """The contacts of some customers in a record of answers; lines that are none are passed over."""
    found = []
    for line in lines:
        try:
            answer = json.loads(line)
            if answer["customer_id"] in customers:
                found.append(_contact(answer["request"]))
        except (ValueError, KeyError, TypeError):
            continue  # a line cut short by a full disk must not stop the next answer
    return tuple(found)


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
