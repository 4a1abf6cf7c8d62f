"""The firm as written comes in, the frozen one goes out: a known time zone, country, state and holiday calendar."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import holidays

from zusage.policy import written as w
from zusage.policy.document import Firm
from zusage.policy.mistakes import Mistakes


def freeze_firm(written: w.Firm, mistakes: Mistakes) -> Firm:
    """The firm with its calendar checked."""
    try:
        ZoneInfo(written.time_zone)
    except (KeyError, ValueError, OSError):
        mistakes.add("policy_time_zone", "time_zone", text=written.time_zone)
    state = written.state
    countries = holidays.list_supported_countries(include_aliases=False)
    if written.country in countries:
        calendar = getattr(holidays, written.country)
        state = calendar.subdivisions_aliases.get(state, state)  # Sachsen is SN
        _check_state(state, written.country, countries[written.country], mistakes)
        _check_categories(written.holiday_categories, calendar.supported_categories, mistakes)
    else:
        mistakes.unknown("policy_country", written.country, countries, "country")
    if written.name is None:
        mistakes.add("policy_required", "name", field="name")
    return Firm(
        name=written.name or "",
        country=written.country,
        state=state,
        holiday_categories=tuple(sorted(set(written.holiday_categories))),
        time_zone=written.time_zone,
        currency=written.currency,
        language=written.language,
        profile=written.profile,
    )


def _check_state(state: str | None, country: str, known: Sequence[str], mistakes: Mistakes) -> None:
    if state is None:
        if country == "DE":
            mistakes.add("policy_no_state", "state", severity="warning", known=", ".join(known))
    elif state not in known:
        mistakes.unknown("policy_state", state, known, "state")


def _check_categories(written: Sequence[str], known: Sequence[str], mistakes: Mistakes) -> None:
    for index, category in enumerate(written):
        if category not in known:
            mistakes.unknown("policy_holiday_category", category, known, "holiday_categories", index)


def states_of(country: str) -> dict[str, str]:
    """The states of a country by the code that stands in a policy, with their names; empty for an unknown country.

    >>> states_of("AT")["9"], states_of("DE")["SN"]
    ('Wien', 'Sachsen')
    """
    calendar = getattr(holidays, country, None)
    if calendar is None:
        return {}
    found: dict[str, str] = {}
    for name, code in calendar.subdivisions_aliases.items():
        found.setdefault(code, name)
    return dict(sorted(found.items(), key=lambda item: item[1]))
