"""The verb that tells customers by post what they are promised: a result comes in, letters and addresses go out."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zusage.cli.given import Given
from zusage.cli.kept import kept_book
from zusage.cli.options import Lang, ResultFolder
from zusage.cli.speech import print_lines

if TYPE_CHECKING:
    from datetime import date

    from zusage.engine import Frame
    from zusage.ground.reasons import Reason, Value
    from zusage.ground.words import Language
    from zusage.plan import Plan
    from zusage.report.letters.fields import Subject
    from zusage.report.letters.letter import Contact, Letter, Sender
    from zusage.report.letters.printing import Marks, Printed
    from zusage.report.letters.recipients import Recipients
    from zusage.report.letters.template import Template

SHOWN = 20
"""So many of those without a letter are named on the terminal; all of them stand in the file beside the letters."""


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
    locked: Annotated[
        Path | None,
        typer.Option(
            "--locked", help="Who gets no letter (CSV, XLSX): customer number, reason; deceased, in dispute, …"
        ),
    ] = None,
    duplex: Annotated[bool, typer.Option("--duplex", help="Begin each letter on the front of a sheet.")] = False,
    lang: Lang = None,
) -> None:
    """The first letter to all customers: what we promise you. One PDF in postal order, addresses as a sheet.

    Who is on the list of the locked, or wants no letters by the book's consents, gets none and is named with why.

    Letters about a change of class are written in the office, where a person has confirmed it before.
    """
    from zusage.report.letters import read_templates
    from zusage.report.letters.senders import read_sender

    given = Given()
    book, who, own = (
        given.take(kept_book, result),
        given.take(read_sender, sender),
        given.take(read_templates, templates),
    )
    spoken = given.language(lang, lambda: book()[0].policy.firm.language)
    stopped = given.take(lambda: _locked(locked, book()))
    people = given.take(lambda: _recipients(book(), result, spoken(), stopped()))
    given.folder(to)
    given.whole()
    (plan, _), language, found = book(), spoken(), people()
    days = datetime.now().astimezone().date(), starts.date()
    firm, contact, marks = who()
    made = [_letter(plan, one, (firm, contact), own()["welcome", language], days, language) for one in found.subjects]
    _write(made, marks, found, to, language, duplex=duplex)


LOCKED: dict[str, tuple[str, ...]] = {
    "number": ("Kundennummer", "Customer number", "Kundennr", "KdNr", "Customer", "Customer ID"),
    "why": ("Grund", "Reason", "Sperrgrund", "Gesperrt", "Locked", "Why"),
    "name": ("Name", "Kunde", "Vorname", "Nachname", "Firma", "First name", "Last name", "Company"),
}
"""The columns of a list of the locked, each with the headers it may have; nobody is looked for by a name."""


def _locked(path: Path | None, book: tuple[Plan, dict[str, Frame]]) -> dict[str, Reason]:
    """Why customers get no letter, by number. Raises Refused with each line whose number nobody has: by a wrong digit a
    letter would go to the dead."""
    from zusage import engine
    from zusage.ground.reasons import Place, Reason, Refused, mistake
    from zusage.web.bridge.lists import list_lines

    if path is None:
        return {}
    lines = [item for item in list_lines(path, path.name, LOCKED, "number") if any(item.cells.values())]
    known = {row["customer_id"] for row in engine.rows(book[0].memberships)}
    strangers = [item for item in lines if item.cells["number"] not in known]
    if strangers:
        places = [(Place(path.name, item.line), item.cells["number"]) for item in strangers]
        raise Refused([mistake("letters_locked_stranger", place, text=number) for place, number in places])
    return {
        item.cells["number"]: Reason("letters_locked_why", {"text": why})
        if (why := item.cells.get("why", ""))
        else Reason("letters_locked")
        for item in lines
    }


def _recipients(
    book: tuple[Plan, dict[str, Frame]], result: Path, language: Language, locked: dict[str, Reason]
) -> Recipients:
    """Whom to write to. Raises Refused where nobody can be written to."""
    from zusage import engine
    from zusage.ground.reasons import Place, Refused, mistake
    from zusage.report.letters.recipients import barred_by, recipients

    plan, tables = book
    barred = barred_by(engine.rows(tables["consents"]), datetime.now().astimezone().date()) | locked
    customers, addresses = engine.rows(tables["customers"]), engine.rows(tables["addresses"])
    found = recipients(engine.rows(plan.memberships), customers, addresses, language, barred)
    if not found.subjects:
        raise Refused([mistake("letters_no_addresses", Place(file=str(result)))])
    return found


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


def _without(printed: Printed, found: Recipients, language: Language) -> list[tuple[str, str, str]]:
    """Who gets no letter, and why: number, name, reason."""
    from zusage.ground.words import say, word

    broken = [
        (found.subjects[place][0].number, found.subjects[place][0].address.name, say(finding.reason, language))
        for place, finding in printed.broken
    ]
    reason = word("mailing_out_no_address", language)
    stopped = [(number, name, say(why, language)) for number, name, why in found.barred]
    return broken + stopped + [(number, name, reason) for number, name in found.without]


def _write(
    made: list[Letter], marks: Marks, found: Recipients, folder: Path, language: Language, *, duplex: bool
) -> None:
    """Letters, the addresses of those who get one, and the list of those who get none."""
    from zusage.ground.words import word
    from zusage.report.letters import address_list, print_letters
    from zusage.report.letters.addressees import Addressee, list_without

    printed = print_letters(made, marks, duplex=duplex)
    without, broken = _without(printed, found, language), {place for place, _ in printed.broken}
    whole = [subject for place, (subject, _) in enumerate(found.subjects) if place not in broken]
    listed = address_list([Addressee(item.number, item.address) for item in whole], language)
    folder.mkdir(parents=True, exist_ok=True)
    names = word("letters_files", language).split()
    for name, content in zip(names, (printed.pdf, listed, list_without(without, language)), strict=True):
        (folder / name).write_bytes(content)
    _tell(folder, names, len(whole), without, language)


def _tell(folder: Path, names: list[str], count: int, without: list[tuple[str, str, str]], language: Language) -> None:
    from zusage.ground.reasons import Reason
    from zusage.ground.words import say

    values: dict[str, Value] = {
        "path": str(folder),
        "text": ", ".join(names),
        "letter_count": count,
        "number": len(without),
    }
    told = [say(Reason("letters_written", values), language)]
    told += [f"  {number} {name}: {reason}" for number, name, reason in without[:SHOWN]]
    if len(without) > SHOWN:
        told.append(say(Reason("letters_more", {"more_count": len(without) - SHOWN, "text": names[-1]}), language))
    print_lines(told)
