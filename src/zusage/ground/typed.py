"""JSON and a type made of dataclasses come in, a value of that type goes out: the way back of what was written down.

The type says what JSON cannot: which text is a day or a moment, which list is a tuple. Fields that are not the type's
are passed over, so that a record may hold more than its value; a field with a default may be missing in an older one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from zusage.ground.reasons import Finding, Reason


def typed(value: Any, kind: Any) -> Any:
    """JSON as a value of a type made of dataclasses, tuples, mappings and plain values; moments are UTC.

    >>> typed(["2026-01-02", None], tuple[date | None, ...])
    (datetime.date(2026, 1, 2), None)
    """
    if value is None or get_origin(kind) is Literal:
        return value
    if get_origin(kind) is not None:
        return _composed(value, get_origin(kind), get_args(kind))
    if kind is Reason:
        return Reason(value["code"], {key: _day(key, item) for key, item in value["values"].items()})
    if is_dataclass(kind):
        hints, build = get_type_hints(kind), cast(Any, kind)
        given = [item for item in fields(kind) if item.name in value or item.default is MISSING]
        return build(**{item.name: typed(value[item.name], hints[item.name]) for item in given})
    if kind is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    return date.fromisoformat(value) if kind is date else value


def finding_from_json(row: Mapping[str, Any]) -> Finding:
    """A finding from its stored form, the way back of `reasons.finding_as_json`."""
    finding: Finding = typed(row, Finding)
    return finding


def _composed(value: Any, origin: Any, inner: tuple[Any, ...]) -> Any:
    """A union, a tuple or a mapping of other types."""
    if origin in (Union, UnionType):
        options = [option for option in inner if option is not NoneType]
        return typed(value, next((option for option in options if _is(value, option)), options[0]))
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is ... else inner
        return tuple(typed(item, wanted) for item, wanted in zip(value, kinds, strict=True))
    return {key: typed(item, inner[1]) for key, item in value.items()}


def _is(value: Any, option: Any) -> bool:
    """Whether a dataclass of a union was written with its name."""
    return isinstance(value, Mapping) and value.get("is") == getattr(option, "__name__", None)


def _day(key: str, value: Any) -> Any:
    """Days are the only values of a reason JSON has no form for; the key's ending tells them, as everywhere."""
    return date.fromisoformat(value) if key.endswith("_on") and isinstance(value, str) else value
