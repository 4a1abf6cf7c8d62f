"""A firm's first days in a real browser, at a real office: from the first start to a promise kept, and one lowered.

On SQLite and on PostgreSQL, in German and English, at a desk and with a phone. Nothing may leave the machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.journeys.browser import Visit, axe, too_wide, visiting
from tests.journeys.served import database, serving
from tests.journeys.small_firm import FILES, LATER, write

PASSWORD = "ein-langes-kennwort"  # noqa: S105 - of the tests
JOB_MS = 60_000
"""A job is waited for so long; a busy machine takes its time."""


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        database(request.param, "zusage_journey") as url,
        serving(tmp_path_factory.mktemp("office") / "data", url) as found,
    ):
        yield found


def press(visit: Visit, name: str) -> None:
    """Press the button of that name in the page itself, and come to the page it leads to."""
    with visit.leaving():
        visit.page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def bring_in(visit: Visit, folder: Path, files: dict[str, list[str]]) -> None:
    """Import files and take them into the book."""
    page = visit.page
    visit.open("/imports/new/")
    page.locator("input[type=file]").set_input_files(write(folder, files))
    press(visit, "Dateien lesen")
    page.get_by_role("button", name="In den Bestand übernehmen").click(timeout=JOB_MS)
    expect(page.locator("h1")).to_contain_text("gehört seit", timeout=JOB_MS)


def test_a_firm_from_its_first_start_to_a_lowered_promise(browser: Browser, address: str, tmp_path: Path) -> None:
    with visiting(browser, address) as visit:
        start(visit)
        bring_in(visit, tmp_path / "files", FILES)
        confirm_first_classes(visit)
        customer_page(visit)
        request_at_the_desk(visit)
        second_import(visit, tmp_path / "more")
        override(visit)
        undo(visit)
        petra = invite(visit, "Petra Probe", "petra@example.org", "Assistenz", "English")
        rita = invite(visit, "Rita Muster", "rita@example.org", "Prüfung (nur lesen)", "Deutsch")
    with visiting(browser, address, phone=True, locale="en-GB") as visit:
        assistant_on_the_phone(visit, petra)
    with visiting(browser, address) as visit:
        auditor(visit, rita)


def start(visit: Visit) -> None:
    """The first page of a new office."""
    page = visit.page
    visit.open("/")
    assert (visit.path, axe(page)) == ("/office/start/", [])
    page.get_by_label("Name", exact=True).fill("Ines Inhaberin")
    page.get_by_label("E-Mail-Adresse").fill("ines@example.org")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_label("Name der Firma").fill("Makler Muster")
    page.get_by_label("Bundesland").select_option(label="Sachsen")
    press(visit, "Büro öffnen")
    assert visit.path == "/imports/"


def confirm_first_classes(visit: Visit) -> None:
    """Nobody has a class before the owner signed."""
    page = visit.page
    visit.open("/customers/")
    assert "– neu → Premium" in page.locator("main table").inner_text()
    visit.open("/review/?part=first")
    assert visit.heading == "Vorgeschlagen: 4 erste Einstufungen."
    page.get_by_label("Ihr Grund").fill("Einführung des Servicekonzepts")
    press(visit, "Alle ersten Klassen bestätigen (4)")
    assert visit.heading.startswith("Zur Zeit ist nichts zu entscheiden")


def customer_page(visit: Visit) -> None:
    """The class, why, and what is promised."""
    visit.open("/customers/0001/")
    text = visit.page.locator("main").inner_text().replace("\xa0", " ")
    assert (visit.heading, "960 € ab 600 €" in text, axe(visit.page)) == ("Alma Muster Premium A", True, [])


def request_at_the_desk(visit: Visit) -> None:
    """Asked, answered at once, paused, resumed, done; its minutes are work of the customer."""
    page = visit.page
    with visit.leaving():
        page.locator("main").get_by_role("link", name="Anliegen aufnehmen").click()
    page.get_by_label("Worum geht es?").fill("Fragt nach der Kfz-Rechnung")
    press(visit, "Anliegen aufnehmen")
    request = visit.path
    assert "Sie hören von uns" in page.locator("main").inner_text()
    press(visit, "Wartet auf Kunden")
    visit.open(request)
    press(visit, "Weiter")
    visit.open(request)
    form = page.locator("form", has=page.get_by_label("Minuten"))
    if not form.is_visible():
        page.locator("summary", has_text="Zurückgerufen").click()
    form.get_by_label("Minuten").fill("12")
    with visit.leaving():
        form.get_by_role("button").click()
    visit.open(request)
    assert "0:12 Std." in page.locator("main").inner_text().replace("\xa0", " ")


def second_import(visit: Visit, folder: Path) -> None:
    """A second import proposes changes and makes none; one reduction is signed, and takes effect later."""
    page = visit.page
    bring_in(visit, folder, LATER)
    visit.open("/customers/0001/")
    assert visit.heading == "Alma Muster Premium A"
    visit.open("/review/?part=down")
    with visit.leaving():
        page.get_by_role("link", name="Ansehen und entscheiden").click()
    assert visit.heading.startswith("Alma Muster: von Premium")
    page.get_by_label("Ihr Grund").fill("Vertrag gekündigt, Gespräch am Telefon")
    press(visit, "Rückstufung bestätigen")
    visit.open("/customers/0001/")
    assert visit.heading == "Alma Muster Premium A"
    visit.open("/review/?part=up")
    press(visit, "Angekreuzte bestätigen")
    visit.open("/customers/0003/")
    assert visit.heading == "Caro Probe Premium A"


def override(visit: Visit) -> None:
    """A class against the criteria, with a reason and a last day."""
    page = visit.page
    visit.open("/customers/0042/")
    page.locator("summary", has_text="Klasse von Hand festlegen").click()
    form = page.locator("form", has=page.get_by_label("Gilt bis", exact=True))
    form.get_by_label("Klasse").select_option(label="Premium")
    form.get_by_label("Warum, in Ihren Worten").fill("Empfiehlt uns im Verband")
    form.get_by_label("Gilt bis", exact=True).fill("2027-06-30")
    with visit.leaving():
        form.get_by_role("button").click()
    visit.open("/customers/0042/")
    assert visit.heading == "Emil Beispiel Premium A"


def undo(visit: Visit) -> None:
    """The second import is taken back: its money is gone, what people decided stays."""
    page = visit.page
    visit.open("/imports/2/")
    with visit.leaving():
        page.get_by_role("button", name=re.compile("zurücknehmen|rückgängig", re.IGNORECASE)).click()
    expect(page.locator("h1")).to_contain_text("zählen nicht mehr", timeout=JOB_MS)
    visit.open("/customers/0003/")
    text = page.locator("main").inner_text().replace("\xa0", " ")
    assert (visit.heading, "42 €" in text) == ("Caro Probe Premium A", True)


def invite(visit: Visit, name: str, mail: str, role: str, language: str) -> str:
    """The owner lets somebody in; answers the link that is handed over."""
    page = visit.page
    visit.open("/office/people/new/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-Mail-Adresse").fill(mail)
    page.get_by_label("Rolle", exact=True).select_option(label=role)
    page.get_by_label("Sprache").select_option(label=language)
    with visit.leaving():
        page.locator("main form button.primary").click()
    return page.locator(".secret code").inner_text()


def come_in(visit: Visit, link: str, mail: str) -> None:
    """Somebody chooses a password by their link and signs in with it; the link is used up."""
    page = visit.page
    page.goto(link)
    page.locator("input[type=password]").first.fill(PASSWORD)
    with visit.leaving():
        page.locator("main form button.primary").click()
    page.locator("input[name=login]").fill(mail)
    page.locator("input[name=password]").fill(PASSWORD)
    with visit.leaving():
        page.locator("input[name=password]").press("Enter")
    assert visit.path == "/"
    answer = page.goto(link)
    assert answer is not None
    assert page.locator("input[type=password]").count() == 0


def assistant_on_the_phone(visit: Visit, link: str) -> None:
    """Sees class and promises but no money, takes a request in, in English, at phone width."""
    page = visit.page
    come_in(visit, link, "petra@example.org")
    visit.open("/customers/0001/")
    text = page.locator("main").inner_text()
    assert ("Premium" in text, "€" in text, too_wide(page), axe(page)) == (True, False, [], [])
    assert visit.open("/review/").status == 403
    visit.open("/caller/?q=069 90009042")
    assert "Emil Beispiel" in page.locator("main").inner_text()
    visit.open("/requests/new/?number=0042")
    page.get_by_label("What is it about?").fill("Asks for a certificate")
    press(visit, "Take a request")
    assert (too_wide(page), axe(page), "you will hear from us" in page.locator("main").inner_text()) == ([], [], True)
    visit.open("/requests/")  # on a Friday it is due on Monday, of which Today does not speak yet
    assert "Emil Beispiel" in page.locator("main").inner_text()


def auditor(visit: Visit, link: str) -> None:
    """Sees everything and changes nothing."""
    come_in(visit, link, "rita@example.org")
    for path in ("/", "/customers/", "/customers/0001/", "/requests/", "/review/", "/imports/", "/calendar/"):
        assert visit.open(path).status == 200
        sent = visit.page.locator("main form[method=post]")
        assert (path, sent.count(), axe(visit.page)) == (path, 0, [])
    token = visit.page.evaluate("document.body.getAttribute('hx-headers')")
    status = visit.page.evaluate(
        """async headers => (await fetch('/requests/new/', {method: 'POST', headers: JSON.parse(headers),
        body: new URLSearchParams({number: '0042', what: 'callback'})})).status""",
        token,
    )
    assert status == 403
