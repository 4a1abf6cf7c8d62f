"""The Django application of all rooms; Django reads it at the start."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig

LISTENING = (
    *("zusage.web.charter.outbox.actions", "zusage.web.charter.newsletter.actions"),
    "zusage.web.charter.letters.actions",
)
"""Who is told by rooms below, in pages and jobs alike; named, because they stand above those."""


class ZusageConfig(AppConfig):
    """One application, one history of migrations; its rooms are packages, not applications."""

    name = "zusage.web"
    label = "zusage"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Changes are recorded from here on, and what is owed unasked follows the consents."""
        from zusage.web.calendar.actions import follow_consents  # noqa: PLC0415 - the models are there only now
        from zusage.web.customers.consent.actions import changed  # noqa: PLC0415 - the same
        from zusage.web.office.audit import register  # noqa: PLC0415 - the same

        register()
        for name in LISTENING:
            import_module(name)
        changed.connect(follow_consents)
