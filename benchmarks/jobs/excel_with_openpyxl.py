"""The same list by openpyxl in its fast mode: only read and sum, nothing recognised or checked."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from openpyxl import load_workbook


def main(folder: Path, out: Path) -> None:
    """Read every row; column four holds kilometres."""
    sheet = load_workbook(folder / "Kunden.xlsx", read_only=True).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    totals = {"rows": len(rows), "metres": sum(row[3] for row in rows) * 1000}
    (out / "totals.json").write_text(json.dumps(totals))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
