"""A firm's own sentence that says something else than its promise is found; one that says the same never is."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zusage.ground.words import LANGUAGES, Language
from zusage.policy.document import Criterion, Measure, Policy, Price, Promise, Response, Text
from zusage.policy.read import read_policy_text
from zusage.policy.templates import template
from zusage.policy.terms import CHANNELS, WEEKDAYS
from zusage.promises.charter import Texts, charter_findings, charter_of
from zusage.promises.contradict import contradiction, way_contradiction
from zusage.promises.terms import customer_sentence
from zusage.promises.ways import ways_to

ABC = read_policy_text(template("abc", "de")).policy
SERVICES = {item.measure: item.key for item in reversed(ABC.services)}


@cache
def with_measure(measure: Measure) -> tuple[Policy, str]:
    """The example policy, in which there is a service of any measure."""
    key = SERVICES.get(measure) or SERVICES["included"]
    services = tuple(replace(item, measure=measure) if item.key == key else item for item in ABC.services)
    return replace(ABC, services=services), key


def promise(measure: Measure, mode: str, **more: object) -> tuple[Policy, Promise]:
    policy, key = with_measure(measure)
    bare = Promise(key, mode, 0, 0, (), None, None, (), None, 0, None)
    return policy, replace(bare, **more)  # type: ignore[arg-type] # a test names fields by their names


days = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=5, unique=True).map(
    lambda found: tuple(sorted(found, key=WEEKDAYS.index))
)
often = st.one_of(st.integers(1, 24).map(lambda times: times * 1000), st.integers(1, 5000))
number = st.integers(1, 60)


@st.composite
def responses(draw: st.DrawFn) -> Response:
    mode = draw(
        st.sampled_from(["same_day", "next_workday", "within_workdays", "within_hours", "by_weekday", "windows"])
    )
    if mode.startswith("within"):
        return Response(mode, draw(number))
    if mode == "by_weekday":
        return Response(mode, weekdays=draw(days))
    if mode == "windows":
        opens = draw(st.integers(0, 22 * 60))
        return Response(mode, 0, draw(days), opens, draw(st.integers(opens + 1, 24 * 60 - 1)))
    return Response(mode)


@st.composite
def promises(draw: st.DrawFn) -> tuple[Measure, Promise]:
    """Any promise a service model can hold, with its measure."""
    measure: Measure = draw(st.sampled_from(["response", *KINDS]))
    if measure == "response":
        first = draw(responses())
        _, made = promise("response", first.mode)
        made = replace(
            made, number=first.number, weekdays=first.weekdays, from_minute=first.from_minute, to_minute=first.to_minute
        )
        later = st.none() | responses()
        return measure, replace(made, reply=draw(later), completion=draw(later))
    mode = draw(st.sampled_from(KINDS[measure]))
    terms = draw(FIELDS[measure]) if mode not in ("earned", "unlimited") else {}
    return measure, promise(measure, mode, **terms)[1]


KINDS: dict[Measure, tuple[str, ...]] = {
    "cadence": ("guaranteed", "on_request"),
    "venue": ("on_site", "office", "online", "office_or_online"),
    "publication": ("print", "email"),
    "invitation": ("invited",),
    "occasion": ("active", "reactive"),
    "allowance": ("contacts", "hours", "earned", "unlimited"),
    "contact_person": ("personal", "team"),
    "channel": ("offered",),
    "included": ("included",),
}
EACH = st.fixed_dictionaries({"per_year_milli": often})
FIELDS = {
    **dict.fromkeys(("cadence", "publication", "invitation", "occasion", "included"), EACH),
    "venue": st.just({}),
    "allowance": st.fixed_dictionaries(
        {
            "number": st.integers(1, 9).map(lambda count: count * 3600) | number,
            "per": st.sampled_from(["year", "quarter", "month"]),
        }
    ),
    "contact_person": st.sampled_from([item.key for item in ABC.roles]).map(lambda key: {"role": key}),
    "channel": st.lists(st.sampled_from(CHANNELS), min_size=1, unique=True).map(
        lambda found: {"channels": tuple(sorted(found, key=CHANNELS.index))}
    ),
}


@given(promises(), st.sampled_from(LANGUAGES))
def test_the_sentence_drafted_from_a_promise_never_contradicts_it(
    made: tuple[Measure, Promise], language: Language
) -> None:
    policy, one = with_measure(made[0])[0], made[1]
    assert contradiction(customer_sentence(one, policy, language), one, policy) is None


NUMBERS = [
    ("response", "within_workdays"), ("response", "within_hours"), ("allowance", "contacts"), ("allowance", "hours"),
]  # fmt: skip


@given(st.sampled_from(NUMBERS), number, number, st.sampled_from(LANGUAGES))
def test_the_sentence_of_another_number_is_found(
    kind: tuple[Measure, str], one: int, other: int, language: Language
) -> None:
    assume(one != other)
    unit = 3600 if kind[1] == "hours" else 1
    policy, promised = promise(*kind, number=one * unit)
    text = customer_sentence(replace(promised, number=other * unit), policy, language)
    assert contradiction(text, promised, policy) is not None


FREQUENT = [
    ("cadence", "guaranteed"), ("publication", "print"), ("publication", "email"), ("invitation", "invited"),
]  # fmt: skip


@given(st.sampled_from(FREQUENT), often, often, st.sampled_from(LANGUAGES))
def test_the_sentence_of_another_frequency_is_found(
    kind: tuple[Measure, str], one: int, other: int, language: Language
) -> None:
    assume(abs(one - other) > 5)
    policy, promised = promise(*kind, per_year_milli=one)
    text = customer_sentence(replace(promised, per_year_milli=other), policy, language)
    assert contradiction(text, promised, policy) is not None


@given(responses(), responses(), st.sampled_from(LANGUAGES))
def test_the_sentence_of_another_day_is_found(one: Response, other: Response, language: Language) -> None:
    same_day = {"next_workday": ("days", 1), "within_workdays": ("days", other.number)}
    assume(same_day.get(one.mode, one.mode) != same_day.get(other.mode, other.mode))
    assume(not (one.mode.startswith("within") and other.mode.startswith("within")))  # whole days are hours, too
    assume({one.mode, other.mode} != {"next_workday", "within_workdays"})
    assume({one.mode, other.mode} != {"next_workday", "within_hours"})
    if one.weekdays and other.weekdays:
        assume(set(other.weekdays) - set(one.weekdays))
    if other.weekdays and not one.weekdays:
        assume(not {"mon", "tue", "wed", "thu", "fri"} <= set(other.weekdays))
    policy, bare = promise("response", one.mode)
    promised, told = (
        replace(
            bare, mode=item.mode, number=item.number, weekdays=item.weekdays,
            from_minute=item.from_minute, to_minute=item.to_minute,
        )
        for item in (one, other)
    )  # fmt: skip
    assert contradiction(customer_sentence(told, policy, language), promised, policy) is not None


TOLD = [
    ("response", {"mode": "same_day"}, "Wir rufen Sie am nächsten Werktag zurück.", "nächsten Werktag"),
    ("response", {"mode": "same_day"}, "We call back within two working days.", "within two working days"),
    ("response", {"mode": "same_day"}, "Nicht am selben Tag, aber bald.", "selben Tag"),
    ("response", {"mode": "same_day"}, "Wir rufen am nächsten Arbeitstag zurück, nicht am selben Tag.",
     "nächsten Arbeitstag"),
    ("response", {"mode": "next_workday"}, "Sie hören taggleich von uns.", "taggleich"),
    ("response", {"mode": "within_hours", "number": 4}, "Antwort innerhalb von acht Stunden",
     "innerhalb von acht Stunden"),
    ("response", {"mode": "within_workdays", "number": 3}, "Spätestens nach fünf Arbeitstagen",
     "Spätestens nach fünf Arbeitstagen"),
    ("response", {"mode": "windows", "weekdays": ("tue", "thu"), "from_minute": 840, "to_minute": 1020},
     "Rückrufe dienstags und freitags von 14 bis 17 Uhr", "freitags"),
    ("response", {"mode": "windows", "weekdays": ("tue", "thu"), "from_minute": 840, "to_minute": 1020},
     "Rückrufe dienstags und donnerstags von 9 bis 12 Uhr", "9 bis 12 Uhr"),
    ("response", {"mode": "windows", "weekdays": ("tue",), "from_minute": 840, "to_minute": 1020},
     "On Tuesdays between 2 and 4 p.m.", "2 and 4 p.m."),
    ("cadence", {"mode": "guaranteed", "per_year_milli": 1000}, "Alle zwei Jahre prüfen wir alles.", "Alle zwei Jahre"),
    ("cadence", {"mode": "guaranteed", "per_year_milli": 500}, "Jährlich prüfen wir alles.", "Jährlich"),
    ("cadence", {"mode": "guaranteed", "per_year_milli": 500}, "We meet every year.", "every year"),
    ("cadence", {"mode": "on_request", "per_year_milli": 1000}, "Fest zugesagt: einmal im Jahr.", "Fest zugesagt"),
    ("cadence", {"mode": "guaranteed", "per_year_milli": 1000}, "Nur auf Ihren Wunsch sehen wir alles durch.",
     "Nur auf Ihren Wunsch"),
    ("publication", {"mode": "email", "per_year_milli": 4000}, "Viermal im Jahr gedruckt bei Ihnen im Kasten",
     "gedruckt"),
    ("publication", {"mode": "print", "per_year_milli": 4000}, "Ein Brief je Monat, gedruckt", "Ein Brief je Monat"),
    ("publication", {"mode": "print", "per_year_milli": 4000}, "Printed, twice a year", "twice a year"),
    ("publication", {"mode": "print", "per_year_milli": 4000}, "By e-mail every quarter", "By e-mail"),
    ("invitation", {"mode": "invited", "per_year_milli": 2000}, "Drei Einladungen im Jahr", "Drei Einladungen im Jahr"),
    ("venue", {"mode": "office"}, "Wir kommen zu Ihnen nach Hause.", "zu Ihnen"),
    ("venue", {"mode": "on_site"}, "We meet online.", "online"),
    ("venue", {"mode": "on_site"}, "Wir treffen uns nicht vor Ort.", "vor Ort"),
    ("venue", {"mode": "office_or_online"}, "Wir beraten Sie bei Ihnen.", "bei Ihnen"),
    ("contact_person", {"mode": "team"}, "Sie haben einen festen Ansprechpartner.", "festen Ansprechpartner"),
    ("contact_person", {"mode": "personal", "role": "adviser"}, "Für Sie da ist unser ganzes Team.",
     "unser ganzes Team"),
    ("contact_person", {"mode": "personal", "role": "adviser"}, "Immer für Sie da: Inhaber.", "Inhaber"),
    ("allowance", {"mode": "contacts", "number": 8}, "Zehn Kontakte im Jahr sind frei.", "Zehn Kontakte"),
    ("allowance", {"mode": "contacts", "number": 8}, "Neun kostenfreie Anrufe im Jahr", "Neun kostenfreie Anrufe"),
    ("allowance", {"mode": "contacts", "number": 8}, "Acht Kontakte im Quartal sind frei.", "im Quartal"),
    ("allowance", {"mode": "hours", "number": 4 * 3600}, "Two hours a year are free.", "Two hours"),
    ("allowance", {"mode": "contacts", "number": 8}, "So oft Sie uns brauchen.", "So oft Sie"),
    ("channel", {"mode": "offered", "channels": ("phone", "email")}, "Telefon, E-Mail und WhatsApp", "WhatsApp"),
    ("included", {"mode": "included", "per_year_milli": 1000}, "Zweimal jährlich eine Übersicht", "Zweimal jährlich"),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "terms", "text", "words"), TOLD, ids=[case[2] for case in TOLD])
def test_what_plainly_says_something_else_is_found_with_its_words(
    measure: Measure, terms: dict[str, object], text: str, words: str
) -> None:
    policy, promised = promise(measure, **terms)  # type: ignore[arg-type] # as above
    assert contradiction(text, promised, policy) == words


QUIET = [
    ("response", {"mode": "same_day"}, "Wir melden uns noch am selben Tag, Dringendes innerhalb von zwei Stunden."),
    ("response", {"mode": "same_day"}, "Wir sind Montag bis Freitag für Sie da und rufen zurück."),
    ("response", {"mode": "next_workday"}, "Sie hören innerhalb von 24 Stunden von uns."),
    ("response", {"mode": "next_workday"}, "Nicht später als am nächsten Arbeitstag melden wir uns."),
    ("response", {"mode": "windows", "weekdays": ("tue", "wed", "thu"), "from_minute": 840, "to_minute": 1020},
     "Dienstag bis Donnerstag von 14:00 bis 17:00 Uhr"),
    ("cadence", {"mode": "guaranteed", "per_year_milli": 1000}, "Ihr Jahresgespräch: Wir rufen Sie dafür an."),
    ("cadence", {"mode": "guaranteed", "per_year_milli": 1000}, "Jedes Jahr, auf Wunsch auch bei Ihnen zu Hause."),
    ("cadence", {"mode": "guaranteed", "per_year_milli": 1000}, "Einmal jährlich prüfen wir Ihre Verträge."),
    ("cadence", {"mode": "guaranteed", "per_year_milli": 2000}, "Mindestens einmal im Jahr sehen wir uns."),
    ("publication", {"mode": "print", "per_year_milli": 4000},
     "Vierteljährlich ein gedruckter Brief, auf Wunsch per E-Mail"),
    ("publication", {"mode": "email", "per_year_milli": 12000}, "Each month, by e-mail"),
    ("publication", {"mode": "email", "per_year_milli": 6000}, "Alle zwei Monate per E-Mail"),
    ("venue", {"mode": "office"}, "Bei uns im Büro; wer nicht kommen kann, zu dem kommen wir."),
    ("venue", {"mode": "office"}, "Wir beraten Sie bei uns; im Schadenfall kommen wir zu Ihnen."),
    ("venue", {"mode": "on_site"}, "Wir besuchen Sie; die Unterlagen bleiben bei uns."),
    ("venue", {"mode": "on_site"}, "Bei Ihnen vor Ort oder, wenn Sie das lieber haben, online."),
    ("contact_person", {"mode": "team"}, "Statt einer einzelnen Person ist unser Team für Sie da."),
    ("contact_person", {"mode": "personal", "role": "adviser"}, "Ihr Berater kennt Sie seit Jahren."),
    ("allowance", {"mode": "contacts", "number": 12}, "Zwölf Gespräche pro Jahr gehören dazu."),
    ("channel", {"mode": "offered", "channels": ("phone",)}, "Am besten erreichen Sie uns telefonisch."),
    ("cadence", {"mode": "on_request"}, "Von uns aus melden wir uns dazu nicht."),
    ("response", {"mode": "same_day"}, "Nicht erst am nächsten Arbeitstag, sondern am selben Tag."),
    ("included", {"mode": "included"}, "Einmal im Jahr auf Wunsch"),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "terms", "text"), QUIET, ids=[case[2] for case in QUIET])
def test_what_leaves_room_for_the_promise_is_left_alone(measure: Measure, terms: dict[str, object], text: str) -> None:
    policy, promised = promise(measure, **terms)  # type: ignore[arg-type] # as above
    assert contradiction(text, promised, policy) is None


def test_the_name_of_a_service_is_no_statement() -> None:
    policy, promised = promise("publication", "email", per_year_milli=1000)
    services = tuple(
        replace(item, name=Text("Vierteljahresbrief gedruckt", "Printed quarterly"))
        if item.key == promised.service
        else item
        for item in policy.services
    )
    policy = replace(policy, services=services)
    assert contradiction("Vierteljahresbrief gedruckt: einmal im Jahr per E-Mail", promised, policy) is None


def test_a_wording_is_reported_with_its_place_and_what_is_promised() -> None:
    old = "A: same_day"
    text = template("abc", "de")
    assert old in text
    new = "A: {mode: same_day, wording: {de: Wir rufen am nächsten Arbeitstag an., en: We call the same day.}}"
    policy = read_policy_text(text.replace(old, new, 1)).policy
    (finding,) = charter_findings(charter_of(policy), policy)
    assert (finding.severity, finding.reason.code, finding.where.path, finding.reason.values) == (
        "warning",
        "packages_contradicts",
        f"matrix.{SERVICES['response']}.A.wording",
        {"text": "Wir rufen am nächsten Arbeitstag an.", "word": "nächsten Arbeitstag", "term": "am selben Arbeitstag"},
    )


OWN_WAYS = [
    ("Wer uns zwei neue Kunden empfiehlt, bekommt Premium.", "zwei neue Kunden"),
    ("For those who have brought us three new customers.", None),
    ("Ab 500 € im Jahr.", "500 €"),
    ("From €600 a year", None),
    ("Wer seit zehn Jahren bei uns ist, wird gern gefragt.", None),  # nothing is asked about that
    ("Für 714 Euro im Jahr, oder wer uns mindestens drei Kunden empfiehlt.", None),
]


@pytest.mark.parametrize(("text", "words"), OWN_WAYS)
def test_a_sentence_on_how_to_get_a_package_is_held_against_its_criteria_and_its_price(
    text: str, words: str | None
) -> None:
    assert way_contradiction(text, replace(ABC.classes[0], price=Price(60000, 190, "year", 30))) == words


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["referrals_won", "contracts", "tenure"]))
def test_the_way_drafted_from_criteria_never_contradicts_them_and_one_of_other_figures_does(
    one: int, other: int, name: str
) -> None:
    unit = 12 if name == "tenure" else 1
    asked, told = (replace(ABC.classes[0], rule=Criterion(name, count * unit, count * unit)) for count in (one, other))
    (way,) = ways_to(ABC, told, frozenset({name}), {})
    assert [bool(way_contradiction(way[language], asked)) for language in ("de", "en")] == [one != other] * 2


def test_the_firms_own_way_is_reported_with_its_place() -> None:
    texts = Texts(ways=(("A", Text("Wer uns zwei Kunden empfiehlt", "Who recommends us to three customers")),))
    found = charter_findings(charter_of(ABC, texts), ABC)
    assert [(item.severity, item.reason.code, item.where.path, item.reason.values["word"]) for item in found] == [
        ("warning", "packages_other_way", "ways.A", "zwei Kunden")
    ]
