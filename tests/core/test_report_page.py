"""The HTML report as a file: everything in it, nothing outside it, untrusted names harmless, readable contrasts."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console
from tests.people import ALMA, BELA, CARO, DORO, EMIL, TODAY, booked, call, changed, full_logs, full_year, tables
from tests.report_firm import FORMULA_NAME, SCRIPT_NAME, firm

from zusage import engine
from zusage.book import read_book
from zusage.ground.words import Language, say
from zusage.plan import PREVIOUS, Plan, make_plan
from zusage.policy.read import read_policy
from zusage.report import html
from zusage.report.explain import explain
from zusage.report.html import script_hash, write_html
from zusage.report.page.people import chosen
from zusage.report.terminal import print_summary
from zusage.report.workbook import write_xlsx
from zusage.report.writing import exact_euro

VOID = {"meta", "input", "br", "path", "circle", "rect"}
SECTIONS = ["classes", "promises", "hours", "spread", "customers", "served", "moving", "result", "findings", "method"]


class Page(HTMLParser):
    """What a test asks of a page: balanced tags, attributes, and the text of some elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data


def written(folder: Path, language: Language = "de") -> str:
    path = folder / "report.html"
    write_html(firm(), path, language)
    return path.read_text("utf-8")


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_is_well_formed_and_has_every_section_once(tmp_path: Path, language: Language) -> None:
    page = Page(written(tmp_path, language))
    assert page.open == []
    assert [values["id"] for tag, values in page.tags if tag == "section"] == SECTIONS
    assert next(values for tag, values in page.tags if tag == "html") == {"lang": language}
    ids = [values["id"] for _, values in page.tags if "id" in values]
    assert len(ids) == len(set(ids))


def test_the_same_plan_gives_the_same_page(tmp_path: Path) -> None:
    assert written(tmp_path) == written(tmp_path)


def test_nothing_is_fetched_and_only_our_script_may_run(tmp_path: Path) -> None:
    text = written(tmp_path)
    page = Page(text)
    assert not [values for tag, values in page.tags if tag in ("link", "img", "iframe") or "src" in values]
    assert [
        values["href"] for _, values in page.tags if "href" in values and not str(values["href"]).startswith("#")
    ] == []
    assert not [name for _, values in page.tags for name in values if name.startswith("on")]
    policy = next(str(values["content"]) for tag, values in page.tags if values.get("http-equiv"))
    script = text[text.index("<script>") + len("<script>") : text.index("</script>")]
    assert f"script-src '{script_hash(script)}'" in policy
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_names_are_text_and_never_markup(tmp_path: Path) -> None:
    page = Page(written(tmp_path))
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    assert sum(tag == "b" for tag, _ in page.tags) == 0
    names = [text for text in page.texts["summary"] if SCRIPT_NAME in text]
    assert len(names) == 1
    assert FORMULA_NAME in names[0]


def test_every_picture_has_a_statement_and_every_table_a_caption_and_headers(tmp_path: Path) -> None:
    page = Page(written(tmp_path))
    pictures = [values for tag, values in page.tags if tag == "svg"]
    assert pictures
    assert all(values["role"] == "img" and values["aria-label"] for values in pictures)
    tables = [tag for tag, _ in page.tags if tag in ("table", "caption")]
    assert all(pair != ("table", "table") for pair in pairwise(tables))
    assert all(values.get("scope") for tag, values in page.tags if tag == "th")


def test_internal_letters_stand_nowhere_in_the_promises_a_customer_may_read(tmp_path: Path) -> None:
    text = written(tmp_path)
    promises = text[text.index('<section id="promises"') : text.index('<section id="hours"')]
    assert "plate" not in promises
    assert 'class="plate' in text


def test_each_section_is_headed_by_a_sentence_with_figures(tmp_path: Path) -> None:
    page = Page(written(tmp_path))
    assert page.texts["h1"] == ["5 Haushalte bringen 1.482\u00a0€ im Jahr; ihre Betreuung kostet 653\u00a0€."]
    assert page.texts["h2"][:4] == [
        "Komfort bringt 51\u00a0% des Ertrags; das sind 40\u00a0% der Haushalte.",
        "Jeder bekommt eine Grundleistung. Dazu kommen eine Standardleistung und eine nur in einzelnen Klassen.",
        "Die Stunden reichen: 5 Std. im Jahr sind geschuldet, 800 Std. sind verfügbar.",
        "20\u00a0% der Haushalte bringen 46\u00a0% des Ertrags.",
    ]


def test_unknown_is_a_dash_with_its_reason_and_never_a_nought(tmp_path: Path) -> None:
    text = written(tmp_path)
    reason = "nicht zu berechnen: keine Betreuungszeit"
    assert f'<span class="unknown" tabindex="0" title="{reason}">–<span class="aside">{reason}</span></span>' in text


def test_a_large_book_shows_the_near_the_striking_and_the_largest() -> None:
    units = firm().units
    assert chosen(units, most=5).shape[0] == 5
    few = chosen(units, most=4)["unit_id"].to_list()
    assert len(few) == 4
    assert "0001" in few


PAIR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
ONE = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6});")


def themes(sheet: str) -> dict[str, dict[str, str]]:
    """The colours of each theme: pairs of light and dark; paper is the light one but for what it names itself."""
    screen, paper = sheet.split("@media print")
    light = {name: one for name, one, _ in PAIR.findall(screen)}
    return {
        "light": light,
        "dark": {name: other for name, _, other in PAIR.findall(screen)},
        "print": light | dict(ONE.findall(paper)),
    }


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


THEMES = themes(html.tokens())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["paper", "raised"])
@pytest.mark.parametrize("ink", ["ink", "muted", "accent", "tight", "broken", "kept", "hue-new"])
def test_text_is_readable_on_every_ground(theme: str, ground: str, ink: str) -> None:
    assert contrast(THEMES[theme][ground], THEMES[theme][ink]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_letters_are_readable_on_every_class_hue(theme: str) -> None:
    hues = [colour for name, colour in THEMES[theme].items() if name.startswith("hue-") and name != "hue-new"]
    assert len(hues) == 7
    assert min(contrast(hue, THEMES[theme]["on-hue"]) for hue in hues) >= 4.5


def test_all_themes_define_the_same_tokens_and_no_colour_stands_outside_them() -> None:
    assert set(THEMES["light"]) == set(THEMES["dark"]) == set(THEMES["print"])
    assert len(THEMES["light"]) == 18
    screen, paper = html.tokens().split("@media print")
    assert len(re.findall("#[0-9a-f]+", screen)) == 2 * 18
    assert len(re.findall("#[0-9a-f]+", paper)) == len(ONE.findall(paper))


def test_a_reader_may_choose_a_theme_and_paper_is_always_light() -> None:
    screen, paper = html.tokens().split("@media print")
    schemes = re.findall(r"(:root\S*) \{\s*color-scheme: ([a-z ]+);", screen)
    assert schemes == [
        (":root", "light dark"),
        (':root[data-theme="light"]', "light"),
        (':root[data-theme="dark"]', "dark"),
    ]
    assert re.findall(r"(\S+) \{ color-scheme: (\w+);", paper) == [(":root[data-theme]", "light")]


def unsure() -> Plan:
    """Emil held B; by the few calls seen he may as well be in A."""
    policy = changed(("any: [{yield: {from: 600, stay: 500}}", "any: [{euro_per_hour: 100}"))
    book = tables(yields=[*full_year(), booked(EMIL, 30)], work=[call(EMIL), call(EMIL)], logs=full_logs("calls"))
    previous = engine.table({"customer_id": [EMIL], "class_key": ["B"]}, PREVIOUS)
    return make_plan(book, policy, as_of=TODAY, previous=previous)


def crowded() -> Plan:
    """One place in A and two who reach it; Caro's class was set by hand, Doro is too new, customers stand alone."""
    policy = changed(
        ("A: {name: Premium, ", "A: {name: Premium, places: {count: 1, order: [yield]}, "),
        ("look_back_months: 12", "look_back_months: 12, min_history_months: 12"),
        ("household: together", "household: single\n  provisional: {name: Willkommen, like: C}"),
    )
    override = {"customer_id": CARO, "class_key": "B", "decided_by": "Muster", "reason": "Versprechen von früher"}
    choice = {"customer_id": BELA, "state": "declined", "class_key": "B", "chosen_on": TODAY}
    return make_plan(
        tables(
            yields=[booked(ALMA, 900), booked(EMIL, 800), booked(BELA, 300)], overrides=[override], choices=[choice]
        ),
        policy,
        as_of=TODAY,
    )


def nobody() -> Plan:
    return make_plan(tables(customers=[]), changed(), as_of=TODAY)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("made", [unsure, crowded, nobody])
def test_every_state_has_its_words(made: Callable[[], Plan], language: Language, tmp_path: Path) -> None:
    write_html(made(), tmp_path / "report.html", language)
    write_xlsx(made(), tmp_path / "result.xlsx", language)
    print_summary(made(), Console(file=StringIO()), language)
    assert Page((tmp_path / "report.html").read_text("utf-8")).open == []


def decided(plan: Plan, customer: str) -> str:
    return " ".join(say(reason, "de") for reason in explain(plan, customer, "de").decision)


def test_who_waits_who_was_set_by_hand_who_declined_and_who_is_new_is_said_in_words() -> None:
    plan = crowded()
    assert decided(plan, EMIL) == (
        "Premium wäre erreicht, dort ist aber kein Platz frei. Steht auf der Warteliste, bis dahin Komfort."
    )
    assert (
        decided(plan, CARO)
        == "Von Hand festgelegt: Komfort. Entschieden von Muster: Versprechen von früher. Gilt bis –."
    )
    assert decided(plan, BELA) == "Der Kunde hat ein größeres Paket abgelehnt (am 31.10.2026): Klassik."
    assert decided(plan, DORO) == "Noch zu kurz Kunde, um eingestuft zu werden: vorläufig Willkommen."


def test_figures_that_are_not_sure_enough_say_what_is_possible() -> None:
    assert decided(unsure(), EMIL) == "Nicht sicher genug: bleibt Komfort. Möglich sind Premium bis Klassik."


def test_the_example_firm_shows_its_files_to_the_cent(tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "examples/broker"
    book, policy = read_book(folder / "exports"), read_policy(folder / "policy.yaml").policy
    write_html(make_plan(book.tables, policy, findings=book.findings), tmp_path / "report.html", "de", book=book)
    text = (tmp_path / "report.html").read_text("utf-8")
    sums = [item.sum_cents for item in book.files if item.sum_cents is not None]
    assert sums
    assert [cents for cents in sums if exact_euro(cents, "de") not in text] == []
