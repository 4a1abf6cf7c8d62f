"""An answer comes in, what the customer is told and what the staff read goes out, in both languages."""

from __future__ import annotations

from datetime import datetime, tzinfo

from zusage.ground.reasons import Reason, Value
from zusage.ground.words import Language, say, word
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy.document import Policy, ServiceClass, Text
from zusage.promises.answer import Answer
from zusage.promises.terms import response_term


def customer_text(policy: Policy, answer: Answer, zone: tzinfo) -> Text:
    """What the customer is told: when they hear from the firm, and what holds where the allowance is used up."""
    due = answer.due_at.astimezone(zone)
    opens = answer.opens_at.astimezone(zone) if answer.opens_at else None
    return Text(_customer(policy, answer, due, opens, "de"), _customer(policy, answer, due, opens, "en"))


def staff_text(policy: Policy, answer: Answer, zone: tzinfo, language: Language) -> str:
    """What the staff read in one line: who does what until when, and why that fast."""
    values: dict[str, Value] = {
        "service": policy.service(answer.request.what).name[language],
        "class": policy.service_class(answer.class_key).name[language],
        "term": response_term(answer.response, language),
        "rule": word(f"rule_{answer.response_rule}", language),
        "settled": word(f"settled_{answer.settlement}", language),
        "channel": word(f"channel_{answer.channel}", language),
        "who": policy.role(answer.who).name[language] if answer.who else word("promise_contact_person_team", language),
        **_moment(answer.due_at.astimezone(zone), language),
    }
    return say(Reason("promise_say_staff", values), language)


def next_package(policy: Policy, class_key: str) -> ServiceClass | None:
    """The class that is promised the next more than this one; None for the best."""
    level = policy.service_class(class_key).level
    better = [item for item in policy.classes if item.level > level and not item.provisional]
    return min(better, key=lambda item: item.level, default=None)


def _customer(policy: Policy, answer: Answer, due: datetime, opens: datetime | None, language: Language) -> str:
    parts = []
    if opens is not None:
        parts.append(Reason("promise_say_closed", _moment(opens, language)))
    name = policy.service(answer.request.what).name[language]
    parts.append(Reason("promise_say_due", {"service": name, **_moment(due, language)}))
    if answer.settlement != "included":
        parts.append(Reason(f"promise_say_{answer.settlement}", _settled(policy, answer, language)))
    return " ".join(say(part, language) for part in parts)


def _settled(policy: Policy, answer: Answer, language: Language) -> dict[str, Value]:
    package = next_package(policy, answer.class_key)
    charge = answer.charge
    return {
        "channel": word(f"channel_{answer.channel}", language),
        "package": package.name[language] if package else None,
        "net_cents": charge.net_cents if charge else None,
        "tax_cents": charge.tax_cents if charge else None,
        "gross_cents": charge.gross_cents if charge else None,
    }


def _moment(local: datetime, language: Language) -> dict[str, Value]:
    return {
        "weekday": word(f"weekday_{WEEKDAYS[local.weekday()]}", language),
        "due_on": local.date(),
        "clock": f"{local.hour:02d}:{local.minute:02d}",
    }
