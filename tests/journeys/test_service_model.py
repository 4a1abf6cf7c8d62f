"""The next service model in a real browser, at a real office: from a draft to promises that customers were told.

On SQLite and on PostgreSQL: an owner at a desk in German, an adviser with a phone in English.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.journeys.browser import Visit, axe, too_small, too_wide, visiting
from tests.journeys.served import database, serving
from tests.journeys.small_firm import FILES
from tests.journeys.test_office import JOB_MS, bring_in, come_in, confirm_first_classes, invite, press, start

from zusage.policy.read import read_policy_text

LABEL = "2027-1"
OWN = "Muster-Hausfassung"
FEWER = "Die Rückrufe werden gebündelt"
RISK = "Die Anruflisten folgen im Dezember"
TRIES = 20
"""A job of a small book is soon done; so often somebody tries to publish beside one."""


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        database(request.param, "zusage_service_model") as url,
        serving(tmp_path_factory.mktemp("office") / "data", url) as found,
    ):
        yield found


def test_from_a_draft_to_promises_that_customers_were_told(browser: Browser, address: str, tmp_path: Path) -> None:
    with visiting(browser, address) as owner:
        start(owner)
        bring_in(owner, tmp_path / "files", FILES)
        confirm_first_classes(owner)
        draft = begin(owner)
        answer_two(owner, draft)
        set_best_cut(owner, draft)
        change_cells(owner, draft)
        check(owner, draft)
        said = preview(owner)
        publish(owner, draft)
        tell(owner)
        what_held_still_holds(owner, said)
        compare(owner)
        draft = begin(owner)
        nothing_left_to_undo(owner, draft)
        link = invite(owner, "Bernd Beispiel", "bernd@example.org", "Beraterin oder Berater", "English")
        with visiting(browser, address, phone=True, locale="en-GB") as adviser:
            come_in(adviser, link, "bernd@example.org")
            overtaken_on_the_phone(adviser, owner, draft)
            who_would_move(adviser, draft)
        own_file(owner, tmp_path / "own.yaml")


def text_of(visit: Visit) -> str:
    """What the page says, with usual spaces."""
    return visit.page.locator("main").inner_text().replace("\xa0", " ")


def begin(visit: Visit) -> str:
    """A draft begins as the service model in force; answers its address."""
    visit.open("/services/")
    press(visit, "Entwurf beginnen")
    return visit.path.removesuffix("matrix/")


def answer_two(visit: Visit, draft: str) -> None:
    """Each answer says what it means in hours before it is chosen."""
    page = visit.page
    visit.open(f"{draft}questions/annual_check/")
    for chosen, following in (("all", "occasions"), ("often", "newsletter")):
        expect(page.locator(f"#hours-{chosen}")).to_contain_text("mehr als")
        page.locator(f"input[name=answer][value={chosen}]").check()
        press(visit, "Übernehmen und weiter")
        assert visit.path == f"{draft}questions/{following}/"


def set_best_cut(visit: Visit, draft: str) -> None:
    """The cut of the best class is typed; the class says it in a sentence."""
    page = visit.page
    visit.open(f"{draft}classes/")
    cut = page.locator("#class-A input[name=from]").first
    expect(cut).to_have_value("600")
    figure = page.locator("#class-A [id$=-figure]").first
    expect(figure).to_contain_text("600")
    cut.fill("900")
    page.keyboard.press("Tab")
    expect(figure).to_contain_text("900")
    visit.rest()
    assert axe(page) == []


def change_cells(visit: Visit, draft: str) -> None:
    """The last class is called back later, and seen more often: the foot follows."""
    page = visit.page
    visit.open(f"{draft}matrix/")
    visit.unfold("#callback--C")
    page.locator("#callback--C select[name=mode]").select_option("within_workdays")
    page.locator("#callback--C input[name=number]").fill("3")
    page.locator("#callback--C button.primary").click()
    expect(page.locator("#callback--C button.cell")).to_contain_text("innerhalb von 3 Arbeitstagen")
    visit.rest()
    before = page.locator("#matrix-foot").inner_text()
    visit.unfold("#annual_check--C")
    page.locator("#annual_check--C input[name=per_year]").fill("2")
    page.locator("#annual_check--C button.primary").click()
    expect(page.locator("#matrix-foot")).not_to_have_text(before)
    visit.rest()


def check(visit: Visit, draft: str) -> None:
    """The draft is held against the book; nothing was logged, so nobody knows whether the hours suffice."""
    page = visit.page
    visit.open(f"{draft}check/")
    press(visit, "Entwurf prüfen")
    expect(page.locator("h1")).to_contain_text("Ob die Stunden reichen, ist nicht bekannt", timeout=JOB_MS)
    visit.rest()
    assert ("wird weniger" in text_of(visit), axe(page)) == (True, [])


def preview(visit: Visit) -> str:
    """What the desk would say to a customer who asks to be called back."""
    visit.open("/requests/new/?number=0003")
    return visit.page.locator("#preview blockquote").inner_text()


def publish(visit: Visit, draft: str) -> None:
    """Without a signature nothing is published; with it, once for all customers whose promises become less."""
    page = visit.page
    visit.open(f"{draft}check/")
    with visit.leaving():
        page.get_by_role("link", name="Veröffentlichen …").click()
    page.get_by_label("Bezeichnung").fill(LABEL)
    page.get_by_label("Warum Zusagen weniger werden").fill(FEWER)
    page.get_by_label("Warum Sie trotz").fill(" ")
    press(visit, "Veröffentlichen")
    assert visit.path == f"{draft}publish/"
    assert ("Bitte angeben." in text_of(visit), axe(page)) == (True, [])
    assert page.get_by_label("Warum Zusagen weniger werden").input_value() == FEWER
    page.get_by_label("Warum Sie trotz").fill(RISK)
    assert page.get_by_label("Gilt ab").input_value() != ""
    publish_at_last(visit)
    text = text_of(visit)
    assert visit.heading.startswith(f"Es gilt die Fassung {LABEL}")
    assert f"Risiko übernommen von Ines Inhaberin: {RISK}" in text


def publish_at_last(visit: Visit) -> None:
    """Send the form that is shown; while the book is reckoned, wait for that and send it again."""
    for _ in range(TRIES):
        press(visit, "Veröffentlichen")
        if visit.path == "/services/versions/":
            return
        assert "Gerade wird der Bestand neu gerechnet" in text_of(visit)
        reckoned(visit)
    raise AssertionError(text_of(visit))


def reckoned(visit: Visit) -> None:
    """Wait beside the form, in a window of its own, until the book is reckoned."""
    page = visit.context.new_page()
    page.goto(f"{visit.base}/review/")
    expect(page.locator("main .notice[role=status]")).to_have_count(0, timeout=JOB_MS)
    page.close()


def tell(visit: Visit) -> None:
    """What becomes less was signed once; both customers of the class are noted as told on a day."""
    page = visit.page
    visit.open("/services/telling/")
    with visit.leaving():
        page.locator("main").get_by_role("link", name="Klassik").click()
    text = text_of(visit)
    assert (visit.heading.startswith("2 von 2 Kunden"), FEWER in text, axe(page)) == (True, True, [])
    assert "was weniger wird, 30 Tage nach der Mitteilung" in text
    press(visit, "Für alle 2 vermerken")
    assert "Alle sind informiert." in text_of(visit)


def what_held_still_holds(visit: Visit, said: str) -> None:
    """Told today, less only after the notice: page and desk say what they said before."""
    visit.open("/customers/0003/")
    assert "Rückruf: am nächsten Arbeitstag" in text_of(visit)
    assert preview(visit) == said


def compare(visit: Visit) -> None:
    """What differs between the two versions, in words."""
    visit.open("/services/versions/")
    with visit.leaving():
        visit.page.get_by_role("link", name="Zwei Fassungen vergleichen").click()
    text = text_of(visit)
    assert (visit.heading, axe(visit.page)) == (f"Von 2026-1 zu {LABEL}", [])
    assert "am nächsten Arbeitstag\tinnerhalb von 3 Arbeitstagen" in text


def nothing_left_to_undo(visit: Visit, draft: str) -> None:
    """An edit is taken back; a second time there is nothing left, and the draft stays."""
    page = visit.page
    visit.unfold("#events--C")
    page.locator("#events--C select[name=mode]").select_option("invited")
    page.locator("#events--C input[name=per_year]").fill("1")
    page.locator("#events--C button.primary").click()
    expect(page.locator("#draft-state")).to_contain_text("Rückgängig: Veranstaltungen für Klassik")
    visit.rest()
    with visit.leaving():
        page.locator("#draft-state").get_by_role("button", name="Rückgängig").click()
    assert page.locator("#draft-state form").count() == 1
    page.locator("#draft-state form").evaluate("(form, to) => { form.action = to; }", f"{draft}undo/")
    with visit.leaving():
        page.locator("#draft-state form button").click()
    expect(page.locator("body")).to_contain_text("An diesem Entwurf ist nichts mehr rückgängig zu machen.")


def overtaken_on_the_phone(adviser: Visit, owner: Visit, draft: str) -> None:
    """Both work on a cell; who saves second sees both and decides."""
    page, cell = adviser.page, "#callback--B"
    for part in ("questions", "classes", "matrix", "hours", "check"):
        adviser.open(f"{draft}{part}/")
        assert (part, too_wide(page), too_small(page), axe(page)) == (part, [], [], [])
    adviser.open(f"{draft}matrix/")
    adviser.unfold(cell)
    page.locator(f"{cell} select[name=mode]").select_option("within_workdays")
    page.locator(f"{cell} input[name=number]").fill("2")
    adviser.rest()
    owner.open(f"{draft}matrix/")
    owner.unfold(cell)
    owner.page.locator(f"{cell} select[name=mode]").select_option("same_day")
    owner.rest()
    owner.page.locator(f"{cell} button.primary").click()
    expect(owner.page.locator(f"{cell} button.cell")).to_contain_text("am selben Arbeitstag")
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.locator(f"{cell} button.primary").click()
    assert answered.value.status == 409
    expect(page.locator(f"{cell} [role=alert]")).to_contain_text("Ines Inhaberin has changed this draft meanwhile")
    adviser.rest()
    assert "same working day" in page.locator(f"{cell} .now").inner_text()
    assert page.locator(f"{cell} input[name=number]").input_value() == "2"
    uncovered = [item for item in axe(page) if "obscured" not in item]  # what floats covers what lies under it
    assert (too_wide(page), too_small(page), uncovered) == ([], [], [])
    page.locator(f"{cell} button.primary").click()
    expect(page.locator(f"{cell} button.cell")).to_contain_text("within 2 working days")
    adviser.open(f"{draft}publish/")
    assert "Publish the draft" not in page.locator("body").inner_text()


def who_would_move(visit: Visit, draft: str) -> None:
    """Another cut, typed as the English write figures: who would fall below it stands there by name, with why."""
    page = visit.page
    visit.open(f"{draft}classes/")
    cut = page.locator("#class-A input[name=from]").first
    expect(cut).to_have_value("900")
    cut.fill("1,000")
    page.keyboard.press("Tab")
    expect(page.locator("#class-A [id$=-figure]").first).to_contain_text("€1,000")
    visit.rest()
    page.locator("#class-A input[name=stay]").first.fill("1,000")
    page.keyboard.press("Tab")
    expect(page.locator("#classes-lead h1")).to_contain_text("1")
    visit.rest()
    assert (too_wide(page), too_small(page), axe(page)) == ([], [], [])
    visit.open(f"{draft}classes/moves/?change=down")
    assert page.locator("main table.list th[scope=row]").all_inner_texts() == ["Alma Muster"]
    assert "€960" in text_of(visit)
    visit.shot("classes-moves-en-phone")
    assert (too_wide(page), too_small(page), axe(page)) == ([], [], [])


def own_file(visit: Visit, path: Path) -> None:
    """A file with remarks becomes a draft and a version byte for byte; none is published while the book is reckoned."""
    page = visit.page
    force = visit.context.request.get(f"{visit.base}/services/versions/2.yaml").body()
    text = b"# Hausfassung: mit Bernd besprochen\n" + force.replace(LABEL.encode(), OWN.encode(), 1)
    text = text.replace(b"notice_days: 30", b"notice_days: 45")
    path.write_bytes(text)
    visit.open("/services/versions/")
    page.locator("input[type=file]").set_input_files(path)
    press(visit, "Als Entwurf übernehmen")
    draft = visit.path.removesuffix("check/")
    assert visit.context.request.get(f"{visit.base}{draft[:-1]}.yaml").body() == text
    refused_while_reckoning(visit, draft)
    page.get_by_label("Bezeichnung").fill(OWN)
    publish_at_last(visit)
    row = page.locator("main tr", has_text=OWN)
    assert row.locator("code").get_attribute("title") == read_policy_text(text.decode()).policy.hash
    assert visit.context.request.get(f"{visit.base}/services/versions/3.yaml").body() == text


def refused_while_reckoning(visit: Visit, draft: str) -> None:
    """A label that is taken is refused anyway: so somebody can try until the job is met at work."""
    page = visit.page
    for _ in range(TRIES):
        visit.open(f"{draft}publish/")
        page.get_by_label("Bezeichnung").fill(LABEL)
        page.get_by_label("Warum Sie trotz").fill(RISK)
        beside = visit.context.new_page()
        beside.goto(f"{visit.base}/review/")
        button = beside.get_by_role("button", name="Neu berechnen")
        if button.count():
            with beside.expect_navigation():
                button.click()
        press(visit, "Veröffentlichen")
        beside.close()
        if "Gerade wird der Bestand neu gerechnet" in text_of(visit):
            return
    raise AssertionError(text_of(visit))
