"""Folders of results and examples: a path comes in, a folder that is whole or not there goes out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from zusage.ground.reasons import Place, Refused, mistake

ANSWERS = "answers.jsonl"
"""The record of what customers were answered; it belongs to the firm and outlives every reckoning."""


@contextmanager
def replace_folder(target: Path, *, marker: str, keep: Sequence[str] = ()) -> Iterator[Path]:
    """A new folder to write into, put in the place of `target` when all went well; otherwise nothing is changed.

    An existing folder is only replaced if it is empty or holds `marker`, the sign that we wrote it. Raises Refused
    if it holds anything else. Files named in `keep` are taken along: what was answered to customers is not reckoned
    again.
    """
    check_target(target, marker)
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    old = folder.with_name(f"{folder.name}-old")
    folder.chmod(0o755)
    try:
        yield folder
        for name in keep:
            if (target / name).is_file():
                shutil.copy2(target / name, folder / name)
        # moved aside in one step before anything is deleted: where a file of it is open in Excel, all of it stays
        if target.exists():
            target.rename(old)
        folder.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        for rest in (folder, old):
            shutil.rmtree(rest, ignore_errors=True)


def check_target(target: Path, marker: str) -> None:
    """Raises Refused where a folder is there that we did not write."""
    if target.exists() and not (target.is_dir() and (not any(target.iterdir()) or (target / marker).exists())):
        raise Refused([mistake("cli_out_not_ours", Place(file=str(target)), text=marker)])


def example_folder(name: str) -> Path:
    """The folder of an example firm: inside the installed package, or in the source tree beside it."""
    for folder in (Path(str(files("zusage"))) / "examples", Path(__file__).parents[2] / "examples"):
        if (folder / name).is_dir():
            return folder / name
    raise Refused([mistake("cli_no_example", text=name)])
