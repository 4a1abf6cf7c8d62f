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
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.capacity import HoursCheck
from zusage.cost import Periods
from zusage.cost.firm import BridgeLine, RoleHours, Unassigned
from zusage.ground.reasons import Finding, Refused, finding_as_json, mistake
from zusage.ground.typed import typed
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
        "findings": [finding_as_json(item) for item in plan.findings],
    }
    if language:
        for row, finding in zip(facts["findings"], plan.findings, strict=True):
            row["text"] = say_finding(finding, language)
        for row in facts["classes"]:
            row["name"] = plan.policy.service_class(row["class_key"]).name[language]
    return facts


def periods_of(facts: Mapping[str, Any]) -> Periods:
    """The periods of a plan from its summary, as it was kept as JSON."""
    periods: Periods = typed(facts["periods"], Periods)
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
    policy: Policy = typed(json.loads((folder / "policy.json").read_text("utf-8")), Policy)
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
        classes=typed(facts["classes"], tuple[ClassSum, ...]),
        roles=typed(facts["roles"], tuple[RoleHours, ...]),
        hours=typed(facts["hours"], HoursCheck),
        bridge=typed(facts["bridge"], tuple[BridgeLine, ...]),
        unassigned=typed(facts["unassigned"], tuple[Unassigned, ...]),
        findings=typed(facts["findings"], tuple[Finding, ...]),
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
