"""The file that says who writes (YAML) comes in, the sender and the person to ask go out, or all mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zusage.ground.reasons import Place, Refused, mistake
from zusage.policy import values
from zusage.policy.document import Text
from zusage.policy.load import load, plain
from zusage.policy.mistakes import Mistake, Mistakes, shown
from zusage.policy.sections import placed
from zusage.report.letters.letter import EMPTY, Contact, Sender
from zusage.report.letters.printing import Marks
from zusage.report.mark import name_of, read_mark

_LINES = ("name", "street", "postcode", "city", "phone", "mail", "web", "managing")
_TEXTS = ("opening", "notice")
_CONTACT = ("name", "role", "phone", "mail")
_LONGEST = {"notice": 20_000}
"""Characters, as in the office; all other fields are lines."""
_LINE = 200


def read_sender(path: Path) -> tuple[Sender, Contact, Marks]:
    """The sender of letters, who is there for the customer, and the firm's mark, whose file is named from here; raises
    Refused with all mistakes and their lines."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused([mistake("policy_not_utf8", Place(file=path.name))]) from None
    except OSError:
        raise Refused([mistake("policy_not_readable", Place(file=str(path)))]) from None
    raw = load(text, path.name, mistake("letters_no_sender", Place(path.name, 1), known=", ".join(_LINES)))
    mistakes = Mistakes()
    written = _with_zeros(raw, dict(plain(raw, path.name, mistakes)))
    with mistakes.inside("contact"):
        person = _texts(written.pop("contact", None) or {}, _CONTACT, mistakes)
    mark = _mark(path.parent, written.pop("mark", ""), mistakes)
    found = _texts(written, (*_LINES, *_TEXTS, "mark"), mistakes)
    for name in ("name", "street", "city"):
        if name not in found:
            mistakes.add("letters_sender_missing", field=name)
    if mistakes.found:
        raise Refused([placed(item, raw, path.name) for item in mistakes.found])
    lines = [found[name].de if name in found else "" for name in _LINES]
    opening, notice = (found.get(name, EMPTY) for name in _TEXTS)
    sender = Sender(**dict(zip(_LINES, lines, strict=True)), opening=opening, notice=notice, mark=name_of(mark))
    return sender, Contact(**{name: text.de for name, text in person.items()}), {sender.mark: mark}


def _mark(folder: Path, written: Any, mistakes: Mistakes) -> bytes:
    """The picture of a file beside the one that names it; none where there is a mistake."""
    if not isinstance(written, str):
        mistakes.add("policy_not_text", "mark", text=shown(written))
        return b""
    if not written:
        return b""
    try:
        return read_mark(folder / written)
    except Refused as refused:
        for item in refused.findings:
            mistakes.found.append(Mistake(("mark",), "error", item.reason.code, tuple(item.reason.values.items())))
    return b""


def _with_zeros(raw: Any, written: dict[str, Any]) -> dict[str, Any]:
    """YAML reads the postcode 04109 as a number; its digits count as they were written."""
    code = written.get("postcode")
    if isinstance(code, int) and not isinstance(code, bool):
        written["postcode"] = str(code).zfill(getattr(raw["postcode"], "_width", None) or 0)
    return written


def _texts(written: Any, known: tuple[str, ...], mistakes: Mistakes) -> dict[str, Text]:
    """The fields that are known, each a text in one language or both; anything else is a mistake."""
    if not isinstance(written, dict):
        mistakes.add("policy_not_mapping", field="contact", text=shown(written))
        return {}
    found: dict[str, Text] = {}
    for name, value in written.items():
        if name not in known:
            mistakes.unknown("policy_unknown_field", str(name), known, name)
            continue
        try:
            found[name] = values.text(value)
        except ValueError as error:
            mistakes.add(str(error), name, text=shown(value))
            continue
        most = _LONGEST.get(name, _LINE)
        if max(len(found[name].de), len(found[name].en)) > most:
            mistakes.add("letters_sender_long", name, most_count=most)
    return found
