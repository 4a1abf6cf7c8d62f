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

from zusage.ground.words import LANGUAGES, Language
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.standing import Contact, Request, Standing
from zusage.report.letters import letter_pdf

BERLIN = ZoneInfo("Europe/Berlin")
FREE = holidays.country_holidays("DE", subdiv="SN", years=range(2027, 2029))


class Tongue(NamedTuple):
    """How a language says what a customer reckons with."""

    days: tuple[str, ...]
    months: tuple[str, ...]
    lengths: dict[str, int]
    day: str  # a date
    until: str  # between the first and the last of a row of days
    both: str  # between two days
    open: str
    blocks: str  # between days and their hours
    block: str
    closed: str
    answer: str
    ahead: str
    within: str
    to_the_end: str
    same_day: str
    next_day: str
    workdays: str
    hours: str
    counts: str  # what counts as an hour
    weekday: str
    slot: str


GERMAN = Tongue(
    ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
     "Dezember"),
    {"eine Stunde": 3600, "einer Stunde": 3600, "zwei Stunden": 7200, "90 Minuten": 5400, "drei Stunden": 10800},
    r"(\d+)\. (\w+) (\d{4})", " bis ", " und ",
    r"Wir sind für Sie da: (.*?)\. An gesetzlichen Feiertagen haben wir geschlossen\.",
    " von ", r"(\d+:\d+) bis (\d+:\d+) Uhr",
    r"(?:Vom|Am) (\d+\. \w+ \d{4})(?: bis (\d+\. \w+ \d{4}))? haben wir geschlossen\.",
    r"Rückruf: Wir melden uns (.*?) bei Ihnen\.",
    r"solange wir an diesem Tag noch mindestens (.*?) geöffnet haben",
    r"am nächsten Arbeitstag spätestens (.*?) nach der Öffnung", "bis zum Ende der Öffnungszeit",
    "am selben Arbeitstag", "am nächsten Arbeitstag", r"innerhalb (?:von (\d+) Arbeitstagen|eines Arbeitstags)",
    r"innerhalb (?:von (\d+) Stunden|einer Stunde) unserer Geschäftszeit",
    "Stunden zählen nur, solange wir geöffnet haben.",
    r"bis zum nächsten (.*)", r"(.*) von (\d+:\d+) bis (\d+:\d+) Uhr",
)  # fmt: skip
ENGLISH = Tongue(
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
     "December"),
    {"one hour": 3600, "two hours": 7200, "90 minutes": 5400, "three hours": 10800},
    r"(\d+) (\w+) (\d{4})", " to ", " and ",
    r"We are there for you: (.*?)\. On public holidays we are closed\.", " from ", r"(\d+:\d+) to (\d+:\d+)",
    r"(?:From|On) (\d+ \w+ \d{4})(?: to (\d+ \w+ \d{4}))? we are closed\.",
    r"Rückruf: we get back to you (.*?)\.(?= )",
    r"while at least (.*?) of that day's opening hours are still ahead",
    r"on the next working day, within (.*?) after we open", "before we close",
    "the same working day", "the next working day", r"within (?:(\d+) working days|one working day)",
    r"within (?:(\d+)|one) of our opening hours", "Hours count only while we are open.",
    r"by next (.*)", r"(.*) between (\d+:\d+) and (\d+:\d+)",
)  # fmt: skip
TONGUES: dict[Language, Tongue] = {"de": GERMAN, "en": ENGLISH}

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
def printed(response: str, week: str, closures: str, cut_off: str, language: Language) -> str:
    """The text of the letter, as another program reads it."""
    return words_of(letter_pdf(letter("welcome", language, policy_of(response, week, closures, cut_off))))


# --- a customer with the letter, a calendar on the wall, and a clock


class Span(NamedTuple):
    opens: datetime
    closes: datetime


def clock(day: date, written: str) -> datetime:
    hour, minute = map(int, written.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


class Reader:
    """Reckons by what the letter says, and by nothing else but the public holidays."""

    def __init__(self, text: str, tongue: Tongue) -> None:
        self.text, self.tongue = text, tongue
        self.week = dict(self.hours(self.told(tongue.open)))
        found = re.findall(tongue.closed, text)
        self.closed = [(self.day(first), self.day(last or first)) for first, last in found]
        self.term = self.told(tongue.answer)
        ahead, within = re.search(tongue.ahead, text), re.search(tongue.within, text)
        self.cut_off = tongue.lengths[ahead[1]] if ahead else 0
        assert within is None or tongue.lengths[within[1]] == self.cut_off

    def told(self, pattern: str) -> str:
        found = re.search(pattern, self.text)
        assert found, pattern
        return found[1]

    def day(self, text: str) -> date:
        found = re.fullmatch(self.tongue.day, text)
        assert found
        return date(int(found[3]), self.tongue.months.index(found[2]) + 1, int(found[1]))

    def named(self, text: str) -> list[int]:
        """Weekdays of a list: one, or two with a word between."""
        return [self.tongue.days.index(name) for name in text.split(self.tongue.both)]

    def hours(self, told: str) -> Iterator[tuple[int, list[tuple[str, str]]]]:
        for part in re.split(r", (?=[A-Z])", told):
            named, blocks = part.split(self.tongue.blocks, 1)
            spans = re.findall(self.tongue.block, blocks)
            first, _, last = named.partition(self.tongue.until)
            days = range(self.named(first)[0], self.named(last)[0] + 1) if last else self.named(named)
            yield from ((day, spans) for day in days)

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
        asked, tongue = at.astimezone(BERLIN).date(), self.tongue
        day = self.working_day(asked)
        if self.term == tongue.same_day:
            return self.same_day(day, at)
        if self.term == tongue.next_day:
            return self.closing(self.working_day(day, 1))
        if days := re.fullmatch(tongue.workdays, self.term):
            return self.closing(self.working_day(day, int(days[1] or 1)))
        if hours := re.fullmatch(tongue.hours, self.term):
            assert tongue.counts in self.text
            return self.after(asked, at, int(hours[1] or 1) * 3600)
        if named := re.fullmatch(tongue.weekday, self.term):
            wanted = self.named(named[1])
            return self.closing(self.working_day(next(d for d in self.days(day) if d.weekday() in wanted)))
        slot = re.fullmatch(tongue.slot, self.term)
        assert slot, self.term
        return self.slot(asked, at, self.named(slot[1]), slot[2], slot[3])

    def days(self, day: date) -> Iterator[date]:
        while True:
            day += timedelta(1)
            yield day

    def same_day(self, day: date, at: datetime) -> datetime:
        if self.cut_off == 0:
            assert self.tongue.to_the_end in self.text
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
    language=st.sampled_from(LANGUAGES),
    minutes=st.lists(st.integers(0, 90 * 24 * 60), min_size=5, max_size=20),
)
def test_who_reckons_by_the_letter_comes_to_the_moment_that_is_answered(
    response: str, week: str, closures: str, cut_off: str, language: Language, minutes: list[int]
) -> None:
    policy = policy_of(response, week, closures, cut_off)
    reader = Reader(printed(response, week, closures, cut_off, language), TONGUES[language])
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
