"""The tables of the office's book, and a draft, for questions about capacity."""

from __future__ import annotations

from tests.web.services.conftest import draft, kept

__all__ = ["draft", "kept"]
