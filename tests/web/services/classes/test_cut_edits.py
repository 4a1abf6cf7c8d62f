"""Whatever cuts are typed one after the other: the draft can be read, or was refused and stays; undo leads all the way
back, and what the page says of a class is what a plan says."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import book_tables
from tests.web.services.conftest import NOW
from zusage.ground.reasons import Refused
from zusage.plan import make_plan
from zusage.policy.read import read_policy_text
from zusage.web.bridge.cuts import class_figures, histogram
from zusage.web.services.actions import edit_draft, undo_step
from zusage.web.services.classes.forms import set_cut
from zusage.web.services.classes.queries import leaves_of
from zusage.web.services.models import Draft
from zusage.web.services.queries import read_draft

TYPED = st.one_of(
    st.integers(-50, 2000).map(str),
    st.sampled_from(["", "1.234,56", "0,5", "viel", "1e400", "2 %", "12,5 %", "½ %", "\x00"]),
)
EDITS = st.lists(st.tuples(st.integers(0, 2), TYPED, TYPED, st.booleans()), max_size=4)


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_any_cuts_are_read_or_refused_and_undone(draft: Draft, edits: list[tuple[int, str, str, bool]]) -> None:
    now, first = Draft.objects.get(pk=draft.pk), draft.hash
    steps = 0
    for place, cut, stay, moved in edits:
        was = "" if moved else stay  # untouched, the cut to stay goes along with the one to reach
        read = read_draft(now)
        node = [*leaves_of(read)][place][1].number
        wanted = set_cut(read, {"node": node, "from": cut, "stay": stay, "was_stay": was}, "de")
        try:
            after = edit_draft(
                draft=now, version=now.version, changes=wanted.changes, what=wanted.what, by=now.made_by, now=NOW
            )
        except Refused:
            assert Draft.objects.get(pk=draft.pk).text == now.text
            continue
        assert read_policy_text(after.text).policy.hash == after.hash
        steps += after.text != now.text
        now = after
    plan = make_plan(book_tables(), read_draft(now).policy)
    figures = class_figures(plan)
    assert [(figures[item.class_key].units, figures[item.class_key].customers) for item in plan.classes] == [
        (item.units, item.customers) for item in plan.classes
    ]
    for leaf in read_draft(now).policy.criteria():
        drawn = histogram(plan, leaf.metric, leaf.cut)
        values = plan.units[f"m_{leaf.metric}"].to_list()
        counts = [0] * len(drawn.counts)
        for value in values:
            counts[min(max((value - drawn.low) // drawn.step, 0), len(counts) - 1)] += 1
        assert drawn.counts == tuple(counts)
        assert (drawn.reached, drawn.units) == (sum(value >= leaf.cut for value in values), len(values))
    for _ in range(steps):
        undo_step(draft=now, version=now.version, by=now.made_by, now=NOW)
        now = Draft.objects.get(pk=draft.pk)
    assert now.hash == first
