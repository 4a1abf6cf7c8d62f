"""A plan comes in, a certificate goes out: whether its promises can be kept, or which named person takes the risk.

A service model is published through `publish` only: into a folder of its own label, together with its certificate.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from zusage.capacity.load import Answer
from zusage.capacity.season import season_of
from zusage.capacity.simulate import Simulated
from zusage.capacity.there import Absence
from zusage.capacity.weeks import Former, Peak, YearPlan, former_classes, plan_year
from zusage.engine import Frame
from zusage.ground.reasons import Finding, Place, Reason, Refused, mistake
from zusage.outlook.surely import answers_ahead
from zusage.plan import Plan
from zusage.policy.read import read_policy_text

FULL = 1000
RUNS = 3
"""Simulated years: the interval comes from the weeks, more years hardly change it."""
POLICY, CERTIFICATE = "policy.yaml", "certificate.json"


@dataclass(frozen=True)
class Risk:
    """Who published although the check did not say yes, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Kept:
    """How likely the promised answer to a class is kept in the year ahead, with its interval; shares in permille."""

    class_key: str
    permille: int
    low: int
    high: int


@dataclass(frozen=True)
class Certificate:
    """What was known of the hours on the day a service model was checked; seconds of a year, shares in permille.

    `grounds` say why the answer is not `fits`; without any, all that was asked is kept.
    """

    made_on: date
    as_of: date  # of the book
    policy_hash: str
    policy_version: str
    answer: Answer
    owed_seconds: int
    there_seconds: int
    coverage_permille: int
    worst: Peak  # the fullest week of all roles, after everything that can be moved was moved
    limit_permille: int  # of the hours of the year that may be owed
    kept: tuple[Kept, ...]  # classes that asked for something; none where no log tells
    target_permille: int
    grounds: tuple[Reason, ...] = ()
    risk: Risk | None = None

    def signed(self, name: str, reason: str) -> Certificate:
        """The same with a person who takes the risk. Raises Refused where the name or the reason is missing."""
        return replace(self, risk=risk_of(name, reason))


def risk_of(name: str, reason: str) -> Risk:
    """Who takes the risk, and why. Raises Refused where one of them is missing."""
    if not (name.strip() and reason.strip()):
        raise Refused([mistake("gate_not_signed")])
    return Risk(name.strip(), reason.strip())


def certify(
    plan: Plan,
    tables: Mapping[str, Frame],
    made_on: date,
    *,
    absences: Iterable[Absence] = (),
    former: Iterable[Former] | None = None,
    runs: int = RUNS,
) -> Certificate:
    """The certificate of a plan's policy on its book: the year week by week, leave included, and its answers simulated.

    `tables` are those of the plan's book. `former` are promises that still hold; None: of whoever goes down, the old
    ones until the notice is over. Where the log does not tell when customers ask, the answer is `unknown`.
    """
    away, units, day = tuple(absences), plan.units.lazy(), plan.periods.as_of
    season = season_of(tables, plan.policy, plan.periods)
    held = former_classes(units, plan.policy, day) if former is None else tuple(former)
    year = plan_year(units, plan.roles, plan.policy, day, absences=away, season=season, former=held)
    return certified(plan, year, answers_ahead(plan, tables, runs=runs, absences=away, former=held), made_on)


def certified(plan: Plan, year: YearPlan, found: Simulated | tuple[Finding, ...], made_on: date) -> Certificate:
    """The certificate of what was found of a plan: its year, and its simulated answers or why there are none."""
    hours, uncovered = plan.hours, list(_coverage(plan))
    kept = _kept(found) if isinstance(found, Simulated) else ()
    silent = [] if isinstance(found, Simulated) else [item.reason for item in found]
    short = [*_missing(plan, year), *_broken(kept, plan.policy.kept_permille)]
    answer: Answer = "unknown" if uncovered or (silent and not short) else "short" if short else "fits"
    return Certificate(
        made_on=made_on,
        as_of=plan.periods.as_of,
        policy_hash=plan.policy.hash,
        policy_version=plan.policy.version,
        answer=answer,
        owed_seconds=hours.owed_seconds,
        there_seconds=hours.there_seconds,
        coverage_permille=hours.coverage_permille,
        worst=year.worst(),
        limit_permille=plan.policy.utilisation_permille,
        kept=kept,
        target_permille=plan.policy.kept_permille,
        grounds=(*uncovered, *short, *silent),
    )


def _kept(found: Simulated) -> tuple[Kept, ...]:
    return tuple(
        Kept(item.class_key, item.kept_permille, item.low_permille, item.high_permille)
        for item in found.classes
        if item.kept_permille is not None and item.low_permille is not None and item.high_permille is not None
    )


def _broken(kept: Sequence[Kept], target_permille: int) -> Iterator[Reason]:
    for item in kept:
        if item.permille < target_permille:
            figures = {"kept_permille": item.permille, "low_permille": item.low, "high_permille": item.high}
            yield Reason("gate_answers", {"class": item.class_key, "target_permille": target_permille, **figures})


def _coverage(plan: Plan) -> Iterator[Reason]:
    coverage, least = plan.hours.coverage_permille, plan.policy.evidence.coverage_permille
    if coverage < least:
        yield Reason("gate_unknown", {"coverage_permille": coverage, "least_permille": least})


def _missing(plan: Plan, year: YearPlan) -> Iterator[Reason]:
    hours, policy = plan.hours, plan.policy
    for role in hours.short_roles:
        owed = sum(month.owed_seconds for month in hours.months if month.role == role)
        there = sum(month.there_seconds for month in hours.months if month.role == role)
        yield Reason("gate_short", {"role": role, "owed_seconds": owed, "there_seconds": there})
    for item in policy.roles:
        worst = year.worst(item.key)
        if item.key not in hours.short_roles:
            yield from _full_week(worst)


def _full_week(worst: Peak) -> Iterator[Reason]:
    """A week that is over. The year keeps the reserve of the policy; a single full week may use it, but no more."""
    if worst.permille is None:
        yield Reason("gate_nobody", {"role": worst.role, "from_on": worst.monday, "owed_seconds": worst.owed_seconds})
    elif worst.permille > FULL:
        yield Reason("gate_week", {"role": worst.role, "from_on": worst.monday, "used_permille": worst.permille})


def publish(text: bytes, certificate: Certificate, folder: Path) -> Path:
    """Put a policy and its certificate into `folder`/label, whole or not at all; answers that path.

    Raises Refused where the certificate is of another policy, where the check did not say yes and nobody signed, where
    the label is no name of a folder, or already names another policy. The same policy again is published once.
    """
    policy = read_policy_text(text.decode("utf-8-sig")).policy
    if policy.hash != certificate.policy_hash:
        raise Refused([mistake("gate_other_policy", text=policy.version)])
    if certificate.answer != "fits" and certificate.risk is None:
        raise Refused([*(mistake(item.code, **item.values) for item in certificate.grounds), mistake("gate_refused")])
    if not re.fullmatch(r"\w[\w .+-]*", policy.version):
        raise Refused([mistake("gate_label", text=policy.version)])
    target = folder / policy.version.rstrip(" .")
    if target.exists():
        _check_same(target, policy.hash, policy.version)
        return target
    folder.mkdir(parents=True, exist_ok=True)
    begun = Path(tempfile.mkdtemp(dir=folder, prefix=".begun-"))
    try:
        (begun / POLICY).write_bytes(text)
        plain = json.dumps(as_json(certificate), ensure_ascii=False, indent=1) + "\n"
        (begun / CERTIFICATE).write_text(plain, "utf-8", newline="\n")
        begun.chmod(0o755)
        begun.rename(target)
    finally:
        shutil.rmtree(begun, ignore_errors=True)
    return target


def _check_same(target: Path, own: str, label: str) -> None:
    try:
        there = json.loads((target / CERTIFICATE).read_text("utf-8"))["policy_hash"]
    except (OSError, ValueError, LookupError, TypeError):
        there = None
    if there != own:
        raise Refused([mistake("gate_label_taken", Place(file=str(target)), text=label)])


def as_json(certificate: Certificate) -> dict[str, Any]:
    """A certificate ready for JSON; days in ISO form. `ground.typed.typed` reads it back."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(certificate), default=date.isoformat))
    return plain
