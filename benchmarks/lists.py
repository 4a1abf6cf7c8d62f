"""A seed comes in, two exports as firms have them go out: customers in Excel, commission lines in German CSV."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import xlsxwriter
from benchmarks.process import DATA

ROWS, LINES, CUSTOMERS = 100_000, 1_000_000, 20_000


def lists(seed: int = 1) -> Path:
    """The folder with `excel/` and `csv/`, each a book of its own; written once."""
    folder = DATA / f"lists-{seed}"
    if not folder.exists():
        part = folder.with_name(folder.name + ".part")
        (part / "excel").mkdir(parents=True, exist_ok=True)
        (part / "csv").mkdir(exist_ok=True)
        _customers(part / "excel" / "Kunden.xlsx")
        _few_customers(part / "csv" / "Kunden.csv")
        _commission(part / "csv" / "Courtage.csv", np.random.default_rng(seed))
        part.rename(folder)
    return folder


def _customers(path: Path) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Kundennummer", "Name", "Ort", "Entfernung km"])
        for row in range(ROWS):
            sheet.write_row(row + 1, 0, [f"{row:06}", f"Muster {row}", "Beispielstadt", row % 60])


def _few_customers(path: Path) -> None:
    rows = (f"{row:06};Muster {row}\n" for row in range(CUSTOMERS))
    path.write_text("Kundennummer;Name\n" + "".join(rows), encoding="utf-8")


def _commission(path: Path, random: np.random.Generator) -> None:
    """Lines with 1.234,56 and 31.12.2025; every fiftieth is a cancellation with a minus."""
    owners = random.integers(0, CUSTOMERS, LINES)
    cents = random.integers(1, 400_000, LINES) * np.where(np.arange(LINES) % 50 == 0, -1, 1)
    days = random.integers(1, 29, LINES)
    months = random.integers(1, 13, LINES)
    with path.open("w", encoding="cp1252", newline="") as file:
        file.write("Kundennummer;Vertragsnummer;Buchungsdatum;Betrag\r\n")
        for row, (owner, amount, day, month) in enumerate(zip(owners, cents, days, months, strict=True)):
            euro, rest = divmod(abs(int(amount)), 100)
            sign = "-" if amount < 0 else ""
            whole = f"{euro:,}".replace(",", ".")
            file.write(f"{owner:06};V-{row % 60_000};{day:02}.{month:02}.2025;{sign}{whole},{rest:02}\r\n")


if __name__ == "__main__":
    print(json.dumps({"folder": str(lists()), "excel_rows": ROWS, "csv_lines": LINES}))
