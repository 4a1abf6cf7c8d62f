"""Cost to serve: a book and a policy come in, each customer's account and the firm's own sums go out."""

from zusage.cost.accounts import customer_accounts
from zusage.cost.costing import Costing, cost_book
from zusage.cost.periods import Periods, find_periods
from zusage.cost.units import unit_accounts

__all__ = ["Costing", "Periods", "cost_book", "customer_accounts", "find_periods", "unit_accounts"]
