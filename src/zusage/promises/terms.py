"""A promise comes in, its words go out: the term in a list, a sentence for the customer."""

from __future__ import annotations

from zusage.ground.reasons import Reason, Value
from zusage.ground.words import Language, listed, say, time_of_day, word
from zusage.policy.document import Policy, Price, Promise, Response, ServiceClass


def term(promise: Promise, policy: Policy, language: Language) -> str:
    """The term of a promise in words, without the service's name: `am selben Arbeitstag`, `4 times a year, printed`.

    The firm's own wording is not used here: it is a sentence of its own.
    """
    measure = policy.service(promise.service).measure
    times = promise.per_year_milli
    code = f"promise_{measure}_{promise.mode}{_one(promise)}" + ("_once" if times == 1000 else "")
    if measure == "allowance" and promise.per != "year":
        code += f"_{promise.per}"
    values: dict[str, Value] = {
        "times": _times(times, language),
        "often": often(times, language),
        "number": promise.number,
    }
    if promise.mode == "hours":
        values["number_seconds"] = promise.number
    values |= _response_values(promise, language)
    if promise.channels:
        values["channels"] = listed([word(f"channel_{name}", language) for name in promise.channels], language)
    if promise.role is not None:
        values["role"] = policy.role(promise.role).name[language]
    return say(Reason(code, values), language)


def response_term(response: Response, language: Language) -> str:
    """How fast, in words: `am selben Arbeitstag`, `within 4 of our opening hours`."""
    values: dict[str, Value] = {"number": response.number, **_response_values(response, language)}
    return say(Reason(f"promise_response_{response.mode}{_one(response)}", values), language)


def _one(item: Response | Promise) -> str:
    """The ending of texts about one of something: `innerhalb einer Stunde`, `ein Kontakt`."""
    return "_one" if item.number == 1 and item.mode in ("within_workdays", "within_hours", "contacts") else ""


def _response_values(response: Response | Promise, language: Language) -> dict[str, Value]:
    values: dict[str, Value] = {}
    if response.weekdays:
        values["weekdays"] = listed([word(f"weekday_{day}", language) for day in response.weekdays], language)
    if response.from_minute is not None and response.to_minute is not None:
        values["from"], values["to"] = time_of_day(response.from_minute), time_of_day(response.to_minute)
    return values


def sentence(promise: Promise, policy: Policy, language: Language) -> str:
    """A line of a list: the firm's own wording, else the service's name and the term."""
    if promise.wording is not None:
        return promise.wording[language]
    return f"{policy.service(promise.service).name[language]}: {term(promise, policy, language)}"


def places_sentence(item: ServiceClass, language: Language) -> str | None:
    """What is told of a class with limited places; None where anyone who reaches it is in."""
    if item.places is None:
        return None
    code = "tell_places_one" if item.places.count == 1 else "tell_places"
    return say(Reason(code, {"name": item.name[language], "places_count": item.places.count}), language)


def price_text(price: Price, language: Language) -> str:
    """What a package costs: first all that is to be paid, then net price and tax, then how it ends."""
    tax = "" if price.tax_permille else "_untaxed"
    values: dict[str, Value] = {
        "gross_cents": price.gross_cents,
        "net_cents": price.net_cents,
        "tax_cents": price.tax_cents,
        "tax_permille": price.tax_permille,
        "days_count": price.notice_days,
    }
    ends = "price_ends_any" if price.notice_days == 0 else "price_ends_one" if price.notice_days == 1 else "price_ends"
    parts = (Reason(f"price_{price.per}{tax}", values), Reason(ends, values))
    return ", ".join(say(part, language) for part in parts)


def customer_sentence(promise: Promise, policy: Policy, language: Language) -> str:
    """A full sentence for a letter or a talk: the firm's own wording, else what holds and how."""
    if promise.wording is not None:
        return promise.wording[language]
    service = policy.service(promise.service)
    values: dict[str, Value] = {"service": service.name[language], "term": term(promise, policy, language)}
    values["often"] = often(promise.per_year_milli, language)
    values["role"] = policy.role(promise.role).name[language] if promise.role else None
    told = [say(Reason(_telling(service.measure, promise), values), language)]
    for name in ("reply", "completion"):
        later: Response | None = getattr(promise, name)
        if later is not None:
            told.append(say(Reason(f"tell_{name}", {"term": response_term(later, language)}), language))
    return " ".join(told)


def _telling(measure: str, promise: Promise) -> str:
    if measure == "allowance" and promise.mode in ("contacts", "hours"):
        return "tell_allowance_counted"
    if measure in ("cadence", "occasion", "contact_person", "allowance"):
        return f"tell_{measure}_{promise.mode}"
    return f"tell_{measure}"


def often(milli: int, language: Language) -> str:
    """How often a year, in words: `einmal im Jahr`, `every 2 years`, `4 times a year`."""
    if milli == 1000:
        return word("often_once", language)
    if 0 < milli < 1000 and not 1000 % milli:
        return say(Reason("often_years", {"number": 1000 // milli}), language)
    return say(Reason("often_times", {"times": _times(milli, language)}), language)


def _times(milli: int, language: Language) -> str:
    whole, rest = divmod(milli, 1000)
    if not rest:
        return str(whole)
    return f"{whole}{',' if language == 'de' else '.'}{str(rest).rjust(3, '0').rstrip('0')}"
