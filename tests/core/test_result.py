"""A result folder is whole or not there, and what belongs to the firm outlives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from zusage.ground.reasons import Refused
from zusage.result import replace_folder


def written(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def test_a_new_result_takes_the_place_of_the_old_one_and_keeps_what_was_answered(tmp_path: Path) -> None:
    target = tmp_path / "result"
    with replace_folder(target, marker="sign", keep=("answers",)) as folder:
        (folder / "sign").write_text("1", "utf-8")
    (target / "answers").write_text("said to a customer", "utf-8")
    with replace_folder(target, marker="sign", keep=("answers",)) as folder:
        (folder / "sign").write_text("2", "utf-8")
    assert written(target) == {"sign": "2", "answers": "said to a customer"}
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_a_run_that_fails_leaves_the_old_result_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "result"
    target.mkdir()
    (target / "sign").write_text("1", "utf-8")
    with pytest.raises(FileNotFoundError), replace_folder(target, marker="sign") as folder:
        (folder / "missing" / "half").write_text("done", "utf-8")
    assert written(target) == {"sign": "1"}
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_a_folder_of_somebody_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", "utf-8")
    with pytest.raises(Refused), replace_folder(tmp_path, marker="sign"):
        pass
    assert written(tmp_path) == {"letter.txt": "mine"}
