"""How every verb speaks: findings, JSON and languages come in, text on the terminal goes out."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

import json
import locale
import os
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from zusage.ground.reasons import Finding
    from zusage.ground.words import Language

OK, NO, REFUSED, OURS, INTERRUPTED = 0, 1, 2, 70, 130


def print_findings(findings: Sequence[Finding], language: Language, *, as_json: bool, **more: Any) -> None:
    from zusage.ground.words import say_finding, word

    if as_json:
        listed = [
            {
                "severity": item.severity,
                "code": item.reason.code,
                **vars(item.where),
                "text": say_finding(item, language),
            }
            for item in findings
        ]
        print_json({"findings": listed, **more})
        return
    told = [f"{word(f'severity_{item.severity}', language)}: {say_finding(item, language)}" for item in findings]
    print_lines(told, stderr=any(item.severity == "error" for item in findings))


def print_lines(lines: Iterable[str], *, style: str = "", stderr: bool = False) -> None:
    """Sentences: broken between words on a terminal, one a line where another program or a file takes them."""
    from zusage.ground.words import in_width

    console = screen(stderr=stderr)
    for line in lines:
        shown = in_width(line, console.width) if console.is_terminal else line
        console.print(shown, style=style, highlight=False, markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    def plain(item: Any) -> Any:
        return item.isoformat() if isinstance(item, date) else str(item)

    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=plain))


def screen(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, soft_wrap=False)


def choose_language(asked: str | None, otherwise: str | None = None) -> Language:
    """The language asked for, else ZUSAGE_LANG, else the policy's, else the system's; German where nothing tells."""
    from zusage.ground.reasons import Refused, mistake

    if asked not in (None, "de", "en"):
        raise Refused([mistake("cli_language", text=str(asked))])
    system = (_told_by_system() or locale.getlocale()[0] or "de")[:2].lower()
    chosen = asked or os.environ.get("ZUSAGE_LANG") or otherwise or system
    return "en" if chosen == "en" else "de"


def _told_by_system() -> str | None:
    """What the terminal says, whether or not this machine has the words and formats of that language installed."""
    said = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return said if said[:2].lower() in ("de", "en") else None


def asked_language(arguments: Sequence[str]) -> Language:
    """The language of a command line that could not be followed: as --lang says, or else the system's."""
    words = " ".join(arguments).replace("--lang=", "--lang ").split()
    asked = words[words.index("--lang") + 1 :][:1] if "--lang" in words else []
    return choose_language(asked[0] if asked and asked[0] in ("de", "en") else None)
