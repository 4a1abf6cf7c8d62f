"""Where customers are written to: read from customer lists, kept with the book, used by nothing that reckons."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from tests import people
from typer.testing import CliRunner

from zusage import engine
from zusage.book import propose_mapping, read_book
from zusage.book.headers import recognise
from zusage.book.kept import KEPT, keep_tables, kept_tables
from zusage.book.mapping import read_mapping
from zusage.book.tables import SCHEMAS
from zusage.cli import app
from zusage.ground.reasons import Refused
from zusage.plan import make_plan

NAMES = ("customer_id", "salutation", "title", "first_name", "last_name", "company", "street", "addition")
PLACES = ("postcode", "city", "country", "email")


def addresses(folder: Path, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in engine.rows(read_book(folder).tables["addresses"])]


@pytest.fixture
def listed(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        (tmp_path / "kunden.csv").write_text(text, "utf-8")
        return tmp_path

    return write


def test_a_customer_list_fills_the_addresses(listed: Callable[[str], Path]) -> None:
    folder = listed(
        "Kundennummer;Anrede;Titel;Vorname;Nachname;Firma;Straße;Hausnummer;Adresszusatz;PLZ;Ort;Land;E-Mail\n"
        "1;Frau;Dr.;Petra;Probe;;Musterweg;3 a;bei Muster;01067;Dresden;;petra@example.org\n"
        "2;Firma;;;;Muster & Söhne KG;Am Anger 1;;;04109;Leipzig;Deutschland;\n"
    )
    assert addresses(folder, *NAMES) == [
        ("1", "Frau", "Dr.", "Petra", "Probe", None, "Musterweg 3 a", "bei Muster"),
        ("2", "Firma", None, None, None, "Muster & Söhne KG", "Am Anger 1", None),
    ]
    assert addresses(folder, *PLACES) == [
        ("01067", "Dresden", None, "petra@example.org"),
        ("04109", "Leipzig", "Deutschland", None),
    ]


def test_who_has_no_address_has_no_row(listed: Callable[[str], Path]) -> None:
    assert addresses(listed("Kundennummer;Name;Ort\n1;Probe;\n2;Muster;Leipzig\n"), "customer_id", "city") == [
        ("2", "Leipzig")
    ]


def test_postcodes_of_a_workbook_get_their_zero_back_and_it_is_told(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["Kundennummer", "Name", "PLZ", "Land"], [1, "Probe", 1067, None], [2, "Muster", 1010, "Österreich"]):
        book.active.append(row)
    book.save(tmp_path / "kunden.xlsx")
    assert addresses(tmp_path, "postcode", "country") == [("01067", None), ("1010", "Österreich")]
    told = [(finding.reason.code, dict(finding.reason.values)) for finding in read_book(tmp_path).findings]
    assert told == [("book_postcodes_padded", {"line_count": 1})]


def test_postcode_and_town_may_stand_in_one_column(listed: Callable[[str], Path]) -> None:
    folder = listed("Kundennummer;Name;PLZ / Ort\n1;A;04109 Leipzig\n2;B;A-1010 Wien\n3;C;Bad Muster\n")
    assert addresses(folder, "postcode", "city", "country") == [
        ("04109", "Leipzig", None),
        ("1010", "Wien", "A"),
        (None, "Bad Muster", None),
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("petra@example.org", "petra@example.org"),
        ('" Petra.Probe@Example.org; p@example.org"', "Petra.Probe@Example.org"),
        ("mailto:p@example.org", "p@example.org"),
        ("p@müller.example", "p@müller.example"),
        ("ohne", None),
        ('"p@example.org\nBcc: x@example.org"', "p@example.org"),
        ("p,x@example.org>", None),
        ("a:b@example.org", None),
    ],
)
def test_only_what_is_a_mail_address_is_one(listed: Callable[[str], Path], written: str, read: str | None) -> None:
    assert addresses(listed(f"Kundennummer;Ort;Name;E-Mail\n1;Leipzig;Probe;{written}\n"), "email") == [(read,)]


def test_a_salutation_is_for_letters_and_for_nothing_else(tmp_path: Path) -> None:
    for field, refused in (("salutation", False), ("figure.anrede", True), ("name", True), ("business", True)):
        text = f"files:\n  k.csv:\n    table: customers\n    columns:\n      Anrede: {field}\n"
        (tmp_path / "mapping.yaml").write_text(text, "utf-8")
        try:
            read_mapping(tmp_path / "mapping.yaml")
            codes = []
        except Refused as found:
            codes = [finding.reason.code for finding in found.findings]
        assert codes == (["book_mapping_protected"] if refused else []), field


def test_a_proposal_offers_the_address_and_leaves_sex_and_birth_out(listed: Callable[[str], Path]) -> None:
    folder = listed(
        "Kundennummer;Anrede;Nachname;Geschlecht;Geburtsdatum;PLZ;Ort\n1;Frau;Probe;w;1.1.1970;04109;Leipzig\n"
    )
    (found,) = propose_mapping([folder / "kunden.csv"])
    assert [(column.header, column.field, column.confidence) for column in found.columns] == [
        ("Kundennummer", "customer_id", "sure"),
        ("Anrede", "salutation", "sure"),
        ("Nachname", "last_name", "sure"),
        ("Geschlecht", None, "protected"),
        ("Geburtsdatum", None, "protected"),
        ("PLZ", "postcode", "sure"),
        ("Ort", "city", "sure"),
    ]


def test_a_list_of_contracts_stays_one_although_it_holds_addresses() -> None:
    headers = ["Vertragsnummer", "Kundennummer", "Name", "Anrede", "Straße", "PLZ", "Ort", "Land", "E-Mail", "Sparte"]
    assert recognise(headers) == ["contracts"]


def test_a_folder_of_tidy_tables_may_hold_addresses(tmp_path: Path) -> None:
    rows = {"customer_id": ["1"], "postcode": ["01067"], "city": ["Dresden"]}
    engine.write_parquet(engine.table({"customer_id": ["1"]}, SCHEMAS["customers"]), tmp_path / "customers.parquet")
    engine.write_parquet(engine.table(rows, SCHEMAS["addresses"]), tmp_path / "addresses.parquet")
    assert addresses(tmp_path, "customer_id", "postcode", "street") == [("1", "01067", None)]


def test_a_result_of_a_former_version_has_no_addresses_and_is_read(tmp_path: Path) -> None:
    keep_tables(people.tables(), tmp_path / KEPT)
    (tmp_path / KEPT / "addresses.parquet").unlink()
    tables = kept_tables(tmp_path / KEPT)
    assert tables is not None
    assert engine.rows(tables["addresses"]) == []
    (tmp_path / KEPT / "phones.parquet").unlink()
    with pytest.raises(FileNotFoundError):
        kept_tables(tmp_path / KEPT)


def test_addresses_change_nothing_that_is_reckoned() -> None:
    policy, tables = people.changed(), people.tables()
    rows = {"customer_id": ["4711"], "salutation": ["Frau"], "postcode": ["01067"]}
    with_them = tables | {"addresses": engine.table(rows, SCHEMAS["addresses"])}
    first, second = (make_plan(book, policy, as_of=people.TODAY) for book in (tables, with_them))
    for name in ("accounts", "units", "parts", "memberships"):
        assert engine.rows(getattr(second, name)) == engine.rows(getattr(first, name)), name


def test_a_result_holds_addresses_in_the_kept_book_and_in_the_firms_own_list(
    listed: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = listed(
        "Kundennummer;Name;Kunde seit;Straße;PLZ;Ort;E-Mail\n"
        "1;Probe;1.1.2000;Geheimgasse 7;04109;Leipzig;geheim@example.org\n"
    )
    (folder / "p.yaml").write_text(people.POLICY, "utf-8")
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["plan", "-b", str(folder), "-p", str(folder / "p.yaml"), "-o", str(out)])
    assert done.exit_code == 0, done.output
    holding = [path.relative_to(out).as_posix() for path in sorted(out.rglob("*")) if path.is_file() and _tells(path)]
    assert holding == ["book/addresses.parquet", "kunden.csv"]  # the firm's own list, given back with its classes


def _tells(path: Path) -> bool:
    data = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            data = b"".join(parts.read(name) for name in parts.namelist())
    return b"Geheimgasse" in data or b"geheim@" in data


def test_a_list_of_addresses_alone_takes_the_place_of_what_was_known(tmp_path: Path) -> None:
    files = {
        "a-kunden": "Kundennummer;Name;Straße;Ort;E-Mail\n01;Probe;Ring 1;Leipzig;p@example.org\n2;X;;;\n",
        "adressen": "Kundennummer;Straße;PLZ;Ort\n1;Weg 2;01067;\n02;Gasse 3;04109;Leipzig\n9;Nirgends 1;;\n",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    assert addresses(tmp_path, "customer_id", "street", "postcode", "city", "email") == [
        ("01", "Weg 2", "01067", None, "p@example.org"),
        ("2", "Gasse 3", "04109", "Leipzig", None),
    ]
    total = next(item for item in read_book(tmp_path).files if item.kind == "addresses")
    assert (total.rows, total.assigned, total.unassigned) == (3, 2, 1)
