"""The name of a template and plain data come in, a PDF goes out: tagged (PDF/UA-1), fonts embedded, nothing fetched.

The templates are the `*.typ` files beside this module; data reach them as JSON and are never code, pictures (SVG) as
files that are there for them alone. A template reads the data with `#import "data.typ": data, look`: `look` holds the
colours of `look/tokens.css`, so that letters and pages share them. No moment is written into a file: the same data give
the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from zusage.ground.reasons import Refused, mistake

if TYPE_CHECKING:
    from typst import Compiler

TEMPLATES = "zusage.report.typst"
_UNKNOWN_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')
_AT_WORK = Lock()
"""The compiler is one for all threads: it keeps what it has read, and writes one file after the other."""


def pdf(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> bytes:
    """A PDF of a template (`charter` for charter.typ) with its data, which must be of JSON's kinds, and the pictures
    its data name.

    Raises Refused where the extra `letters` is not installed, or a character is in no font of this machine.
    """
    made: bytes = _made(template, data, pictures, "pdf")
    return made


def pages(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> list[bytes]:
    """The same as pictures (PNG), one for each page."""
    made = _made(template, data, pictures, "png")
    return made if isinstance(made, list) else [made]


def _made(
    template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None, kind: Literal["pdf", "png"]
) -> Any:
    sources = dict(_package()) | dict(pictures or {})
    sources["main.typ"] = sources.pop(f"{template}.typ")
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _AT_WORK:
        return _compiled(sources, inputs, kind)


def _compiled(sources: dict[str, bytes], inputs: dict[str, str], kind: Literal["pdf", "png"]) -> Any:
    """With the fonts that come with the program; only where those lack a character, with those of the machine."""
    compiler = _compiler(own_fonts=True)
    try:
        return _run(compiler, sources, inputs, kind)
    except RuntimeError as error:
        if not _UNKNOWN_GLYPH.search(str(error)):
            raise _refused(str(error)) from None
    try:
        return _run(_compiler(own_fonts=False), sources, inputs, kind)
    except RuntimeError as error:
        raise _refused(str(error)) from None


def _run(compiler: Compiler, sources: dict[str, bytes], inputs: dict[str, str], kind: Literal["pdf", "png"]) -> Any:
    whole: Any = sources  # the stubs know no mapping of files, which the compiler takes
    return compiler.compile(
        whole, format=kind, ppi=110, sys_inputs=inputs, pdf_standards="ua-1" if kind == "pdf" else []
    )


def _refused(message: str) -> Refused:
    if glyph := _UNKNOWN_GLYPH.search(message):
        return Refused([mistake("typeset_no_glyph", text=glyph[1])])
    raise RuntimeError(message)  # a template of ours is broken: no input can mend that


@cache
def _compiler(*, own_fonts: bool) -> Compiler:
    try:
        from typst import Compiler  # noqa: PLC0415 - an extra
    except ImportError:
        raise Refused([mistake("typeset_not_installed")]) from None
    return Compiler(ignore_system_fonts=own_fonts)


@cache
def _package() -> Mapping[str, bytes]:
    found = {item.name: item.read_bytes() for item in files(TEMPLATES).iterdir() if item.name.endswith(".typ")}
    return found | {"data.typ": _data().encode()}


def _data() -> str:
    """A module for templates: the data, and the colours and measures of the style sheet as they are on paper."""
    css = (files("zusage") / "look" / "tokens.css").read_text("utf-8")
    screen, printed = css.split("@media print")
    colours = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}),", screen))
    colours |= dict(re.findall(r"--([\w-]+): (#\w{6})", printed))
    lengths = re.findall(r"--(\w+): (\d+)px", screen)
    look = [f'"{name}": rgb("{value}")' for name, value in colours.items()]
    look += [f'"{name}": {int(pixels) * 0.75:g}pt' for name, pixels in lengths]
    return f"#let data = json(bytes(sys.inputs.data))\n#let look = ({', '.join(look)})\n"
