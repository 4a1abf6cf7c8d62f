"""What people decide about the office comes in, changed rows go out."""

from __future__ import annotations

from zusage.web.office.models import LANGUAGES, THEMES, User


def choose_look(user: User, *, language: str = "", theme: str = "") -> None:
    """Somebody's language or theme; whatever is not one changes nothing."""
    chosen = {"language": language} if language in LANGUAGES else {}
    chosen |= {"theme": theme} if theme in THEMES else {}
    if chosen:
        User.objects.filter(pk=user.pk).update(**chosen)
