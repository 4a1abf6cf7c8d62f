"""What a letter tells of a customer: promises, changes, reasons, the year; in plain words, without internal letters."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.letters import CONTACT, PETRA, SENDER, STARTS, TODAY, letter
from tests.people import POLICY, changed

from zusage.ground.words import LANGUAGES, Language
from zusage.policy.document import METRICS, Policy, Promise, Text
from zusage.policy.read import read_policy_text
from zusage.policy.templates import TEMPLATES, template
from zusage.promises.plain import internal_key
from zusage.promises.terms import customer_sentence
from zusage.promises.weaker import changed_promises
from zusage.report.letters import Block, Cause, Statement, letter_fields, letter_text
from zusage.report.letters.conditions import opening_sentences
from zusage.report.letters.fields import Around, Delivered, Former, Subject, owed_to
from zusage.report.letters.template import KINDS, Fields

PRICED = changed(
    ("B: {name: Komfort, when:", "B: {name: Komfort, price: {net: 120, tax: 19 %, per: year, notice_days: 30}, when:")
)


@cache
def policy_of(name: str) -> Policy:
    return read_policy_text(template(name, "de")).policy


def told(policy: Policy, old_key: str, new_key: str, language: Language = "de", **more: object) -> Fields:
    agreed: tuple[Promise, ...] = more.pop("agreed", ())  # type: ignore[assignment]
    shown: frozenset[str] = more.pop("shown", frozenset())  # type: ignore[assignment]
    subject = Subject("0042", PETRA, new_key, agreed)
    around = Around(SENDER, CONTACT, TODAY, STARTS, shown)
    cause: Cause = more.pop("cause", Cause())  # type: ignore[assignment]
    return letter_fields("down", policy, subject, around, language, former=Former(policy, old_key), cause=cause)


def items(fields: Fields, name: str) -> list[str]:
    blocks = fields[name]
    assert not isinstance(blocks, str)
    return [item for block in blocks for item in block.items]


def rows(fields: Fields, name: str) -> list[tuple[str, ...]]:
    blocks = fields[name]
    assert not isinstance(blocks, str)
    return [row for block in blocks for row in block.rows]


def test_a_reduction_names_what_stays_what_changes_and_when() -> None:
    fields = told(changed(), "A", "B")
    assert items(fields, "what_stays") == ["Beratung gehört zu Ihrem Paket."]
    assert rows(fields, "what_changes") == [
        ("Rückruf", "am selben Arbeitstag", "am nächsten Arbeitstag"),
        ("Jahrescheck", "fest zugesagt, einmal im Jahr", "auf Wunsch"),
    ]
    assert items(fields, "what_is_added") == []
    table = fields["what_changes"]
    assert isinstance(table[0], Block)
    assert table[0].head == ("Leistung", "heute", "ab dem 1. März 2027")


def test_a_service_that_ends_and_one_that_begins_are_named() -> None:
    assert rows(told(changed(), "A", "C"), "what_changes")[1] == (
        "Jahrescheck", "fest zugesagt, einmal im Jahr", "gehört dann nicht mehr zu Ihrem Paket",
    )  # fmt: skip
    assert items(told(changed(), "C", "A"), "what_is_added") == [
        "Rückruf: Wir melden uns am selben Arbeitstag bei Ihnen. (Bisher: am nächsten Arbeitstag.)",
        "Jahrescheck: Wir kommen von uns aus auf Sie zu, einmal im Jahr; das ist fest zugesagt.",
    ]


def test_what_was_agreed_with_a_customer_stays_as_agreed() -> None:
    policy = changed()
    agreed = next(item for item in policy.promises_of("A") if item.service == "callback")
    fields = told(policy, "A", "B", agreed=(agreed,))
    assert [row[0] for row in rows(fields, "what_changes")] == ["Jahrescheck"]
    assert "Rückruf: Wir melden uns am selben Arbeitstag bei Ihnen." in items(fields, "what_stays")


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_promise_is_told_once_and_every_reduction_is_named(language: Language, data: st.DataObject) -> None:
    policy = policy_of(data.draw(st.sampled_from(sorted(TEMPLATES))))
    keys = [item.key for item in policy.classes]
    old, new = data.draw(st.sampled_from(keys)), data.draw(st.sampled_from(keys))
    fields = told(policy, old, new, language)
    changes = {item.service: item for item in changed_promises(policy, policy, old, new)}
    lost = [policy.service(key).name[language] for key, item in changes.items() if item.weakened]
    assert [row[0] for row in rows(fields, "what_changes")] == lost
    owed = policy.promises_of(new)
    stays = [customer_sentence(item, policy, language) for item in owed if item.service not in changes]
    assert sorted(items(fields, "what_stays")) == sorted(stays)
    assert len(items(fields, "what_is_added")) == len(changes) - len(lost)
    assert sorted([*items(fields, "promises"), *items(fields, "floor")]) == sorted(
        customer_sentence(item, policy, language) for item in owed
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_holds_an_internal_letter_or_a_figure_that_is_not_shown(kind: str, language: Language) -> None:
    text = letter_text(letter(kind, language))  # type: ignore[arg-type]
    assert [line for line in text.splitlines() if internal_key(line, changed(), language)] == []
    assert re.findall(r"€|\d\d\d\s*Euro", text) == []


def test_the_way_back_names_only_criteria_the_firm_shows_and_the_price() -> None:
    ask = "Sprechen Sie uns an: Wir sagen Ihnen gern, was dafür nötig ist."
    assert items(told(changed(), "A", "B"), "bring_back") == [ask]
    assert items(told(changed(), "A", "B", shown=frozenset({"referrals_won"})), "bring_back") == [
        "Premium erhält, wer uns zwei neue Kunden empfohlen hat.", ask,
    ]  # fmt: skip
    assert items(told(PRICED, "B", "C"), "bring_back")[0].startswith("Komfort können Sie auch kaufen: 142,80")


RULES = "Welches Paket gilt, richtet sich bei uns nach festen Kriterien, die für alle gleich sind."
FULL = "Premium hat nur eine begrenzte Zahl von Plätzen, und zurzeit ist keiner frei."
WAITS = "Sie stehen auf der Warteliste; sobald ein Platz frei wird, melden wir uns."
DECIDED = "Für Sie war ausschlaggebend: der Umfang Ihrer Aufträge und „punkte 2“."


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (Cause("chosen", on=date(2026, 10, 5)), "Sie haben sich am 5. Oktober 2026 für Komfort entschieden."),
        (Cause("no_place", place_in="A"), f"{FULL} {WAITS}"),
        (Cause("criteria", ("yield", "own_punkte_2", "yield")), f"{RULES} {DECIDED}"),
        (Cause("something"), f"{RULES} Daraus ergibt sich für Sie Komfort."),
    ],
)
def test_a_reason_is_said_in_plain_words(cause: Cause, said: str) -> None:
    assert told(changed(), "A", "B", cause=cause)["reason"] == said


def test_every_metric_and_every_cause_has_words_in_both_languages() -> None:
    for language in LANGUAGES:
        for because in ("chosen", "declined", "no_place", "override", "policy", "provisional", "criteria", ""):
            cause = Cause(because, tuple(METRICS), date(2026, 10, 5), "A")
            assert told(changed(), "A", "B", language, cause=cause)["reason"]


def test_a_year_is_counted_and_what_was_late_is_said() -> None:
    text = letter_text(letter("statement"))
    assert "- Rückruf · zugesagt: am selben Arbeitstag · erbracht: 5-mal · in der zugesagten Zeit: 3 von 4" in text
    assert "Von 4 Zusagen mit einer Frist haben wir 3 eingehalten." in text
    assert "Jahrescheck: bis zum 3. Mai 2027" in text
    kept = Statement(2026, (Delivered("callback", 5, 4, 4), Delivered("advice", 1)))
    assert "Alle 4 Zusagen mit einer Frist haben wir eingehalten." in letter_text(letter("statement", statement=kept))
    assert "es war nichts fällig" in letter_text(letter("statement", statement=Statement(2026)))


def test_without_phone_mail_and_name_a_letter_still_says_whom_to_ask() -> None:
    bare = replace(SENDER, phone="", mail="", opening=Text("", ""))
    text = letter_text(letter(sender=bare, contact=replace(CONTACT, name="")))
    assert "erreichen Sie uns mit ein paar Zeilen an unsere Anschrift oben." in text


def test_opening_hours_in_the_firms_words_read_as_a_sentence() -> None:
    hours = replace(SENDER, opening=Text("Mo. bis Fr. von 9 bis 17 Uhr", "Mon to Fri from 9 to 5"))
    assert "post@muster.example. Erreichbar: Mo. bis Fr. von 9 bis 17 Uhr." in letter_text(letter(sender=hours))
    assert "post@muster.example. Open: Mon to Fri from 9 to 5." in letter_text(letter(sender=hours, language="en"))
    assert "post@muster.example. Vormittags geht es am schnellsten." in letter_text(letter())


def test_who_cannot_come_is_visited_and_promises_by_agreement_go_first() -> None:
    policy = policy_of(TEMPLATES[0])
    office = [item for item in policy.promises_of(policy.classes[-2].key) if item.mode == "office"]
    subject = Subject("1", PETRA, policy.classes[-2].key, cannot_come=True)
    assert "office" not in {item.mode for item in owed_to(policy, subject)}
    assert len(owed_to(policy, subject)) == len(policy.promises_of(subject.class_key))
    assert office is not None


def test_hours_are_said_as_people_say_them() -> None:
    opening = read_policy_text(
        POLICY + "\nopening:\n  hours: {mon-thu: '9-12, 13-17:30', fri: '9-14'}\n"
        "  days: {2027-03-05: '9-10', 2027-03-08: closed}\n"
        "  seasons: [{first: 2027-07-01, last: 2027-08-31, hours: {tue-wed: '9-12'}}]\n"
        "  closures: [{first: 2026-12-24, last: 2026-12-31}, {first: 2027-05-07, last: 2027-05-07}]\n"
    ).policy.opening
    later = "von 13:00 bis 17:30 Uhr"
    morning, closed = "von 9:00 bis 12:00 Uhr", "An gesetzlichen Feiertagen haben wir geschlossen."
    assert list(opening_sentences(opening, STARTS, "de")) == [
        f"Wir sind für Sie da: Montag bis Donnerstag {morning} und {later}, Freitag von 9:00 bis 14:00 Uhr. {closed}",
        f"Vom 1. Juli 2027 bis 31. August 2027 sind wir zu anderen Zeiten da: Dienstag und Mittwoch {morning}.",
        "Am 7. Mai 2027 haben wir geschlossen.",
        "Am 5. März 2027 sind wir von 9:00 bis 10:00 Uhr da.",
        "Am 8. März 2027 haben wir geschlossen.",
    ]
