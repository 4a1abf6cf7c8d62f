"""What several verbs begin and end with: a kept result and a list of absences come in, answers and files go out."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zusage.cli.speech import print_json, screen

if TYPE_CHECKING:
    from zusage.capacity.there import Absence
    from zusage.engine import Frame
    from zusage.plan import Plan
    from zusage.policy.document import Policy

POLICY = "policy.yaml"


def kept_book(result: Path) -> tuple[Plan, dict[str, Frame]]:
    """The plan of a result folder with the book it was reckoned from. Raises Refused where that was not kept."""
    from zusage.book.kept import KEPT, kept_tables
    from zusage.ground.reasons import Place, Refused, mistake
    from zusage.report.tables import load_result

    plan, tables = load_result(result), kept_tables(result / KEPT)
    if tables is None:
        raise Refused([mistake("cli_no_book", Place(file=str(result)))])
    return plan, tables


def kept_with_text(result: Path) -> tuple[Plan, dict[str, Frame], str]:
    """The same with the text of the policy it was reckoned with. Raises Refused where that is not there any more."""
    from zusage.ground.reasons import Place, Refused, mistake

    plan, tables = kept_book(result)
    if not (result / POLICY).is_file():
        raise Refused([mistake("cli_no_book", Place(file=str(result)))])
    return plan, tables, (result / POLICY).read_bytes().decode("utf-8-sig")


def known_absences(path: Path | None, policy: Policy) -> tuple[Absence, ...]:
    """The absences of a file; none where no file is named. Raises Refused with every line that cannot be used."""
    from zusage.capacity.there import read_absences

    return () if path is None else read_absences(lines_of(path), policy, str(path))


def lines_of(path: Path) -> list[str]:
    """The lines of a list, whatever program wrote it. Raises Refused where it is no text at all."""
    from zusage.book.sources.delimited import decode, is_binary
    from zusage.ground.reasons import Place, Refused, mistake

    data = path.read_bytes()
    if is_binary(data):
        raise Refused([mistake("cli_no_text", Place(file=str(path)))])
    return decode(data)[0].splitlines()


def answered(
    figures: Callable[[], Mapping[str, Any]], say: Callable[[], None], files: Sequence[Path], *, as_json: bool
) -> None:
    """An answer on the screen with the files written, or everything as JSON."""
    if as_json:
        print_json({**figures(), "files": [str(path) for path in files]})
        return
    say()
    for path in files:
        screen().print(f"  {path}", style="dim", soft_wrap=True, highlight=False)
