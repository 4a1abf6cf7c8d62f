"""What a verb was given comes in, one reader after another; all of it goes out read, or all mistakes in it at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar

from zusage.cli.speech import choose_language
from zusage.ground.reasons import Finding, Place, Refused, mistake

if TYPE_CHECKING:
    from zusage.ground.words import Language

T = TypeVar("T")
P = ParamSpec("P")


class Given:
    """Reads what a verb was given and keeps what is wrong with it until all was looked at.

    >>> given = Given()
    >>> day, year = given.take(int, "31"), given.take(int, "2027")
    >>> given.whole()
    >>> day() + year()
    2058
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def take(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
        """A way to what was read. What needs another one asks for it within `read`: of what could not be read for its
        sake nothing is told, as its mistakes are told already."""
        try:
            value = read(*args, **kwargs)
        except Refused as refused:
            return self._wrong(refused)
        except OSError as error:
            return self._wrong(Refused([of_system(error)]))
        return lambda: value

    def _wrong(self, refused: Refused) -> Callable[[], NoReturn]:
        self.findings += [item for item in refused.findings if item not in self.findings]

        def unread() -> NoReturn:
            raise refused

        return unread

    def language(self, asked: str | None, otherwise: Callable[[], str | None]) -> Callable[[], Language]:
        """The language to answer in: as asked for, else as something says that was given."""
        known = self.take(choose_language, asked)
        return self.take(lambda: known() and choose_language(asked, otherwise()))

    def folder(self, path: Path) -> None:
        """A folder to write into: there, or not there yet."""
        if path.exists() and not path.is_dir():
            self.findings.append(mistake("cli_no_folder", Place(file=str(path))))

    def whole(self) -> None:
        """Raises Refused with all mistakes of all that was taken."""
        if self.findings:
            raise Refused(self.findings)


def check_new(out: Path | None) -> None:
    """Raises Refused where a file to write is there already: nothing of the user's is ever overwritten."""
    if out is not None and out.exists():
        raise Refused([mistake("cli_file_exists", Place(file=str(out)))])


def of_system(error: OSError) -> Finding:
    """What the system said of a file: in words where they are known, else in its own."""
    kinds = {FileNotFoundError: "missing", IsADirectoryError: "folder", PermissionError: "rights"}
    kind = next((name for known, name in kinds.items() if isinstance(error, known) and error.filename), None)
    if kind is None:
        return mistake("cli_os", text=f"{error.filename or ''} {error.strerror or error}".strip())
    return mistake(f"cli_os_{kind}", Place(file=str(error.filename)))
