"""The picture a firm chose as its mark (logo) comes in, the same as a small PNG without anything else in it goes out.

What a file says it is counts for nothing: it is decoded, and written anew, so that no text, place or program that came
with it goes on. A picture that would need a room of memory to be opened is refused by its measures, before it is.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from struct import unpack
from typing import TYPE_CHECKING

from zusage.ground.reasons import Finding, Place, Refused, mistake

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 5_000_000
"""Bytes of a picture that is taken."""
LONGEST, MOST_PIXELS = 8_000, 25_000_000
"""Dots of a side, and of the whole: a hundred megabytes while it is opened."""
KEPT = (900, 360)
"""Dots of what is kept, at most: sharp at the size below."""
SMALL = 150_000
"""Bytes of what is kept, more or less: it is part of each letter and page. What is larger, as photographs are, is kept
with 256 colours."""
PAPER = (55.0, 18.0)
"""Millimetres on paper, at most."""
SHARP = 150
"""Dots an inch below which nothing is blown up."""
KINDS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "GIF"), (b"%PDF", "PDF"), (b"BM", "BMP"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"<svg", "SVG"),
    (b"<?xml", "SVG"), (b"\0\0\1\0", "ICO"), (b"8BPS", "PSD"), (b"%!PS", "EPS"), (b"PK", "ZIP"),
)  # fmt: skip
"""How files of other kinds begin."""


def mark_of(content: bytes) -> bytes:
    """A picture as it is kept: a PNG. Raises Refused where it is none, where it is damaged, or too large."""
    if len(content) > LARGEST:
        raise Refused([mistake("mark_bytes", most=LARGEST // 1_000_000)])
    if not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise Refused([_none(content)])
    try:
        from PIL import Image, ImageOps  # noqa: PLC0415 - an extra
    except ImportError:
        raise Refused([mistake("mark_not_installed")]) from None
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as opened:
            _check_size(*opened.size)
            found = _plain(ImageOps.exif_transpose(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused([mistake("mark_pixels", most=MOST_PIXELS // 1_000_000, longest=LONGEST)]) from None
    except Refused:
        raise
    except Exception:  # what readers of damaged files raise has no common base: struct.error is one of many
        raise Refused([mistake("mark_damaged")]) from None
    found.thumbnail(KEPT, Image.Resampling.LANCZOS)
    written = _written(found)
    return written if len(written) <= SMALL else _written(found.quantize(256, Image.Quantize.FASTOCTREE))


def read_mark(path: Path) -> bytes:
    """The picture of a file as it is kept. Raises Refused as `mark_of`, and where there is no such file."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError:
        raise Refused([mistake("mark_missing", text=str(path))]) from None
    try:
        return mark_of(content)
    except Refused as refused:
        raise Refused([replace(item, where=Place(file=path.name)) for item in refused.findings]) from None


def _none(content: bytes) -> Finding:
    """What a file is that is no picture of ours, as far as its first bytes say it."""
    kind = next((name for begins, name in KINDS if content.lstrip().startswith(begins)), "")
    if content[8:12] == b"WEBP":
        kind = "WebP"
    if content[4:8] == b"ftyp":
        kind = "AVIF" if content[8:12] == b"avif" else "HEIC"
    return mistake("mark_other", text=kind) if kind else mistake("mark_none")


def _check_size(width: int, height: int) -> None:
    if max(width, height) > LONGEST or width * height > MOST_PIXELS:
        raise Refused([mistake("mark_pixels", most=MOST_PIXELS // 1_000_000, longest=LONGEST)])


def _plain(found: Image) -> Image:
    """Colours as screens have them, with what shows through where something does."""
    if found.mode.startswith(("I", "F")):  # grey with more than 256 steps, which would all become white
        return found.point(lambda light: light / 256).convert("L").convert("RGB")
    clear = "transparency" in found.info or found.mode in ("RGBA", "LA", "PA", "La", "RGBa")
    return found.convert("RGBA" if clear else "RGB")


def _written(found: Image) -> bytes:
    """A PNG of the dots alone: what else the file said is not taken over."""
    target = BytesIO()
    found.info.clear()
    found.save(target, "PNG", optimize=True)
    return target.getvalue()


def name_of(mark: bytes) -> str:
    """By what a letter names its mark: the sha256 of what is kept."""
    return sha256(mark).hexdigest() if mark else ""


def data_uri(mark: bytes) -> str:
    """A mark as part of a page, which needs to ask nobody for it; empty where there is none."""
    return f"data:image/png;base64,{b64encode(mark).decode()}" if mark else ""


def width_on_paper(mark: bytes) -> float:
    """Millimetres, so that it is no larger than PAPER and not blown up.

    >>> from struct import pack
    >>> width_on_paper(b"\\x89PNG" + bytes(12) + pack(">II", 900, 90))
    55.0
    """
    width, height = _size(mark)
    return round(min(PAPER[0], PAPER[1] * width / height, width / SHARP * 25.4), 2)


def drawn(mark: bytes, alt: str) -> dict[str, str | float] | None:
    """A mark as templates take it, with its name among the files of `pictures`; None where there is none."""
    return {"file": f"{name_of(mark)}.svg", "width": width_on_paper(mark), "alt": alt} if mark else None


def pictures(marks: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that `drawn` names: typst takes text alone from us, so each is a drawing around the dots."""
    return {f"{name}.svg": _around(mark).encode() for name, mark in marks.items() if mark}


def _around(mark: bytes) -> str:
    width, height = _size(mark)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    return f'{head}<image width="{width}" height="{height}" href="{data_uri(mark)}"/></svg>'


def _size(mark: bytes) -> tuple[int, int]:
    """Width and height in dots, as the head of a PNG says them."""
    width, height = unpack(">II", mark[16:24])
    return int(width), int(height)
