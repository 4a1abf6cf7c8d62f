"""The job written by hand in Polars: the same rows and columns as Zusage writes, to the last cent and second."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
from benchmarks.jobs import figures as f

Int = pl.Int64
NEVER = 2**50


def divide(numerator: pl.Expr, divisor: int) -> pl.Expr:
    """Rounded half up."""
    return (numerator * 2 + divisor) // (2 * divisor)


def main(book: Path, out: Path) -> None:
    """Read, reckon, write."""
    customers = pl.scan_parquet(book / "customers.parquet")
    joined = (
        customers.join(yields(book), on="customer_id", how="left")
        .join(contracts(book), on="customer_id", how="left")
        .join(work(book), on="customer_id", how="left")
        .with_columns(pl.col(Int).fill_null(0))
    )
    found = accounts(joined).sort("customer_id").collect(engine="streaming")
    found.write_parquet(out / "accounts.parquet")
    memberships(found).write_parquet(out / "memberships.parquet")


def yields(book: Path) -> pl.LazyFrame:
    """Cents a year by kind; a cancellation without its original counts as booked."""
    booked = pl.scan_parquet(book / "yields.parquet")
    day, kind = pl.col("booked_on"), pl.col("kind")
    inside = (day >= f.WINDOW_FROM) & (day <= f.AS_OF)

    def kept(name: str) -> pl.Expr:
        window = (day > f.ONE_OFF_AFTER) & (day <= f.AS_OF) if name == "one_off" else inside
        return pl.when((kind == name) & window).then("amount_cents").otherwise(0).sum().alias(f"{name}_cents")

    sums = booked.group_by("customer_id").agg(kept(name) for name in (*f.KINDS, "cancellation"))
    return sums.select(
        "customer_id",
        *(
            divide(pl.col(f"{name}_cents"), f.ONE_OFF_YEARS).alias("one_off_cents")
            if name == "one_off"
            else divide(pl.col(f"{name}_cents") * 12, f.MONTHS)
            for name in f.KINDS
        ),
        divide(pl.col("cancellation_cents") * 12, f.MONTHS).alias("cancelled_cents"),
    )


def contracts(book: Path) -> pl.LazyFrame:
    """How many contracts each customer has."""
    held = pl.scan_parquet(book / "contracts.parquet").group_by("customer_id")
    return held.agg(pl.len().cast(Int).alias("contracts"))


def work(book: Path) -> pl.LazyFrame:
    """Seconds by cause and role, materials by cause, and contacts, as sums of what was logged."""
    kinds = pl.LazyFrame(
        {
            "activity": [item.key for item in f.ACTIVITIES],
            "pair": [f.pair_of(item) for item in f.ACTIVITIES],
            "cause": [f.CAUSES.index(item.cause) for item in f.ACTIVITIES],
            "early": [int(item.cause in f.EARLY) for item in f.ACTIVITIES],
            "standard": [item.seconds for item in f.ACTIVITIES],
            "around": [item.around for item in f.ACTIVITIES],
            "materials": [item.materials for item in f.ACTIVITIES],
        },
        schema_overrides=dict.fromkeys(("pair", "cause", "early", "standard", "around", "materials"), pl.Int16),
    )
    rows = (
        pl.scan_parquet(book / "work" / "*.parquet")
        .filter(pl.col("done_on").is_between(f.WINDOW_FROM, f.AS_OF))
        .join(kinds, on="activity")
        .select(
            *("customer_id", "pair", "cause", "early", "materials", "seconds"),
            (pl.col("seconds").fill_null(pl.col("standard")) + pl.col("around")).alias("spent"),
        )
    )
    return rows.group_by("customer_id").agg(
        *(
            pl.when(pl.col("pair") == number).then("spent").otherwise(0).sum().alias(f"{cause}_{role}")
            for number, (cause, role) in enumerate(f.PAIRS)
        ),
        *(
            pl.when(pl.col("cause") == number)
            .then(pl.col("materials").cast(Int))
            .otherwise(0)
            .sum()
            .alias(f"{cause}_m")
            for number, cause in enumerate(f.CAUSES)
        ),
        pl.col("early").cast(Int).sum().alias("seen"),
        pl.col("seconds").sum().alias("measured"),
    )


def accounts(joined: pl.LazyFrame) -> pl.LazyFrame:
    """The account of each customer, in cents and seconds of a year."""

    def year(name: str, items: list[f.Activity], unit: str, divisor: int = f.MILLION) -> pl.Expr:
        constant, contract = f.believed(items, unit)
        return divide(pl.col(name) * f.WEIGHT + constant + pl.col("contracts") * contract, divisor)

    seconds = {cause: [f"{cause}_{role}_seconds" for of, role in f.PAIRS if of == cause] for cause in f.CAUSES}
    priced = (
        joined.with_columns(
            *(
                year(f"{cause}_{role}", f.of_pair(cause, role), "time").alias(f"{cause}_{role}_seconds")
                for cause, role in f.PAIRS
            ),
            *(
                year(f"{cause}_m", f.of_causes(cause), "materials").alias(f"{cause}_materials_cents")
                for cause in f.CAUSES
            ),
            pl.sum_horizontal(f"{kind}_cents" for kind in (*f.KINDS, "cancelled")).alias("yield_cents"),
            year("seen", f.of_causes(*f.EARLY), "contacts", 1000).alias("contacts_milli"),
            (pl.col("seen") * 1000 + f.SHAPE[0] + pl.col("contracts") * f.SHAPE[1]).alias("shape_milli"),
            divide(pl.col("measured") * f.WEIGHT, f.MILLION).alias("measured_seconds"),
            divide(pl.sum_horizontal(f"{cause}_{role}" for cause, role in f.PAIRS) * f.WEIGHT, f.MILLION).alias(
                "observed_seconds"
            ),
        )
        .with_columns(
            *(pl.sum_horizontal(seconds[cause]).alias(f"{cause}_seconds") for cause in f.CAUSES),
            *(
                pl.sum_horizontal(
                    f"{cause}_materials_cents",
                    *(
                        divide(pl.col(f"{of}_{role}_seconds") * f.RATES[role], f.RATE_UNIT)
                        for of, role in f.PAIRS
                        if of == cause
                    ),
                ).alias(f"{cause}_cents")
                for cause in f.CAUSES
            ),
        )
        .with_columns(
            pl.sum_horizontal(f"{cause}_seconds" for cause in f.CAUSES).alias("service_seconds"),
            pl.sum_horizontal(f"{cause}_cents" for cause in f.CAUSES).add(f.BASE_CENTS).alias("cost_cents"),
        )
    )
    since, zero = pl.col("since"), pl.lit(0, Int)
    early = pl.col("duty_cents") + pl.col("asked_cents") + f.BASE_CENTS
    return priced.select(
        *("customer_id", "household_id", "name", "since"),
        ((f.AS_OF.year - since.dt.year()).cast(Int) * 12 + f.AS_OF.month - since.dt.month()).alias("tenure_months"),
        pl.lit(None, Int).alias("distance_m"),
        "contracts",
        zero.alias("referrals_won"),
        zero.alias("referral_yield_cents"),
        *(f"{kind}_cents" for kind in (*f.KINDS, "cancelled")),
        "yield_cents",
        *(name for cause in f.CAUSES for name in seconds[cause]),
        *(
            part
            for cause in f.CAUSES
            for part in (
                f"{cause}_seconds",
                zero.alias(f"{cause}_travel_cents"),
                f"{cause}_materials_cents",
                f"{cause}_cents",
            )
        ),
        "service_seconds",
        pl.lit(f.BASE_CENTS, Int).alias("base_cents"),
        "cost_cents",
        (pl.col("yield_cents") - early).alias("contribution_before_granted_cents"),
        (pl.col("yield_cents") - pl.col("cost_cents")).alias("contribution_cents"),
        *("contacts_milli", "seen", "shape_milli", "measured_seconds", "observed_seconds"),
    )


def memberships(found: pl.DataFrame) -> pl.DataFrame:
    """The class of each customer with whether it is sure, and what would lift the customer to a better one."""
    shape, z = pl.col("shape_milli") / 1000, f.Z
    low, high = (1 - 1 / (shape * 9) + side * z / (shape.sqrt() * 3) for side in (-1, 1))
    work = found.lazy().select(
        *("customer_id", "name", "yield_cents"),
        pl.col("contribution_before_granted_cents").alias("sum"),
        (pl.col("duty_seconds") + pl.col("asked_seconds")).alias("seconds"),
        (pl.col("duty_cents") + pl.col("asked_cents")).alias("estimated"),
        pl.when(low > 0).then(low * low * low * 1000).otherwise(0).floor().cast(Int).alias("low"),
        pl.when(high > 0).then(high * high * high * 1000).otherwise(0).ceil().cast(Int).alias("high"),
    )
    likely = degree(pl.col("sum"), per_hour(pl.col("seconds")))
    best = degree(*bound("low"))
    worst = degree(*bound("high"))
    ranked = work.with_columns(likely.alias("rank"), best.alias("best"), worst.alias("worst"))
    return (
        ranked.select(
            "customer_id",
            pl.col("customer_id").alias("unit_id"),
            "name",
            pl.col("rank").replace_strict({0: "A", 1: "B", 2: "C"}, return_dtype=pl.String).alias("class_key"),
            pl.lit(None, pl.String).alias("previous_key"),
            pl.when(pl.col("best") != pl.col("worst"))
            .then(pl.lit("undecided"))
            .otherwise(pl.lit("criteria"))
            .alias("because"),
            (pl.col("best") != pl.col("worst")).alias("undecided"),
            pl.lit(None, pl.String).alias("waiting_for"),
            more_yield().alias("more_yield_cents"),
            less_time().alias("less_seconds"),
            pl.lit(None, Int).alias("more_contracts"),
            pl.lit(None, Int).alias("more_referrals"),
        )
        .collect(engine="streaming")
    )  # fmt: skip


def per_hour(seconds: pl.Expr) -> pl.Expr:
    """Cents of yield per hour, rounded down."""
    none = pl.when(pl.col("yield_cents") > 0).then(f.NO_HOURS).otherwise(0)
    ratio = (pl.col("yield_cents") * 3600).floordiv(pl.when(seconds > 0).then(seconds).otherwise(1))
    return pl.when(seconds > 0).then(ratio).otherwise(none)


def bound(side: str) -> tuple[pl.Expr, pl.Expr]:
    """Contribution and euro per hour if the work is as little (low) or as much (high) as the interval allows."""
    factor = pl.col(side)
    return pl.col("sum") - divide(pl.col("estimated") * (factor - 1000), 1000), per_hour(
        divide(pl.col("seconds") * factor, 1000)
    )


def degree(contribution: pl.Expr, hourly: pl.Expr) -> pl.Expr:
    """0, 1 or 2: the best class whose criteria are met."""
    money = pl.col("yield_cents")
    a = (
        (money >= f.CUTS_A["yield"])
        & (contribution >= f.CUTS_A["contribution"])
        & (hourly >= f.CUTS_A["euro_per_hour"])
    )
    b = (money >= f.RICH) | ((money >= f.SOLID) & (contribution >= f.NO_LOSS)) | (hourly >= f.BUSY)
    return pl.when(a).then(pl.lit(0, Int)).when(b).then(1).otherwise(2)


def missing(name: str, cut: int) -> pl.Expr:
    """Cents that are missing to a cut."""
    return (cut - pl.col(name)).clip(lower_bound=0)


def yield_for_hours(cut: int) -> pl.Expr:
    """Cents of yield that are missing to so much per hour."""
    short = (cut * pl.col("seconds") - pl.col("yield_cents") * 3600 + 3599) // 3600
    return pl.when(per_hour(pl.col("seconds")) >= cut).then(0).otherwise(short)


def more_yield() -> pl.Expr:
    """The least more yield that lifts a customer to a better class."""
    a = pl.max_horizontal(
        missing("yield_cents", f.CUTS_A["yield"]),
        missing("sum", f.CUTS_A["contribution"]),
        yield_for_hours(f.CUTS_A["euro_per_hour"]),
    )
    b = pl.min_horizontal(
        missing("yield_cents", f.RICH),
        pl.max_horizontal(missing("yield_cents", f.SOLID), missing("sum", f.NO_LOSS)),
        yield_for_hours(f.BUSY),
    )
    return least(a, b)


def less_time() -> pl.Expr:
    """The least fewer seconds that lift a customer to a better class, where time alone can."""
    money, total = pl.col("yield_cents"), pl.col("sum")
    enough_a = (money >= f.CUTS_A["yield"]) & (total >= f.CUTS_A["contribution"])
    a = pl.when(enough_a).then(fewer(f.CUTS_A["euro_per_hour"])).otherwise(NEVER)
    enough_b = (money >= f.RICH) | ((money >= f.SOLID) & (total >= f.NO_LOSS))
    b = pl.when(enough_b).then(0).otherwise(fewer(f.BUSY))
    return least(a, b)


def fewer(cut: int) -> pl.Expr:
    """Seconds less with which so much per hour is reached."""
    allowed = pl.col("yield_cents") * 3600 // cut
    step = pl.col("seconds") - allowed
    able = (pl.col("yield_cents") > 0) & (step < pl.col("seconds"))
    needed = pl.when(able).then(step.clip(lower_bound=1)).otherwise(NEVER)
    return pl.when(per_hour(pl.col("seconds")) >= cut).then(0).otherwise(needed)


def least(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """The smaller step of the classes above a customer's own; unknown where none is enough."""
    step = pl.min_horizontal(
        pl.when(pl.col("rank") > 0).then(a).otherwise(NEVER), pl.when(pl.col("rank") > 1).then(b).otherwise(NEVER)
    )
    return pl.when((step > 0) & (step < NEVER)).then(step).otherwise(pl.lit(None, Int))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
