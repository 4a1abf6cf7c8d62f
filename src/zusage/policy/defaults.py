"""A value as written, or nothing, comes in; the value, or what holds without it, goes out."""

from __future__ import annotations

from typing import TypeVar

from zusage.policy.mistakes import Mistakes

T = TypeVar("T")


def or_else(value: T | None, default: T) -> T:
    """The value, or what holds where none is written."""
    return default if value is None else value


def need(value: T | None, default: T, mistakes: Mistakes, *steps: str) -> T:
    """The value, or a noted mistake and a stand-in with which the rest can still be read."""
    if value is None:
        mistakes.add("policy_required", *steps, field=steps[-1])
        return default
    return value


def within(value: int | None, default: int, low: int, high: int, mistakes: Mistakes, *steps: str) -> int:
    """The value, noted where it lies outside of its bounds."""
    if value is not None and not low <= value <= high:
        mistakes.add("policy_out_of_bounds", *steps, field=steps[-1], low=str(low), high=str(high))
    return or_else(value, default)
