"""What was found of the way ahead comes in, sentences go out: when the hours no longer suffice, and what then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from zusage.capacity.weeks import YearPlan
from zusage.ground.money import half_up
from zusage.ground.reasons import Reason, Value
from zusage.ground.words import Language, day, listed, say, word
from zusage.outlook.ahead import Outlook, day_course, short_roles
from zusage.outlook.growth import CASES, Growth
from zusage.outlook.study import Study
from zusage.outlook.ways import Way
from zusage.plan import Plan
from zusage.report.certified import named
from zusage.report.differing import metric_name
from zusage.report.judged import metric_text
from zusage.report.page.view import View
from zusage.report.writing import counted, decimal, long_day, said, signed

MINUTE, HALF_AN_HOUR = 60, 1800
ENDINGS = {"household": ("household", "household_one"), "customer": ("customer", "customer_one")}


@dataclass(frozen=True)
class Spoken(View):
    """A plan in a reader's language, with the words of what is ahead."""

    def o(self, code: str, /, **values: Value) -> str:
        """The text of a code of the outlook."""
        return said(f"outlook_{code}", self.language, **values)

    def service(self, key: str) -> str:
        """The name of a service."""
        return self.plan.policy.service(key).name[self.language]

    def activity(self, key: str) -> str:
        """The name of an activity."""
        return next(item.name[self.language] for item in self.plan.policy.activities if item.key == key)

    def classes(self, keys: str) -> str:
        """The names of classes, given as keys with commas between."""
        return listed([self.class_name(key) for key in keys.split(",") if key], self.language)

    def roles(self, seconds: Mapping[str, int]) -> str:
        """Roles with hours of a year: `Berater (398 Std.) und Innendienst (169 Std.)`."""
        return listed(
            [f"{self.role_name(key)} ({self.whole_h(value)})" for key, value in seconds.items()], self.language
        )

    def t_day(self, when: date) -> str:
        """A day in figures."""
        return day(when, self.language)

    def a_year(self, milli: int) -> str:
        """How often a year, as a number of times."""
        return decimal(milli, 3, self.language)


def spoken(plan: Plan, language: Language, planned: YearPlan | None = None) -> Spoken:
    """The words for a plan, and for its year where that was planned already."""
    return Spoken(plan, language, planned=planned)


def span(first: date, last: date, language: Language) -> str:
    """Months from one to another: `Februar bis Mai 2027`."""
    one, other = (word(f"outlook_month_{item.month}", language) for item in (first, last))
    if (first.year, first.month) == (last.year, last.month):
        return f"{one} {first.year}"
    start = one if first.year == last.year else f"{one} {first.year}"
    return said("outlook_span", language, first=start, last=f"{other} {last.year}")


def coming(view: Spoken, growth: Growth) -> str:
    """How the book grows, as the beginning of a sentence: `Mit 40 neuen Haushalten im Jahr`."""
    milli = growth.new_milli["mid"]
    count = (abs(milli) + 500) // 1000
    if count == 0:
        return view.o("with_none")
    ending = ENDINGS[view.noun][count == 1]
    code = f"with_{ending}" if milli > 0 else f"without_{ending}"
    return view.o(code, number=count)


def statement(view: Spoken, outlook: Outlook) -> str:
    """When the promises no longer fit, in one sentence."""
    tipping, plan = outlook.tipping, view.plan
    values: dict[str, Value] = {"growth": coming(view, outlook.growth), "years_count": outlook.years}
    if tipping.now:
        owed = outlook.courses["mid"].owed[0]
        lacking = {role: owed[role] - outlook.there[role] for role in short_roles(owed, outlook.there)}
        return view.o("now", roles=view.roles(lacking))
    if plan.hours.answer == "unknown":
        least = plan.policy.evidence.coverage_permille
        return view.o("unknown", coverage_permille=plan.hours.coverage_permille, least_permille=least)
    if tipping.never:
        return view.o("never", **values)
    names = listed([view.role_name(role) for role in tipping.roles], view.language)
    if tipping.monday is None:
        return view.o("perhaps", **values, roles=names, first=long_day(_day(tipping.earliest), view.language))
    return view.o(
        "tips", **values, roles=names, week=long_day(tipping.monday, view.language), range=_range(view, outlook)
    )


def _day(when: date | None) -> date:
    return when or date.max


def _range(view: Spoken, outlook: Outlook) -> str:
    tipping = outlook.tipping
    if tipping.latest is None:
        return view.o("range_open", first=long_day(_day(tipping.earliest), view.language), years_count=outlook.years)
    return span(_day(tipping.earliest), tipping.latest, view.language)


def remarks(view: Spoken, study: Study) -> Iterator[str]:
    """What to know before believing the answer."""
    outlook, plan = study.situation.outlook, view.plan
    growth = outlook.growth
    counts = {f"{case}_count": (growth.new_milli[case] + 500) // 1000 for case in CASES}
    if growth.years:
        years = listed([str(count) for count in growth.years], view.language)
        yield view.o("from_history", years=years, units=view.units_word)
    else:
        yield view.o("as_stated", low=str(counts["low_count"]), high=str(counts["high_count"]))
    yield view.o("reckoned", used_permille=plan.policy.utilisation_permille)
    if growth.new_milli["high"] > 0:
        yield first_years(view, growth)
    for role, (needed, there) in study.floor.items():
        yield view.o("floor", role=view.role_name(role), needed=view.whole_h(needed), there=view.whole_h(there))
    if outlook.tipping.now and plan.hours.answer == "unknown":
        yield view.o("unknown_anyway", coverage_permille=plan.hours.coverage_permille)
    week = study.full_week
    if week is not None and not outlook.tipping.now:
        yield view.o(
            "full_week",
            week=long_day(week.monday, view.language),
            role=view.role_name(week.role),
            owed_seconds=week.owed_seconds,
            there_seconds=week.there_seconds,
        )


def first_years(view: Spoken, growth: Growth) -> str:
    """What new ones take in their first year, as far as enough of them were seen."""
    if not growth.first:
        return view.o("first_unknown")
    told = {role: item for role, item in growth.first.items() if abs(item.seconds - item.usual) >= MINUTE}
    each = [
        view.o("first_role", role=view.role_name(role), first_seconds=item.seconds, usual_seconds=item.usual)
        for role, item in (told or growth.first).items()
    ]
    seen = sum(item.contacts for item in growth.first.values())
    return view.o("first_counted", roles=listed(each, view.language), seen_count=seen)


def story(view: Spoken, outlook: Outlook) -> str:
    """Eight hours, then ten, twelve, fourteen: what the day of the role with most to do becomes."""
    course = outlook.courses["mid"]
    role = max(outlook.there, key=lambda key: day_course(view.plan, course, key)[-1])
    days = day_course(view.plan, course, role)
    return view.o(
        "story", role=view.role_name(role), today_seconds=days[0], later_seconds=days[-1], years_count=outlook.years
    )


def reached(view: Spoken, outlook: Outlook, role: str, hours: int) -> str:
    """From which week on a full-time day of a role has so many hours."""
    course = outlook.courses["mid"]
    days = day_course(view.plan, course, role)
    found = next((monday for monday, seconds in zip(course.mondays, days, strict=True) if seconds > hours * 3600), None)
    if found is None:
        return view.o("not_reached")
    return view.o("already") if found == course.mondays[0] else day(found, view.language)


def way_sentence(view: Spoken, reason: Reason) -> str:
    """What one way changes, in words."""
    code, values = reason.code, dict(reason.values)
    if code == "outlook_way_cut":
        metric = str(values.pop("metric"))
        for name in ("before", "after", "stay"):
            values[name] = metric_text(metric, int(str(values[name])), view.language)
        values["metric"] = metric_name(metric, view.language)
    if code == "outlook_way_trim":
        whole = view.o("way_trim_all") if not values["class"] else view.classes(str(values["class"]))
        ends = "_ends" if not values["after_milli"] else ""
        return said(
            f"outlook_way_trim{ends}",
            view.language,
            service=view.service(str(values["service"])),
            whom=whole,
            before=view.a_year(int(str(values["before_milli"]))),
            after=view.a_year(int(str(values["after_milli"]))),
        )
    names = {
        **dict.fromkeys(("class", "below"), view.classes),
        **dict.fromkeys(("role", "from", "to"), view.role_name),
        "service": view.service,
        "activity": view.activity,
    }
    named = {key: names[key](str(value)) if key in names else value for key, value in values.items()}
    return say(Reason(code, named), view.language)


def way_name(view: Spoken, way: Way) -> str:
    """A way or a set of ways, in words."""
    return " ".join(way_sentence(view, part) for part in way.parts)


def holds_until(view: Spoken, way: Way) -> str:
    """How long the promises fit with a way."""
    if way.lacking or way.estimated:
        return view.o("lacks", roles=view.roles(way.lacking)) if way.lacking else view.o("by_customers")
    if not way.fits:
        return view.o("not_known")
    if way.tipping.monday is None:
        return view.o("beyond")
    return view.o("suffices", until_on=way.tipping.monday)


def gate_says(view: Spoken, study: Study, way: Way) -> str:
    """Whether a way passes the gate, and if not, why; nothing where it was not asked."""
    certificate = study.verdicts.get(way.key)
    if certificate is None:
        return view.o("gate_not_asked") if way.fits and way.changes else ""
    if certificate.answer == "fits":
        return view.o("gate_passes")
    why = [say(named(item, view.plan.policy, view.language), view.language) for item in certificate.grounds]
    return " ".join((view.o("gate_refuses"), *why))


def gives(view: Spoken, way: Way) -> str:
    """The hours a way gives each role, and takes from those who take work over."""
    effect = way.effect
    net = {
        role.key: effect.freed.get(role.key, 0) + effect.more_there.get(role.key, 0) for role in view.plan.policy.roles
    }
    hours = [
        view.o(
            "role_hours",
            role=view.role_name(role),
            text=signed(half_up(abs(seconds), 3600), seconds < 0, view.language),
        )
        for role, seconds in net.items()
        if abs(seconds) >= HALF_AN_HOUR
    ]
    return ", ".join(hours) or view.o("no_hours")


def touched_text(view: Spoken, way: Way) -> str:
    """How many units a way touches."""
    return counted(view.noun, len(way.effect.units), view.language)
