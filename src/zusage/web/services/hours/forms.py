"""A draft comes in, the figures of its times and hours as fields go out; what was typed comes back as edits.

What cannot be read is put into the text as it was typed: the service model's own reader refuses it and says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from zusage.ground.reasons import Refused
from zusage.ground.words import UNKNOWN
from zusage.policy import values
from zusage.policy.document import Activity, Policy, Role, Text
from zusage.policy.edit import Change, Drop, Path, Put
from zusage.policy.load import load

Written = int | float | str


@dataclass(frozen=True)
class Figure:
    """A figure of a draft as a field: where it stands in the text, and how it is written for a reader."""

    path: Path
    unit: str  # minutes, hours, share, number, euro, kilometres
    text: str  # as it stands in the field; empty where nothing is written
    of: str  # whose: the name of the role or activity

    @property
    def name(self) -> str:
        """The name of the field."""
        return ".".join(map(str, self.path))

    @property
    def what(self) -> str:
        """What it is, as a key of the words."""
        steps = [str(step) for step in self.path if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(step))]
        return steps[-1]


_RESOURCES = re.compile(r"^resources:.*?(?=^[^\s#]|\Z)", re.MULTILINE | re.DOTALL)


@lru_cache(maxsize=16)
def _raw(text: str) -> Any:
    """Roles and costs as they are written, to be read only; the rest is not taken apart, for that takes its time."""
    block = _RESOURCES.search(text)
    try:
        return load(block[0], "") if block else load(text, "")
    except Refused:  # it names what is written elsewhere
        return load(text, "")


def figures_of(text: str, policy: Policy, today: date, spoken: str) -> dict[str, Figure]:
    """All figures of times and hours of a draft, by the name of their field."""
    raw = _raw(text)
    found = [*_of_roles(policy, raw, today, spoken), *_of_firm(raw, policy, today, spoken)]
    for item in policy.activities:
        found += _of_activity(item, spoken)
    return {figure.name: figure for figure in found}


def whose(figure: Figure, policy: Policy, spoken: str) -> str:
    """The name of the activity or role a figure belongs to; a dash for those of the whole firm."""
    steps = tuple(map(str, figure.path))
    names: dict[tuple[str, ...], Text] = {("activities", item.key): item.name for item in policy.activities}
    names |= {("resources", "roles", item.key): item.name for item in policy.roles}
    return next((name[spoken] for path, name in names.items() if steps[: len(path)] == path), UNKNOWN)


def _of_activity(item: Activity, spoken: str) -> Iterator[Figure]:
    for what, seconds in (("minutes", item.seconds), ("around", item.around_seconds)):
        yield Figure(("activities", item.key, what), "minutes", minutes_text(seconds, spoken), item.name[spoken])


def _of_roles(policy: Policy, raw: Any, today: date, spoken: str) -> Iterator[Figure]:
    for role in policy.roles:
        path, name = ("resources", "roles", role.key), role.name[spoken]
        yield Figure((*path, "people"), "number", number_text(role.people_milli, spoken), name)
        yield Figure((*path, "weekly_hours"), "hours", _hours(role.weekly_seconds), name)
        yield Figure((*path, "weeks"), "number", number_text(role.weeks_milli, spoken), name)
        yield Figure((*path, "practical_share"), "share", _share(role.practical_permille, spoken), name)
        yield Figure((*path, "internal_hours"), "hours", _hours(role.internal_seconds), name)
        yield from (_money((*path, what), raw, today, spoken, name) for what in _costs(role, raw))


def _costs(role: Role, raw: Any) -> list[str]:
    """The costs of a role: an owner's own wage, and what else is paid for it where that is written."""
    if not role.owner:
        return ["yearly_cost"]
    return ["imputed_wage", *(["yearly_cost"] if "yearly_cost" in raw["resources"]["roles"][role.key] else [])]


def _of_firm(raw: Any, policy: Policy, today: date, spoken: str) -> Iterator[Figure]:
    yield _money(("resources", "overhead"), raw, today, spoken)
    yield _money(("resources", "base_cost"), raw, today, spoken)
    yield _money(("resources", "travel", "per_km"), raw, today, spoken, missing=policy.travel.per_km.on(today))
    way = ("resources", "travel")
    yield Figure((*way, "minutes_per_km"), "minutes", minutes_text(policy.travel.seconds_per_km, spoken), "")
    yield Figure((*way, "default_km"), "kilometres", number_text(policy.travel.default_m, spoken), "")
    yield Figure(("capacity", "utilisation"), "share", _share(policy.utilisation_permille, spoken), "")
    yield Figure(("capacity", "kept"), "share", _share(policy.kept_permille, spoken), "")


def _money(path: Path, raw: Any, today: date, spoken: str, of: str = "", missing: int = 0) -> Figure:
    """An amount as it stands in the text: where it changes on given days, the step that holds today is the field's."""
    node = raw
    for step in path:
        node = node.get(step) if isinstance(node, Mapping) else None
    if isinstance(node, Mapping):
        days = sorted((values.day(key), key) for key in node)
        key = [key for day, key in days if day <= today][-1:] or [days[0][1]]
        path, node = (*path, str(key[0])), node[key[0]]
    cents = missing if node is None else values.cost(node)
    return Figure(path, "euro", _euro(cents, spoken), of)


# --- figures as people write them


def _decimal(value: Decimal, spoken: str) -> str:
    text = format(value.quantize(Decimal("0.001")).normalize(), "f")
    return text.replace(".", ",") if spoken == "de" else text


def minutes_text(seconds: int, spoken: str) -> str:
    """Seconds as minutes: `7,5` or `7.5`."""
    return _decimal((Decimal(seconds) / 60).quantize(Decimal("0.01")), spoken)


def _hours(seconds: int) -> str:
    whole, part = divmod(seconds // 60, 60)
    return f"{whole}:{part:02d}" if part else f"{whole}"


def _share(permille: int, spoken: str) -> str:
    return _decimal(Decimal(permille) / 10, spoken)


def number_text(milli: int, spoken: str) -> str:
    """Thousandths as a number: `0,5` or `0.5`."""
    return _decimal(Decimal(milli) / 1000, spoken)


def _euro(cents: int, spoken: str) -> str:
    grouped = f"{cents // 100:,}" + (f".{cents % 100:02d}" if cents % 100 else "")
    return grouped.translate(str.maketrans(",.", ".,")) if spoken == "de" else grouped


def _number(seconds_or_milli: int, per: int) -> int | float:
    whole, part = divmod(seconds_or_milli, per)
    return round(seconds_or_milli / per, 3) if part else whole


def _write_hours(typed: str) -> Written:
    seconds = values.hours(_plain(typed))
    return seconds // 3600 if seconds % 3600 == 0 else _hours(seconds)


def _write_share(typed: str) -> Written:
    permille = values.share(f"{typed.rstrip('% ')} %")
    return f"{permille // 10} %" if permille % 10 == 0 else f"{permille / 10} %"


def _write_minutes(typed: str) -> Written:
    return round(_number(values.minutes(_plain(typed)), 60), 2)


def _write_euro(typed: str) -> Written:
    cents = values.cost(typed)
    return cents // 100 if cents % 100 == 0 else cents / 100


def _plain(typed: str) -> Any:
    """A bare number as a number: minutes and hours as text want their unit."""
    return float(typed.replace(",", ".")) if re.fullmatch(r"\d{1,9}([.,]\d{1,4})?", typed) else typed


_WRITERS: dict[str, Callable[[str], Written]] = {
    "minutes": _write_minutes,
    "hours": _write_hours,
    "share": _write_share,
    "number": lambda typed: _number(values.milli(typed), 1000),
    "kilometres": lambda typed: _number(values.metres(typed), 1000),
    "euro": _write_euro,
}
_GROUPED = {"de": re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?"), "en": re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")}


def written(figure: Figure, typed: str, spoken: str) -> Change:
    """What was typed into a field as an edit; an empty field takes the figure out."""
    typed = typed.strip()
    if not typed:
        return Drop(figure.path)
    if figure.unit == "euro" and _GROUPED[spoken].fullmatch(typed.rstrip("€ ")):
        typed = typed.replace("." if spoken == "de" else ",", "")
    try:
        return Put(figure.path, _WRITERS[figure.unit](typed))
    except (ValueError, ArithmeticError):
        return Put(figure.path, typed)


@dataclass(frozen=True)
class Typed:
    """What was sent of a page: the edits, the fields they come from, and what stood in each of them."""

    changes: list[Change]
    figures: list[Figure]
    texts: Mapping[str, str]


def typed_in(posted: Mapping[str, str], figures: Mapping[str, Figure], policy: Policy, spoken: str) -> Typed:
    """The fields somebody changed: those that hold something else than the page had put into them (`was-…`)."""
    texts = {name: posted[name] for name in figures if name in posted}
    changed = [
        figures[name]
        for name, text in texts.items()
        if text.strip() != posted.get(f"was-{name}", figures[name].text).strip()
    ]
    changes = [written(figure, texts[figure.name], spoken) for figure in changed]
    for item in policy.activities:
        name = f"activities.{item.key}.assumed"
        was, ticked = posted.get(f"was-{name}"), name in posted
        if was is not None and ticked != (was == "yes"):
            changes.append(Put(("activities", item.key, "assumed"), ticked))
    return Typed(changes, changed, texts)
