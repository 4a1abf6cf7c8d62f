"""A list of past deliveries comes in as CSV, the last day of each goes out; days that fall due come in, a calendar file
(iCalendar) goes out."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any

from zusage.ground.nearest import not_among
from zusage.ground.reasons import Finding, Place, Refused, mistake
from zusage.ground.words import Language
from zusage.policy.document import Policy

COLUMNS = ("customer_id", "service", "delivered_on")


def last_deliveries(
    lines: Sequence[str], units: Mapping[str, str], policy: Policy, file: str
) -> dict[tuple[str, str], date]:
    """Unit and service to the day of the last delivery. Raises Refused with every line that cannot be used."""
    mark = ";" if lines and ";" in lines[0] else ","
    rows = csv.DictReader(lines, delimiter=mark)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise Refused([mistake("due_columns", Place(file=file, line=1), known=mark.join(COLUMNS))])
    services = {service.key for service in policy.services}
    mistakes: list[Finding] = []
    found: dict[tuple[str, str], date] = {}
    for row in rows:
        where = Place(file=file, line=rows.line_num)
        customer, service, written = (str(row[name] or "").strip() for name in COLUMNS)
        if customer not in units:
            mistakes.append(mistake("cli_no_customer", where, text=customer))
        if service not in services:
            values = not_among(service, [item.key for item in policy.services])
            mistakes.append(mistake("promise_unknown_service", where, **values))
        try:
            day = date.fromisoformat(written)
        except ValueError:
            mistakes.append(mistake("worktime_bad_date", where, day=written))
            continue
        key = units.get(customer, customer), service
        found[key] = max(day, found.get(key, day))
    if mistakes:
        raise Refused(mistakes)
    return found


def calendar_file(rows: Iterable[Mapping[str, Any]], policy: Policy, language: Language) -> str:
    """What falls due (rows of `touchpoints.DUE` with a name, perhaps a due_at) as events, RFC 5545.

    The same delivery always gets the same UID, so that importing twice makes no second event.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Zusage//due//EN"]
    for row in rows:
        service = policy.service(row["service"]).name[language]
        stamp = f"{row['due_on']:%Y%m%d}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{stamp}-{_escaped(row['unit_id'])}-{row['service']}@zusage",
            f"DTSTAMP:{stamp}T000000Z",
            *_when(row),
            f"SUMMARY:{_escaped(service)}: {_escaped(row['name'] or row['unit_id'])}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _when(row: Mapping[str, Any]) -> list[str]:
    """The moment a request is due, or the whole day of what has only a day."""
    if row.get("due_at"):
        return [f"DTSTART:{row['due_at'].astimezone(UTC):%Y%m%dT%H%M%SZ}"]
    after = row["due_on"] + timedelta(1)
    return [f"DTSTART;VALUE=DATE:{row['due_on']:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"]


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> str:
    """A content line has at most 75 bytes; the rest goes on in lines that begin with a blank."""
    parts, size = [""], 0
    for letter in line:
        width = len(letter.encode())
        if size + width > 75:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += width
    return "\r\n".join(parts)
