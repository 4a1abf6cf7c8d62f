"""The only file that names a table engine: values and files become lazy tables, lazy tables become rows or files.

All rules of Zusage are Narwhals expressions over lazy frames; this file decides that Polars runs them (streaming, so
that a book larger than memory still passes) and keeps what another engine would have to do differently in one place.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw

# Polars reads both when it is imported. So many customers are summed in place, the rows of further ones are set aside
# one by one: with Polars' few thousand, a million customers with twenty contacts each take 3 GB instead of 1. And freed
# memory goes back at once instead of staying until the system wants it.
os.environ.setdefault("POLARS_HOT_TABLE_SIZE", str(2**20))
os.environ.setdefault("_RJEM_MALLOC_CONF", "muzzy_decay_ms:0")

import polars as pl

Frame = nw.LazyFrame[Any]
Schema = Mapping[str, type[nw.dtypes.DType] | nw.dtypes.DType]

_TYPES: dict[type[nw.dtypes.DType], Any] = {
    nw.String: pl.String,
    nw.Int64: pl.Int64,
    nw.Boolean: pl.Boolean,
    nw.Date: pl.Date,
    nw.Float64: pl.Float64,
}


def _native(schema: Schema) -> dict[str, Any]:
    return {name: _TYPES[kind if isinstance(kind, type) else type(kind)] for name, kind in schema.items()}


def table(columns: Mapping[str, Sequence[Any]], schema: Schema) -> Frame:
    """A lazy table from columns of plain values (None where unknown); columns that are missing become all unknown.

    Raises TypeError or OverflowError-like engine errors only for values that break the schema: readers check first.
    """
    size = len(next(iter(columns.values()), ()))
    return nw.from_native(
        pl.DataFrame(
            {name: columns.get(name) if name in columns else [None] * size for name in schema},
            schema=_native(schema),
            strict=True,
        ).lazy()
    )


def empty(schema: Schema) -> Frame:
    """A lazy table with the columns of the schema and no rows."""
    return table({}, schema)


def concat(frames: Iterable[Frame]) -> Frame:
    """Lazy tables of one schema, one under the other."""
    return nw.concat(list(frames), how="vertical")


def conform(frame: Frame, schema: Schema) -> Frame:
    """A table with exactly the columns of the schema; those it lacks are unknown."""
    have = frame.collect_schema().names()
    native = frame.to_native()
    missing = [pl.lit(None, kind).alias(name) for name, kind in _native(schema).items() if name not in have]
    conformed: Frame = nw.from_native(native.with_columns(missing).select(list(schema)))
    return conformed


def scan_parquet(path: Path, schema: Schema) -> Frame:
    """A Parquet file or a folder of them as a lazy table with exactly the columns of the schema.

    Columns the file lacks become unknown. Raises KeyError with the names of columns whose type cannot be the
    schema's: a wrong type is found here, not in the middle of a run.
    """
    source = sorted(path.glob("**/*.parquet")) if path.is_dir() else [path]
    frame = pl.scan_parquet(source)
    have = frame.collect_schema()
    wanted = _native(schema)
    wrong = [name for name, kind in wanted.items() if name in have and not _castable(have[name], kind)]
    if wrong:
        raise KeyError(*wrong)
    return nw.from_native(
        frame.select(
            # an unneeded cast would stop the engine from pushing filters into the file
            (pl.col(name) if have[name] == kind else pl.col(name).cast(kind))
            if name in have
            else pl.lit(None, kind).alias(name)
            for name, kind in wanted.items()
        )
    )


def _castable(have: Any, wanted: Any) -> bool:
    if have in (wanted, pl.Null):
        return True
    if wanted == pl.String:
        return isinstance(have, (pl.Categorical, pl.Enum)) or have.is_integer()
    if wanted == pl.Int64:
        return bool(have.is_integer())
    return bool(wanted == pl.Date and have.is_temporal())


def collect(frame: Frame) -> nw.DataFrame[Any]:
    """Run a lazy table and hold its rows in memory."""
    return nw.from_native(frame.to_native().collect(engine="streaming"), eager_only=True)


def collect_held(frame: Frame) -> nw.DataFrame[Any]:
    """Run a lazy table made of rows that are in memory already: columns that stay as they are, are not copied.

    Streaming would copy every column at every step: at a million customers twice the memory and three times the time.
    """
    return nw.from_native(frame.to_native().collect(engine="in-memory"), eager_only=True)


def collect_all(frames: Sequence[Frame]) -> list[nw.DataFrame[Any]]:
    """Run several lazy tables together, so that what they share is read once."""
    done = pl.collect_all([frame.to_native() for frame in frames], engine="streaming")
    return [nw.from_native(result, eager_only=True) for result in done]


def has_rows(frame: Frame) -> bool:
    """Whether a table has any row: asked of a whole file it reads only the beginning."""
    return collect(frame.head(1)).shape[0] > 0


def rows(frame: Frame | nw.DataFrame[Any]) -> list[dict[str, Any]]:
    """All rows as dictionaries, for pages and checks; for books of a size a person reads."""
    eager = collect(frame) if isinstance(frame, nw.LazyFrame) else frame
    return list(eager.iter_rows(named=True))


def read_parquet(path: Path) -> Frame:
    """A Parquet file of ours as a lazy table with the columns it has; FileNotFoundError where there is none."""
    if not path.is_file():
        raise FileNotFoundError(path)
    return nw.from_native(pl.scan_parquet(path))


def write_parquet(frame: Frame | nw.DataFrame[Any], path: Path) -> None:
    """Write a table to a Parquet file; a lazy one is streamed and never held whole."""
    if isinstance(frame, nw.LazyFrame):
        frame.to_native().sink_parquet(path)
    else:
        frame.to_native().write_parquet(path)


def divide(numerator: nw.Expr, divisor: int | nw.Expr) -> nw.Expr:
    """Integer division of a column, rounded half up, the same to the last unit on every engine.

    Numerator and divisor must stay below 2**53 (engines differ beyond, where integer division goes through doubles);
    the quotient below 2**40. See ground.money.half_up for the same rule on single values.
    """
    doubled = numerator * 2 + divisor
    return (doubled / (divisor * 2)).floor().cast(nw.Int64)


def divide_down(numerator: nw.Expr, divisor: int | nw.Expr) -> nw.Expr:
    """Integer division of a column, rounded down; bounds as in `divide`.

    For figures that are held against a cut: the rounded-down figure reaches a whole cut exactly when the true one does.
    """
    return (numerator / divisor).floor().cast(nw.Int64)
