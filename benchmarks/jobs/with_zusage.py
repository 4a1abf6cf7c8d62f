"""The job by Zusage: a book and policy.yaml come in, the accounts and the classes of all customers are written."""

from __future__ import annotations

import sys
from pathlib import Path

from zusage import engine
from zusage.book import read_book
from zusage.plan import make_plan
from zusage.policy.read import read_policy


def main(book: Path, out: Path) -> None:
    """The whole plan, as every user runs it; two of its tables are written."""
    policy = read_policy(Path(__file__).parent.parent / "policy.yaml").policy
    plan = make_plan(read_book(book).tables, policy)
    engine.write_parquet(plan.accounts, out / "accounts.parquet")
    engine.write_parquet(plan.memberships, out / "memberships.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
