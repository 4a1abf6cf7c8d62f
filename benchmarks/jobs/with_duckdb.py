"""The job in DuckDB's SQL: the same classes, without what would lift a customer to a better one."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
from benchmarks.jobs import figures as f


def divide(numerator: str, divisor: int) -> str:
    """Rounded half up, on whole numbers that may be negative."""
    return f"CAST(floor((({numerator}) * 2 + {divisor}) / {2 * divisor}.0) AS BIGINT)"


def main(book: Path, out: Path) -> None:
    """Read, reckon, write; sums are BIGINT because SQL would widen them to 128 bits."""
    duckdb.sql(f"COPY ({query(book)}) TO '{out / 'memberships.parquet'}' (FORMAT parquet)")


def query(book: Path) -> str:
    """The whole job as one statement."""
    kinds = ", ".join(
        f"('{item.key}', {f.pair_of(item)}, '{item.cause}', {item.seconds}, {item.around}, {item.materials})"
        for item in f.ACTIVITIES
    )
    spent = ", ".join(
        f"CAST(sum(CASE WHEN pair = {number} THEN spent ELSE 0 END) AS BIGINT) AS {cause}_{role}"
        for number, (cause, role) in enumerate(f.PAIRS)
    )
    materials = ", ".join(
        f"CAST(sum(CASE WHEN cause = '{cause}' THEN materials ELSE 0 END) AS BIGINT) AS {cause}_m" for cause in f.CAUSES
    )
    return f"""
WITH kinds(activity, pair, cause, standard, around, materials) AS (VALUES {kinds}),
rows AS (
  SELECT customer_id, pair, cause, materials, coalesce(seconds, standard) + around AS spent
  FROM read_parquet('{book / "work" / "*.parquet"}') JOIN kinds USING (activity)
  WHERE done_on BETWEEN DATE '{f.WINDOW_FROM}' AND DATE '{f.AS_OF}'
),
work AS (SELECT customer_id, {spent}, {materials} FROM rows GROUP BY customer_id),
contracts AS (
  SELECT customer_id, count(*) AS contracts FROM '{book / "contracts.parquet"}' GROUP BY customer_id
),
booked AS (
  SELECT customer_id,
    sum(CASE WHEN kind = 'recurring' AND booked_on >= DATE '{f.WINDOW_FROM}' THEN amount_cents ELSE 0 END) AS recurring,
    sum(CASE WHEN kind = 'one_off' AND booked_on > DATE '{f.ONE_OFF_AFTER}' THEN amount_cents ELSE 0 END) AS one_off
  FROM '{book / "yields.parquet"}' WHERE booked_on <= DATE '{f.AS_OF}' GROUP BY customer_id
),
yields AS (
  SELECT customer_id,
    {divide("CAST(recurring AS BIGINT) * 12", f.MONTHS)} + {divide("CAST(one_off AS BIGINT)", f.ONE_OFF_YEARS)} AS money
  FROM booked
),
joined AS (
  SELECT customer_id, coalesce(money, 0) AS money, {_years()}
  FROM '{book / "customers.parquet"}'
  LEFT JOIN yields USING (customer_id) LEFT JOIN contracts USING (customer_id) LEFT JOIN work USING (customer_id)
),
accounts AS (
  SELECT customer_id, money, {_seconds("duty", "asked")} AS seconds,
    {_cents("duty", "asked")} + {f.BASE_CENTS} AS early, {_cents("granted")} AS granted
  FROM joined
),
judged AS (
  SELECT *, money - early AS before,
    CASE WHEN seconds > 0 THEN money * 3600 // seconds WHEN money > 0 THEN {f.NO_HOURS} ELSE 0 END AS hourly
  FROM accounts
)
SELECT customer_id, money AS yield_cents, early + granted AS cost_cents, before - granted AS contribution_cents,
  CASE
    WHEN money >= {f.CUTS_A["yield"]} AND before >= {f.CUTS_A["contribution"]} AND hourly >= {f.CUTS_A["euro_per_hour"]}
    THEN 'A'
    WHEN money >= {f.RICH} OR (money >= {f.SOLID} AND before >= {f.NO_LOSS}) OR hourly >= {f.BUSY} THEN 'B'
    ELSE 'C'
  END AS class_key
FROM judged ORDER BY customer_id
"""


def _years() -> str:
    """Seconds of each pair and cents of materials, of a year."""

    def year(name: str, items: list[f.Activity], unit: str) -> str:
        constant, contract = f.believed(items, unit)
        logged = f"coalesce({name}, 0) * {f.WEIGHT} + {constant} + coalesce(contracts, 0) * {contract}"
        return f"{divide(logged, f.MILLION)} AS {name}"

    times = [year(f"{cause}_{role}", f.of_pair(cause, role), "time") for cause, role in f.PAIRS]
    return ", ".join([*times, *(year(f"{cause}_m", f.of_causes(cause), "materials") for cause in f.CAUSES)])


def _seconds(*causes: str) -> str:
    return " + ".join(f"{cause}_{role}" for cause, role in f.PAIRS if cause in causes)


def _cents(*causes: str) -> str:
    time = [divide(f"{cause}_{role} * {f.RATES[role]}", f.RATE_UNIT) for cause, role in f.PAIRS if cause in causes]
    return " + ".join([*time, *(f"{cause}_m" for cause in causes)])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
