"""The tables of a book come in, Parquet files in a folder go out, and back: a book is reckoned again and again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from zusage import engine
from zusage.book.tables import SCHEMAS
from zusage.engine import Frame

LATER = frozenset({"addresses"})
"""Tables that results of former versions do not have: there they are empty."""

KEPT = "book"
"""The folder inside a result that holds the book it was reckoned from."""


def keep_tables(tables: Mapping[str, Frame], folder: Path) -> None:
    """Write the tables into a folder: whole or not at all. One that is there already stays."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    begun = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_begun(folder)))
    try:
        for name, frame in tables.items():
            engine.write_parquet(frame, begun / f"{name}.parquet")
        begun.rename(folder)
    except OSError:
        if not folder.is_dir():  # else somebody else was faster with the same
            raise
    finally:
        shutil.rmtree(begun, ignore_errors=True)


def kept_tables(folder: Path) -> dict[str, Frame] | None:
    """The tables of a folder, in memory; None where there is no such folder."""
    if not folder.is_dir():
        return None
    found = {name: _read(folder / f"{name}.parquet", name) for name in SCHEMAS}
    return {name: engine.collect(frame).lazy() for name, frame in found.items()}


def _read(path: Path, name: str) -> Frame:
    """A table with the columns of today: those that an earlier version did not keep are unknown."""
    if name in LATER and not path.is_file():
        return engine.empty(SCHEMAS[name])
    return engine.conform(engine.read_parquet(path), SCHEMAS[name])


def drop_tables(folder: Path) -> None:
    """Remove what was kept, and what a killed worker had only begun."""
    for found in (folder, *folder.parent.glob(f"{_begun(folder)}*")):
        shutil.rmtree(found, ignore_errors=True)


def _begun(folder: Path) -> str:
    return f".begun-{folder.name}-"
