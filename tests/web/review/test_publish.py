"""Publishing: files become a book with figures and proposals, and the former book stays until the flip."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.review.conftest import small
from zusage.web.book.models import Import
from zusage.web.customers.models import Customer
from zusage.web.office.models import Job
from zusage.web.review.models import Proposal


def test_the_first_import_proposes_a_class_for_everyone_and_gives_none(
    nobody_decided: SimpleNamespace, publish: Callable[..., Job]
) -> None:
    done = publish(*small())
    assert (done.state, done.findings) == ("done", [])
    assert done.result["customers"] == 4
    rows = Customer.objects.filter(run__published=True).order_by("number")
    assert list(rows.values_list("number", "unit_id", "class_key", "proposed_key")) == [
        (ALMA, ALMA, "", "A"),
        (BELA, ALMA, "", "A"),
        (CARO, CARO, "", "C"),
        (EMIL, EMIL, "", "B"),
    ]
    found = Proposal.objects.filter(state="open").order_by("unit_id")
    assert list(found.values_list("unit_id", "members", "from_key", "to_key", "change")) == [
        (ALMA, [ALMA, BELA], "", "A", "first"),
        (CARO, [CARO], "", "C", "first"),
        (EMIL, [EMIL], "", "B", "first"),
    ]
    assert Import.objects.get().state == "published"
