"""A number a week and a first Monday come in, every open reduction has its wave; new runs go on with them."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import date, datetime
from functools import cache, partial

from django.db import IntegrityError, transaction

from zusage.ground.reasons import Refused
from zusage.policy.document import Policy
from zusage.web.customers.models import Run
from zusage.web.office.models import User
from zusage.web.office.queries import known_as
from zusage.web.review.models import Proposal, WaveGrace, WavePlan
from zusage.web.review.queries import KINDS
from zusage.web.review.waves.queries import in_order, monday_of, spread, wave_plan

CHUNK = 250


def set_waves(
    *, per_week: int, first_on: date, version: int, run: Run, policy: Policy, by: User, now: datetime
) -> bool:
    """Plan all open reductions anew; False where somebody else did since the page was shown (version 0: no plan).
    Raises Refused where the weeks do not suffice for all of them."""
    values = {"per_week": per_week, "first_on": first_on, "by": by, "at": now}
    with transaction.atomic():
        if not (_create(values) if version == 0 else _change(version, values)):
            return False
        waiting = in_order(Proposal.objects.filter(KINDS["down"], run=run, state="open"))
        for item in waiting:
            item.wave_on = None
        for item, monday in spread(waiting, policy, per_week, first_on, Counter()):
            item.wave_on = monday
        Proposal.objects.bulk_update(waiting, ["wave_on"], batch_size=CHUNK)
    return True


def _create(values: dict[str, object]) -> bool:
    try:
        with transaction.atomic():
            WavePlan.objects.create(pk=1, **values)
    except IntegrityError:
        return False
    return True


def _change(version: int, values: dict[str, object]) -> bool:
    return WavePlan.objects.filter(pk=1, version=version).update(version=version + 1, **values) == 1


def set_grace(*, wave_on: date, days: int) -> None:
    """Give the customers of a wave more days than the notice; what was decided before keeps its day."""
    WaveGrace.objects.update_or_create(wave_on=wave_on, defaults={"days": days})


def continue_waves(*, run: Run, policy: Policy, today: date) -> None:
    """The reductions of a new run keep the waves of those that were proposed before; new ones come at the end. Where
    the weeks do not suffice for them they stand in none, which the page says: no figures wait for another plan."""
    plan = wave_plan()
    if plan is None:
        return
    mine = list(Proposal.objects.filter(KINDS["down"], run=run, state="open"))
    before = Proposal.objects.filter(KINDS["down"], run__published=True, state="open", wave_on__isnull=False)
    known = cache(partial(known_as, policy))  # the run before may be of another service model
    waves = {(item.unit_id, known(item.from_key), known(item.to_key)): item.wave_on for item in before}
    new = [item for item in mine if item.wave_on is None]
    for item in new:
        item.wave_on = waves.get(_same(item))
    taken = Counter(item.wave_on for item in mine if item.wave_on)
    first = max([monday_of(today), plan.first_on, *taken])
    with suppress(Refused):
        for item, monday in spread(
            in_order(item for item in new if item.wave_on is None), policy, plan.per_week, first, taken
        ):
            item.wave_on = monday
    Proposal.objects.bulk_update(new, ["wave_on"], batch_size=CHUNK)


def _same(item: Proposal) -> tuple[str, str, str]:
    return item.unit_id, item.from_key, item.to_key
