"""Letters on paper: what stands where, read back by another program; breaks of pages, odd names, broken records."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from pypdf import PdfReader
from tests.letters import CODE, PETRA, SENDER, letter, lines_at, pages_of, words_of
from tests.people import changed

from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, Language
from zusage.policy.document import Text
from zusage.promises.recipients import KINDS, Kind
from zusage.report.letters import (
    PLACE,
    Address,
    Letter,
    OwnPage,
    letter_pdf,
    letter_text,
    letters_pdf,
    own_page,
    print_letters,
    read_template,
)
from zusage.report.letters.squares import MARGIN, matrix

LONG = "Wilhelmine-Charlotte Freifrau von und zu Größenwahn-Überlandstraße-Mustermann geborene Beispiel"
MANY = changed(
    ("matrix:", "".join(f"  s{number}: {{name: Leistung {number} für Sie, kind: standard, measure: included, "
                        f"promise: included}}\n" for number in range(40)) + "matrix:"),
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_letter_says_is_what_can_be_read_in_it(kind: Kind, language: Language) -> None:
    made = letter(kind, language)
    text = words_of(letter_pdf(made))
    assert [block for block in _texts(made) if block not in text] == []


def _texts(made: object) -> list[str]:
    blocks = getattr(made, "blocks")  # noqa: B009
    told = [part for block in blocks for part in (block.text, *block.items, *block.head, *sum(block.rows, ()))]
    told += [getattr(made, "subject"), getattr(made, "objection")]  # noqa: B009
    return [" ".join(text.split()) for text in told if text]


def test_a_letter_is_tagged_in_its_language_and_has_a_title() -> None:
    reader = PdfReader(BytesIO(letter_pdf(letter("down", "en"))))
    root = reader.trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"]), "/StructTreeRoot" in root) == ("en", True, True)
    assert reader.metadata is not None
    assert reader.metadata.title == "Your service from 1 March 2027"
    assert b'pdfuaid:part="1"' in root["/Metadata"].get_data() or b"<pdfuaid:part>1<" in root["/Metadata"].get_data()


def test_all_fonts_are_in_the_file() -> None:
    for page in PdfReader(BytesIO(letter_pdf(letter()))).pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_the_address_stands_in_the_window_of_the_envelope() -> None:
    pdf = letter_pdf(letter())
    assert [text for _, _, text in lines_at(pdf, 20, 62.7, 85, 27.3)] == [
        "Frau Dr. Petra Probe", "Musterweg 3", "01067 Dresden",
    ]  # fmt: skip
    assert [text for _, _, text in lines_at(pdf, 20, 45, 85, 17.7)] == [
        "Muster Makler GmbH · Probierweg 1 · 04109 Leipzig"
    ]


def test_a_long_address_gets_smaller_and_stays_in_the_window() -> None:
    address = Address("", "Frau", "Prof. Dr. Dr. h. c.", LONG, "Mustermann", f"{LONG} Verwaltungsgesellschaft mbH",
                      "Straße der langen Namen und der noch längeren Hausnummern 1234 a bis z", "c/o Beispiel",
                      "01067", "Dresden", "Österreich")  # fmt: skip
    made = letter(address=address)
    lines = lines_at(letter_pdf(made), 20, 62.7, 85, 27.3)
    assert " ".join(text for _, _, text in lines).replace("- ", "-") == " ".join(made.address)


def test_names_and_texts_are_print_and_never_code() -> None:
    evil = '#import "x": * $x^2$ \\ {} #panic() *fett* _kursiv_ `roh` <script>alert(1)</script> @ref =1+1 // weg'
    address = Address("", "Frau", "", "Petra", evil, street=evil, postcode="0", city=evil)
    policy = changed(("name: Rückruf", f"name: '{evil}'"))
    text = words_of(letter_pdf(letter("down", address=address, policy=policy, sender=replace(SENDER, name=evil))))
    assert text.count(evil) >= 6
    assert f"Sehr geehrte Frau {evil}," in text
    assert f"{evil} am selben Arbeitstag am nächsten Arbeitstag" in text


def test_what_breaks_lines_and_turns_letters_is_taken_out() -> None:
    address = Address("", "Frau", "", "Petra", "Probe\r\nBcc: x@example.org\u202e\x00", street="Ring 1", city="Leipzig")
    made = letter(address=address)
    assert made.address[0] == "Frau Petra Probe Bcc: x@example.org"
    assert "Frau Petra Probe Bcc: x@example.org" in words_of(letter_pdf(made))


@pytest.mark.parametrize("kind", KINDS)
def test_forty_services_break_pages_where_a_reader_would(kind: Kind) -> None:
    pages = pages_of(letter_pdf(letter(kind, policy=MANY, sender=replace(SENDER, notice=Text("", "")))))
    made = letter(kind, policy=MANY)
    headings = {block.text for block in made.blocks if block.kind == "heading"}
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        lines = [line.strip() for line in page.splitlines() if line.strip()]
        foot = next(at for at, line in enumerate(lines) if line.startswith("Muster Makler GmbH · ") and at > 0)
        assert lines[foot - 1] not in headings
        assert not lines[foot - 1].endswith(":")
        assert f"Seite {number} / {len(pages)}" in page
    (signed,) = [page for page in pages if "Mit freundlichen Grüßen" in page]
    before = signed[: signed.index("Mit freundlichen Grüßen")]
    assert len(before.split()) > 8  # never on a page of its own
    assert "Bernd Beispiel" in signed[signed.index("Mit freundlichen Grüßen") :]


def test_the_right_to_object_stands_in_every_letter_apart_from_the_rest() -> None:
    template = read_template("Betreff: Kurz\n\nNur ein Satz.", "welcome")
    text = words_of(letter_pdf(letter(template=template)))
    assert "Nur ein Satz. Ihr Recht, Werbung zu widersprechen Sie können jederzeit" in text
    assert "Ihr Recht, Werbung zu widersprechen" in letter_text(letter(template=template))


def test_the_firms_information_is_a_page_of_its_own_and_only_where_there_is_one() -> None:
    pages = pages_of(letter_pdf(letter()))
    assert [page.split("\n")[0].strip() for page in pages if "Art. 13" in page] == [
        "Informationen zum Datenschutz (Art. 13 DSGVO)"
    ]
    assert "Wer verantwortlich ist" in pages[-1]
    without = words_of(letter_pdf(letter(sender=replace(SENDER, notice=Text("", "")))))
    assert "Art. 13" not in without


def test_the_reply_slip_holds_the_code_and_is_there_only_with_one() -> None:
    text = words_of(letter_pdf(letter("down")))
    assert f"Ihre Antwort an uns Code {CODE} Frau Dr. Petra Probe · Kundennummer 0042" in text
    assert "Ich bin damit nicht einverstanden. Bitte rufen Sie mich an." in text
    assert "Ihre Antwort an uns" not in words_of(letter_pdf(letter("down", code="")))


def test_each_letter_counts_its_own_pages_and_begins_on_the_front_where_wanted() -> None:
    made = [letter(number, sender=replace(SENDER, notice=Text("", ""))) for number in ("welcome", "down", "up")]
    counts = [len(pages_of(letter_pdf(item))) for item in made]
    plain, duplex = pages_of(letters_pdf(made)), pages_of(letters_pdf(made, duplex=True))
    assert len(plain) == sum(counts)
    firsts = [number for number, page in enumerate(duplex, 1) if f"Seite 1 / {counts[0]}" in page or "\nSehr" in page]
    assert [number % 2 for number in firsts] == [1, 1, 1]
    assert len(duplex) == sum(count + count % 2 for count in counts[:-1]) + counts[-1]


def test_a_large_file_is_put_together_of_pieces_and_holds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [letter(address=replace(PETRA, last_name=f"Probe{number}")) for number in range(7)]
    whole = pages_of(letters_pdf(made))
    monkeypatch.setattr("zusage.report.letters.printing.TAGGED", 3)
    monkeypatch.setattr("zusage.report.letters.printing.BATCH", 2)
    steps: list[tuple[int, int]] = []
    pieces = print_letters(made, step=lambda done, total: steps.append((done, total)))
    assert pages_of(pieces.pdf) == whole
    assert steps == [(0, 7), (2, 7), (4, 7), (6, 7)]
    duplex = PdfReader(BytesIO(letters_pdf(made, duplex=True)))
    assert len(duplex.pages) % 2 == 0


def test_a_letter_that_cannot_be_printed_is_named_and_the_others_are_printed() -> None:
    made = [letter(address=replace(PETRA, last_name=name)) for name in ("Eins", "\U00012000", "Drei")]
    printed = print_letters(made)
    assert [(place, found.reason.code) for place, found in printed.broken] == [(1, "typeset_no_glyph")]
    assert re.findall("Sehr geehrte Frau Dr. (.*?),", words_of(printed.pdf)) == ["Eins", "Drei"]
    with pytest.raises(Refused):
        letters_pdf(made)
    assert print_letters(made[1:2]).pdf == b""
    assert print_letters([]).pdf == b""


def test_in_a_large_file_too_the_others_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zusage.report.letters.printing.TAGGED", 1)
    monkeypatch.setattr("zusage.report.letters.printing.BATCH", 2)
    names = ("Eins", "Zwei", "Drei", "\U00012000", "Fünf")
    printed = print_letters([letter(address=replace(PETRA, last_name=name)) for name in names])
    assert [place for place, _ in printed.broken] == [3]
    assert re.findall("Sehr geehrte Frau Dr. (.*?),", words_of(printed.pdf)) == ["Eins", "Zwei", "Drei", "Fünf"]
    none = print_letters([letter(address=replace(PETRA, last_name=names[3]))] * 3)
    assert (none.pdf, [place for place, _ in none.broken]) == (b"", [0, 1, 2])


def test_the_same_letters_give_the_same_file() -> None:
    assert letter_pdf(letter()) == letter_pdf(letter())


# --- the customer's own page

ADDRESS = "https://buero.muster.example/k/" + "Ab3_-xYz9" * 4 + "1234567/"


def with_page(made: Letter, address: str = ADDRESS) -> Letter:
    return replace(made, page=OwnPage(own_page(date(2028, 1, 31), made.language).text, address))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_customers_own_page_stands_in_letters_as_a_link_and_in_words(language: Language) -> None:
    pdf = letter_pdf(with_page(letter(language=language)))
    whole = "".join(words_of(pdf).split())
    assert ADDRESS in whole
    assert ("31.Januar2028" if language == "de" else "31January2028") in whole
    notes = [note.get_object() for page in PdfReader(BytesIO(pdf)).pages for note in page.get("/Annots", ())]
    assert [note["/A"]["/URI"] for note in notes] == [ADDRESS]
    assert ADDRESS in letter_text(with_page(letter(language=language))).splitlines()


def test_the_squares_on_paper_are_those_of_the_address_and_say_what_they_are() -> None:
    made = replace(with_page(letter()), slip=None, notice=())
    assert squares_on(letter_pdf(made)) == matrix(ADDRESS)
    alts = [item["/Alt"] for item in tree_of(letter_pdf(made)) if "/Alt" in item]
    assert alts == ["QR-Code mit der Adresse Ihrer Seite, die daneben in Buchstaben steht"]


def squares_on(pdf: bytes) -> list[list[bool]]:
    """The QR code as the last page draws it: squares side by side are one bar, which begins in its corner."""
    contents = PdfReader(BytesIO(pdf)).pages[-1].get_contents()
    assert contents is not None
    steps = [(what, [float(value) for value in at]) for at, what in contents.operations if what in (b"m", b"l")]
    bars = [(first[1], second[1][0]) for first, second in pairwise(steps) if (first[0], second[0]) == (b"m", b"l")]
    dark = {(x, y) for (start, y), end in bars for x in range(round(start), round(end))}
    size = len(matrix(ADDRESS))
    places = range(MARGIN, MARGIN + size)
    return [[(x, y) in dark for x in places] for y in places]


def tree_of(pdf: bytes) -> list[Any]:
    """All elements of the structure of a file."""
    found, rest = [], [PdfReader(BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]]
    while rest:
        item = rest.pop().get_object()
        if isinstance(item, dict):
            found.append(item)
            kids = item.get("/K", [])
            rest += kids if isinstance(kids, list) else [kids]
    return found


def test_a_page_whose_address_is_not_to_be_read_has_no_squares() -> None:
    pdf = letter_pdf(with_page(letter(), PLACE))
    assert PLACE in words_of(pdf)
    assert [item for item in tree_of(pdf) if "/Alt" in item] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_never_stands_on_the_slip_and_breaks_no_layout(kind: Kind) -> None:
    made = with_page(letter(kind, policy=MANY), "https://" + "langer-name." * 7 + ADDRESS.removeprefix("https://"))
    pages = pages_of(letter_pdf(made))
    without = pages_of(letter_pdf(replace(made, page=None)))
    assert len(pages) <= len(without) + 1
    (at,) = [place for place, text in enumerate(pages) if "Ihre Seite bei uns" in text]
    (slip,) = [place for place, text in enumerate(pages) if CODE in text]
    assert (at, pages[at].index("Ihre Seite bei uns")) < (slip, pages[slip].index(CODE))


def test_the_line_above_the_address_stays_one_line_however_long_the_firms_name_is() -> None:
    name = "Makler Muster und Partner Versicherungsvermittlungsgesellschaft mbH & Co. KG"
    made = letter(sender=replace(SENDER, name=name))
    assert [text for _, _, text in lines_at(letter_pdf(made), 20, 45, 85, 17.7)] == [
        f"{name} · Probierweg 1 · 04109 Leipzig"
    ]
