"""The firm's mark: what is taken and what is refused, that nothing but its dots goes on, and where it stands."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from pypdf import PdfReader
from tests.letters import SENDER, letter, lines_at
from tests.people import changed
from typer.testing import CliRunner

from zusage.cli import app
from zusage.ground.reasons import Refused
from zusage.ground.words import say
from zusage.promises.charter import charter_of
from zusage.report.charter import charter_html, charter_pdf
from zusage.report.letters import Letter, letter_pdf, print_letters
from zusage.report.letters.printing import TAGGED
from zusage.report.letters.senders import read_sender
from zusage.report.mark import KEPT, SMALL, mark_of, name_of, read_mark, width_on_paper

RED = (200, 30, 30)
CANARY = "Aufnahmeort Probierweg 1"


def file_of(kind: str, mode: str = "RGB", size: tuple[int, int] = (60, 30), **more: Any) -> bytes:
    """A picture in one colour as a file."""
    colour: Any = {
        "RGB": RED,
        "RGBA": (*RED, 0),
        "L": 30,
        "CMYK": (0, 255, 255, 0),
        "P": 3,
        "LA": (30, 0),
        "I;16": 128 * 256,
    }[mode]
    target = BytesIO()
    Image.new(mode, size, colour).save(target, kind, **more)
    return target.getvalue()


def animated() -> bytes:
    target = BytesIO()
    Image.new("P", (9, 9)).save(target, "GIF", save_all=True, append_images=[Image.new("P", (9, 9), 1)])
    return target.getvalue()


def with_texts() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", CANARY)
    texts.add_itxt("XML:com.adobe.xmp", CANARY)
    return file_of("PNG", pnginfo=texts)


def photo() -> bytes:
    """A photograph on its side, that says where it was taken."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, CANARY
    return file_of("JPEG", exif=exif, comment=CANARY.encode())


def bomb() -> bytes:
    """A few kilobytes that would become 400 million dots."""
    target = BytesIO()
    Image.new("1", (20_000, 20_000)).save(target, "PNG")
    return target.getvalue()


def chunks_of(png: bytes) -> Iterator[bytes]:
    """The names of the parts of a PNG."""
    at = 8
    while at < len(png):
        yield png[at + 4 : at + 8]
        at += 12 + int.from_bytes(png[at : at + 4], "big")


def opened(mark: bytes) -> Image.Image:
    found = Image.open(BytesIO(mark))
    found.load()
    return found


@pytest.mark.parametrize(
    ("content", "code", "kind"),
    [
        (b"Hallo, ich bin ein Text.", "mark_none", ""),
        (b"", "mark_none", ""),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "mark_other", "SVG"),
        (b"  <svg onload='x()'></svg>", "mark_other", "SVG"),
        (b"%PDF-1.7", "mark_other", "PDF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "mark_other", "WebP"),
        (b"\0\0\0\x18ftypheic", "mark_other", "HEIC"),
        (animated, "mark_other", "GIF"),
        (lambda: file_of("PNG", size=(900, 300))[:-40], "mark_damaged", ""),
        (lambda: file_of("JPEG", size=(900, 300))[:300], "mark_damaged", ""),
        (b"\x89PNG\r\n\x1a\nund dann Text", "mark_damaged", ""),
        (bomb, "mark_pixels", ""),
        (lambda: file_of("PNG", "L", (8_001, 2)), "mark_pixels", ""),
        (lambda: file_of("PNG") + bytes(5_000_000), "mark_bytes", ""),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused_and_named_for_what_it_is(
    content: bytes | Callable[[], bytes], code: str, kind: str
) -> None:
    with pytest.raises(Refused) as refused:
        mark_of(content if isinstance(content, bytes) else content())
    (finding,) = refused.value.findings
    assert (finding.reason.code, finding.reason.values.get("text", "")) == (code, kind)
    assert all("PNG" in said or "900" in said for said in (say(finding.reason, "de"), say(finding.reason, "en")))


@pytest.mark.parametrize("made", [with_texts, photo])
def test_nothing_goes_on_but_the_dots(made: Callable[[], bytes]) -> None:
    content = made()
    kept = mark_of(content)
    assert CANARY.encode() in content
    assert CANARY.encode() not in kept
    assert set(chunks_of(kept)) == {b"IHDR", b"IDAT", b"IEND"}
    assert opened(kept).info == {}


def test_a_photograph_on_its_side_is_put_upright() -> None:
    assert opened(mark_of(photo())).size == (30, 60)


@pytest.mark.parametrize(
    ("content", "mode", "dot"),
    [
        (lambda: file_of("JPEG", "CMYK"), "RGB", (255, 0, 0)),
        (lambda: file_of("JPEG", "L"), "RGB", (30, 30, 30)),
        (lambda: file_of("PNG", "RGBA"), "RGBA", (*RED, 0)),
        (lambda: file_of("PNG", "LA"), "RGBA", (30, 30, 30, 0)),
        (lambda: file_of("PNG", "P", transparency=3), "RGBA", None),
        (lambda: file_of("PNG", "I;16"), "RGB", (128, 128, 128)),
    ],
)
def test_all_kinds_of_colour_become_those_of_screens(
    content: Callable[[], bytes], mode: str, dot: tuple[int, ...] | None
) -> None:
    found = opened(mark_of(content()))
    assert found.mode == mode
    if dot is not None:
        assert found.getpixel((5, 5)) == dot


def test_a_large_picture_becomes_small_and_the_same_one_the_same_bytes() -> None:
    noise = Image.effect_noise((3000, 1000), 80).convert("RGB")
    target = BytesIO()
    noise.save(target, "JPEG", quality=60)
    kept = mark_of(target.getvalue())
    assert max(opened(kept).size) <= max(KEPT)
    assert len(kept) < 2 * SMALL
    assert mark_of(target.getvalue()) == kept


# --- on paper


def wide(size: tuple[int, int] = (900, 200)) -> bytes:
    return mark_of(file_of("PNG", size=size))


def with_mark(mark: bytes, **more: Any) -> Letter:
    return letter(sender=replace(SENDER, mark=name_of(mark), **more))


@pytest.mark.parametrize("size", [(900, 200), (100, 900), (16, 16), (8000, 10)])
def test_a_letter_has_the_mark_above_the_window_with_the_firms_name_in_its_place(
    size: tuple[int, int],
) -> None:
    mark = wide(size)
    made = with_mark(mark, name="Makler Muster und Partner Versicherungsvermittlungsgesellschaft mbH & Co. KG")
    pdf = letter_pdf(made, {made.sender.mark: mark})
    (box,) = pictures_on(pdf)
    left, top, right, bottom = box
    assert (round(right, 1), top >= 11.9, bottom <= 40) == (190.0, True, True)
    assert [text for x, y, text in lines_at(pdf, 0, 0, 210, 44) if x > left] == []
    assert plain_window(pdf) == plain_window(letter_pdf(replace(made, sender=replace(made.sender, mark=""))))
    assert made.sender.name in alts_of(pdf)


def plain_window(pdf: bytes) -> list[tuple[float, float, str]]:
    return lines_at(pdf, 20, 45, 180, 200)


def pictures_on(pdf: bytes) -> list[tuple[float, float, float, float]]:
    """Where pictures stand on the first page, in millimetres from its upper left corner."""
    found: list[tuple[float, float, float, float]] = []

    def visit(what: bytes, given: Any, outer: list[float], *_: Any) -> None:
        if what == b"Do":
            across, up = outer[4] / 72 * 25.4, outer[5] / 72 * 25.4
            width, height = outer[0] / 72 * 25.4, outer[3] / 72 * 25.4
            tops = sorted((297 - up, 297 - up - height))
            found.append((across, tops[0], across + width, tops[1]))

    PdfReader(BytesIO(pdf)).pages[0].extract_text(visitor_operand_before=visit)
    return found


def alts_of(pdf: bytes) -> list[str]:
    """What is read aloud for pictures."""
    found, rest = [], [PdfReader(BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]]
    while rest:
        item = rest.pop().get_object()
        if isinstance(item, dict):
            found += [str(item["/Alt"])] if "/Alt" in item else []
            kids = item.get("/K", [])
            rest += kids if isinstance(kids, list) else [kids]
    return found


def test_many_letters_have_it_and_letters_whose_mark_is_gone_are_printed_without() -> None:
    mark = wide()
    made = [with_mark(mark)] * (TAGGED + 1)
    whole = print_letters(made, {name_of(mark): mark})
    assert (len(pictures_on(whole.pdf)), whole.broken) == (1, ())
    assert pictures_on(letter_pdf(made[0])) == []


@pytest.mark.parametrize(
    ("size", "shown"), [((900, 200), 55.0), ((900, 360), 45.0), ((30, 30), 5.08), ((100, 900), 2.0)]
)
def test_a_mark_is_no_larger_than_its_place_and_never_blown_up(size: tuple[int, int], shown: float) -> None:
    assert width_on_paper(wide(size)) == pytest.approx(shown)


def test_the_charter_has_it_on_its_page_and_in_its_file_which_asks_nobody_for_it() -> None:
    charter, mark = replace(charter_of(changed()), firm="Makler Muster"), wide()
    pdf, page = charter_pdf(charter, "de", mark), charter_html(charter, "de", mark)
    assert (alts_of(pdf), len(PdfReader(BytesIO(pdf)).pages)) == (["Makler Muster"], 1)
    assert f'<img class="mark" src="data:image/png;base64,{b64encode(mark).decode()}" alt="Makler Muster">' in page
    assert "<img" not in charter_html(charter, "de")
    assert alts_of(charter_pdf(charter, "de")) == []


# --- on the command line


def test_a_sender_names_its_mark_by_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(file_of("PNG", size=(900, 200)))
    (tmp_path / "wer.yaml").write_text("name: Muster\nstreet: Weg 1\ncity: Leipzig\nmark: logo.png\n", "utf-8")
    sender, _, marks = read_sender(tmp_path / "wer.yaml")
    assert marks == {sender.mark: read_mark(tmp_path / "logo.png")}
    assert len(pictures_on(letter_pdf(letter(sender=sender), marks))) == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [("mark: fehlt.png", "mark_missing"), ("mark: text.png", "mark_none"), ("mark: [1]", "policy_not_text")],
)
def test_a_mark_that_cannot_be_taken_is_refused_with_its_line(tmp_path: Path, line: str, code: str) -> None:
    (tmp_path / "text.png").write_text("Ich bin ein Text.", "utf-8")
    (tmp_path / "wer.yaml").write_text(f"name: Muster\nstreet: Weg 1\n{line}\ncity: Leipzig\n", "utf-8")
    with pytest.raises(Refused) as refused:
        read_sender(tmp_path / "wer.yaml")
    assert [(item.reason.code, item.where.file, item.where.line) for item in refused.value.findings] == [
        (code, "wer.yaml", 3)
    ]


def test_the_charter_takes_a_mark_on_the_command_line_or_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    policy = str(Path(__file__).parents[2] / "examples" / "broker" / "policy.yaml")
    (tmp_path / "logo.jpg").write_bytes(file_of("JPEG", "CMYK", (900, 200)))
    (tmp_path / "text.png").write_text("Ich bin ein Text.", "utf-8")
    asked = ["charter", "-p", policy, "--to", str(tmp_path / "out"), "--language", "de", "--lang", "de", "--mark"]
    bad = CliRunner().invoke(app, [*asked, str(tmp_path / "text.png")])
    assert isinstance(bad.exception, Refused)
    assert [(item.reason.code, item.where.file) for item in bad.exception.findings] == [("mark_none", "text.png")]
    assert not (tmp_path / "out").exists()
    good = CliRunner().invoke(app, [*asked, str(tmp_path / "logo.jpg")])
    assert good.exit_code == 0, good.output
    assert len(pictures_on((tmp_path / "out" / "leistungsversprechen.pdf").read_bytes())) == 1


def test_a_picture_whose_facts_of_the_camera_are_damaged_is_taken_or_refused_whatever_stands_in_them() -> None:
    facts = Image.Exif()
    facts[0x0112], facts[0x010E], facts[0x011A] = 6, "Aufnahme", 72.0
    whole = file_of("JPEG", exif=facts)
    for place in range(3, 150):
        for byte in (0, 3, 5, 255):
            damaged = whole[:place] + bytes([byte]) + whole[place + 1 :]
            try:
                assert mark_of(damaged).startswith(b"\x89PNG")
            except Refused as refused:
                assert refused.findings[0].reason.code in ("mark_damaged", "mark_none", "mark_pixels")  # noqa: PT017


def test_without_the_extra_a_logo_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    content = file_of("PNG")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(Refused) as refused:
        mark_of(content)
    assert [say(item.reason, "de") for item in refused.value.findings] == [
        'Für ein Logo fehlt der Zusatz „letters“. Bitte installieren Sie ihn: pip install "zusage[letters]".'
    ]
