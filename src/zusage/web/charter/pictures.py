"""The name of a picture of the firm comes in, the picture as part of a page goes out: a filter of all templates."""

from __future__ import annotations

from django.template import Library

from zusage.report.mark import data_uri
from zusage.web.charter.queries import marks

register = Library()


@register.filter
def picture(name: str) -> str:
    """The firm's picture of this name (its sha256) as the source of an image; empty where there is none."""
    return data_uri(marks(name).get(name, b""))
