"""Importing in the browser: bring files, see what they are, say what the program cannot know, leave out, replace."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.web.book.conftest import CUSTOMERS, NOW, YIELDS, exported, publish, run, upload
from zusage.web.book.actions import map_file, write_book
from zusage.web.book.models import Import, ImportFile, Yield
from zusage.web.book.queries import active_files
from zusage.web.office.models import Job


def text(response: HttpResponse) -> str:
    """A page without tags and runs of blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def headline(response: HttpResponse) -> str:
    found = re.search(r"<h1>(.*?)</h1>", response.content.decode(), re.DOTALL)
    assert found
    return found[1].strip()


def send(client: Client, *uploads: Any) -> Import:
    """Bring files through the page, and do the job as the worker does it."""
    answer = client.post("/imports/new/", {"files": list(uploads)})
    found = Import.objects.get()
    assert answer.headers["Location"] == f"/imports/{found.pk}/"
    run(Job.objects.get(kind="read", subject=found.pk))
    found.refresh_from_db()
    return found


def names(files: Any) -> list[str]:
    return [item.name for item in files]


def test_a_first_import_is_read_and_shown_with_its_sums(
    desk: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    found = send(as_role("assistant"), upload("kunden.csv", CUSTOMERS), upload("provision.csv", YIELDS))
    page = as_role("owner").get(f"/imports/{found.pk}/")
    assert headline(page) == "Gelesen und bereit für den Bestand: 2 Dateien mit 4 Zeilen."
    rows = list(found.files.values_list("name", "kind", "rows", "assigned", "sum_cents", "first_on", "last_on"))
    assert rows == [
        ("kunden.csv", "customers", 2, 2, None, None, None),
        ("provision.csv", "yields", 2, 2, 94050, date(2026, 10, 1), date(2026, 10, 2)),
    ]
    assert ("940,50 €" in text(page), "940,50 €" in text(as_role("assistant").get(f"/imports/{found.pk}/"))) == (
        True,
        False,
    )


def test_a_page_that_waits_asks_again_and_then_is_fetched_anew(
    desk: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    client = as_role("owner")
    client.post("/imports/new/", {"files": [upload("kunden.csv", CUSTOMERS)]})
    found = Import.objects.get()
    waiting = client.get(f"/imports/{found.pk}/")
    assert headline(waiting) == "Die Dateien werden gelesen."
    assert 'hx-trigger="every 1s"' in waiting.content.decode()
    assert "HX-Refresh" not in client.get(f"/imports/{found.pk}/progress/").headers
    run(Job.objects.get())
    assert client.get(f"/imports/{found.pk}/progress/").headers["HX-Refresh"] == "true"


def test_without_a_file_the_form_says_so(desk: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    answer = as_role("owner").post("/imports/new/", {})
    assert "Wählen Sie mindestens eine Datei aus." in text(answer)
    assert Import.objects.count() == 0


def test_the_same_file_again_is_recognised_and_left_out(
    bring: Callable[..., Import], as_role: Callable[[str], Client]
) -> None:
    publish(bring(upload("kunden.csv", CUSTOMERS), upload("provision.csv", YIELDS)))
    second = bring(upload("noch einmal.csv", YIELDS), upload("mehr.csv", YIELDS.replace("10.2026", "11.2026")))
    assert list(second.files.values_list("name", "left_out", "kind")) == [
        ("mehr.csv", False, "yields"),
        ("noch einmal.csv", True, "duplicate"),
    ]
    page = text(as_role("owner").get(f"/imports/{second.pk}/"))
    assert "gehört schon zum Bestand (provision.csv, Import vom 25.11.2026); bleibt weg" in page


def test_a_file_twice_in_one_import_counts_once(bring: Callable[..., Import], as_role: Callable[[str], Client]) -> None:
    found = bring(
        upload("kunden.csv", CUSTOMERS), upload("provision (Kopie).csv", YIELDS), upload("provision.csv", YIELDS)
    )
    assert names(found.files.filter(left_out=True)) == ["provision (Kopie).csv"]
    assert "doppelt in diesem Import; zählt einmal" in text(as_role("owner").get(f"/imports/{found.pk}/"))


def test_a_newer_customer_list_takes_the_place_of_the_older_one(
    bring: Callable[..., Import], as_role: Callable[[str], Client]
) -> None:
    first = publish(bring(upload("Kunden_2026-10.csv", CUSTOMERS), upload("provision.csv", YIELDS)))
    newer = CUSTOMERS + "0004;Größe-Exempel, Doro;\n"
    second = bring(upload("Kunden_2026-11.csv", newer))
    assert second.state == "ready"
    assert [item.replaces.name for item in second.files.all() if item.replaces] == ["Kunden_2026-10.csv"]
    assert names(active_files(also=second)) == ["provision.csv", "Kunden_2026-11.csv"]
    publish(second)
    third = publish(bring(upload("Kunden_2026-12.csv", newer.replace("Doro", "Dora"))))
    assert names(active_files()) == ["provision.csv", "Kunden_2026-12.csv"]
    assert names(active_files(without=second)) == ["provision.csv", "Kunden_2026-12.csv"]
    assert names(active_files(without=third)) == ["provision.csv", "Kunden_2026-11.csv"]
    assert names(active_files(without=first)) == ["Kunden_2026-12.csv"]


def test_what_a_list_replaces_can_be_changed(bring: Callable[..., Import], as_role: Callable[[str], Client]) -> None:
    publish(bring(upload("Kunden.csv", CUSTOMERS)))
    second = bring(upload("Kunden_Leipzig.csv", "Kundennummer;Name;Telefon\n0042;Emil Muster & Söhne;\n"))
    file = second.files.get()
    assert file.replaces is not None  # same headers
    client = as_role("assistant")
    client.post(f"/imports/{second.pk}/files/{file.pk}/choose/", {"replaces": ""})
    run(Job.objects.filter(state="queued").get())
    file.refresh_from_db()
    assert (file.replaces, names(active_files(also=second))) == (None, ["Kunden.csv", "Kunden_Leipzig.csv"])


def test_all_mistakes_stand_there_at_once_and_the_import_stays_open(
    bring: Callable[..., Import], as_role: Callable[[str], Client]
) -> None:
    found = bring(
        upload("kunden.csv", CUSTOMERS + "0001;Muster, Alma;\n"),
        upload("vertrag.pdf.csv", b"%PDF-1.4 nothing to read"),
        upload("mapping.yaml", "files:\n  kunden.csv: {tabel: customers}\n"),
    )
    assert (found.state, {item["reason"]["code"] for item in found.findings}) == ("open", {"book_mapping_unknown_key"})
    client = as_role("adviser")
    mapping = found.files.get(name="mapping.yaml")
    client.post(f"/imports/{found.pk}/files/{mapping.pk}/leave-out/")
    run(Job.objects.filter(state="queued").get())
    found.refresh_from_db()
    assert sorted(item["reason"]["code"] for item in found.findings if item["severity"] == "error") == [
        "imports_book_customer_twice",
        "imports_book_file_binary",
    ]
    assert "nichts gelesen" in text(client.get("/imports/"))
    page = client.get(f"/imports/{found.pk}/")
    assert headline(page) == "Noch nicht im Bestand: 2 Fehler in den Dateien."
    assert "kunden.csv, Zeile 4" in text(page)


def test_columns_are_given_their_meaning_in_a_form(
    bring: Callable[..., Import], as_role: Callable[[str], Client]
) -> None:
    odd = "Wer;Wann;Was;Geburtsdatum\n0001;01.10.2026;900,00;01.01.1980\n0003;02.10.2026;40,50;02.02.1990\n"
    found = bring(upload("kunden.csv", CUSTOMERS), upload("odd.csv", odd))
    file = found.files.get(name="odd.csv")
    assert (found.state, file.kind, file.left_out) == ("ready", "unknown", False)
    client, address = as_role("assistant"), f"/imports/{found.pk}/files/{file.pk}/"
    shown = client.get(address, {"table": "yields"})
    assert headline(shown) == "odd.csv kennt das Programm nicht. Was steht in den Spalten?"
    assert ("900,00" in text(shown), "01.01.1980" in text(shown)) == (True, False)
    wrong = client.post(f"{address}columns/", {"table": "yields", "column_2": "amount"})
    assert "Es fehlt noch eine Spalte für: Vertragsnummer oder Kundennummer." in text(wrong)
    meant = {"table": "yields", "column_0": "customer_id", "column_1": "booked_on", "column_2": "amount"}
    client.post(f"{address}columns/", meant)
    run(Job.objects.filter(state="queued").get())
    file.refresh_from_db()
    assert (file.kind, file.recognised_as, file.sum_cents) == ("yields", "mapping", 94050)
    client.post(f"{address}columns/", {"table": "yields", "forget": "1"})
    run(Job.objects.filter(state="queued").get())
    file.refresh_from_db()
    assert (file.kind, file.mapping) == ("unknown", {})


def test_rejected_lines_stand_there_with_line_column_and_reason(
    bring: Callable[..., Import], as_role: Callable[[str], Client]
) -> None:
    found = bring(upload("kunden.csv", CUSTOMERS), upload("p.csv", YIELDS + "0003;03.10.2026;vierzig\n"))
    file = found.files.get(name="p.csv")
    assert (file.rows, file.rejected) == (3, 1)
    page = text(as_role("auditor").get(f"/imports/{found.pk}/"))
    assert "p.csv: nicht verwendbare Zeilen (1)" in page
    assert re.search(r"4 Betrag .* vierzig Zeile zählt nicht", page)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_questions_for_one_and_for_three(
    number: int,
    bring: Callable[..., Import],
    as_role: Callable[[str], Client],
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    for at in range(number):
        publish(bring(upload("kunden.csv", CUSTOMERS + f"9{at};Probe;\n"), upload(f"p{at}.csv", YIELDS + "\n" * at)))
    client = as_role("owner")
    client.get("/imports/")
    with django_assert_num_queries(11):
        page = client.get("/imports/")
    files = "2 Dateien" if number == 1 else "4 Dateien"
    assert headline(page) == f"Der Bestand beruht auf {files}, zuletzt ergänzt am 25.11.2026."


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_an_import_asks_the_same_questions_for_one_file_and_for_three(
    number: int,
    bring: Callable[..., Import],
    as_role: Callable[[str], Client],
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    found = bring(
        upload("kunden.csv", CUSTOMERS), *(upload(f"p{at}.csv", YIELDS + "\n" * at) for at in range(1, number))
    )
    client = as_role("owner")
    client.get(f"/imports/{found.pk}/")
    with django_assert_num_queries(10):
        client.get(f"/imports/{found.pk}/")


def test_who_may_do_what(bring: Callable[..., Import], as_role: Callable[[str], Client]) -> None:
    found = bring(upload("kunden.csv", CUSTOMERS))
    file = found.files.get()
    reading = [f"/imports/{found.pk}/", f"/imports/{found.pk}/files/{file.pk}/", "/imports/"]
    assert [as_role("auditor").get(address).status_code for address in reading] == [200, 200, 200]
    writing = ["new/", *(f"{found.pk}/{verb}/" for verb in ("add", "read", "discard"))]
    writing += [f"{found.pk}/files/{file.pk}/{verb}/" for verb in ("choose", "leave-out", "columns")]
    assert [as_role("auditor").post(f"/imports/{address}").status_code for address in writing] == [403] * 7
    assert Import.objects.count() == 1


def test_a_published_import_cannot_be_changed_or_discarded(
    bring: Callable[..., Import], as_role: Callable[[str], Client]
) -> None:
    found = publish(bring(upload("kunden.csv", CUSTOMERS)))
    client = as_role("owner")
    for verb in ("add", "discard", "read"):
        answer = client.post(f"/imports/{found.pk}/{verb}/", {"files": [upload("p.csv", YIELDS)]}, follow=True)
        assert "Er lässt sich jetzt nicht ändern." in text(answer)
    assert names(ImportFile.objects.all()) == ["kunden.csv"]


def test_a_discarded_import_leaves_no_bytes(
    desk: SimpleNamespace, bring: Callable[..., Import], as_role: Callable[[str], Client], settings: Any
) -> None:
    found = bring(upload("kunden.csv", CUSTOMERS))
    assert len(list((settings.DATA / "files").iterdir())) == 1
    as_role("adviser").post(f"/imports/{found.pk}/discard/")
    assert (Import.objects.count(), list((settings.DATA / "files").iterdir())) == (0, [])


def test_an_import_in_english(bring: Callable[..., Import], desk: SimpleNamespace, as_role: Any) -> None:
    found = bring(upload("kunden.csv", CUSTOMERS))
    desk.owner.language = "en"
    desk.owner.save()
    assert headline(as_role("owner").get(f"/imports/{found.pk}/")) == "Read and ready for the book: 1 file with 2 rows."


def test_excel_and_call_lists_of_the_example_firm(bring: Callable[..., Import]) -> None:
    found = bring(*exported("Kundenliste.csv", "Vertragsliste.xlsx", "Termine.xlsx", "Anrufliste_2026-08.csv"))
    assert list(found.files.values_list("kind", "recognised_as")) == [
        ("calls", "fritzbox"),
        ("customers", "headers"),
        ("meetings", "headers"),
        ("contracts", "headers"),
    ]


def test_a_mapping_file_is_used_and_what_a_person_says_of_one_file_wins(bring: Callable[..., Import]) -> None:
    odd = "Wer;Wann;Was;Wieviel\n0001;01.10.2026;900,00;1,00\n"
    columns = "{Wer: customer_id, Wann: booked_on, Was: amount}"
    said = f"files:\n  'a*': {{ignore: true}}\n  '*.csv': {{table: yields, columns: {columns}}}\n"
    found = bring(
        upload("0.txt", CUSTOMERS), upload("b.csv", odd), upload("c.csv", odd + "\n"), upload("a.csv", odd * 2)
    )
    assert {item.kind for item in found.files.exclude(name="0.txt")} == {"unknown"}
    bring(upload("mapping.yaml", said), to=found)
    meant = {"Wer": "customer_id", "Wann": "booked_on", "Wieviel": "amount", "Was": None}
    map_file(file=found.files.get(name="c.csv"), mapping={"table": "yields", "columns": meant})
    bring(to=found)
    assert list(found.files.values_list("name", "kind", "sum_cents")) == [
        ("0.txt", "customers", None),
        ("a.csv", "ignored", None),
        ("b.csv", "yields", 90000),
        ("c.csv", "yields", 100),
        ("mapping.yaml", "mapping", None),
    ]


def test_two_files_of_the_same_name_both_count(bring: Callable[..., Import], as_role: Callable[[str], Client]) -> None:
    publish(bring(upload("kunden.csv", CUSTOMERS), upload("provision.csv", YIELDS)))
    newer = bring(upload("provision.csv", YIELDS.replace("900,00", "901,00")))
    assert names(active_files(also=newer)) == ["kunden.csv", "provision.csv", "provision.csv"]
    assert newer.state == "ready"
    page = text(as_role("owner").get(f"/imports/{newer.pk}/"))
    assert "enthält Tage vom 01.10.2026 bis zum 02.10.2026, die auch in dieser liegen." in page


def test_an_import_is_published_and_undone_as_a_whole(
    bring: Callable[..., Import], as_role: Callable[[str], Client]
) -> None:
    found = bring(upload("kunden.csv", CUSTOMERS), upload("provision.csv", YIELDS))
    client, address = as_role("adviser"), f"/imports/{found.pk}/"
    assert [as_role(role).post(f"{address}publish/").status_code for role in ("assistant", "auditor")] == [403, 403]
    client.post(f"{address}publish/")
    assert headline(client.get(address)) == "Der Import kommt gerade in den Bestand."
    run(Job.objects.get(kind="publish"))
    assert headline(client.get(address)).startswith("Dieser Import gehört seit ")
    assert list(
        Yield.objects.filter(book__published=True).order_by("line").values_list("customer_id", "amount_cents", "line")
    ) == [
        ("0001", 90000, 2),
        ("0003", 4050, 3),
    ]
    again = client.post(f"{address}publish/", follow=True)
    assert "Dieser Import ist nicht fertig gelesen oder wird schon übernommen." in text(again)
    client.post(f"{address}undo/")
    client.post(f"{address}undo/")
    run(Job.objects.get(kind="undo"))
    assert headline(client.get(address)).startswith("Dieser Import wurde am ")
    assert Yield.objects.filter(book__published=True).count() == 0


def test_a_file_that_nobody_knew_may_be_brought_again(bring: Callable[..., Import]) -> None:
    odd = upload("odd.csv", "Wer;Wann;Was\n0001;01.10.2026;900,00\n")
    publish(bring(upload("kunden.csv", CUSTOMERS), odd))
    assert names(active_files()) == ["kunden.csv"]
    odd.seek(0)
    again = bring(odd)
    assert list(again.files.values_list("left_out", "kind")) == [(False, "unknown")]


@pytest.mark.parametrize("columns", ["Kundennummer;Datum;Betrag", "Betrag;Datum;Kundennummer"])
def test_figures_say_from_which_file_and_line_they_came(bring: Callable[..., Import], columns: str) -> None:
    cells = {"Kundennummer": "0003", "Datum": "02.10.2026", "Betrag": "40,50"}
    line = ";".join(cells[name] for name in columns.split(";"))
    found = bring(upload("kunden.csv", CUSTOMERS), upload("p.csv", f"Abrechnung\n\n{columns}\n{line}\n"))
    book = write_book(cause=found, files=active_files(also=found), progress=lambda *_: None, now=NOW)
    assert list(Yield.objects.filter(book=book).values_list("source", "line", "amount_cents")) == [("p.csv", 4, 4050)]
