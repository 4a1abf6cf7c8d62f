"""Models come in; from then on each change of a row is kept with who, when, before and after."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.apps import apps

KEPT: dict[str, tuple[str, ...]] = {
    "firm": ("version", "created_at"),
    "user": ("password", "last_login", "version", "created_at", "theme"),
    "absence": (),
    "policyversion": ("text",),
    "override": (),
    "ownchoice": (),
    "told": (),
    "note": ("text",),
}
"""Models, by name because rooms above this one have some, and their fields that the log must not hold."""


def register() -> None:
    """Called once, when all models are there."""
    for name, left_out in KEPT.items():
        auditlog.register(apps.get_model("zusage", name), exclude_fields=[*left_out])
