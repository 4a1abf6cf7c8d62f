"""The files of a firm with four customers, as its program exports them, and a later file that changes two of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

MONTHS = [date(2024 + (11 + month) // 12, (11 + month) % 12 + 1, 28) for month in range(23)]
"""23 months of statements: December 2024 to October 2026."""
HEAD = "Abrechnungsdatum;Vertragsnummer;Betrag;Art"
A_MONTH = {"V1": "80,00", "V2": "3,50", "V3": "2,00", "V4": "20,00"}
FILES = {
    "Kundenliste.csv": [
        "Kundennummer;Vorname;Nachname;Telefon;Kunde seit;Betreuer",
        "0001;Alma;Muster;069 90009001;01.03.2010;Bernd Beispiel",
        "0003;Caro;Probe;069 90009002;01.07.2015;Bernd Beispiel",
        "0004;Doro;Größe-Exempel;069 90009003;01.02.2012;Petra Probe",
        "0042;Emil;Beispiel;069 90009042;01.01.2020;Petra Probe",
    ],
    "Vertragsliste.csv": [
        "Vertragsnummer;Kundennummer;Sparte;Beginn",
        "V1;0001;Kfz;01.03.2010",
        "V2;0003;Hausrat;01.07.2015",
        "V3;0004;Unfall;01.02.2012",
        "V4;0042;Kfz;01.01.2020",
    ],
    "Provision.csv": [
        HEAD,
        *(f"{day:%d.%m.%Y};{key};{amount};Bestandsprovision" for day in MONTHS for key, amount in A_MONTH.items()),
    ],
}
LATER = {
    "Nachtrag.csv": [
        HEAD,
        f"{MONTHS[15]:%d.%m.%Y};V1;-1.700,00;Bestandsprovision",
        f"{MONTHS[15]:%d.%m.%Y};V2;1.500,00;Bestandsprovision",
    ]
}
"""Alma's yield falls below all cuts, Caro's rises above the first one."""


def write(folder: Path, files: dict[str, list[str]]) -> list[Path]:
    """Write files as Windows programs do."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_text("\r\n".join(lines) + "\r\n", encoding="cp1252", newline="")
    return [folder / name for name in files]
