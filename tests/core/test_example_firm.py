"""The exports of the example firm: they can be written again, and they tell the story they are there to tell."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from python_calamine import CalamineWorkbook

from zusage.ground.money import cents_from_float, parse_cents

pytestmark = pytest.mark.uncounted
FIRM = Path(__file__).parents[2] / "examples" / "broker"
EXPORTS = FIRM / "exports"
POOL = sorted(path for path in EXPORTS.glob("Provision_*.csv") if "Kopie" not in path.name)
CALL_LISTS = sorted(EXPORTS.glob("Anrufliste_*.csv"))


def run(out: Path, seed: int = 2026) -> dict[str, Any]:
    truth = out.parent / f"{out.name}.json"
    command = [sys.executable, str(FIRM / "generate.py"), "--out", str(out), "--seed", str(seed), "--truth", str(truth)]
    subprocess.run(command, check=True)
    found: dict[str, Any] = json.loads(truth.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("firm") / "exports"
    return out, run(out)


@pytest.fixture(scope="module")
def truth(written: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    return written[1]


def content(path: Path) -> Any:
    """The bytes of a file; of a workbook those of its parts, since compressed bytes differ between zlib versions."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def rows(name: str, encoding: str = "cp1252") -> list[list[str]]:
    return list(csv.reader(io.StringIO((EXPORTS / name).read_bytes().decode(encoding)), delimiter=";"))


def sheet(name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(EXPORTS / name).get_sheet_by_index(0).to_python(skip_empty_area=False)[3:]


def statement(path: Path) -> tuple[list[list[str]], int]:
    """Booked lines of a pool statement (contract, kind, amount last) and the cents its own sum row states."""
    new = "2026" in path.name
    lines = rows(path.name, "utf-8-sig" if new else "cp1252")
    booked = [line for line in lines if len(line) > 5 and line[1 if new else 0][:1].isdigit()]
    return booked, parse_cents(lines[-1][-1], ",")


def customers() -> list[dict[str, str]]:
    _, header, *lines = rows("Kundenliste.csv")
    return [dict(zip(header, line, strict=True)) for line in lines]


def all_calls() -> set[tuple[str, ...]]:
    return {tuple(row) for path in CALL_LISTS for row in rows(path.name, "iso-8859-1")[2:]}


def international(number: str) -> str:
    parsed = phonenumbers.parse(number, "DE")
    assert phonenumbers.is_valid_number(parsed), number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def test_the_generator_writes_the_committed_files_again(written: tuple[Path, dict[str, Any]]) -> None:
    out, _ = written
    assert sorted(p.name for p in out.iterdir()) == sorted(p.name for p in EXPORTS.iterdir())
    assert [p.name for p in EXPORTS.iterdir() if content(p) != content(out / p.name)] == []


def test_two_runs_write_the_same_bytes(written: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    out, first = written
    assert run(tmp_path / "again") == first
    assert [p.name for p in out.iterdir() if p.read_bytes() != (tmp_path / "again" / p.name).read_bytes()] == []


def test_another_seed_invents_another_firm_of_the_same_size(truth: dict[str, Any], tmp_path: Path) -> None:
    other = run(tmp_path / "other", seed=7)
    assert other["customers"] == truth["customers"] == 1000
    assert other["yield_cents"] != truth["yield_cents"]


def test_the_exports_stay_small() -> None:
    assert sum(path.stat().st_size for path in EXPORTS.iterdir()) < 1_500_000


# --- money ------------------------------------------------------------------------------------------------------


def test_the_yield_of_a_customer_is_that_of_a_german_broker(truth: dict[str, Any]) -> None:
    brought = sorted(truth["yield_cents"].values(), reverse=True)
    assert 220_000_00 <= sum(brought) <= 240_000_00
    assert 65 <= 100 * sum(brought[:200]) // sum(brought) <= 75
    assert 80 <= sum(cents >= 600_00 for cents in truth["unit_yield_cents"].values()) <= 110


def test_nearly_half_of_the_customers_have_one_small_contract(truth: dict[str, Any]) -> None:
    running = Counter(int(row[1]) for row in sheet("Vertragsliste.xlsx") if not row[5] or row[5] > date(2026, 10, 31))
    small = [c for c, cents in truth["yield_cents"].items() if running[int(c)] == 1 and 10_00 <= cents <= 60_00]
    assert 430 <= len(small) <= 500


def test_every_statement_adds_up_to_its_own_sum_row_and_to_the_truth(truth: dict[str, Any]) -> None:
    assert len(POOL) == 9
    for path in POOL:
        booked, stated = statement(path)
        told = truth["statements"][path.name]
        assert (len(booked), sum(parse_cents(line[-1], ",") for line in booked)) == (told["rows"], told["cents"])
        assert stated == told["cents"]


def test_the_direct_insurer_adds_up_too(truth: dict[str, Any]) -> None:
    *lines, total = sheet("Abrechnung_Direktversicherer_2026.xlsx")
    told = truth["statements"]["Abrechnung_Direktversicherer_2026.xlsx"]
    assert (len(lines), sum(cents_from_float(line[5]) for line in lines)) == (told["rows"], told["cents"])
    assert (total[0], cents_from_float(total[5])) == ("Gesamt", told["cents"])


def test_assigned_and_unassigned_lines_are_all_there_is(truth: dict[str, Any]) -> None:
    parts = [truth[key]["cents"] for key in ("assigned", "unknown_contract", "without_contract")]
    whole = sum(told["cents"] for told in truth["statements"].values())
    assert sum(parts) == whole
    assert 15 <= 1000 * parts[1] // whole <= 25
    listed = {row[0] for row in sheet("Vertragsliste.xlsx")}
    booked = [(line[3 if "2026" in path.name else 1], line[-1]) for path in POOL for line in statement(path)[0]]
    unknown = sum(parse_cents(amount, ",") for number, amount in booked if number and number not in listed)
    *direct, _ = sheet("Abrechnung_Direktversicherer_2026.xlsx")
    unknown += sum(cents_from_float(line[5]) for line in direct if line[1] not in listed)
    assert unknown == parts[1]


def test_every_cancellation_takes_back_part_of_an_earlier_one_off() -> None:
    lumps: dict[str, int] = {}
    cancelled = 0
    for path in POOL:
        at, kind = (3, 6) if "2026" in path.name else (1, 4)
        for line in statement(path)[0]:
            cents = parse_cents(line[-1], ",")
            if line[kind] == "AP":
                lumps[line[at]] = cents
            elif line[kind] == "APStorno":
                cancelled += 1
                assert 0 < -cents < lumps[line[at]]
    assert cancelled >= 5


def test_two_identical_lines_are_both_right() -> None:
    twins = [line for path in POOL[:5] for line, times in Counter(map(tuple, statement(path)[0])).items() if times == 2]
    assert len(twins) == 2


def test_one_statement_lies_there_twice_under_another_name() -> None:
    copy, original = EXPORTS / "Provision_2025-Q2 (Kopie).csv", EXPORTS / "Provision_2025-Q2.csv"
    assert copy.read_bytes() == original.read_bytes()


def test_service_fees_are_75_euro_and_19_percent_vat(truth: dict[str, Any]) -> None:
    _, *bills = rows("Servicegebuehren.csv", "utf-8")
    assert {tuple(bill[4:]) for bill in bills} == {("19 %", "89,25 €")}
    assert truth["fees"] == {"rows": len(bills), "gross_cents": 8925 * len(bills)}


# --- people -----------------------------------------------------------------------------------------------------


def test_the_customer_list_has_the_flaws_of_a_real_one(truth: dict[str, Any]) -> None:
    people = customers()
    assert [c["Kundennummer"] for c in people if len(c["Kundennummer"]) != 5] == []
    assert len({c["Kundennummer"] for c in people}) == len(people) == 1000
    assert 30 <= sum(len(c["PLZ"]) == 4 for c in people) <= 90
    assert sum(c["Kunde seit"] == "00.00.0000" for c in people) >= 2
    assert sum(c["Kundenart"] == "Gewerbe" for c in people) == 60
    assert sum(c["Kunde seit"].endswith("2026") for c in people) >= 20
    assert any(";" in c["Firma"] for c in people)
    assert any("'" in c["Nachname"] for c in people)
    assert b"\r\n" in (EXPORTS / "Kundenliste.csv").read_bytes()


def test_120_households_are_linked_and_every_member_names_the_same_one(truth: dict[str, Any]) -> None:
    linked: dict[str, list[str]] = {}
    for customer in sorted(customers(), key=lambda c: c["Kundennummer"]):
        if customer["Haushalt"]:
            linked.setdefault(customer["Haushalt"], []).append(customer["Kundennummer"])
    assert linked == truth["households"]
    assert (len(linked), set(map(len, linked.values()))) == (120, {2, 3, 4})


def test_every_telephone_number_is_reserved_for_fiction() -> None:
    blocks = ("+493023125", "+496990009", "+494066969", "+498999998", "+492214710", "+4917139200")
    single = {"+4915228817386", "+4915254599371", "+491729925904", "+491729968532"}
    called = [call[3] for call in all_calls()]
    typed = [c[column] for c in customers() for column in ("Telefon", "Mobil")]
    numbers = {international(text) for text in called + typed if text}
    assert {number for number in numbers if not number.startswith(blocks)} <= single


def test_good_customers_bring_most_referrals(truth: dict[str, Any]) -> None:
    _, *told = rows("Empfehlungen.csv")
    unit = {member: household for household, members in truth["households"].items() for member in members}
    good = sum(truth["unit_yield_cents"][unit.get(by, by)] >= 600_00 for by, *_ in told)
    assert 30 <= len(told) <= 50
    assert good > len(told) // 2
    assert {(bool(won), result) for _, won, _, result in told} == {
        (True, "Kunde geworden"),
        (False, "kein Abschluss"),
        (False, "offen"),
    }


@pytest.mark.parametrize("name", ["Empfehlungen.csv", "Einwilligungen.csv", "Wahl.csv", "Ausnahmen.csv"])
def test_the_small_lists_name_only_customers_of_the_list(name: str) -> None:
    known = {c["Kundennummer"] for c in customers()}
    assert [row[0] for row in rows(name)[1:] if row[0] not in known] == []


# --- work -------------------------------------------------------------------------------------------------------


def test_each_call_list_holds_the_last_400_calls_and_overlaps_the_one_before(truth: dict[str, Any]) -> None:
    lists = [[tuple(row) for row in rows(path.name, "iso-8859-1")[2:]] for path in CALL_LISTS]
    assert [len(held) for held in lists] == [400, 400, 400]
    assert len(set(lists[0]) & set(lists[1])) > 0
    assert len(set(lists[1]) & set(lists[2])) > 0
    assert len(all_calls()) == truth["calls"]["rows"]
    assert {call[0] for call in all_calls()} == {"1", "2", "3", "4"}
    assert sum(not call[3] for call in all_calls()) == truth["calls"]["hidden"]


def test_a_call_list_starts_with_its_separator_and_the_newest_call() -> None:
    for path in CALL_LISTS:
        assert path.read_bytes().startswith(b"sep=;\r\nTyp;Datum;Name;Rufnummer;Landes-/Ortsnetzbereich;Nebenstelle;")
        times = [f"{row[1][6:8]}{row[1][3:5]}{row[1][:2]}{row[1][8:]}" for row in rows(path.name, "iso-8859-1")[2:]]
        assert times == sorted(times, reverse=True)
        assert all("08:00" <= when[-5:] < "18:00" for when in times)


def test_a_fifth_of_the_customers_makes_most_of_the_calls(truth: dict[str, Any]) -> None:
    calls = sorted(truth["calls"]["per_unit"].values(), reverse=True)
    fifth = len(truth["unit_yield_cents"]) // 5
    assert 60 <= 100 * sum(calls[:fifth]) // sum(calls) <= 80


def test_calls_are_found_again_by_telephone_number(truth: dict[str, Any]) -> None:
    unit = {}
    for customer in customers():
        for text in filter(None, (customer["Telefon"], customer["Mobil"])):
            unit[international(text)] = customer["Haushalt"] or customer["Kundennummer"]
    calls = Counter(unit.get(international(number), "") for number in (call[3] for call in all_calls()) if number)
    strangers = calls.pop("")
    assert calls == truth["calls"]["per_unit"]
    assert strangers + truth["calls"]["hidden"] == truth["calls"]["strangers"]


def test_loyal_small_customers_call_twice_a_month_and_late(truth: dict[str, Any]) -> None:
    phone = {c["Kundennummer"]: international(c["Telefon"]) for c in customers() if c["Telefon"]}
    assert len(truth["story"]["late_callers"]) == 6
    for customer in truth["story"]["late_callers"]:
        times = [call[1][-5:] for call in all_calls() if call[3] and international(call[3]) == phone[customer]]
        assert truth["yield_cents"][customer] <= 60_00
        assert len(times) >= 5
        assert all("17:20" <= when < "17:45" for when in times)


def test_some_of_the_best_customers_were_never_visited(truth: dict[str, Any]) -> None:
    unit = {member: household for household, members in truth["households"].items() for member in members}
    assert len(truth["story"]["underserved"]) == 7
    for customer in truth["story"]["underserved"]:
        assert truth["unit_yield_cents"][unit.get(customer, customer)] >= 1_000_00
        assert customer not in truth["meetings"]["per_customer"]


def test_the_meetings_of_two_years_are_counted_per_customer(truth: dict[str, Any]) -> None:
    lines = sheet("Termine.xlsx")
    assert Counter(row[3] for row in lines if row[3]) == truth["meetings"]["per_customer"]
    assert len(lines) == truth["meetings"]["rows"]
    assert {row[5] for row in lines} == {"Büro", "beim Kunden", "online"}
    assert min(row[0] for row in lines) >= date(2024, 11, 1)
    assert max(row[0] for row in lines) <= date(2026, 10, 31)
    assert all(row[0].weekday() < 5 and row[1] < row[2] for row in lines)


def test_the_contract_list_holds_real_dates_and_customer_numbers_without_zeros(truth: dict[str, Any]) -> None:
    lines = sheet("Vertragsliste.xlsx")
    assert len(lines) == truth["contracts"]["rows"]
    assert 2_500 <= len(lines) <= 2_700
    assert {type(row[1]) for row in lines} == {float}
    assert {type(row[4]) for row in lines} == {date}
    assert sum(bool(row[5]) and row[5] < date(2026, 10, 31) for row in lines) == truth["contracts"]["ended"] > 0
    assert len({row[0] for row in lines}) == len(lines)
