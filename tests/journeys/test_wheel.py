"""The wheel: built, installed into an empty environment, and used far from the source tree."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.real import ROOT, zusage

import zusage as package

UV = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")
BROKER = ROOT / "examples" / "broker"


@dataclass
class Installed:
    wheel: Path
    program: str
    home: Path  # an empty folder to work in

    def run(self, *arguments: object) -> str:
        done = zusage(*arguments, cwd=self.home, program=self.program)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def names(self) -> list[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return archive.namelist()


def uv(*arguments: object) -> None:
    done = subprocess.run([str(UV), *map(str, arguments)], capture_output=True, encoding="utf-8", check=False)
    if done.returncode and re.search(r"dns error|error sending request|Network|offline|connect", done.stderr):
        pytest.skip("the package index cannot be reached, so the wheel can be neither built nor installed")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    if UV is None:
        pytest.skip("uv is not installed, so no wheel can be built")
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--quiet", "--out-dir", folder / "dist", ROOT)
    (wheel,) = (folder / "dist").glob("*.whl")
    uv("venv", "--quiet", "--python", sys.executable, folder / "env")
    scripts = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    uv("pip", "install", "--quiet", "--python", scripts / "python", wheel)
    (folder / "home").mkdir()
    return Installed(wheel, shutil.which("zusage", path=scripts) or "", folder / "home")


def test_the_wheel_holds_the_package_and_the_example_and_nothing_else(installed: Installed) -> None:
    tops = {tuple(name.split("/")[:2]) for name in installed.names}
    parts = {path.name for path in (ROOT / "src" / "zusage").iterdir() if path.name != "__pycache__"}
    info = f"zusage-{package.__version__}.dist-info"
    assert {second for first, second in tops if first == "zusage"} == parts | {"examples"}
    assert {first for first, *_ in tops} == {"zusage", info}
    unwanted = re.compile(r"__pycache__|\.py[co]$|(^|/)tests?/|(^|/)\.(?!gitattributes)")
    assert [name for name in installed.names if unwanted.search(name)] == []


@pytest.mark.parametrize("suffix", ["toml", "yaml", "html", "css", "js", "typ"])
def test_every_file_beside_the_source_is_in_the_wheel(suffix: str, installed: Installed) -> None:
    source = ROOT / "src"
    wanted = {path.relative_to(source).as_posix() for path in source.rglob(f"*.{suffix}")}
    assert wanted - set(installed.names) == set()


def test_the_wheel_is_small(installed: Installed) -> None:
    assert installed.wheel.stat().st_size < 3_000_000


def test_the_installed_program_knows_its_version(installed: Installed) -> None:
    assert installed.run("--version") == f"{package.__version__}\n"


def test_templates_come_with_it_and_pass_their_check(installed: Installed) -> None:
    installed.run("policy", "new", "--template", "abc", "--lang", "de", "-o", "abc.yaml")
    assert '"severity": "error"' not in installed.run("policy", "check", "abc.yaml", "--json")


def test_the_demo_comes_with_it(installed: Installed) -> None:
    printed = installed.run("demo", "--report", "--no-open", "--lang", "de")
    result = installed.home / "result" / "demo"
    assert (result / "report.html").stat().st_size > 10_000
    (customer,) = re.findall(r"zusage explain (\S+) --result (\S+)", printed)
    assert customer[0] in installed.run("explain", customer[0], "--result", customer[1]).splitlines()[0]


def test_it_gives_the_same_result_as_the_source_tree(installed: Installed, tmp_path: Path) -> None:
    arguments = ("plan", "-p", BROKER / "policy.yaml", "-b", BROKER / "exports", "--no-report", "--lang", "de")
    installed.run(*arguments, "-o", "here")
    done = zusage(*arguments, "-o", tmp_path / "there", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("result.json", "policy.json"):
        assert parsed(installed.home / "here" / name) == parsed(tmp_path / "there" / name)


def parsed(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
