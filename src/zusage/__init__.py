"""Service promises you can afford, explain and keep.

A policy and a folder of the firm's own files come in, a plan with classes, reasons, promises and hours goes out:

>>> from pathlib import Path
>>> import zusage
>>> broker = Path("examples/broker")
>>> policy = zusage.read_policy(broker / "policy.yaml").policy
>>> book = zusage.read_book(broker / "exports")
>>> plan = zusage.make_plan(book.tables, policy, findings=book.findings)
>>> [(item.class_key, item.customers) for item in plan.classes]
[('A', 169), ('B', 224), ('C', 567), ('provisional', 40)]

Input that cannot be used raises `Refused` with all mistakes at once; `zusage.ground.words.say_finding` puts them into
words. What stands in `__all__` is the public interface. Each name is loaded when it is first used, because the table
engine takes longer to load than most questions take to answer.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zusage.book import Book, read_book
    from zusage.ground.reasons import Refused
    from zusage.plan import Plan, make_plan
    from zusage.policy.document import Policy
    from zusage.policy.read import read_policy, read_policy_text

__version__ = "0.1.0"
__all__ = [
    "Book",
    "Plan",
    "Policy",
    "Refused",
    "__version__",
    "make_plan",
    "read_book",
    "read_policy",
    "read_policy_text",
]

_HOME = {
    "Book": "zusage.book",
    "Plan": "zusage.plan",
    "Policy": "zusage.policy.document",
    "Refused": "zusage.ground.reasons",
    "make_plan": "zusage.plan",
    "read_book": "zusage.book",
    "read_policy": "zusage.policy.read",
    "read_policy_text": "zusage.policy.read",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_HOME[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
