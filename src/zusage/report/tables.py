"""A plan comes in, a result folder goes out: its tables as Parquet, its sums as JSON; and back again.

The folder holds everything a report needs: a page, a workbook or an explanation can be made from it later, without the
book. `policy.json` is the policy as it ran, so that a result stays true when the policy changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

import narwhals as nw

from zusage import engine
from zusage.capacity import HoursCheck
from zusage.cost import Periods
from zusage.cost.firm import BridgeLine, RoleHours, Unassigned
from zusage.ground.reasons import Finding, Place, Reason, Refused, mistake
from zusage.ground.words import Language, say_finding
from zusage.plan import ClassSum, Plan
from zusage.policy.document import AllOf, AnyOf, Policy

TABLES = ("memberships", "accounts", "units", "parts", "promises")
HOURS = {
    "role": nw.String,
    "class_key": nw.String,
    "source": nw.String,
    "service": nw.String,
    "month_on": nw.Date,  # first day of the month
    "seconds": nw.Int64,
}


def summary(plan: Plan, language: Language | None = None) -> dict[str, Any]:
    """The sums of a plan, ready for JSON: days as ISO text, money in cents, time in seconds.

    Findings are codes with values; with a language they and the classes also carry words.
    """
    facts: dict[str, Any] = {
        "policy_version": plan.policy.version,
        "policy_hash": plan.policy.hash,
        "periods": _plain(plan.periods),
        "classes": [_plain(item) for item in plan.classes],
        "roles": [_plain(item) for item in plan.roles],
        "hours": _plain(plan.hours),
        "bridge": [_plain(item) for item in plan.bridge],
        "unassigned": [_plain(item) for item in plan.unassigned],
        "findings": [_plain(item) for item in plan.findings],
    }
    if language:
        for row, finding in zip(facts["findings"], plan.findings, strict=True):
            row["text"] = say_finding(finding, language)
        for row in facts["classes"]:
            row["name"] = plan.policy.service_class(row["class_key"]).name[language]
    return facts


def periods_of(facts: Mapping[str, Any]) -> Periods:
    """The periods of a plan from its summary, as it was kept as JSON."""
    periods: Periods = _typed(facts["periods"], Periods)
    return periods


def write_tables(plan: Plan, folder: Path) -> None:
    """Write the result folder: one Parquet file per table, hours.parquet, result.json and policy.json.

    parts and promises are streamed; a folder that is there is used, files of the same name are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        engine.write_parquet(getattr(plan, name), folder / f"{name}.parquet")
    loads = [asdict(load) | {"month_on": first, "seconds": seconds} for load, first, seconds in plan.hours.by_month()]
    columns = {name: [load[name] for load in loads] for name in HOURS}
    engine.write_parquet(engine.table(columns, HOURS), folder / "hours.parquet")
    _write_json(summary(plan), folder / "result.json")
    _write_json(_plain(plan.policy), folder / "policy.json")


def load_result(folder: Path, customer_id: str | None = None) -> Plan:
    """The plan of a result folder; with a customer only the rows of that customer's unit, so that a large book is fast.

    Raises Refused where the folder is no result or its policy is not the one it was reckoned with.
    """
    try:
        return _loaded(folder, customer_id)
    except Refused:
        raise
    except Exception:  # a folder from outside may be damaged in any way
        raise Refused([mistake("report_no_result", text=str(folder))]) from None


def _loaded(folder: Path, customer_id: str | None) -> Plan:
    facts = json.loads((folder / "result.json").read_text("utf-8"))
    policy: Policy = _typed(json.loads((folder / "policy.json").read_text("utf-8")), Policy)
    if policy.hash != facts["policy_hash"]:
        raise Refused([mistake("report_other_policy", text=str(folder / "policy.json"))])
    frames = {name: engine.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    if customer_id is not None:
        frames = _of_customer(frames, customer_id, policy)
    return Plan(
        policy=policy,
        periods=periods_of(facts),
        accounts=engine.collect(frames["accounts"]),
        units=engine.collect(frames["units"]),
        memberships=engine.collect(frames["memberships"]),
        parts=frames["parts"],
        promises=frames["promises"],
        classes=_typed(facts["classes"], tuple[ClassSum, ...]),
        roles=_typed(facts["roles"], tuple[RoleHours, ...]),
        hours=_typed(facts["hours"], HoursCheck),
        bridge=_typed(facts["bridge"], tuple[BridgeLine, ...]),
        unassigned=_typed(facts["unassigned"], tuple[Unassigned, ...]),
        findings=tuple(_finding(row) for row in facts["findings"]),
    )


def _of_customer(frames: Mapping[str, engine.Frame], customer_id: str, policy: Policy) -> dict[str, engine.Frame]:
    unit = engine.rows(frames["memberships"].filter(nw.col("customer_id") == customer_id).select("unit_id").head(1))
    unit_id = unit[0]["unit_id"] if unit else None
    keys = dict.fromkeys(TABLES, "unit_id") | {
        "accounts": "household_id" if policy.household_together else "customer_id"
    }
    return {name: frame.filter(nw.col(keys[name]) == nw.lit(unit_id, nw.String)) for name, frame in frames.items()}


def _write_json(facts: Any, path: Path) -> None:
    path.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8", newline="\n")


def _plain(value: Any) -> Any:
    """A value of ours as JSON; dataclasses that a union has to tell apart carry their name as `is`."""
    if is_dataclass(value) and not isinstance(value, type):
        named = {"is": type(value).__name__} if isinstance(value, AllOf | AnyOf) else {}
        return named | {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _typed(value: Any, kind: Any) -> Any:
    """JSON back as a value of a type made of dataclasses, tuples, mappings and plain values: the way back of _plain."""
    if value is None or get_origin(kind) is Literal:
        return value
    if get_origin(kind) is not None:
        return _composed(value, get_origin(kind), get_args(kind))
    if is_dataclass(kind):
        hints, build = get_type_hints(kind), cast(Any, kind)
        return build(**{item.name: _typed(value[item.name], hints[item.name]) for item in fields(kind)})
    return date.fromisoformat(value) if kind is date else value


def _composed(value: Any, origin: Any, inner: tuple[Any, ...]) -> Any:
    """A union, a tuple or a mapping of other types."""
    if origin in (Union, UnionType):
        options = [option for option in inner if option is not NoneType]
        return _typed(value, next((option for option in options if _is(value, option)), options[0]))
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is ... else inner
        return tuple(_typed(item, wanted) for item, wanted in zip(value, kinds, strict=True))
    return {key: _typed(item, inner[1]) for key, item in value.items()}


def _is(value: Any, option: Any) -> bool:
    return isinstance(value, dict) and value.get("is") == getattr(option, "__name__", None)


def _finding(row: Mapping[str, Any]) -> Finding:
    values = {key: _day(key, value) for key, value in row["reason"]["values"].items()}
    return Finding(row["severity"], Reason(row["reason"]["code"], values), _typed(row["where"], Place))


def _day(key: str, value: Any) -> Any:
    """Days are the only values JSON has no form for; the key's ending tells them, as everywhere."""
    return date.fromisoformat(value) if key.endswith("_on") and isinstance(value, str) else value
