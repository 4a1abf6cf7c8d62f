"""A seed comes in; the exports of an invented insurance broker with 1,000 customers, and the truth about them, go out.

    python examples/broker/generate.py [--out examples/broker/exports] [--seed 2026] [--truth truth.json]

No clock, no network, no C library's logarithm: the same seed gives the same files on every machine. Each part draws
from its own stream of chance, so that a change to one leaves the others as they were.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from people import (
    ADVISER,
    BLOCKS,
    FIRST_DAY,
    INSIDE,
    LAST_DAY,
    OWN_NUMBER,
    OWNER,
    Customer,
    make_customers,
    make_story,
    some_day,
    working_day,
)
from trade import (
    Booking,
    Call,
    Contract,
    Meeting,
    is_direct,
    make_bookings,
    make_calls,
    make_contracts,
    make_fees,
    make_meetings,
    make_referrals,
)

LAST_YEAR = date(2025, 11, 1)
DIRECT = "Abrechnung_Direktversicherer_2026.xlsx"
SPREAD_YEARS = 5  # liability period of life and health commission


# --- how their files look ---------------------------------------------------------------------------------------


def german(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def euro(cents: int) -> str:
    whole = f"{abs(cents) // 100:,}".replace(",", ".")
    return f"{whole},{abs(cents) % 100:02d}"


def write_csv(path: Path, rows: Iterable[Sequence[Any]], encoding: str, before: str = "") -> None:
    text = io.StringIO()
    text.write(before)
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def write_xlsx(
    path: Path, title: str, header: Sequence[str], rows: Sequence[Sequence[Any]], dress: Sequence[str]
) -> None:
    """A sheet with a title, an empty row and a filtered header; `dress` names the number format of each column."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": title, "author": INSIDE, "created": datetime.combine(LAST_DAY, time(12))})
        sheet = book.add_worksheet("Tabelle1")
        sheet.write(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
        sheet.write_row(2, 0, header, book.add_format({"bold": True, "bg_color": "#DDDDDD"}))
        formats = [book.add_format({"num_format": shape}) for shape in dress]
        for column, shape in enumerate(formats):
            sheet.set_column(column, column, 18, shape)
        for index, row in enumerate(rows, 3):
            for column, value in enumerate(row):
                sheet.write(index, column, value, formats[column])
        sheet.autofilter(2, 0, 2 + len(rows), len(header) - 1)
        sheet.freeze_panes(3, 0)


def written_number(rng: Random, number: str) -> str:
    """The same telephone number in the many ways people type it."""
    if not number:
        return ""
    area = next((a for a, block, _ in BLOCKS if number.startswith(a + block)), number[:4])
    rest = number[len(area) :]
    typed = (f"{area}/{rest}", f"+49 {area[1:]} {rest}", f"{area} - {rest[:3]} {rest[3:]}", f"({area}) {rest}")
    return rng.choice((*typed, f"0049{area[1:]}{rest}", f"+49 (0){area[1:]} {rest}", number))


def write_customers(out: Path, seed: int, customers: list[Customer]) -> None:
    rng = Random(f"{seed} notation")
    who = ("Kundennummer", "Anrede", "Titel", "Vorname", "Nachname", "Firma", "Straße", "PLZ", "Ort")
    reach = ("Telefon", "Mobil", "E-Mail", "Kunde seit", "Haushalt")
    header = (*who, *reach, "Kundenart", "Entfernung km", "Kann nicht ins Büro kommen", "Betreuer")
    rows: list[Sequence[Any]] = [["Kundenliste Stand 31.10.2026"], header]
    for c in sorted(customers, key=lambda c: (c.last, c.number)):
        postcode = c.postcode.lstrip("0") if rng.random() < 0.06 else c.postcode  # a spreadsheet ate the zero
        since = "00.00.0000" if c.number % 331 == 7 else german(c.since)
        person = (c.id, c.salutation, c.title, c.first, c.last, c.firm, c.street, postcode, c.place)
        contact = (written_number(rng, c.phone), written_number(rng, c.mobile), c.mail, since, c.household)
        kind = "Gewerbe" if c.business else "Privat"
        rows.append([*person, *contact, kind, c.kilometres, "ja" if c.cannot_come else "", c.adviser])
    write_csv(out / "Kundenliste.csv", rows, "cp1252")


def write_contracts(out: Path, contracts: list[Contract]) -> None:
    header = (
        "Vertragsnummer",
        "Kundennummer",
        "Sparte",
        "Gesellschaft",
        "Beginn",
        "Ablauf",
        "Zahlweise",
        "Jahresbeitrag",
    )
    rows = [
        (c.number, c.customer.number, c.line, c.company, c.begin, c.end, c.payment, c.premium / 100)
        for c in sorted(contracts, key=lambda c: c.number)
    ]
    dress = ("@", "0", "@", "@", "dd.mm.yyyy", "dd.mm.yyyy", "@", "#,##0.00")
    write_xlsx(out / "Vertragsliste.xlsx", "Vertragsliste Makler Muster GmbH, 31.10.2026", header, rows, dress)


def statement_row(b: Booking, index: int, new_layout: bool) -> list[str]:
    if new_layout:
        amount = f"{euro(b.cents)} {'S' if b.cents < 0 else 'H'}"
        return [str(index), f"{b.day:%d.%m.%y}", b.company, b.contract, b.name, b.line, b.kind, amount]
    return [german(b.day), b.contract, b.name, b.line, b.kind, euro(b.cents) + ("-" if b.cents < 0 else "")]


def write_statement(path: Path, quarter: str, lines: list[Booking], new_layout: bool) -> None:
    """A pool's statement: titles above, the header again on every page, the sum below."""
    header = ["Abrechnungsdatum", "Vertragsnummer", "Kunde", "Sparte", "Art", "Betrag"]
    if new_layout:
        header = ["Lfd. Nr.", "Abrechnungsdatum", "Gesellschaft", *header[1:5], "Betrag EUR"]
    rows: list[Sequence[str]] = [["Muster Maklerpool eG"], ["Provisionsabrechnung", quarter, "Makler Muster GmbH"]]
    for index, line in enumerate(lines):
        if index % 60 == 0:
            rows += [[], ["Seite", str(index // 60 + 1)], header]
        rows.append(statement_row(line, index + 1, new_layout))
    total = sum(line.cents for line in lines)
    rows.append(["Summe", *[""] * (len(header) - 2), f"{euro(total)} H" if new_layout else euro(total)])
    write_csv(path, rows, "utf-8-sig" if new_layout else "cp1252")


def file_of(line: Booking) -> str:
    return DIRECT if is_direct(line) else f"Provision_{line.day.year}-Q{(line.day.month + 2) // 3}.csv"


def write_statements(out: Path, bookings: list[Booking]) -> dict[str, list[Booking]]:
    """Nine quarters of the pool, one of them twice under another name, and the direct insurer; lines by file name."""
    files: dict[str, list[Booking]] = {}
    for line in bookings:
        files.setdefault(file_of(line), []).append(line)
    for name, lines in files.items():
        if name == DIRECT:
            write_direct(out / name, lines)
        else:
            write_statement(out / name, name[10:17], lines, new_layout="2026" in name)
    shutil.copyfile(out / "Provision_2025-Q2.csv", out / "Provision_2025-Q2 (Kopie).csv")
    return files


def write_direct(path: Path, lines: list[Booking]) -> None:
    rows: list[Sequence[Any]] = [(b.day, b.contract, b.name, b.line, b.kind, b.cents / 100) for b in lines]
    rows.append(("Gesamt", None, None, None, None, sum(b.cents for b in lines) / 100))
    header = ("Datum", "Versicherungsscheinnummer", "Versicherungsnehmer", "Sparte", "Vergütungsart", "Provision")
    dress = ("dd.mm.yyyy", "@", "@", "@", "@", "#,##0.00")
    write_xlsx(path, "Probe Direkt VVaG, Abrechnung 2026", header, rows, dress)


def held_calls(calls: list[Call]) -> dict[date, list[Call]]:
    """What the telephone box still holds on the evening of each export: the last 400 calls."""
    exports = (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 30))
    return {day: [call for call in calls if call.start.date() <= day][-400:] for day in exports}


def write_calls(out: Path, calls: list[Call]) -> None:
    """One list per export, newest call first; neighbouring lists overlap."""
    header = (
        "Typ",
        "Datum",
        "Name",
        "Rufnummer",
        "Landes-/Ortsnetzbereich",
        "Nebenstelle",
        "Eigene Rufnummer",
        "Dauer",
    )
    for day, held in held_calls(calls).items():
        rows: list[Sequence[Any]] = [header]
        for c in reversed(held):
            place = "" if c.kind in (2, 3) else ("Büro Empfang", "Büro 1", "Büro 2")[c.start.minute % 3]
            length = f"{c.minutes // 60}:{c.minutes % 60:02d}"
            rows.append([c.kind, f"{c.start:%d.%m.%y %H:%M}", c.name, c.number, c.area, place, OWN_NUMBER, length])
        write_csv(out / f"Anrufliste_{day:%Y-%m}.csv", rows, "iso-8859-1", before="sep=;\r\n")


def write_meetings(out: Path, meetings: list[Meeting]) -> None:
    header = ("Datum", "Beginn", "Ende", "Kundennummer", "Betreff", "Ort")
    rows = []
    for m in meetings:
        end = (datetime.combine(m.day, m.begin) + timedelta(minutes=m.minutes)).time()
        rows.append((m.day, m.begin, end, m.customer, m.subject, m.place))
    write_xlsx(
        out / "Termine.xlsx",
        "Termine 01.11.2024 bis 31.10.2026",
        header,
        rows,
        ("dd.mm.yyyy", "hh:mm", "hh:mm", *"@@@"),
    )


def write_small_lists(
    out: Path, seed: int, customers: list[Customer], fees: list[tuple[date, Customer, int]], story: dict[str, list[str]]
) -> None:
    rng = Random(f"{seed} lists")
    write_csv(out / "Servicegebuehren.csv", bills(fees), "utf-8")
    write_csv(out / "Empfehlungen.csv", referrals(seed, customers), "cp1252")
    write_csv(out / "Einwilligungen.csv", consents(rng, customers), "cp1252")
    write_csv(out / "Wahl.csv", choices(rng, customers, fees), "cp1252")
    write_csv(out / "Ausnahmen.csv", overrides(customers, story), "cp1252")


def bills(fees: list[tuple[date, Customer, int]]) -> Iterable[Sequence[Any]]:
    yield "Rechnungsnummer", "Rechnungsdatum", "Kundennummer", "Leistung", "USt-Satz", "Betrag brutto"
    for index, (day, payer, gross) in enumerate(fees, 1):
        yield f"R{day.year}-{index:04d}", german(day), payer.id, "Servicepaket Premium", "19 %", f"{euro(gross)} €"


def referrals(seed: int, customers: list[Customer]) -> Iterable[Sequence[Any]]:
    yield "Empfehler-Nr", "Geworbener-Nr", "Datum", "Ergebnis"
    for by, won, on, outcome in make_referrals(seed, customers):
        yield by.id, won.id if won else "", german(on), outcome


def consents(rng: Random, customers: list[Customer]) -> Iterable[Sequence[Any]]:
    yield "Kundennummer", "Kanal", "Zweck", "erteilt am", "widerrufen am"
    kinds = (
        ("E-Mail", "Vertragsservice", 62),
        ("Telefon", "Werbung", 24),
        ("E-Mail", "Werbung", 30),
        ("SMS", "Vertragsservice", 8),
    )
    for c in customers:
        for channel, purpose, percent in kinds:
            if rng.randrange(100) < percent and (channel != "E-Mail" or c.mail):
                given = some_day(rng, max(c.since, date(2018, 5, 25)), LAST_DAY)
                back = german(some_day(rng, given, LAST_DAY)) if rng.random() < 0.05 else ""
                yield c.id, channel, purpose, german(given), back


def choices(rng: Random, customers: list[Customer], fees: list[tuple[date, Customer, int]]) -> Iterable[Sequence[Any]]:
    """Who was offered the package, and what they said: those who pay for it chose it."""
    yield "Kundennummer", "Wahl", "Paket", "Datum", "Beleg"
    first_fee: dict[str, date] = {}
    for day, payer, _ in fees:
        first_fee.setdefault(payer.id, day)
    for customer, day in sorted(first_fee.items()):
        yield customer, "gewählt", "Premium", german(day - timedelta(70)), "Vereinbarung"
    asked = [c for c in customers if c.rank != "small" and c.since < FIRST_DAY and c.id not in first_fee]
    for index, c in enumerate(rng.sample(asked, 34)):
        answer = "angeboten" if index % 3 == 0 else "abgelehnt"
        day = working_day(rng, FIRST_DAY, LAST_DAY)
        yield c.id, answer, "Premium", german(day), rng.choice(("Brief", "Gespräch", "E-Mail"))


def overrides(customers: list[Customer], story: dict[str, list[str]]) -> Iterable[Sequence[Any]]:
    yield "Kundennummer", "Klasse", "entschieden von", "Begründung", "gültig bis"
    middle = [c.id for c in customers if c.rank == "middle" and c.since < FIRST_DAY]
    yield story["late_callers"][0], "B", OWNER, "Vorsitz im Sportverein, empfiehlt uns seit Jahren weiter", "31.12.2027"
    yield middle[10], "A", OWNER, "übernimmt 2027 den elterlichen Betrieb", "31.12.2027"
    yield middle[40], "A", ADVISER, "Bau eines Mehrfamilienhauses zugesagt", "30.06.2027"
    yield middle[70], "A", OWNER, "großer Wasserschaden läuft noch, bis dahin nichts ändern", "31.03.2027"
    yield middle[90], "B", ADVISER, "Zusage aus dem Jahresgespräch 2025", "31.12.2025"


# --- the truth --------------------------------------------------------------------------------------------------


def yearly_yield(bookings: list[Booking], fees: list[tuple[date, Customer, int]]) -> Counter[str]:
    """Cents per customer: recurring and net fees of the last 12 months, one-off of both years spread over five."""
    cents: Counter[str] = Counter()
    lumps: Counter[str] = Counter()
    for line in bookings:
        if line.customer and line.kind == "BP" and line.day >= LAST_YEAR:
            cents[line.customer] += line.cents
        elif line.customer and line.kind in ("AP", "APStorno"):
            lumps[line.customer] += line.cents
    for customer, lump in lumps.items():
        cents[customer] += lump // SPREAD_YEARS
    for day, payer, gross in fees:
        cents[payer.id] += gross * 100 // 119 if day >= LAST_YEAR else 0
    return cents


def sums(lines: Iterable[Booking]) -> dict[str, Any]:
    lines = list(lines)
    kinds: Counter[str] = Counter()
    for line in lines:
        kinds[line.kind] += line.cents
    return {"rows": len(lines), "cents": sum(kinds.values()), "by_kind": dict(kinds)}


def make_truth(
    *,
    customers: list[Customer],
    contracts: list[Contract],
    files: dict[str, list[Booking]],
    fees: list[tuple[date, Customer, int]],
    calls: list[Call],
    meetings: list[Meeting],
) -> dict[str, Any]:
    """What a reader of the files must find again: control totals, and figures per customer and per unit.

    A unit is a household, or a customer without one. Money is cents; the file that lies there twice counts once.
    """
    bookings = [line for lines in files.values() for line in lines]
    brought = yearly_yield(bookings, fees)
    unit_of = {c.id: c.unit for c in customers}
    per_unit: Counter[str] = Counter()
    for customer, cents in brought.items():
        per_unit[unit_of[customer]] += cents
    listed = {call for held in held_calls(calls).values() for call in held}
    return {
        "customers": len(customers),
        "contracts": {"rows": len(contracts), "ended": sum(c.end is not None and c.end < LAST_DAY for c in contracts)},
        "statements": {name: sums(lines) for name, lines in sorted(files.items())},
        "fees": {"rows": len(fees), "gross_cents": sum(gross for _, _, gross in fees)},
        "assigned": sums(line for line in bookings if line.customer),
        "unknown_contract": sums(line for line in bookings if line.contract and not line.customer),
        "without_contract": sums(line for line in bookings if not line.contract),
        "yield_cents": {c.id: brought[c.id] for c in customers},
        "unit_yield_cents": dict(per_unit),
        "calls": {
            "rows": len(listed),
            "strangers": sum(not call.unit for call in listed),
            "hidden": sum(not call.number for call in listed),
            "per_unit": Counter(call.unit for call in listed if call.unit),
            "minutes_per_unit": count_minutes(listed),
        },
        "meetings": {"rows": len(meetings), "per_customer": Counter(m.customer for m in meetings if m.customer)},
        "households": households(customers),
    }


def count_minutes(calls: Iterable[Call]) -> Counter[str]:
    minutes: Counter[str] = Counter()
    for call in calls:
        if call.unit:
            minutes[call.unit] += call.minutes
    return minutes


def households(customers: list[Customer]) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    for customer in customers:
        if customer.household:
            members.setdefault(customer.household, []).append(customer.id)
    return members


def generate(out: Path, seed: int) -> dict[str, Any]:
    """Write all exports into `out` and return the truth about them."""
    out.mkdir(parents=True, exist_ok=True)
    customers = make_customers(seed)
    contracts = make_contracts(seed, customers)
    story = make_story(customers)
    bookings = make_bookings(seed, contracts)
    fees = make_fees(seed, customers)
    calls = make_calls(seed, customers, story["late_callers"])
    meetings = make_meetings(seed, customers, story["underserved"])
    write_customers(out, seed, customers)
    write_contracts(out, contracts)
    files = write_statements(out, bookings)
    write_calls(out, calls)
    write_meetings(out, meetings)
    write_small_lists(out, seed, customers, fees, story)
    return make_truth(
        customers=customers, contracts=contracts, files=files, fees=fees, calls=calls, meetings=meetings
    ) | {"story": story}


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the exports of an invented insurance broker.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "exports")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--truth", type=Path, help="also write the control totals to this JSON file")
    options = parser.parse_args()
    truth = generate(options.out, options.seed)
    if options.truth:
        options.truth.write_text(json.dumps(truth, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")


if __name__ == "__main__":
    main()
