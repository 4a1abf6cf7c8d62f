"""Country, state and categories come in, the public holidays of a year go out, as day numbers (`date.toordinal`)."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import lru_cache

from zusage.ground.reasons import Finding, Place, mistake

CODE = re.compile("[A-Z]{2,3}")


@dataclass(frozen=True)
class PublicHolidays:
    """The public holidays of a country or one of its states or cantons, from the `holidays` package.

    `country` is the ISO code (DE, AT, CH, …), `subdiv` the code of the state (SN, BY, ZH, …). `categories` adds days
    that are holidays only in parts of a state: 15 August in Catholic communes of Bavaria is `catholic`.
    The package knows Germany from 1990 on; earlier years have no public holidays here.
    """

    country: str
    subdiv: str | None = None
    categories: tuple[str, ...] = ()

    def days(self, year: int) -> frozenset[int]:
        """The day numbers of all holidays of the year."""
        return _days(self, year)

    def mistakes(self, where: Place) -> list[Finding]:
        """What of this source is not known, all of it."""
        if not _known(PublicHolidays(self.country)):
            return [mistake("worktime_unknown_country", where, country=self.country)]
        found = []
        if self.subdiv is not None and not (self.subdiv and _known(PublicHolidays(self.country, self.subdiv))):
            found.append(mistake("worktime_unknown_subdivision", where, country=self.country, subdivision=self.subdiv))
        for category in self.categories:
            if not _known(PublicHolidays(self.country, None, (category,))):
                found.append(mistake("worktime_unknown_category", where, country=self.country, category=category))
        return found


def _known(source: PublicHolidays) -> bool:
    try:
        _days(source, 2026)
    except (NotImplementedError, ValueError):
        return False
    return True


@lru_cache(maxsize=4096)
def _days(source: PublicHolidays, year: int) -> frozenset[int]:
    # loaded on first need: it costs 0.15 s, and a program that asks nothing of holidays should start without it
    from holidays import country_holidays  # noqa: PLC0415

    if not CODE.fullmatch(source.country):  # the package would take any of its own class names for a country
        raise NotImplementedError(source.country)
    categories = ("public", *source.categories) if source.categories else None
    with warnings.catch_warnings():
        # it warns where a country's moon-dated feasts are known for some years only; docs/developer/worktime.md says so
        warnings.simplefilter("ignore")
        found = country_holidays(source.country, subdiv=source.subdiv, categories=categories, years=year)
    return frozenset(day.toordinal() for day in found if day.year == year)
