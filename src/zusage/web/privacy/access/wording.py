"""What is held of a customer comes in, the same as people read it goes out, in the language that is spoken.

Days, euro, hours; names of packages and services instead of keys; the words that pages have for states and ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from zusage.ground.reasons import Reason
from zusage.ground.typed import typed
from zusage.ground.words import UNKNOWN, say, texts
from zusage.policy.document import Policy, Promise
from zusage.promises.terms import sentence
from zusage.report.writing import decimal
from zusage.web.privacy.access.queries import Part
from zusage.web.privacy.queries import Holding, label
from zusage.web.speech import at_clock, class_name, hm, language, on_day, said, telephone, to_the_cent

NAMES_OF_ROWS = ("customer_id", "name", "household_id")
"""What says whose row of figures it is: the reader's, whose name stands on the record."""
CLASSES = ("class_key", "from_key", "to_key")
PREFIXES: Mapping[tuple[str, str], str] = {
    ("Choice", "state"): "people_choice",
    ("OwnChoice", "state"): "people_choice",
    ("Wish", "state"): "link_state",
    ("Wish", "kind"): "link_kind",
    ("DeclinedService", "source"): "link_source",
    ("WaveLetter", "state"): "mailing_letter",
    ("WaveLetter", "channel"): "mailing_way",
    ("Message", "state"): "outbox_state",
    ("Message", "kind"): "outbox_kind",
    ("AlsoFor", "state"): "outbox_state",
    ("AlsoFor", "kind"): "outbox_kind",
    ("Notice", "kind"): "outbox_notice",
    ("OwnReferral", "state"): "referrals_state",
    ("ReferralAsk", "answer"): "referrals_answer",
    ("Yield", "kind"): "people_kind",
    ("Work", "log"): "people_log",
    ("Work", "direction"): "people_direction",
    ("Membership", "change"): "privacy_change",
    ("Proposal", "change"): "privacy_change",
    ("Told", "how"): "people_how",
    ("Request", "urgency"): "desk_urgency",
    ("Event", "kind"): "privacy_event",
    ("Lock", "why"): "consent_lock",
    ("", "channel"): "channel",
    ("", "purpose"): "consent_purpose",
    ("", "ground"): "consent_ground",
    ("", "state"): "privacy_value",
    ("", "place"): "privacy_value",
    ("", "kind"): "privacy_value",
    ("", "table"): "privacy_value",
}
"""Fields whose values are keys: of a table, or of any, with how the codes of their words begin."""


@dataclass(frozen=True)
class Said:
    """A table as people read it: its name, the names of its columns, its rows."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def said_part(part: Part, policy: Policy) -> Said:
    """What is held in one table, in words; columns in which nothing stands are left out."""
    own = part.holding
    written = [[_said(own, name, row[name], policy) for name in own.shown] for row in part.rows]
    kept = [place for place in range(len(own.shown)) if any(row[place] != UNKNOWN for row in written)]
    return Said(
        own.name,
        title_of(own),
        tuple(field_of(own, own.shown[place]) for place in kept),
        tuple(tuple(row[place] for place in kept) for row in written if {*row} != {UNKNOWN}),
    )


def title_of(holding: Holding) -> str:
    """What people call a table."""
    return label("holding", holding.name.lower(), language())


def field_of(holding: Holding, name: str) -> str:
    """What people call a field: with words of its own for a table where it means something else there."""
    own = f"{holding.name.lower()}_{name}"
    return label("field", own if f"privacy_field_{own}" in texts() else name, language())


def _said(holding: Holding, name: str, value: Any, policy: Policy) -> str:
    if value is None or value in ("", {}):
        return UNKNOWN
    if isinstance(value, bool):
        return said("office_yes" if value else "office_no")
    if isinstance(value, dict):
        return _mapping(holding, value, policy)
    if isinstance(value, datetime):
        return f"{on_day(value)}, {at_clock(value)}"
    if isinstance(value, date):
        return on_day(value)
    return _written(holding, name, value, policy)


_NAMED: Mapping[str, Callable[[Policy], Any]] = {
    "service": lambda policy: policy.services,
    "what": lambda policy: policy.services,
    "activity": lambda policy: policy.activities,
}


def _kilometres(metres: int) -> str:
    return said("differs_kilometres", text=decimal(metres, 3, language()))


MEASURES: Mapping[str, Callable[[int], str]] = {"_cents": to_the_cent, "seconds": hm, "distance_m": _kilometres}
"""How the ending of a field says what its number measures."""


def _written(holding: Holding, name: str, value: Any, policy: Policy) -> str:
    """A text, a key or a number: an amount, a time, a distance by the ending of their field, else as it stands."""
    for ending, write in MEASURES.items():
        if name.endswith(ending):
            return write(value)
    if name in CLASSES:
        return class_name(value)
    if name in _NAMED:
        return str(next((item.name[language()] for item in _NAMED[name](policy) if item.key == value), value))
    if (holding.name, name) == ("Phone", "number") or name == "phone":
        return telephone(value)
    prefix = PREFIXES.get((holding.name, name)) or PREFIXES.get(("", name))
    code = f"{prefix}_{value}"
    return say(Reason(code), language()) if prefix and code in texts() else str(value)


def _mapping(holding: Holding, value: Mapping[str, Any], policy: Policy) -> str:
    """Values by name: those that have a word of their own, one after the other; an agreed promise as its sentence."""
    if holding.name == "Agreement":
        known = value.get("service") in {item.key for item in policy.services}
        return sentence(typed(value, Promise), policy, language()) if known else UNKNOWN
    return " · ".join(
        f"{word}: {written}"
        for key, item in value.items()
        if key not in NAMES_OF_ROWS
        and (word := _word_of(key))
        and (written := _said(holding, key, _dated(item), policy)) != UNKNOWN
    )


def _word_of(key: str) -> str:
    """What people call a value; empty for what is only of use to the program."""
    code = f"privacy_field_{key}"
    return say(Reason(code), language()) if code in texts() else ""


def _dated(value: Any) -> Any:
    """A day that is stored as text, as a day; of a text in both languages the one that is spoken."""
    if isinstance(value, dict) and set(value) == {"de", "en"}:
        return value[language()]
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value
    except ValueError:
        return value


def today_line(now: datetime) -> str:
    """The day of a record in words."""
    return on_day(timezone.localtime(now).date())
