"""The content of a file comes in, an answer with which a browser keeps or shows it goes out."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

KINDS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "json": "application/json",
    "yaml": "application/yaml; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "eml": "message/rfc822",
}
"""What each ending says of a file."""


def as_file(content: bytes | str, name: str, *, attached: bool = True) -> HttpResponse:
    """The answer with a file under its name; `attached`: to be kept, not shown."""
    kind = KINDS[name.rpartition(".")[2]]
    way = content_disposition_header(attached, name) or ""
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": way})
