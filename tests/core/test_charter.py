"""The charter tells what everyone gets, the packages and the ways to them, and the paper says the very same."""

import re
from collections import Counter
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from tests.journeys.command import said

from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, Language, say_finding
from zusage.policy import TEMPLATES, template
from zusage.policy.document import EVERYONE, METRICS, AllOf, AnyOf, Criterion, Policy, Price, Rule, Text
from zusage.policy.read import plain_document as document
from zusage.policy.read import read_document, read_policy_text
from zusage.promises.charter import Texts, charter_findings, charter_of, ways_sentence
from zusage.promises.terms import price_text
from zusage.promises.texts import read_texts_text
from zusage.promises.ways import MOST, ways_to
from zusage.report.charter import charter_html, charter_pdf, sheet
from zusage.report.typeset import pages

EVERY_WAY = frozenset(METRICS)
BROKER = Path(__file__).parents[2] / "examples" / "broker" / "policy.yaml"


def text_of(name: str) -> str:
    return BROKER.read_text("utf-8") if name == "broker" else template(name, "de")


def policy_of(name: str) -> Policy:
    return read_policy_text(text_of(name)).policy


ABC = policy_of("abc")
NAMES = [*TEMPLATES, "broker"]


def large() -> Policy:
    """Forty services beyond the floor, with long names and prices."""
    whole = document(template("abc", "de"))
    whole["firm"]["name"] = "Überländische Versicherungsmaklergesellschaft Müller, Weiß & Łukasiewicz mbH"
    role = next(iter(whole["resources"]["roles"]))
    for number in range(31):
        long = number % 5 == 0
        whole["services"][f"more_{number}"] = {
            "name": f"Vertragsüberprüfungsgespräch für Ärztehäuser {number}" if long else f"Leistung {number}",
            "kind": "standard", "measure": "included", "promise": "included", "minutes": 10, "role": role,
        }  # fmt: skip
    whole["classes"]["best_first"]["A"]["price"] = {"net": 120, "per": "month"}
    return read_document(whole)


# --- what it tells


@pytest.mark.parametrize("name", NAMES)
def test_everyone_gets_the_floor_and_no_package_repeats_it(name: str) -> None:
    policy = policy_of(name)
    charter = charter_of(policy)
    floor = [item.key for item in policy.services if item.kind == "floor"]
    assert [line.service for line in charter.floor] == floor
    for package in charter.packages:
        beyond = [item.service for item in policy.promises_of(package.class_key) if item.service not in floor]
        assert [line.service for line in package.lines] == beyond


@pytest.mark.parametrize("name", NAMES)
def test_packages_stand_best_first_without_the_class_of_new_customers(name: str) -> None:
    policy = policy_of(name)
    real = [item.key for item in policy.classes if not item.provisional]
    assert [package.class_key for package in charter_of(policy).packages] == real


def test_a_line_is_marked_where_it_is_better_than_in_the_package_below() -> None:
    premium, komfort, klassik = charter_of(ABC).packages
    assert [line.name.de for line in premium.lines if not line.more] == [
        "Betreuung zu Anlässen", "Übersicht Ihrer Unterlagen", "Wege zu uns", "Zweiter Blick auf Verträge anderer",
    ]  # fmt: skip
    assert [line.name.de for line in komfort.lines if line.more] == [
        "Ort der Beratung", "Jahrescheck", "Betreuung zu Anlässen",
    ]  # fmt: skip
    assert [line.more for line in klassik.lines] == [False] * 9


def test_what_differs_in_the_floor_stands_in_the_packages() -> None:
    (key, promises), *others = ABC.promises
    other = replace(promises[0], wording=Text("Anders.", "Otherwise."))
    charter = charter_of(replace(ABC, promises=((key, (other, *promises[1:])), *others)))
    assert promises[0].service not in [line.service for line in charter.floor]
    assert [package.lines[0].service for package in charter.packages] == [promises[0].service] * 3


# --- the ways


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_criteria_is_told_unless_the_firm_shows_it(name: str) -> None:
    *better, last = charter_of(policy_of(name)).packages
    assert [package.ways for package in better] == [()] * len(better)
    assert last.ways == (
        Text(
            "wer bei uns Kunde ist; mehr braucht es dafür nicht", "those who are our customers; nothing more is needed"
        ),
    )


WAYS = [
    (Criterion("yield", 60000, 60000), "wer uns für mindestens 600\xa0€ im Jahr beauftragt"),
    (Criterion("contracts", 1, 1), "wer einen Vertrag über uns hat"),
    (Criterion("contracts", 13, 13), "wer mindestens 13 Verträge über uns hat"),
    (Criterion("referrals_won", 2, 2), "wer uns zwei neue Kunden empfohlen hat"),
    (Criterion("tenure", 60, 60), "wer seit mindestens fünf Jahren bei uns ist"),
    (Criterion("tenure", 12, 12), "wer seit einem Jahr bei uns ist"),
    (Criterion("tenure", 18, 18), "wer seit mindestens 18 Monaten bei uns ist"),
    (Criterion("recurring_share", 500, 500), "wer uns laufend beauftragt, zu mindestens 50\xa0%"),
    (Criterion("own_donations", 2500, 2500), "bei wem „donations“ mindestens 2,5 beträgt"),
    (
        AllOf((Criterion("contracts", 3, 3), Criterion("tenure", 24, 24))),
        "wer mindestens drei Verträge über uns hat und wer seit mindestens zwei Jahren bei uns ist",
    ),
]


@pytest.mark.parametrize(("rule", "text"), WAYS, ids=[text for _, text in WAYS])
def test_a_criterion_is_told_in_the_words_of_a_customer(rule: Rule, text: str) -> None:
    item = replace(ABC.classes[0], rule=rule)
    (way,) = ways_to(ABC, item, EVERY_WAY | {"own_donations"}, {})
    assert way.de == text


def test_a_way_with_a_hidden_part_is_hidden_as_a_whole() -> None:
    both = AllOf((Criterion("contracts", 3, 3), Criterion("contribution", 100, 100)))
    item = replace(ABC.classes[0], rule=AnyOf((both, Criterion("tenure", 24, 24))))
    assert [way.en for way in ways_to(ABC, item, frozenset({"contracts", "tenure"}), {})] == [
        "those who have been with us for at least two years"
    ]


def test_what_an_easier_way_already_says_is_left_out() -> None:
    hard = AllOf((Criterion("contracts", 3, 3), Criterion("tenure", 24, 24)))
    item = replace(ABC.classes[0], rule=AnyOf((hard, Criterion("contracts", 2, 2))))
    assert [way.de for way in ways_to(ABC, item, EVERY_WAY, {})] == ["wer mindestens zwei Verträge über uns hat"]


def test_a_whole_table_of_ways_is_not_told() -> None:
    rules = tuple(
        AllOf((Criterion("contracts", count, count), Criterion("tenure", 12 * (20 - count), 0)))
        for count in range(1, MOST + 2)
    )
    assert ways_to(ABC, replace(ABC.classes[0], rule=AnyOf(rules)), EVERY_WAY, {}) == ()


leaf = st.builds(
    lambda name, cut: Criterion(name, cut, cut), st.sampled_from(["contracts", "tenure", "yield"]), st.integers(1, 5)
)
rules = st.recursive(
    leaf, lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda parts: st.sampled_from([AllOf(tuple(parts)), AnyOf(tuple(parts))])
    ), max_leaves=6,
)  # fmt: skip


@given(rules, st.sets(st.sampled_from(["contracts", "tenure", "yield"])))
def test_no_way_ever_tells_a_figure_the_firm_does_not_show(rule: Rule, shown: set[str]) -> None:
    told = " ".join(way.de for way in ways_to(ABC, replace(ABC.classes[0], rule=rule), frozenset(shown), {}))
    words = {"contracts": "Vertr", "tenure": "bei uns ist", "yield": "beauftragt"}
    assert [name for name, text in words.items() if text in told and name not in shown] == []


def test_the_firms_own_words_go_before_its_criteria() -> None:
    own = Text("Premium ist für alle, die uns weiterempfehlen.", "Premium is for all who recommend us.")
    texts = Texts(shown=EVERY_WAY, ways=(("A", own),))
    package = charter_of(ABC, texts).packages[0]
    assert (package.ways, ways_sentence(package, "de")) == ((own,), own.de)


def test_several_ways_are_one_sentence() -> None:
    package = charter_of(ABC, Texts(shown=EVERY_WAY)).packages[0]
    assert ways_sentence(package, "en") == (
        "Premium is for those who engage us for at least €600 a year, or those who have brought us three new customers "
        "by recommendation."
    )


PRICES = [
    (Price(12000, 190, "year", 30),
     "142,80\xa0€ im Jahr (120\xa0€ und 19\xa0% Umsatzsteuer: 22,80\xa0€), kündbar mit 30 Tagen Frist"),
    (Price(999, 0, "month", 0), "9,99\xa0€ im Monat (ohne Umsatzsteuer), jederzeit kündbar"),
    (Price(101, 70, "month", 1),
     "1,08\xa0€ im Monat (1,01\xa0€ und 7\xa0% Umsatzsteuer: 0,07\xa0€), kündbar mit einem Tag Frist"),
]  # fmt: skip


@pytest.mark.parametrize(("price", "text"), PRICES)
def test_a_price_is_told_with_all_that_is_to_be_paid_first(price: Price, text: str) -> None:
    assert price_text(price, "de") == text


# --- what must not stand in it


def found(texts: Texts, policy: Policy = ABC) -> list[tuple[str, str | None, object]]:
    findings = charter_findings(charter_of(policy, texts), policy)
    return [(item.reason.code, item.where.path, item.reason.values["word"]) for item in findings]


@pytest.mark.parametrize("name", NAMES)
def test_templates_and_the_example_are_fit_for_customers(name: str) -> None:
    assert found(Texts(shown=EVERY_WAY), policy_of(name)) == []


def test_words_that_degrade_are_refused_with_their_place() -> None:
    texts = Texts(intro=Text("Auch Nörgler sind willkommen.", "Even a nuisance is welcome."))
    assert found(texts) == [("packages_degrading", "intro", "Nörgler"), ("packages_degrading", "intro", "nuisance")]


def test_the_firm_can_refuse_words_of_its_own() -> None:
    assert found(Texts(refused=("Klass",))) == [("packages_degrading", "classes.best_first.C.name", "Klass")]


LETTERS = [
    ("de", "Das gilt nur für A und B.", "A"), ("de", "A bekommt mehr.", "A"), ("de", "Für unsere C-Kunden", "C"),
    ("de", "als C Kunde", "C"), ("de", "in Klasse B", "B"), ("en", "what a C customer gets", "C"),
    ("en", "Class B", "B"),
]  # fmt: skip
NO_LETTERS = [
    ("de", "z. B. Briefe, u. a. von A. Müller"), ("de", "Unser Plan B"), ("de", "Vitamin C"), ("de", "A. Müller hilft"),
    ("en", "A good talk. I help."), ("en", "a B2B firm"), ("de", "Anlage A4"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "letter"), LETTERS, ids=[text for _, text, _ in LETTERS])
def test_an_internal_letter_is_refused(language: Language, text: str, letter: str) -> None:
    closing = Text(text, "Good day") if language == "de" else Text("Guten Tag", text)
    assert found(Texts(closing=closing)) == [("packages_internal", "closing", letter)]


@pytest.mark.parametrize(("language", "text"), NO_LETTERS, ids=[text for _, text in NO_LETTERS])
def test_letters_that_mean_something_else_are_let_through(language: Language, text: str) -> None:
    assert found(Texts(closing=Text(text, "Good day") if language == "de" else Text("Guten Tag", text))) == []


# --- on paper and on the page


def squeezed(text: str) -> str:
    """A text without what setting it may change: spaces, line ends, the hyphens of parted words."""
    return re.sub(r"[\s\xad\u2010-]", "", text)


def read(made: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(made)).pages]


def printed(lines: dict[str, object]) -> str:
    """All that must stand on one page of paper, from the lines of the sheet."""
    words = dict(lines["words"])  # type: ignore[call-overload] # of the sheet
    packages = list(lines["packages"])  # type: ignore[call-overload] # as above
    rows = list(lines["rows"])  # type: ignore[call-overload] # as above
    more = list(lines["more"])  # type: ignore[call-overload] # as above
    floor = list(lines["floor"])  # type: ignore[call-overload] # as above
    cells = [("+" if cell["more"] else "") + (cell["text"] or "–") for row in rows for cell in row["cells"]]
    texts = [
        *(lines[name] for name in ("firm", "title", "intro", "closing", "contact", "foot")),
        *(words[name] for name in ("floor", "packages", "service", "mark", "more")),
        *floor, "•" * len(floor), *(item["name"] for item in packages), *(row["name"] for row in rows), *cells,
        *(item["name"] + item["text"] for item in more),
    ]  # fmt: skip
    return "".join(map(str, texts))


TOLD = Texts(
    intro=Text("Damit Sie wissen, womit Sie rechnen können.", "So that you know what to count on."),
    contact=Text("Fragen? 0341 000000", "Questions? 0341 000000"),
    shown=EVERY_WAY,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_paper_is_one_page_and_says_exactly_what_is_promised(name: str, language: Language) -> None:
    charter = charter_of(policy_of(name), TOLD)
    (page,) = read(charter_pdf(charter, language))
    assert Counter(squeezed(page)) == Counter(squeezed(printed(sheet(charter, language))))


@pytest.mark.parametrize("name", NAMES)
def test_every_promise_of_a_package_is_read_on_the_paper(name: str) -> None:
    charter = charter_of(policy_of(name))
    (page,) = map(squeezed, read(charter_pdf(charter, "de")))
    missing = [line for package in charter.packages for line in package.lines if squeezed(line.term.de) not in page]
    assert (missing, [line for line in charter.floor if squeezed(line.sentence.de) not in page]) == ([], [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_forty_services_break_between_rows_and_repeat_the_names_of_the_packages(language: Language) -> None:
    charter = charter_of(large(), TOLD)
    first, second = read(charter_pdf(charter, language))
    names = [package.name[language] for package in charter.packages]
    for page in (first, second):
        header = squeezed(sheet(charter, language)["words"]["service"] + "".join(names))
        assert header in squeezed(page)
    rows = [row["name"] for row in sheet(charter, language)["rows"]]
    whole = [sum(squeezed(str(name)) in squeezed(page) for page in (first, second)) for name in rows]
    assert (len(rows), [name for name, count in zip(rows, whole, strict=True) if not count]) == (41, [])
    assert [page.splitlines()[-1][-5:] for page in (first, second)] == ["1 / 2", "2 / 2"]


def test_the_same_charter_gives_the_same_bytes_and_pictures_of_its_pages() -> None:
    charter = charter_of(large(), TOLD)
    assert charter_pdf(charter, "de") == charter_pdf(charter, "de")
    assert len(pages("charter", sheet(charter, "de"))) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_page_for_the_firms_site_holds_all_and_asks_for_nothing(name: str, language: Language) -> None:
    charter = charter_of(policy_of(name), TOLD)
    page = charter_html(charter, language)
    assert re.findall(r"(?:src|href|action)=|url\(|@import|<script|https?:", page) == []
    missing = [line.term[language] for package in charter.packages for line in package.lines]
    assert [text for text in missing if text not in page] == []


def test_what_the_firm_writes_is_text_on_the_page() -> None:
    policy = replace(ABC, firm=replace(ABC.firm, name="<script>alert(1)</script>"))
    page = charter_html(charter_of(policy, Texts(intro=Text("<b>Guten</b>", "{{ 7*7 }}"))), "de")
    assert ("<script>" in page, "<b>" in page, "&lt;b&gt;Guten" in page) == (False, False, True)
    assert "{{ 7*7 }}" in charter_html(charter_of(policy, Texts(intro=Text("<b>Guten</b>", "{{ 7*7 }}"))), "en")


def test_lines_stay_as_they_were_typed_and_control_characters_go() -> None:
    typed = Text("Muster GmbH\r\nWeg 1\x00\u202e\n04109 Leipzig", "Muster Ltd")
    charter = charter_of(ABC, Texts(contact=typed))
    assert sheet(charter, "de")["contact"] == "Muster GmbH\nWeg 1\n04109 Leipzig"
    (page,) = read(charter_pdf(charter, "de"))
    assert [line for line in ("Muster GmbH", "Weg 1", "04109 Leipzig") if line not in page.splitlines()] == []


def test_a_class_for_everyone_is_told_as_such_and_a_hidden_one_on_request() -> None:
    assert ABC.classes[-2].rule == EVERYONE
    texts = [item["text"] for item in sheet(charter_of(ABC), "de")["more"]]
    assert texts == [
        " gibt es auf Anfrage; bitte sprechen Sie uns an.",
        " gibt es auf Anfrage; bitte sprechen Sie uns an.",
        " erhält, wer bei uns Kunde ist; mehr braucht es dafür nicht.",
    ]


# --- the firm's texts and the command


def test_all_mistakes_of_the_texts_are_said_at_once() -> None:
    text = (
        "intro: []\nshown: [tenur]\nways: {X: hallo, A: {fr: Bonjour}}\ncolour: red\nrefused: 3\nclosing: " + "a" * 2001
    )
    _, findings = read_texts_text(text, ABC)
    assert [(item.where.line, item.where.path, item.reason.code) for item in findings] == [
        (1, "intro", "policy_not_text"),
        (2, "shown[0]", "policy_unknown_metric"),
        (3, "ways.X", "policy_unknown_class"),
        (3, "ways.A", "policy_not_text"),
        (4, "colour", "policy_unknown_field"),
        (5, "refused", "policy_not_list"),
        (6, "closing", "packages_text_long"),
    ]


def test_a_misspelt_field_of_the_texts_is_asked_after() -> None:
    _, (found,) = read_texts_text("shwon: [tenure]", ABC)
    assert say_finding(found, "de") == (
        "texts.yaml, Zeile 1, shwon: Das Feld „shwon“ gibt es hier nicht. "
        "Möglich sind: intro, closing, contact, shown, refused, ways. Meinten Sie „shown“?"
    )


@pytest.mark.parametrize("text", ["", "- intro", "Guten Tag"])
def test_a_file_without_fields_is_told_which_there_are(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_texts_text(text, ABC)
    assert [(item.reason.code, item.where.line) for item in refused.value.findings] == [("packages_no_texts", 1)]


@given(st.text(max_size=40), st.sampled_from(["intro", "shown", "ways", "refused", "ways:\n  A"]))
def test_whatever_is_written_is_read_or_refused(text: str, field: str) -> None:
    try:
        texts, _ = read_texts_text(f"{field}: {text}", ABC)
    except Refused:
        return
    charter_findings(charter_of(ABC, texts), ABC)


def test_the_command_writes_paper_and_page_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(text_of("abc"), "utf-8")
    (tmp_path / "texts.yaml").write_text("intro: {de: Guten Tag, en: Good day}\nshown: [referrals_won]\n", "utf-8")
    done = said("charter", "-p", tmp_path / "policy.yaml", "--texts", tmp_path / "texts.yaml", "--to", tmp_path / "out")
    assert (done.code, sorted(path.name for path in (tmp_path / "out").iterdir())) == (
        0,
        ["charter.html", "charter.pdf", "leistungsversprechen.html", "leistungsversprechen.pdf"],
    )
    texts = Texts(intro=Text("Guten Tag", "Good day"), shown=frozenset({"referrals_won"}))
    assert (tmp_path / "out" / "charter.pdf").read_bytes() == charter_pdf(charter_of(ABC, texts), "en")


def test_the_command_writes_nothing_while_a_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(text_of("abc"), "utf-8")
    (tmp_path / "texts.yaml").write_text("closing: Für unsere C-Kunden\nshow: [tenure]\n", "utf-8")
    done = said(
        "charter",
        "-p",
        tmp_path / "policy.yaml",
        "--texts",
        tmp_path / "texts.yaml",
        "--to",
        tmp_path / "out",
        "--lang",
        "en",
    )
    assert (done.code, (tmp_path / "out").exists()) == (2, False)
    assert [line.split(":")[1].strip() for line in done.err.splitlines() if line.startswith("Mistake")] == [
        "texts.yaml, line 2, show", "texts.yaml, line 1, closing",
    ]  # fmt: skip


def test_the_command_warns_in_the_language_asked_for(tmp_path: Path) -> None:
    text = text_of("abc").replace("A: same_day", "A: {mode: same_day, wording: Wir rufen am nächsten Tag an.}", 1)
    (tmp_path / "policy.yaml").write_text(text, "utf-8")
    done = said("charter", "-p", tmp_path / "policy.yaml", "--to", tmp_path / "out", "--lang", "en")
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["Warning", f"Written to {tmp_path / 'out'}"]


def test_checking_a_service_model_says_where_a_sentence_contradicts_its_promise(tmp_path: Path) -> None:
    text = text_of("abc").replace("A: same_day", "A: {mode: same_day, wording: Wir rufen am nächsten Tag an.}", 1)
    (tmp_path / "policy.yaml").write_text(text, "utf-8")
    done = said("policy", "check", tmp_path / "policy.yaml", "--lang", "de")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "nächsten Tag an." in row)
    assert done.code == 0
    assert done.out.startswith(
        f"Warnung: policy.yaml, Zeile {line}, matrix.callback.A.wording: „Wir rufen am nächsten Tag an.“ sagt "
        "„nächsten Tag“; zugesagt ist aber: am selben Arbeitstag."
    )
