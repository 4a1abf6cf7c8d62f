"""Whatever is typed: the draft can be read at any time, undoing leads all the way back, the figures are those of the
command line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import book_tables
from tests.web.services.conftest import NOW
from zusage import engine
from zusage.plan import PREVIOUS, make_plan
from zusage.policy import template
from zusage.policy.read import read_policy_text
from zusage.policy.terms import CHANNELS, MODES, NONE, WEEKDAYS
from zusage.web.bridge.margins import Margin, margins_of
from zusage.web.review.queries import former_classes
from zusage.web.services.actions import open_draft, undo_step
from zusage.web.services.matrix.queries import matrix_of
from zusage.web.services.models import Draft, DraftStep
from zusage.web.services.queries import read_draft

TEXT = template("abc", "de")
POLICY = read_policy_text(TEXT).policy
ROWS = [item.key for item in POLICY.services if item.kind != "floor"]
ROLES = ["", *(item.key for item in POLICY.roles), "nobody"]
FIGURES = st.one_of(
    st.sampled_from(
        ["", "1", "2", "0,5", "0.25", "12", "0", "-1", "1e3", "400", "1:30", "90 min", "٣", "viel", "1.000"]
    ),
    st.text(max_size=6),
)
CLOCKS = st.sampled_from(["", "9:00", "10:00", "14:30", "16:00", "24:00", "25:00", "9"])
WORDS = st.one_of(st.just(""), st.text(max_size=30), st.sampled_from(["ja", "null", "{a: 1}", "# x", "- a", "'", "*x"]))
LATER = st.sampled_from(["", *MODES["response"], "never"])


@st.composite
def cells(draw: st.DrawFn) -> dict[str, Any]:
    """What a cell's form may send: mostly something sensible, never only that."""
    row = draw(st.sampled_from(ROWS))
    modes = [*MODES[POLICY.service(row).measure], NONE]
    sent = {
        "row": row,
        "class": draw(st.sampled_from([item.key for item in POLICY.classes])),
        "mode": draw(st.sampled_from([*modes, *modes, "like", "nonsense"])),
        "weekdays": draw(st.lists(st.sampled_from([*WEEKDAYS, "day"]), max_size=3)),
        "channels": draw(st.lists(st.sampled_from([*CHANNELS, "pigeon"]), max_size=3)),
        "role": draw(st.sampled_from(ROLES)),
        "per": draw(st.sampled_from(["year", "month", "week"])),
    }
    sent |= {name: draw(FIGURES) for name in ("number", "per_year", "minutes", "reply_number")}
    sent |= {name: draw(CLOCKS) for name in ("opens", "closes", "reply_opens", "reply_closes")}
    sent |= {name: draw(WORDS) for name in ("wording_de", "wording_en")}
    return sent | {name: draw(LATER) for name in ("reply", "completion")}


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """What is done to whole rows."""
    page = draw(st.sampled_from(["new", "drop", "move", "service", "places"]))
    sent: dict[str, Any] = {"page": page, "row": draw(st.sampled_from([*ROWS, "advice", "gone"]))}
    sent |= {"name": draw(WORDS), "kind": draw(st.sampled_from(["standard", "exclusive", "floor"]))}
    sent |= {"measure": draw(st.sampled_from([*MODES, "nonsense"])), "to": draw(st.sampled_from(["up", "down"]))}
    sent |= {"name_de": draw(WORDS), "role": draw(st.sampled_from(ROLES)), "legal": "extra"}
    sent |= {name: draw(FIGURES) for name in ("minutes", "around", "materials", "count")}
    return sent | {
        "class": draw(st.sampled_from(["A", "B", "C"])),
        "avoid": draw(st.lists(st.sampled_from(["jan", "x"]))),
    }


EDITS = st.lists(st.one_of(cells(), cells(), rows()), min_size=1, max_size=4)


@pytest.mark.usefixtures("kept")
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_any_edits_leave_a_draft_that_can_be_read_reckoned_and_undone(
    office: SimpleNamespace, edits: list[dict[str, Any]]
) -> None:
    owner = Client()
    owner.force_login(office.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    draft = open_draft(text=TEXT, base=None, by=office.owner, now=NOW)
    for sent in edits:
        before = Draft.objects.get(pk=draft.pk)
        path = f"/services/{draft.pk}/matrix/{sent.get('page', 'cell')}/"
        answer = owner.post(path, sent | {"version": before.version}, headers={"HX-Request": "true"})
        after = Draft.objects.get(pk=draft.pk)
        assert answer.status_code in (200, 302, 404, 422)
        assert read_policy_text(after.text).policy.hash == after.hash
        if answer.status_code in (404, 422):
            assert (after.text, after.version) == (before.text, before.version)
    figures_are_those_of_the_plan(Draft.objects.get(pk=draft.pk))
    everything_is_undone(draft, office)


def figures_are_those_of_the_plan(draft: Draft) -> None:
    today, policy = timezone.localdate(), read_policy_text(draft.text).policy
    former = [*former_classes(today)]
    previous = engine.table({name: [row[name] for row in former] for name in PREVIOUS}, PREVIOUS)
    plan = make_plan(book_tables(), policy, not_after=today, previous=previous)
    shown = matrix_of(read_draft(draft), today, "de").margins
    assert shown == margins_of(plan)
    assert shown.total.seconds == plan.hours.owed_seconds
    assert sum(shown.services.values(), shown.caused + shown.own) == shown.total
    assert sum(item.owed for item in shown.classes.values()) == sum(
        load.seconds for load in plan.hours.loads if load.class_key is not None
    )
    assert Margin(0, 0) not in {shown.total}


def everything_is_undone(draft: Draft, office: SimpleNamespace) -> None:
    while DraftStep.objects.filter(draft=draft).exists():
        now = Draft.objects.get(pk=draft.pk)
        undo_step(draft=now, version=now.version, by=office.owner, now=NOW)
    assert (Draft.objects.get(pk=draft.pk).text, Draft.objects.get(pk=draft.pk).hash) == (TEXT, draft.hash)
