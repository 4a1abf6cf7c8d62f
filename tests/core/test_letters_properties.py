"""What a letter says is what is answered: whoever reads its PDF and reckons by its sentences alone comes to the
moment that `decide` gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.letters import STARTS, letter, words_of
from tests.people import POLICY

from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.standing import Contact, Request, Standing
from zusage.report.letters import letter_pdf

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
MONTHS = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
          "Dezember")  # fmt: skip
FREE = holidays.country_holidays("DE", subdiv="SN", years=range(2027, 2029))
LENGTHS = {"eine Stunde": 3600, "zwei Stunden": 7200, "90 Minuten": 5400, "drei Stunden": 10800}

RESPONSES = (
    "same_day", "next_workday", "within 1 workdays", "within 3 workdays", "within 1 hours",
    "within 5 hours", "within 30 hours",
    "{mode: by_weekday, weekdays: [tue]}", "{mode: by_weekday, weekdays: [mon, thu]}",
    "{mode: windows, weekdays: [tue, thu], from: '10:00', to: '15:00'}",
)  # fmt: skip
WEEKS = (
    "",
    "  hours: {mon-thu: '9-12, 13-17', fri: '9-14'}\n",
    "  hours: {mon-fri: '8:30-12:30', sat: '10-12'}\n",
    "  hours: {tue: '10-18', wed-sat: '9-11, 11:30-16:15'}\n",
)
CLOSURES = (
    "",
    "  closures: [{first: 2027-03-22, last: 2027-03-29}]\n",
    "  closures: [{first: 2027-04-06, last: 2027-04-06}]\n",
)
CUT_OFFS = ("0", "1", "1.5", "2", "3")


@cache
def policy_of(response: str, week: str, closures: str, cut_off: str) -> Policy:
    opening = f"opening:\n{week}{closures}" if week or closures else ""
    text = POLICY.replace("callback: {A: same_day,", f"callback: {{A: {response},")
    return read_policy_text(f"{text}requests: {{cut_off: {cut_off}}}\n{opening}").policy


@cache
def printed(response: str, week: str, closures: str, cut_off: str) -> str:
    """The text of the letter, as another program reads it."""
    return words_of(letter_pdf(letter(policy=policy_of(response, week, closures, cut_off))))


# --- a customer with the letter, a calendar on the wall, and a clock


class Span(NamedTuple):
    opens: datetime
    closes: datetime


def clock(day: date, written: str) -> datetime:
    hour, minute = map(int, written.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def read_day(text: str) -> date:
    day, month, year = re.fullmatch(r"(\d+)\. (\w+) (\d{4})", text).groups()  # type: ignore[union-attr]
    return date(int(year), MONTHS.index(month) + 1, int(day))


class Reader:
    """Reckons by what the letter says, and by nothing else but the public holidays."""

    def __init__(self, text: str) -> None:
        told = re.search(r"Wir sind für Sie da: (.*?)\. An gesetzlichen Feiertagen haben wir geschlossen\.", text)
        assert told
        self.week = dict(self.hours(told[1]))
        self.closed = [
            (read_day(first), read_day(last or first))
            for first, last in re.findall(
                r"(?:Vom|Am) (\d+\. \w+ \d{4})(?: bis (\d+\. \w+ \d{4}))? haben wir geschlossen\.", text
            )
        ]
        answer = re.search(r"Rückruf: Wir melden uns (.*?) bei Ihnen\.", text)
        assert answer
        self.term = answer[1]
        ahead = re.search(r"solange am selben Tag noch mindestens (.*?) Öffnungszeit vor uns liegen", text)
        within = re.search(r"am nächsten Arbeitstag binnen (.*?) nach der Öffnung", text)
        self.cut_off = LENGTHS[ahead[1]] if ahead else 0
        if within:
            assert LENGTHS[within[1].replace("einer Stunde", "eine Stunde")] == self.cut_off
        self.text = text

    def hours(self, told: str) -> Iterator[tuple[int, list[tuple[str, str]]]]:
        for part in re.split(r", (?=[A-Z])", told):
            named, blocks = part.split(" von ", 1)
            spans = re.findall(r"(\d+:\d+) bis (\d+:\d+) Uhr", "von " + blocks)
            first, *rest = re.split(r" bis | und ", named)
            last = DAYS.index(rest[-1] if rest else first)
            days = range(DAYS.index(first), last + 1) if " bis " in named else [DAYS.index(first), last]
            yield from ((day, spans) for day in dict.fromkeys(days))

    def spans(self, day: date) -> list[Span]:
        if day in FREE or any(first <= day <= last for first, last in self.closed):
            return []
        return [Span(clock(day, one), clock(day, other)) for one, other in self.week.get(day.weekday(), [])]

    def working_day(self, day: date, after: int = 0) -> date:
        """A working day, or the next one; and so many working days later."""
        while not self.spans(day):
            day += timedelta(1)
        return self.working_day(day + timedelta(1), after - 1) if after else day

    def closing(self, day: date) -> datetime:
        return self.spans(day)[-1].closes

    def left(self, day: date, at: datetime) -> float:
        return sum(max(0.0, (span.closes - max(at, span.opens)).total_seconds()) for span in self.spans(day))

    def after(self, day: date, at: datetime, seconds: float) -> datetime:
        """The moment at which so much opening time has passed."""
        while True:
            for span in self.spans(day):
                begin = max(at, span.opens)
                if begin < span.closes and (span.closes - begin).total_seconds() >= seconds:
                    return begin + timedelta(seconds=seconds)
                seconds -= max(0.0, (span.closes - begin).total_seconds())
            day += timedelta(1)

    def due(self, at: datetime) -> datetime:
        asked = at.astimezone(BERLIN).date()
        day = self.working_day(asked)
        if self.term == "am selben Arbeitstag":
            return self.same_day(day, at)
        if self.term == "am nächsten Arbeitstag":
            return self.closing(self.working_day(day, 1))
        if days := re.fullmatch(r"innerhalb von (\d+) Arbeitstag(?:en)?|innerhalb eines Arbeitstags", self.term):
            return self.closing(self.working_day(day, int(days[1] or 1)))
        if hours := re.fullmatch(r"innerhalb von (\d+) Stunden? unserer Geschäftszeit", self.term):
            assert "Stunden zählen nur, solange wir geöffnet haben." in self.text
            return self.after(asked, at, int(hours[1]) * 3600)
        if named := re.fullmatch(r"bis zum nächsten (.*)", self.term):
            wanted = [DAYS.index(name) for name in named[1].replace(" und ", ", ").replace(" oder ", ", ").split(", ")]
            return self.closing(self.working_day(next(d for d in self.days(day) if d.weekday() in wanted)))
        slot = re.fullmatch(r"(.*) von (\d+:\d+) bis (\d+:\d+) Uhr", self.term)
        assert slot, self.term
        return self.slot(asked, at, [DAYS.index(name) for name in slot[1].split(" und ")], slot[2], slot[3])

    def days(self, day: date) -> Iterator[date]:
        while True:
            day += timedelta(1)
            yield day

    def same_day(self, day: date, at: datetime) -> datetime:
        if self.cut_off == 0:
            assert "bis zum Ende der Öffnungszeit" in self.text
        if self.left(day, at) >= self.cut_off and at <= self.closing(day):
            return self.closing(day)
        if at <= self.spans(day)[0].opens:  # a day shorter than the time that must be ahead
            return self.closing(day)
        later = self.working_day(day + timedelta(1))
        opens = self.spans(later)[0].opens
        whole = self.left(later, opens)
        return self.after(later, opens, min(self.cut_off, whole))

    def slot(self, day: date, at: datetime, wanted: list[int], begin: str, end: str) -> datetime:
        day -= timedelta(1)
        for found in self.days(day):
            first, last = clock(found, begin), clock(found, end)
            inside = [span for span in self.spans(found) if span.opens < last and first < span.closes]
            if found.weekday() in wanted and inside and at <= max(first, inside[0].opens):
                return min(last, inside[-1].closes)
        raise AssertionError


@settings(max_examples=40, deadline=None)
@given(
    response=st.sampled_from(RESPONSES),
    week=st.sampled_from(WEEKS),
    closures=st.sampled_from(CLOSURES),
    cut_off=st.sampled_from(CUT_OFFS),
    minutes=st.lists(st.integers(0, 90 * 24 * 60), min_size=5, max_size=20),
)
def test_who_reckons_by_the_letter_comes_to_the_moment_that_is_answered(
    response: str, week: str, closures: str, cut_off: str, minutes: list[int]
) -> None:
    policy = policy_of(response, week, closures, cut_off)
    reader = Reader(printed(response, week, closures, cut_off))
    begin = datetime(STARTS.year, STARTS.month, STARTS.day, tzinfo=BERLIN)
    for minute in minutes:
        at = (begin + timedelta(minutes=minute)).astimezone(UTC)
        answer = decide(policy, calendar_of(policy), Standing("1", "A"), Request(at, "callback"))
        assert reader.due(at) == answer.due_at, (at, reader.term)


@pytest.mark.parametrize("cannot_come", [False, True])
def test_where_a_letter_says_we_meet_is_where_a_request_is_met(cannot_come: bool) -> None:
    venue = "  venue: {name: Ort, kind: standard, measure: venue, promise: office}\nmatrix:"
    policy = read_policy_text(POLICY.replace("matrix:", venue)).policy
    text = words_of(letter_pdf(letter(policy=policy, cannot_come=cannot_come)))
    at = datetime(2027, 3, 1, 10, tzinfo=BERLIN)
    standing = Standing("1", "A", cannot_come=cannot_come)
    answer = decide(policy, calendar_of(policy), standing, Request(at, "advice"))
    said = {"office": "Wir treffen uns bei uns im Büro.", "on_site": "Wir treffen uns bei Ihnen vor Ort."}
    assert [where for where, sentence in said.items() if sentence in text] == [answer.where]


TOLD = {
    "appointment": "schlagen wir Ihnen einen Termin vor, damit genug Zeit",
    "standard_channel": "erledigen wir weitere Anliegen auf diesem Weg: E-Mail",
    "next_package": "erklären Ihnen gern, welches Paket mehr Zeit enthält",
    "ask_owner": "klären wir mit Ihnen, was wir weiter für Sie tun können",
    "charge": "nennen wir Ihnen bei zusätzlichen Leistungen den Preis",
}
LIMIT = """  contacts: {name: Anrufe, kind: standard, measure: allowance, promise: {mode: contacts, number: 2}}
  extra: {name: Zusatz, kind: standard, legal: extra, measure: included, promise: included}
matrix:"""
PRICED = "quarter_hour: 30, tax: 19 %"


@pytest.mark.parametrize("rule", TOLD)
@pytest.mark.parametrize("class_key", ["A", "C"])
@pytest.mark.parametrize("consumer", [False, True])
def test_what_a_letter_says_of_a_used_up_allowance_is_what_is_settled(
    rule: str, class_key: str, consumer: bool
) -> None:
    text = POLICY.replace("matrix:", LIMIT) + f"allowance: {{used_up: {rule}, {PRICED}}}\n"
    policy = read_policy_text(text).policy
    said = words_of(letter_pdf(letter(policy=policy, class_key=class_key, consumer=consumer)))
    at = datetime(2027, 3, 1, 10, tzinfo=BERLIN)
    used = tuple(Contact(at - timedelta(days=number)) for number in (1, 2, 3))
    standing = Standing("1", class_key, contacts=used, consumer=consumer)
    answer = decide(policy, calendar_of(policy), standing, Request(at, "extra"))
    assert [name for name, sentence in TOLD.items() if sentence in said] == [answer.settlement]
    assert "2 Kontakte im Jahr inbegriffen" in said
