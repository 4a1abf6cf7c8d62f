"""An address comes in, its QR code goes out as a picture (SVG) that typst draws: squares, no pixels."""

from __future__ import annotations

from zusage.ground.reasons import Refused, mistake

MARGIN = 4
"""Squares of white around it, which the standard asks for."""


def squares(address: str) -> str:
    """The QR code of an address; readable with 15 % of it covered. Raises Refused without the extra `letters`."""
    rows = matrix(address)
    size = len(rows) + 2 * MARGIN
    drawn = "".join(
        f"M{x + MARGIN} {y + MARGIN}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
    return f'{head}<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path d="{drawn}"/></svg>'


def matrix(address: str) -> list[list[bool]]:
    """Row by row, which squares are dark."""
    try:
        from qrcode.constants import ERROR_CORRECT_M  # noqa: PLC0415 - an extra
        from qrcode.main import QRCode  # noqa: PLC0415 - the same
    except ImportError:
        raise Refused([mistake("typeset_not_installed")]) from None
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(address)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]
