"""A promise comes in, the reason that says it in words goes out: what a customer of a class is told."""

from __future__ import annotations

from zusage.ground.reasons import Reason, Value
from zusage.ground.words import Language, say, word
from zusage.policy.document import Policy, Promise


def term(promise: Promise, policy: Policy, language: Language) -> str:
    """The term of a promise in words, without the service's name: `am selben Arbeitstag`, `4 times a year, printed`.

    The firm's own wording is not used here: it is a sentence of its own.
    """
    measure = policy.service(promise.service).measure
    times = promise.per_year_milli
    code = f"promise_{measure}_{promise.mode}" + ("_once" if times == 1000 else "")
    values: dict[str, Value] = {"times": _times(times, language), "number": promise.number}
    if promise.mode == "hours":
        values["number_seconds"] = promise.number
    if promise.weekdays:
        values["weekdays"] = _listed([word(f"weekday_{day}", language) for day in promise.weekdays], language)
    if promise.from_minute is not None and promise.to_minute is not None:
        values["from"], values["to"] = _clock(promise.from_minute), _clock(promise.to_minute)
    if promise.channels:
        values["channels"] = _listed([word(f"channel_{name}", language) for name in promise.channels], language)
    if promise.role is not None:
        values["role"] = policy.role(promise.role).name[language]
    return say(Reason(code, values), language)


def sentence(promise: Promise, policy: Policy, language: Language) -> str:
    """What the customer is told: the firm's own wording, else the service's name and the term."""
    if promise.wording is not None:
        return promise.wording[language]
    return f"{policy.service(promise.service).name[language]}: {term(promise, policy, language)}"


def _times(milli: int, language: Language) -> str:
    whole, rest = divmod(milli, 1000)
    if not rest:
        return str(whole)
    return f"{whole}{',' if language == 'de' else '.'}{str(rest).rjust(3, '0').rstrip('0')}"


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"


def _listed(items: list[str], language: Language) -> str:
    if len(items) == 1:
        return items[0]
    return f"{', '.join(items[:-1])} {'und' if language == 'de' else 'and'} {items[-1]}"
