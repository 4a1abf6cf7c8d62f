"""The verb that tells customers by post what they are promised: a result comes in, letters and addresses go out."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zusage.cli.kept import kept_book
from zusage.cli.options import Lang, ResultFolder
from zusage.cli.speech import choose_language, print_findings, screen

if TYPE_CHECKING:
    from datetime import date

    from zusage.ground.reasons import Value
    from zusage.ground.words import Language
    from zusage.plan import Plan
    from zusage.report.letters.fields import Subject
    from zusage.report.letters.letter import Contact, Letter, Sender
    from zusage.report.letters.printing import Printed
    from zusage.report.letters.recipients import Recipients
    from zusage.report.letters.template import Template

SHOWN = 20
"""Customers without an address that are named on the terminal."""


def letters(
    result: ResultFolder,
    sender: Annotated[Path, typer.Option("--sender", help="Who writes (YAML): name, street, postcode, city, …")],
    to: Annotated[Path, typer.Option("--to", help="Folder to write into; files of the same names are replaced.")],
    starts: Annotated[
        datetime, typer.Option("--starts", formats=["%Y-%m-%d"], help="Day from which the promises hold.")
    ],
    templates: Annotated[
        Path | None, typer.Option("--templates", help="Folder with templates of your own, such as welcome.de.txt.")
    ] = None,
    duplex: Annotated[bool, typer.Option("--duplex", help="Begin each letter on the front of a sheet.")] = False,
    lang: Lang = None,
) -> None:
    """The first letter to all customers: what we promise you. One PDF in postal order, addresses as a sheet.

    Letters about a change of class are written in the office, where a person has confirmed it before.
    """
    from zusage import engine
    from zusage.ground.reasons import Place, Refused, mistake
    from zusage.report.letters import read_templates
    from zusage.report.letters.recipients import recipients
    from zusage.report.letters.senders import read_sender

    (plan, tables), who = kept_book(result), read_sender(sender)
    language = choose_language(lang, plan.policy.firm.language)
    template = read_templates(templates)["welcome", language]
    customers, addresses = engine.rows(tables["customers"]), engine.rows(tables["addresses"])
    found = recipients(engine.rows(plan.memberships), customers, addresses, language)
    days = datetime.now().astimezone().date(), starts.date()
    if not found.subjects:
        raise Refused([mistake("letters_no_addresses", Place(file=str(result)))])
    made = [_letter(plan, one, who, template, days, language) for one in found.subjects]
    _write(made, found, to, language, duplex=duplex)


def _letter(
    plan: Plan,
    recipient: tuple[Subject, str],
    who: tuple[Sender, Contact],
    template: Template,
    days: tuple[date, date],
    language: Language,
) -> Letter:
    from dataclasses import replace

    from zusage.report.letters import compose, letter_fields
    from zusage.report.letters.fields import Around

    subject, adviser = recipient
    sender, contact = who
    around = Around(sender, replace(contact, name=adviser or contact.name), *days)
    fields = letter_fields("welcome", plan.policy, subject, around, language)
    return compose("welcome", template, fields, subject, around, language)


def _tell_broken(printed: Printed, made: list[Letter], language: Language) -> None:
    """Whose letter cannot be printed, and why."""
    from zusage.ground.reasons import warning
    from zusage.ground.words import say

    found = [
        warning("letters_broken", number=made[place].number, text=say(finding.reason, language))
        for place, finding in printed.broken
    ]
    print_findings(found, language, as_json=False)


def _write(made: list[Letter], found: Recipients, folder: Path, language: Language, *, duplex: bool) -> None:
    from zusage.ground.reasons import Reason
    from zusage.ground.words import say, word
    from zusage.report.letters import address_list, print_letters
    from zusage.report.letters.addressees import Addressee

    printed = print_letters(made, duplex=duplex)
    _tell_broken(printed, made, language)
    rows = [Addressee(subject.number, subject.address) for subject, _ in found.subjects]
    folder.mkdir(parents=True, exist_ok=True)
    names = word("letters_files", language).split()
    for name, content in zip(names, (printed.pdf, address_list(rows, language)), strict=True):
        (folder / name).write_bytes(content)
    count = len(made) - len(printed.broken)
    values: dict[str, Value] = {
        "path": str(folder),
        "text": ", ".join(names),
        "letter_count": count,
        "number": len(found.without),
    }
    told = [say(Reason("letters_written", values), language)]
    told += [f"  {number} {name}" for number, name in found.without[:SHOWN]]
    for line in told:
        screen().print(line, highlight=False, markup=False, soft_wrap=True)
