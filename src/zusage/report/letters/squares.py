"""An address comes in, its QR code goes out as a picture (SVG) that typst draws: squares, no pixels."""

from __future__ import annotations

from itertools import groupby

from zusage.ground.reasons import Refused, mistake

MARGIN = 4
"""Squares of white around it, which the standard asks for."""
MASK = 2
"""One of the eight patterns that break up large areas of one colour; the code says which, so each can be read.

Addresses are random signs without such areas, and trying all eight takes five times as long."""


def squares(address: str) -> str:
    """The QR code of an address; readable with 15 % of it covered. Raises Refused without the extra `letters`."""
    rows = matrix(address)
    size = len(rows) + 2 * MARGIN
    drawn = "".join(_bars(row, y + MARGIN) for y, row in enumerate(rows))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
    return f'{head}<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path d="{drawn}"/></svg>'


def _bars(row: list[bool], y: int) -> str:
    """The dark squares of a row, those side by side as one."""
    drawn, x = "", MARGIN
    for dark, found in groupby(row):
        width = len(list(found))
        drawn += f"M{x} {y}h{width}v1h-{width}z" if dark else ""
        x += width
    return drawn


def matrix(address: str) -> list[list[bool]]:
    """Row by row, which squares are dark."""
    try:
        from qrcode.constants import ERROR_CORRECT_M  # noqa: PLC0415 - an extra
        from qrcode.main import QRCode  # noqa: PLC0415 - the same
    except ImportError:
        raise Refused([mistake("typeset_not_installed")]) from None
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    code.add_data(address)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]
