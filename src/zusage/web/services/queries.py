"""Questions to the service model: its drafts, and what a draft would mean for the book at hand."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from functools import lru_cache
from threading import Lock

from django.db.models import QuerySet
from django.http import Http404

from zusage.policy.document import Policy
from zusage.policy.read import Read, read_policy_text
from zusage.web.bridge.reckoning import Plan, reckon
from zusage.web.customers.models import Membership, Run
from zusage.web.customers.queries import published_run
from zusage.web.office.models import User
from zusage.web.review.queries import former_classes, tables_of_run
from zusage.web.services.models import Draft, DraftStep

PLANS_KEPT = 4


def drafts_for(user: User) -> QuerySet[Draft]:
    """The open drafts somebody may see, the last changed first: money stands in them, so assistants see none."""
    found = Draft.objects.select_related("base", "changed_by", "made_by").filter(state="open")
    return found.none() if user.role == "assistant" else found


def draft_for(user: User, pk: int) -> Draft:
    """An open draft; Http404 where there is none."""
    found = drafts_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def last_step(draft: Draft) -> DraftStep | None:
    """What undoing would take back."""
    return DraftStep.objects.filter(draft=draft).select_related("by").first()


@lru_cache(maxsize=32)
def read_text(text: str) -> Read:
    """The frozen form of a text and the remarks on it; read once per process. Raises Refused with all mistakes."""
    return read_policy_text(text)


def read_draft(draft: Draft) -> Read:
    """The frozen form of a draft and the remarks on it."""
    return read_text(draft.text)


_PLANS: OrderedDict[tuple[int, str, date, int], Plan] = OrderedDict()
_RECKONING = Lock()


def trial_of(policy: Policy, today: date) -> Plan | None:
    """The plan of the published book under a service model, as `zusage plan` makes it; None before the first import.

    Kept for the service models asked for last, as long as neither the book nor a confirmed class changes.
    """
    run = published_run()
    if run is None:
        return None
    decided = Membership.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    key = (run.pk, policy.hash, today, decided)
    with _RECKONING:  # two who ask for the same at once: the second waits for the first instead of reckoning too
        if key not in _PLANS:
            _PLANS[key] = _reckoned(run, policy, today)
            while len(_PLANS) > PLANS_KEPT:
                _PLANS.popitem(last=False)
        _PLANS.move_to_end(key)
        return _PLANS[key]


def _reckoned(run: Run, policy: Policy, today: date) -> Plan:
    return reckon(tables_of_run(run, today), policy, today=today, previous=former_classes(today))
