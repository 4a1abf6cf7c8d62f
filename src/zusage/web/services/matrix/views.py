"""Requests about a draft's promises come in, the matrix of services and classes goes out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zusage.promises.terms import term
from zusage.web.office.rights import page, user_of
from zusage.web.services.queries import draft_for, read_draft
from zusage.web.services.views import READERS, draft_context
from zusage.web.speech import language


@page(*READERS)
def draft_matrix(request: HttpRequest, pk: int) -> HttpResponse:
    """What each class is promised, service by service."""
    draft = draft_for(user_of(request), pk)
    policy, spoken = read_draft(draft).policy, language()
    cells = {
        (item.service, entry.key): term(item, policy, spoken)
        for entry in policy.classes
        for item in policy.promises_of(entry.key)
    }
    rows = [
        (service.name[spoken], [cells.get((service.key, entry.key), "") for entry in policy.classes])
        for service in policy.services
    ]
    context = draft_context(request, draft, "matrix") | {
        "rows": rows,
        "classes": [item.name[spoken] for item in policy.classes],
    }
    return render(request, "services/matrix/matrix.html", context)
