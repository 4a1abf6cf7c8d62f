"""PDFs are written from a template and plain data: tagged, with their fonts, the same bytes for the same data."""

import sys
from io import BytesIO

import pytest
from pypdf import PdfReader

from zusage.ground.reasons import Refused
from zusage.report.typeset import _compiler, pages, pdf

DATA = {
    "language": "de",
    "firm": "Muster & Söhne",
    "title": "#panic() $x$ *Leistungen* <a>",
    "foot": "",
    "intro": "",
    "closing": "",
    "contact": "",
    "words": dict.fromkeys(("floor", "packages", "more", "service", "mark", "better", "nothing"), "Wort"),
    "floor": [],
    "packages": [{"name": "Premium", "hue": "0"}],
    "rows": [],
    "more": [],
}


def read(made: bytes) -> PdfReader:
    return PdfReader(BytesIO(made))


def test_what_stands_in_the_data_is_text_and_never_code() -> None:
    assert "#panic() $x$ *Leistungen* <a>" in read(pdf("charter", DATA)).pages[0].extract_text().splitlines()


def test_a_pdf_is_tagged_and_says_its_title_and_language() -> None:
    root = read(pdf("charter", DATA)).trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"], root["/ViewerPreferences"]["/DisplayDocTitle"]) == (
        "de",
        True,
        True,
    )
    assert "pdfuaid:part>1<" in root["/Metadata"].get_object().get_data().decode()


def test_every_font_of_a_pdf_is_in_it() -> None:
    fonts = [font.get_object() for font in read(pdf("charter", DATA)).pages[0]["/Resources"]["/Font"].values()]
    inner = [part.get_object()["/FontDescriptor"] for font in fonts for part in font["/DescendantFonts"]]
    assert [bool({"/FontFile2", "/FontFile3"} & set(item)) for item in inner] == [True] * len(fonts)
    assert len(fonts) >= 1


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    _compiler.cache_clear()
    with pytest.raises(Refused) as refused:
        pdf("charter", DATA)
    assert [item.reason.code for item in refused.value.findings] == ["typeset_not_installed"]


def test_the_same_data_give_the_same_bytes() -> None:
    assert pdf("charter", DATA) == pdf("charter", DATA)


def test_a_page_can_be_looked_at() -> None:
    assert [page[:8] for page in pages("charter", DATA)] == [b"\x89PNG\r\n\x1a\n"]


def test_names_in_letters_of_all_of_europe_are_printed() -> None:
    names = "Çağrı Łukasiewicz Ğ Őr Ђорђевић Παπαδόπουλος"
    assert names in read(pdf("charter", DATA | {"firm": names})).pages[0].extract_text().splitlines()


def test_a_character_of_no_font_is_named() -> None:
    with pytest.raises(Refused) as refused:
        pdf("charter", DATA | {"firm": "\U0010abcd"})
    (finding,) = refused.value.findings
    assert finding.reason.code == "typeset_no_glyph"
