"""A small firm for the reports: five people and a household with two nasty names, in every state a report shows."""

from __future__ import annotations

from datetime import date
from functools import cache

from tests.people import (
    ALMA,
    BELA,
    CARO,
    EMIL,
    NAMES,
    TODAY,
    booked,
    call,
    changed,
    full_logs,
    full_year,
    person,
    tables,
)
from zusage import engine
from zusage.ground.reasons import Place, warning
from zusage.plan import PREVIOUS, Plan, make_plan

SCRIPT = "0666"
FORMULA = "0667"
SCRIPT_NAME = "<script>document.title='broken'</script>"
FORMULA_NAME = '=HYPERLINK("http://example.invalid";"Muster")'


@cache
def firm() -> Plan:
    """The plan of the small firm on TODAY; Alma was in A before, Emil in B."""
    people = [person(key, distance_m=7000) for key in NAMES]
    people += [{"customer_id": SCRIPT, "household_id": SCRIPT, "name": SCRIPT_NAME, "since": date(2012, 1, 1)}]
    people += [{"customer_id": FORMULA, "household_id": SCRIPT, "name": FORMULA_NAME, "since": date(2012, 1, 1)}]
    visits = [
        {"customer_id": key, "log": "meetings", "done_on": date(2026, 4, 7), "place": "on_site", "topic": topic}
        for key, topic in ((ALMA, "Jahrescheck"), (BELA, "Jahrescheck"), (CARO, "Schaden am Rad"))
    ]
    book = tables(
        customers=people,
        yields=[
            *full_year(),
            booked(ALMA, 480.55),
            booked(BELA, 99.99),
            booked(BELA, 500, kind="one_off"),
            booked(EMIL, 590),
            booked(CARO, 41),
            booked(SCRIPT, 170),
        ],
        work=[*(call(CARO, 337, on=date(2026, 1 + month, 4)) for month in range(9)), call(ALMA), call(EMIL), *visits],
        logs=full_logs("calls", "meetings"),
        unassigned=[
            {"table": "yields", "reason": "unknown_contract", "booked_on": TODAY, "amount_cents": 12345},
            {"table": "work", "reason": "unknown_number", "booked_on": TODAY, "log": "calls", "seconds": 600},
        ],
    )
    previous = engine.table({"customer_id": [ALMA, EMIL], "class_key": ["A", "B"]}, PREVIOUS)
    premium = "{all: [{yield: {from: 600, stay: 500}}, {euro_per_hour: 100}]}"
    policy = changed(("any: [{yield: {from: 600, stay: 500}}", f"any: [{premium}"))
    remark = warning("plan_nobody", Place(file="muster.csv", line=3), text="<b>Z</b>")
    return make_plan(book, policy, as_of=TODAY, previous=previous, findings=[remark])
