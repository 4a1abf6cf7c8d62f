"""A sentence for customers comes in; what it plainly says of days, numbers, places and people goes out.

German and English, numbers in figures or as words up to twelve. Only turns of phrase that leave no doubt are read: what
is not recognised is not said. Each reading keeps the words it was found in.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from zusage.ground.words import LANGUAGES, word


@dataclass(frozen=True)
class Said:
    """A statement: what it says, in which words, and whether it says that this is not so."""

    value: Hashable
    words: str
    denied: bool = False

    @property
    def about(self) -> Hashable:
        """What a statement of two parts is about: `contracts` of ("contracts", 3)."""
        return self.value[0] if isinstance(self.value, tuple) else self.value


_NUMBERS: Mapping[str, int] = {
    name: count for language in LANGUAGES for count, name in enumerate(word("packages_numbers", language).split())
} | {
    "eine": 1,
    "einen": 1,
    "einem": 1,
    "einer": 1,
    "eines": 1,
    "once": 1,
    "twice": 2,
    "thrice": 3,
    "no": -1,
    "null": -1,
}
_NUM = (
    r"(?P<n>[1-9]\d{0,2}(?:[.,]\d{3})+(?!\d)|\d+(?:[.,]\d+)?|"
    + "|".join(sorted((name for name, count in _NUMBERS.items() if count), key=len, reverse=True))
    + ")"
)
_PERIODS: Mapping[str, int] = {
    "jahr": 1, "year": 1, "halbjahr": 2, "quartal": 4, "vierteljahr": 4, "quarter": 4, "monat": 12, "month": 12,
    "woche": 52, "week": 52,
}  # fmt: skip
"""How many of a period a year has."""
_PERIOD = r"(?P<p>halbjahr|vierteljahr|jahr|quartal|monat|woche|year|quarter|month|week)"
_EACH = r"(?:im|pro|je|in der|in jedem|jede[ns]?|a|per|each|every)"
_NOT = re.compile(r"\b(?:nicht(?! nur)|kein\w*|not(?! only)|no|never|nie)\s+(?:\w+\s+)?$", re.IGNORECASE)
_NOT_AFTER = re.compile(r"^[^.!?;,:]*\b(?:nicht(?! nur)|not(?! only)|never|nie)\b", re.IGNORECASE)
"""`Von uns aus melden wir uns dazu nicht`: what is denied only later is no statement at all."""
_AT_LEAST = re.compile(r"\b(?:mindestens|wenigstens|zumindest|at least|or more|up to|bis zu)\s+$", re.IGNORECASE)

_Reader = Callable[[re.Match[str]], Hashable]


def _means(value: Hashable, *turns: str) -> tuple[str, _Reader]:
    """Any of these turns of phrase has this meaning."""
    return "|".join(rf"\b(?:{turn})\b" for turn in turns), lambda _: value


def _found(patterns: Sequence[tuple[str, _Reader]], text: str, *, at_least: bool = True) -> Iterator[Said]:
    """The statements of a text; of two that share words only the first pattern's counts.

    Of a promise "at least once" says less than how often, and is left out; a criterion is a least figure by itself.
    """
    taken: list[tuple[int, int]] = []
    for pattern, read in patterns:
        for hit in re.finditer(pattern, text, re.IGNORECASE):
            if any(start < hit.end() and hit.start() < end for start, end in taken):
                continue
            taken.append(hit.span())
            before = text[: hit.start()]
            if not (at_least and _AT_LEAST.search(before)) and not _NOT_AFTER.search(text[hit.end() :]):
                yield Said(read(hit), hit[0].strip(), denied=bool(_NOT.search(before)))


def number(written: str) -> float:
    """A number in figures or words: `zwei`, `1.200`, `2,5`; nought and above."""
    if (known := _NUMBERS.get(written.lower())) is not None:
        return known
    grouped = re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", written)
    return float(re.sub("[.,]", "", written) if grouped else written.replace(",", "."))


def _n(hit: re.Match[str]) -> float:
    return number(hit["n"])


# --- how fast


def _days(count: float) -> Hashable:
    return ("days", count)


def hours_value(count: float) -> Hashable:
    """So many hours; whole days of them are taken as days, as people mean them."""
    return _days(count // 24) if count % 24 == 0 else ("hours", count)


_DAY = r"(?:Arbeits|Werk|Geschäfts)?tag"
_WITHIN = r"(?:innerhalb(?: von)?|binnen|within|spätestens (?:nach|in))"
_SPEEDS: Sequence[tuple[str, _Reader]] = (
    _means("same", rf"(?:selben|gleichen) {_DAY}e?", "taggleich", "same (?:working |business )?day"),
    _means(("days", 1), rf"(?:nächsten|nächste|folgenden) {_DAY}", "(?:next|following) (?:working |business )?day"),
    (rf"\b(?:{_WITHIN}|in) {_NUM} (?:Arbeits|Werk|Geschäfts)tag(?:en?|es|s)?\b", lambda hit: _days(_n(hit))),
    (rf"\b{_WITHIN} {_NUM} (?:tag(?:en?|es|s)?|(?:working |business )?days?)\b", lambda hit: _days(_n(hit))),
    (rf"\b{_WITHIN} {_NUM} (?:\w*stunden?|(?:\w+ )?hours?|of our opening hours)\b", lambda hit: hours_value(_n(hit))),
    (rf"\b{_WITHIN} (?:{_NUM}|a) (?:woche|week)[ns]?\b", lambda hit: _days(5 * (_n(hit) if hit["n"] else 1))),
)


def speeds(text: str) -> list[Said]:
    """How fast: `same`, ("days", n) in working days, ("hours", n)."""
    return list(_found(_SPEEDS, text))


_WEEKDAYS: Mapping[str, str] = {
    "mon": r"montags?|mondays?", "tue": r"dienstags?|tuesdays?", "wed": r"mittwochs?|wednesdays?",
    "thu": r"donnerstags?|thursdays?", "fri": r"freitags?|fridays?", "sat": r"samstags?|sonnabends?|saturdays?",
    "sun": r"sonntags?|sundays?",
}  # fmt: skip
_ORDER = tuple(_WEEKDAYS)


def weekdays(text: str) -> dict[str, str]:
    """The weekdays a text names, each with its words; `Montag bis Freitag` names those between, too."""
    at = {
        hit.start(): (key, hit[0])
        for key, pattern in _WEEKDAYS.items()
        for hit in re.finditer(rf"\b(?:{pattern})\b", text, re.IGNORECASE)
    }
    found = {key: words for _, (key, words) in sorted(at.items())}
    places = sorted(at)
    for one, other in itertools.pairwise(places):
        (first, words), (last, _) = at[one], at[other]
        if re.fullmatch(r" ?(?:bis|to|–|-|through) ?", text[one + len(words) : other]):
            found |= {key: words for key in _ORDER[_ORDER.index(first) : _ORDER.index(last) + 1] if key not in found}
    return found


_TIME = r"(\d{1,2})(?:[:.](\d\d))?(?: ?(Uhr|a\.?m\.?|p\.?m\.?))?"
_SPAN = re.compile(rf"\b{_TIME} ?(?:bis|und|–|-|to|and|until) ?{_TIME}(?!\w)", re.IGNORECASE)


def clocks(text: str) -> list[Said]:
    """Spans of clock times in minutes of the day: `von 14 bis 17 Uhr`, `between 2 and 5 p.m.`."""
    found = []
    for hit in _SPAN.finditer(text):
        if hit[2] or hit[3] or hit[5] or hit[6]:
            afternoon = (hit[6] or "").lower().startswith("p")
            opens = _minute(hit[1], hit[2], hit[3] or (hit[6] if afternoon and int(hit[1]) < int(hit[4]) else ""))
            found.append(Said((opens, _minute(hit[4], hit[5], hit[6])), hit[0].strip()))
    return found


def _minute(hour: str, minute: str | None, half: str | None) -> int:
    later = 12 if (half or "").lower().startswith("p") and int(hour) < 12 else 0
    return (int(hour) + later) * 60 + int(minute or 0)


# --- how often


def _times(hit: re.Match[str]) -> Hashable:
    """So many times a period; nobody means 1333 times by `1,333-mal`."""
    count = _n(hit) if _n(hit) < 1000 else _n(hit) / 1000
    return round(count * _PERIODS[hit["p"].lower()] * 1000)


def _every(hit: re.Match[str]) -> Hashable:
    return round(_PERIODS[hit["p"].lower()] * 1000 / _n(hit)) if _n(hit) else 0


_ADVERBS: Mapping[str, int] = {
    "halbjährlich": 2000, "vierteljährlich": 4000, "zweijährlich": 500, "dreijährlich": 333, "jährlich": 1000,
    "quartalsweise": 4000, "monatlich": 12000, "wöchentlich": 52000, "half-yearly": 2000, "semi-annually": 2000,
    "annually": 1000, "yearly": 1000, "quarterly": 4000, "monthly": 12000, "weekly": 52000,
}  # fmt: skip
_ADVERB = r"(?P<a>" + "|".join(sorted(_ADVERBS, key=len, reverse=True)) + r")(?:e[nmrs]?)?"


def _adverb(hit: re.Match[str]) -> Hashable:
    return _ADVERBS[hit["a"].lower()]


_OFTEN: Sequence[tuple[str, _Reader]] = (
    (rf"\b{_NUM}[- ]?(?:mal|times)? {_ADVERB}\b", lambda hit: round(_n(hit) * _ADVERBS[hit["a"].lower()])),
    (rf"\b{_NUM}[- ]?(?:mal|times)? {_EACH} {_PERIOD}(?:es|e)?\b", _times),
    (rf"\b(?:alle|every) {_NUM} {_PERIOD}(?:en|e|n|s)?\b", _every),
    (rf"\b(?:jedes zweite|every (?:other|second)) {_PERIOD}\b", lambda hit: round(_PERIODS[hit["p"].lower()] * 500)),
    (r"\bjedes halbe jahr\b", lambda _: 2000),
    (rf"\b{_NUM} (?:\w[\w-]* )?\w[\w-]* (?:im|pro|je|a|per) {_PERIOD}\b", _times),
    (rf"\b(?:jede[sn]?|in jedem|every|each) {_PERIOD}\b", lambda hit: _PERIODS[hit["p"].lower()] * 1000),
    (rf"(?<![\w-]){_ADVERB}\b", _adverb),
)


def frequencies(text: str) -> list[Said]:
    """How often, in thousandths a year: `alle zwei Jahre` is 500."""
    return list(_found(_OFTEN, text))


def periods(text: str) -> list[Said]:
    """Of which periods a number is said: `im Quartal`, `a month`; as in the policy: year, quarter, month."""
    names = {1: "year", 4: "quarter", 12: "month"}
    found = _found([(rf"\b{_EACH} {_PERIOD}\b", lambda hit: names.get(_PERIODS[hit["p"].lower()], ""))], text)
    return [item for item in found if item.value]


_TALKS = (
    r"Kontakte?n?|Gespräche?n?|Anrufe?n?|Anliegen|Termine?n?|Anfragen?|contacts?|calls?|talks?|conversations?|requests?"
)
_COUNTS: Sequence[tuple[str, _Reader]] = (
    (r"(?P<h>\d+):(?P<m>\d\d)\s(?:Std|h\b)", lambda hit: ("hours", int(hit["h"]) * 3600 + int(hit["m"]) * 60)),
    (rf"\b{_NUM} (?:Stunden?|hours?)\b", lambda hit: ("hours", round(_n(hit) * 3600))),
    (rf"\b{_NUM} (?:\w+ )?(?:{_TALKS})\b", lambda hit: ("contacts", round(_n(hit)))),
    _means(("unlimited", 0), r"unbegrenzt\w*", "ohne (?:Grenze|Begrenzung)", "so oft Sie", "unlimited",
           "as often as you", "without limit"),
)  # fmt: skip


def counts(text: str) -> list[Said]:
    """What is included: ("contacts", n), ("hours", seconds), ("unlimited", 0)."""
    return list(_found(_COUNTS, text))


# --- where, how, by whom

_PLACES: Sequence[tuple[str, _Reader]] = (
    _means("on_site", "bei Ihnen", "vor Ort", "zu Ihnen", "besuchen (?:wir )?Sie", "(?:come|coming) to you",
           "at your (?:place|home|premises|office)", "visit you"),
    _means("office", "(?:im|in unserem|in unseren) (?:Büro|Räumen)", "bei uns im", "in unserem Haus",
           "(?:at|in) (?:our|the) (?:office|premises)"),
    _means("online", "online", r"per Video\w*", r"Video(?:gespräch|konferenz|anruf|termin)\w*", "by video",
           "video (?:call|meeting)s?"),
)  # fmt: skip


def places(text: str) -> list[Said]:
    """Where people meet: `on_site`, `office`, `online`."""
    return list(_found(_PLACES, text))


_FORMS: Sequence[tuple[str, _Reader]] = (
    _means("print", r"gedruckt\w*", "(?:per|mit der) (?:Post|Brief)", "als Brief", "auf Papier", "printed",
           "by (?:post|letter)", "on paper"),
    _means("email", "(?:per|als) E-?Mail", "per Mail", "elektronisch", "als PDF", "by e-?mail", "electronically"),
)  # fmt: skip


def forms(text: str) -> list[Said]:
    """In which form something is sent: `print` or `email`."""
    return list(_found(_FORMS, text))


_CHANNELS: Sequence[tuple[str, _Reader]] = (
    _means("phone", "Telefon", "telefonisch", "phone"),
    _means("email", "E-?Mail"),
    _means("message", "WhatsApp", "SMS", "Messenger"),
    _means("post", "Brief", "(?:per|der) Post", "by (?:post|letter)"),
    _means("video", r"Video\w*"),
    _means("portal", "(?:Kunden)?portal"),
)


def channels(text: str) -> list[Said]:
    """By which ways the firm is reached."""
    return list(_found(_CHANNELS, text))


_OWN_PERSON = "(?:Ansprech|Betreu|Berater)"
_PEOPLE: Sequence[tuple[str, _Reader]] = (
    _means("personal", rf"(?:feste|persönliche)[nrsm]? {_OWN_PERSON}\w*", "fest für Sie da",
           "(?:personal|your own) (?:contact|adviser|advisor)", "there for you personally"),
    _means("team", "unser(?: ganzes)? Team", "gesamte[sn]? Team", "our (?:whole |entire )?team", "wer gerade da ist",
           "whoever is there"),
)  # fmt: skip


def people(text: str) -> list[Said]:
    """Who is there for the customer: somebody of one's own (`personal`) or the `team`."""
    return list(_found(_PEOPLE, text))


_STARTS: Sequence[tuple[str, _Reader]] = (
    _means("customer", "nur(?: dann)?,? (?:auf (?:Ihren )?(?:Wunsch|Anfrage)|wenn Sie)",
           "only (?:on request|when you|if you)"),
    _means("firm", "fest zugesagt", "von uns aus", "unaufgefordert", "firmly promised", "firm promise",
           "of our own accord", "unasked"),
)  # fmt: skip


def starts(text: str) -> list[Said]:
    """Who takes the first step: the `customer` only, or the `firm` by itself."""
    return list(_found(_STARTS, text))


def _one_or(hit: re.Match[str]) -> float:
    return _n(hit) if hit["n"] else 1


_CRITERIA: Sequence[tuple[str, _Reader]] = (
    (rf"\b(?:{_NUM}|a) (?:neuen? |new )?(?:Kunden|Empfehlungen?|customers?|recommendations?|referrals?)\b",
     lambda hit: ("referrals_won", round(_one_or(hit)))),
    (rf"\b(?:{_NUM}|a) (?:Verträgen?|Vertrag|contracts?)\b", lambda hit: ("contracts", round(_one_or(hit)))),
    (rf"\b(?:{_NUM}|for a) (?:Jahren?|Jahr|years?)\b", lambda hit: ("tenure", round(_one_or(hit) * 12))),
    (rf"\b{_NUM} ?(?:€|Euro\b|EUR\b)|(?:€|EUR) ?{_NUM.replace('<n>', '<m>')}",
     lambda hit: ("cents", round(number(hit["n"] or hit["m"]) * 100))),
)  # fmt: skip


def criteria(text: str) -> list[Said]:
    """What a sentence asks of a customer: ("referrals_won", n), ("contracts", n), ("tenure", months), ("cents", n)."""
    return list(_found(_CRITERIA, text, at_least=False))
