"""Cells of the matrix as written come in (`same_day`, `{mode: print, per_year: 4}`), promises go out.

Each measure of a service has its modes, and each mode the fields it needs. `none` means: not promised to this class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy import values
from zusage.policy.document import Per, Promise, Response, Service, Text, UsedUp
from zusage.policy.mistakes import Mistakes, shown

NONE = "none"
CHANNELS = ("phone", "email", "message", "post", "video", "visit", "portal")


@dataclass(frozen=True)
class Mode:
    """The fields a mode cannot do without, and those it may have besides the common ones."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


LATER = ("reply", "completion")
"""Of a response: how fast every later reply comes, and when the whole matter is done."""
USED_UP = ("per", "used_up")
COMMON = ("mode", "minutes", "role", "channels", "wording")
MODES: Mapping[str, Mapping[str, Mode]] = {
    "response": {
        "same_day": Mode(may=LATER),
        "next_workday": Mode(may=LATER),
        "within_workdays": Mode(needs=("number",), may=LATER),
        "within_hours": Mode(needs=("number",), may=LATER),
        "by_weekday": Mode(needs=("weekdays",), may=LATER),
        "windows": Mode(needs=("weekdays", "from", "to"), may=LATER),
    },
    "cadence": {"guaranteed": Mode(needs=("per_year",)), "on_request": Mode(may=("per_year",))},
    "venue": {"on_site": Mode(), "office": Mode(), "online": Mode(), "office_or_online": Mode()},
    "publication": {"print": Mode(needs=("per_year",)), "email": Mode(needs=("per_year",))},
    "invitation": {"invited": Mode(needs=("per_year",))},
    "occasion": {"active": Mode(needs=("per_year",)), "reactive": Mode(may=("per_year",))},
    "allowance": {
        "contacts": Mode(needs=("number",), may=USED_UP),
        "hours": Mode(needs=("number",), may=USED_UP),
        "earned": Mode(may=USED_UP[1:]),
        "unlimited": Mode(),
    },
    "contact_person": {"personal": Mode(needs=("role",)), "team": Mode()},
    "channel": {"offered": Mode(needs=("channels",))},
    "included": {"included": Mode(may=("per_year",))},
}
_WITHIN = re.compile(r"within (\d+) (workdays?|hours?)")


def read_promise(
    written: Any, service: Service, roles: Sequence[str], wording: Text | None, mistakes: Mistakes
) -> Promise | None:
    """One cell as a promise; None where the cell says `none` or cannot be read (the mistakes then say why)."""
    modes = MODES[service.measure]
    cell = spread(written, modes)
    if cell is None:
        mistakes.add("policy_cell_shape", text=shown(written), known=", ".join([*modes, NONE]))
        return None
    mode = str(cell["mode"])
    if mode == NONE:
        return None
    if mode not in modes:
        mistakes.unknown("policy_unknown_mode", mode, [*modes, NONE])
        return None
    _check_fields(cell, modes[mode], mistakes)
    return _promise(cell, service, roles, wording, mistakes)


def read_response(written: Any, mistakes: Mistakes) -> Response | None:
    """One response as written, such as `same_day` or `within 4 hours`; None where it cannot be read (noted then)."""
    modes = MODES["response"]
    cell = spread(written, modes)
    mode = str(cell["mode"]) if cell else NONE
    if cell is None or mode not in modes:
        mistakes.add("policy_not_response", text=shown(written), known=", ".join(modes))
        return None
    _check_fields(cell, Mode(modes[mode].needs), mistakes, common=("mode",))
    return _response(cell, mistakes)


def _check_fields(cell: Mapping[str, Any], mode: Mode, mistakes: Mistakes, common: tuple[str, ...] = COMMON) -> None:
    allowed = (*common, *mode.needs, *mode.may)
    for name in cell:
        if name not in allowed:
            mistakes.unknown("policy_unknown_field", name, allowed, name)
    for name in mode.needs:
        if cell.get(name) is None:
            mistakes.add("policy_cell_needs", text=str(cell["mode"]), field=name)


def spread(written: Any, modes: Mapping[str, Mode]) -> Mapping[str, Any] | None:
    """The long form of a cell: a mapping with its mode, which need not be written where there is only one. None: no
    cell has this shape."""
    only = next(iter(modes)) if len(modes) == 1 else None
    if written is True and only:
        return {"mode": only}
    if written is False or written is None:
        return {"mode": NONE}
    if isinstance(written, str):
        if within := _WITHIN.fullmatch(written.strip()):
            return {"mode": "within_workdays" if within[2].startswith("w") else "within_hours", "number": within[1]}
        return {"mode": written.strip()}
    if isinstance(written, Mapping) and (only or written.get("mode") is not None):
        return {"mode": only, **written}
    return None


def _promise(
    cell: Mapping[str, Any], service: Service, roles: Sequence[str], wording: Text | None, mistakes: Mistakes
) -> Promise:
    role = cell.get("role")
    if role is not None and str(role) not in roles:
        mistakes.unknown("policy_unknown_role", str(role), roles, "role")
    mode = str(cell["mode"])
    first = _response(cell, mistakes, values.hours if mode == "hours" else values.count)
    promise = Promise(
        service=service.key,
        mode=mode,
        per_year_milli=_read(cell, "per_year", values.milli, 0, mistakes),
        number=first.number,
        weekdays=first.weekdays,
        from_minute=first.from_minute,
        to_minute=first.to_minute,
        channels=_read(cell, "channels", _one_of(CHANNELS, "policy_not_channel"), (), mistakes),
        role=str(role) if role is not None else service.role,
        seconds=_read(cell, "minutes", values.minutes, service.seconds, mistakes),
        wording=_read(cell, "wording", values.text, wording, mistakes),
        reply=_later(cell, "reply", mistakes),
        completion=_later(cell, "completion", mistakes),
        per=_read(cell, "per", _one(get_args(Per)), "year", mistakes),
        used_up=_read(cell, "used_up", _one(get_args(UsedUp)), None, mistakes),
    )
    _check_zero(cell, "per_year", promise.per_year_milli, mistakes)
    return promise


def _response(cell: Mapping[str, Any], mistakes: Mistakes, count: Callable[[Any], int] = values.count) -> Response:
    """What of a cell says how fast; nothing at all is promised with `none`, not with a nought."""
    response = Response(
        mode=str(cell["mode"]),
        number=_read(cell, "number", count, 0, mistakes),
        weekdays=_read(cell, "weekdays", _one_of(WEEKDAYS, "policy_not_weekday"), (), mistakes),
        from_minute=_read(cell, "from", _minute, None, mistakes),
        to_minute=_read(cell, "to", _minute, None, mistakes),
    )
    _check_zero(cell, "number", response.number, mistakes)
    opens, closes = response.from_minute, response.to_minute
    if opens is not None and closes is not None and opens >= closes:
        mistakes.add("policy_window_order", "to")
    return response


def _later(cell: Mapping[str, Any], name: str, mistakes: Mistakes) -> Response | None:
    if cell.get(name) is None:
        return None
    with mistakes.inside(name):
        return read_response(cell[name], mistakes)


def _read(cell: Mapping[str, Any], name: str, reader: Any, default: Any, mistakes: Mistakes) -> Any:
    if cell.get(name) is None:
        return default
    try:
        return reader(cell[name])
    except ValueError as error:
        mistakes.add(str(error), name, text=shown(cell[name]), field=name)
        return default


def _check_zero(cell: Mapping[str, Any], name: str, amount: int, mistakes: Mistakes) -> None:
    if amount == 0 and str(cell.get(name)).strip(" 0.,") == "":
        mistakes.add("policy_cell_zero", name, field=name)


def _one_of(known: Sequence[str], code: str) -> Any:
    def reader(value: Any) -> tuple[str, ...]:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, Sequence) or not items or any(item not in known for item in items):
            raise ValueError(code)
        return tuple(sorted(set(items), key=known.index))

    return reader


def _one(known: Sequence[str]) -> Any:
    def reader(value: Any) -> str:
        if value not in known:
            raise ValueError("policy_not_one_of_these")
        return str(value)

    return reader


def _minute(value: Any) -> int:
    """Minute of the day of a time such as "16:00"."""
    match = re.fullmatch(r"([01]?\d|2[0-4]):([0-5]\d)", str(value).strip())
    if match is None or int(match[1]) * 60 + int(match[2]) > 24 * 60:
        raise ValueError("policy_not_clock")
    return int(match[1]) * 60 + int(match[2])
