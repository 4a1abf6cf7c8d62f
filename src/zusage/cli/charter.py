"""The verb of what customers are told: `charter` writes the sheet of all packages as PDF and as a file for a site."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zusage.cli.given import Given
from zusage.cli.options import Lang, PolicyFile
from zusage.cli.speech import print_findings, print_lines

if TYPE_CHECKING:
    from zusage.ground.reasons import Finding
    from zusage.ground.words import Language
    from zusage.policy.read import Read
    from zusage.promises.charter import Charter, Texts


def charter(
    policy: PolicyFile,
    to: Annotated[Path, typer.Option("--to", help="Folder to write into; files of the same names are replaced.")],
    texts: Annotated[Path | None, typer.Option("--texts", help="The firm's own words around it (YAML).")] = None,
    mark: Annotated[Path | None, typer.Option("--mark", help="The firm's logo (PNG or JPEG).")] = None,
    language: Annotated[str, typer.Option("--language", help="Of the sheet: de, en or both.")] = "both",
    lang: Lang = None,
) -> None:
    """What everyone gets, the packages side by side, how to get more: one A4 page (PDF) and one HTML file."""
    from zusage.policy.read import read_policy
    from zusage.report.mark import read_mark

    given = Given()
    sheets = given.take(_languages, language)
    read = given.take(read_policy, policy)
    given.folder(to)
    spoken = given.language(lang, lambda: read().policy.firm.language)
    words = given.take(_words, texts, read)
    made = given.take(lambda: _made(read(), words(), texts, policy))
    logo = given.take(lambda: read_mark(mark) if mark else b"")
    given.whole()
    sheet, doubts = made()
    print_findings(doubts, spoken(), as_json=False)
    written = [_write(sheet, logo(), to, item) for item in sheets()]
    _say(to, [name for names in written for name in names], spoken())


def _languages(asked: str) -> tuple[Language, ...]:
    from zusage.ground.reasons import Refused, mistake
    from zusage.ground.words import LANGUAGES

    if asked not in (*LANGUAGES, "both"):
        raise Refused([mistake("cli_charter_language", text=asked)])
    return tuple(item for item in LANGUAGES if asked in (item, "both"))


def _words(texts: Path | None, read: Callable[[], Read]) -> tuple[Texts, tuple[Finding, ...]]:
    """The firm's own words and their mistakes; where the service model is refused, those that need none."""
    from zusage.ground.reasons import Refused
    from zusage.promises.charter import NO_TEXTS
    from zusage.promises.texts import read_texts

    if texts is None:
        return NO_TEXTS, ()
    try:
        model = read().policy
    except Refused:
        raise Refused(read_texts(texts, None)[1]) from None
    return read_texts(texts, model)


def _made(
    read: Read, words: tuple[Texts, tuple[Finding, ...]], texts: Path | None, policy: Path
) -> tuple[Charter, list[Finding]]:
    """The charter and what is only doubtful in it. Raises Refused with all mistakes at once."""
    from zusage.ground.reasons import Refused
    from zusage.promises.charter import charter_findings, charter_of

    known, mistakes = words
    found = charter_of(read.policy, known)
    findings = [*mistakes, *_placed(charter_findings(found, read.policy), policy, texts)]
    if any(item.severity == "error" for item in findings):
        raise Refused(findings)
    return found, findings


def _placed(findings: tuple[Finding, ...], policy: Path, texts: Path | None) -> list[Finding]:
    """Each finding with its file and line: what stands in the service model, and what in the texts."""
    from zusage.policy.read import located
    from zusage.promises.texts import FIELDS

    placed: list[Finding] = []
    for item in findings:
        own = texts is not None and (item.where.path or "").split(".")[0] in FIELDS
        file = texts if own and texts is not None else policy
        placed += located([item], file.read_bytes().decode("utf-8-sig"), file.name)
    return placed


def _write(made: Charter, mark: bytes, folder: Path, language: Language) -> list[str]:
    from zusage.report.charter import charter_html, charter_pdf

    name = {"de": "leistungsversprechen", "en": "charter"}[language]
    page = charter_html(made, language, mark).encode()
    contents = {f"{name}.pdf": charter_pdf(made, language, mark), f"{name}.html": page}
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in contents.items():
        (folder / file).write_bytes(content)
    return list(contents)


def _say(folder: Path, names: list[str], language: Language) -> None:
    from zusage.ground.reasons import Reason
    from zusage.ground.words import say

    print_lines([say(Reason("cli_charter_done", {"path": str(folder), "text": ", ".join(names)}), language)])
