"""Words and figures in pages: codes of the word lists and integers come in, text in the reader's language goes out.

All texts of pages stand in `ground/words`, in both languages side by side; templates name their code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

import phonenumbers
from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone, translation
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from zusage.ground.reasons import Finding, Reason, Value
from zusage.ground.typed import finding_from_json
from zusage.ground.words import (
    UNKNOWN,
    Language,
    euro,
    hours,
    number,
    percent,
    round_euro,
    say,
    say_finding,
    texts,
    word,
)
from zusage.ground.words import day as write_day
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.report.letters import readable
from zusage.report.writing import counted as count_of
from zusage.report.writing import exact_euro
from zusage.web.office.models import THEMES, User
from zusage.web.office.queries import current_version, known_as, policy_of, the_firm
from zusage.web.office.rights import sees_money

register = template.Library()


def language() -> Language:
    """The reader's language."""
    return "de" if (translation.get_language() or "en").startswith("de") else "en"


def said(code: str, /, **values: Value) -> str:
    """The text of a code with its values, in the reader's language."""
    return say(Reason(code, values), language())


@cache
def _bare(code: str, language: Language) -> SafeString:
    """A text without values, ready for a page: most texts are, and lists say the same ones in every line."""
    return escape(say(Reason(code, {}), language))


@register.simple_tag
def w(code: str, **values: Any) -> str:
    """`{% w "desk_title" name=customer.name %}`: the text of a code."""
    return said(code, **values) if values else _bare(code, language())


@register.simple_tag
def w_of(prefix: str, key: str, **values: Any) -> str:
    """`{% w_of "channel" request.channel %}`: the text of a code put together from a prefix and a key."""
    return w(f"{prefix}_{key}", **values)


@register.filter
def eur(cents: int | None) -> str:
    """An amount with cents where there are some."""
    return UNKNOWN if cents is None else euro(cents, language())


@register.filter
def to_the_cent(cents: int) -> str:
    """An amount with its cents always: a sum that people hold against the statement on their desk."""
    return exact_euro(cents, language())


@register.filter
def whole_eur(cents: int | None) -> str:
    """An amount in whole euro."""
    return UNKNOWN if cents is None else round_euro(cents, language())


@register.filter
def hm(seconds: int | None) -> str:
    """Hours and minutes with their unit."""
    return UNKNOWN if seconds is None else hours(seconds, language())


@register.filter
def count(value: int | None) -> str:
    """A whole number with grouping."""
    return UNKNOWN if value is None else number(value, language())


@register.filter
def pct(permille: int | None) -> str:
    """A share in percent."""
    return UNKNOWN if permille is None else percent(permille, language())


@register.filter
def local_day(value: datetime | None) -> date | None:
    """The day of a moment by the firm's clock, to be put into a text: by what is stored it is yesterday until one or
    two in the morning."""
    return timezone.localdate(value) if value else None


@register.filter
def on_day(value: date | datetime | None) -> str:
    """A date the reader's way."""
    if value is None:
        return UNKNOWN
    return write_day(timezone.localtime(value).date() if isinstance(value, datetime) else value, language())


@register.filter
def at_clock(value: datetime | None) -> str:
    """A clock time of the firm's zone."""
    return UNKNOWN if value is None else f"{timezone.localtime(value):%H:%M}"


@register.filter
def moment(value: datetime | None) -> str:
    """Weekday, date and time, for the hover and for print."""
    if value is None:
        return UNKNOWN
    local = timezone.localtime(value)
    weekday = said(f"weekday_{WEEKDAYS[local.weekday()]}")
    return f"{weekday}, {write_day(local.date(), language())}, {local:%H:%M}"


@register.filter
def telephone(number: str) -> str:
    """A telephone number (E.164) as people of its country write it: `0341 2345678`."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL)
    except phonenumbers.NumberParseException:
        return number


@register.filter
def of(values: Mapping[str, Any], key: str) -> Any:
    """`{{ states|of:item.number }}`: what a mapping holds for a key, None where it holds nothing."""
    return values.get(key)


@register.filter
def beside(heads: Sequence[str], row: Sequence[str]) -> list[tuple[str, str]]:
    """`{% for head, text in block.head|beside:row %}`: the cells of a row with the heads of their columns."""
    return list(zip(heads, row, strict=True))


@register.filter
def finding_text(value: Finding | dict[str, Any]) -> str:
    """A finding in words, from a finding or its stored form."""
    return say_finding(_for_pages(value), language())


@register.filter
def without_address(value: str) -> str:
    """A text of a letter or mail, as people read it who are not its recipient."""
    return readable(value, language())


@register.filter
def reason_text(value: Reason | Finding | dict[str, Any]) -> str:
    """A reason in words; a finding, or its stored form, without its place."""
    if isinstance(value, Reason):
        return say(value, language())
    return say(_for_pages(value).reason, language())


def _for_pages(value: Finding | dict[str, Any]) -> Finding:
    """A finding as it is said to somebody who has a page before them, and no command line."""
    found = value if isinstance(value, Finding) else finding_from_json(value)
    code = f"page_instead_{found.reason.code}"
    return replace(found, reason=Reason(code, found.reason.values)) if code in texts() else found


@register.simple_tag
def counted(noun: str, size: int) -> str:
    """`{% counted "file" 3 as files %}`: a number with its noun, one or many."""
    return count_of(noun, size, language())


@register.simple_tag
def units(noun: str, size: int, customers: int) -> str:
    """`{% units "household" 12 20 as ups %}`: `12 Haushalte (20 Kunden)`; customers alone are counted once."""
    found = counted(noun, size)
    if noun == "customer" or not size:
        return found
    return said("count_with_customers", units=found, customers=counted("customer", customers))


@register.filter
def class_name(key: str) -> str:
    """The customer-facing name of a class of the service model in force, under whatever key it was decided; the key
    itself for one that is gone."""
    version = current_version()
    if not key or version is None:
        return UNKNOWN
    policy = policy_of(version)
    try:
        return policy.service_class(known_as(policy, key)).name[language()]
    except KeyError:
        return key


@register.filter
def class_hue(key: str) -> str:
    """The number of the class's hue, as in the report: by order, the last is slate, new customers are plain."""
    version = current_version()
    ranked = [item.key for item in policy_of(version).classes if not item.provisional] if version else []
    if key not in ranked:
        return "new"
    return "last" if key == ranked[-1] and len(ranked) > 2 else str(ranked.index(key) % 6)


@register.simple_tag
def plate(key: str) -> str:
    """The name plate of a class: customer-facing name first, the internal letter small; `new` for new customers.

    Lists hold dozens: put together here, in a third of the time a template of its own takes.
    """
    version = current_version()
    key = known_as(policy_of(version), key) if key and version else key
    return _plate(class_hue(key), class_name(key), key, language())


@lru_cache(maxsize=256)
def _plate(hue: str, name: str, key: str, language: Language) -> SafeString:
    letter = word("report_provisional_letter", language) if hue == "new" and name != key else key
    small = format_html(' <span class="plate hue-{}">{}</span>', hue, letter) if letter else ""
    return format_html('<span class="class">{}{}</span>', name, small)


@register.filter
def by_way(item: Any) -> str:
    """How something owed unasked reaches the customer where that is not as promised: `Brief statt Anruf`."""
    if item.via in ("", "note"):
        return said("calendar_via_note") if item.via else ""
    way, promised = ("post" if item.via == "letter" else item.via), item.ways.split(" ")[0]
    return said("calendar_via", way=said(f"calendar_way_{way}"), promised=said(f"calendar_way_{promised}"))


@register.simple_tag
def promise_state(key: str) -> str:
    """How a promise stands: the word, with the class that gives it its shape and colour; nothing for none."""
    return _state(key, language()) if key else ""


@cache
def _state(key: str, language: Language) -> SafeString:
    return format_html('<span class="state {}">{}</span>', key, word(f"people_state_{key}", language))


@cache
def _entrance(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Address of a page without arguments and the roles that may open it; None while there is no such page."""
    try:
        url = reverse(name)
    except NoReverseMatch:
        return None
    return url, getattr(resolve(url).func, "roles", ())


@register.simple_tag(takes_context=True)
def door(context: Context, name: str) -> str:
    """`{% door "customers" as url %}`: the address of a page, empty where the reader may not open it."""
    user, entrance = context["request"].user, _entrance(name)
    return entrance[0] if entrance and user.is_authenticated and user.role in entrance[1] else ""


PARTS = ("today", "customers", "requests", "calendar", "services", "review", "capacity", "telling", "imports")
"""The parts of the navigation by the names of their addresses, in their order; settings stand in one's own menu."""


def _room(path: str) -> str:
    """The first part of an address: all pages of the settings begin in the same way."""
    return path.split("/")[1]


@register.simple_tag(takes_context=True)
def parts(context: Context) -> list[dict[str, Any]]:
    """The parts of the office the reader may open: address, word, whether the page at hand belongs to it."""
    path = context["request"].path
    found = [(url, said(f"page_part_{name}")) for name in PARTS if (url := door(context, name))]
    return [{"url": url, "text": text, "here": _room(path) == _room(url)} for url, text in found]


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every page knows: language, firm, what the reader may see."""
    user = request.user if isinstance(request.user, User) else None
    theme = user.theme if user else THEMES[0]
    return {
        "language": language(),
        "firm": the_firm if user else None,  # asked where a template names it: a part of a page does not
        "theme": theme,
        "next_theme": THEMES[(THEMES.index(theme) + 1) % len(THEMES)],
        "money": user is not None and sees_money(user),
        "writes": user is not None and user.writes,
    }
