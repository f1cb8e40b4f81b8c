"""The arithmetic against poetry and hatch, run for real in an environment of their own; and real folders."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from towpath.changelog import sections
from towpath.errors import TowpathError
from towpath.versions import numbers, places

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = (
    "0.1.0", "0.0.1", "1.2.3", "1.4", "2", "1.4.7.6", "1.0.0a1", "1.0.0b2",
    "1.0.0rc1", "1.3.0rc1", "2.0.1rc0", "1.0.0.dev3", "1.0.0a1.dev2", "1.0.0.post1", "1.0.0.post1.dev2", "1!1.0",
    "1.4.7.6rc1", "1.4rc1", "1.0.0+local", "1.2.3rc1.post1", "1.2rc1.dev1", "10.20.30b4",
)  # fmt: skip
POETRY_RULES = {part: part for part in ("major", "minor", "patch", "premajor", "preminor", "prepatch")}
POETRY_RULES |= {"pre": "prerelease"}
HATCH_PARTS = {part: part for part in ("major", "minor", "patch", "a", "b", "rc", "post", "dev", "minor,rc")}
HATCH_PARTS |= {part: part for part in ("major,rc", "patch,dev", "patch,a", "minor,rc,dev")} | {"final": "release"}

# Each tool's own code behind `poetry version RULE` and `hatch version PART`; None where it fails.
POETRY = """
import json, sys
from poetry.console.commands.version import VersionCommand
def bump(version, rule):
    try:
        return VersionCommand().increment_version(version, rule).to_string()
    except AssertionError:
        return None
print(json.dumps([bump(*case) for case in json.load(sys.stdin)]))
"""
HATCH = """
import json, sys
from hatchling.version.scheme.standard import StandardScheme
scheme = StandardScheme("", {})
print(json.dumps([scheme.update(part, version, {}) for version, part in json.load(sys.stdin)]))
"""


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([*uv, "pip", "install", "--quiet", "--python", python, "poetry", "hatch"], check=True)
    return python


def answers(python: Path, script: str, rules: dict[str, str]) -> dict[tuple[str, str], str | None]:
    cases = [(version, part) for version in VERSIONS for part in rules]
    asked = json.dumps([(version, rules[part]) for version, part in cases])
    run = subprocess.run([python, "-c", script], input=asked, text=True, capture_output=True, check=True)
    return dict(zip(cases, json.loads(run.stdout), strict=True))


def ours(version: str, part: str) -> Version | None:
    try:
        return numbers.bump(Version(version), part)
    except TowpathError:
        return None


def newer(case: tuple[str, str], answer: str | None) -> Version | None:
    """What a tool says, where it does not go back (poetry: 1.0.0a1 by premajor is 1.0.0a0)."""
    return Version(answer) if answer is not None and Version(answer) > Version(case[0]) else None


@pytest.mark.slow
def test_bumps_equal_poetry_and_hatch(reference: Path) -> None:
    poetry = answers(reference, POETRY, POETRY_RULES)
    hatch = answers(reference, HATCH, HATCH_PARTS)
    both = disagreements = 0
    for case in dict.fromkeys([*poetry, *hatch]):
        theirs = [found for tool in (poetry, hatch) if (found := newer(case, tool.get(case)))]
        if theirs:
            # Poetry first: of 1.3.0rc1 by minor it makes 1.3.0, hatch 1.4.0.
            assert ours(*case) == theirs[0], case
        if len(theirs) > 1:
            both += 1
            disagreements += theirs[0] != theirs[1]
    assert both - disagreements >= 30


@pytest.mark.slow
def test_the_commands_themselves_write_what_we_write(reference: Path, tmp_path: Path) -> None:
    project = '[project]\nname = "sample"\nversion = "1.2.3"\n'
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    command: list[str | Path] = [reference, "-m", "poetry", "--directory", tmp_path, "version", "--short", "preminor"]
    shown = subprocess.run(command, text=True, capture_output=True, check=True).stdout.strip()
    assert shown == str(numbers.bump(Version("1.2.3"), "preminor")) == "1.3.0a0"
    assert 'version = "1.3.0a0"' in (tmp_path / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_hatch_writes_is_what_our_edit_writes(reference: Path, tmp_path: Path) -> None:
    project = '[project]\nname = "sample"\ndynamic = ["version"]\n[tool.hatch.version]\npath = "sample.py"\n'
    module = b'"""A sample."""\r\n__version__ = \'1.2.3\'  # kept\r\n'
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    (tmp_path / "sample.py").write_bytes(module)
    place = places.read_version(tmp_path)
    (edit,) = places.edits(tmp_path, [place], numbers.bump(Version(place.value), "minor,rc"))
    subprocess.run([reference, "-m", "hatchling", "version", "minor,rc"], cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "sample.py").read_bytes().split() == edit.after.split()
    assert edit.after == module.replace(b"1.2.3", b"1.3.0rc0")


# ---- the functions that read a folder ---------------------------------------------------------------------

PROJECT = '[project]\r\nname = "sample"\r\nversion = "1.2.0"  # the one\r\n'


def test_a_folder_is_read_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "src" / "sample").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_bytes(PROJECT.encode())
    (tmp_path / "src" / "sample" / "__init__.py").write_bytes(b"__version__ = '1.1.0'")
    (tmp_path / "VERSION.txt").write_bytes(b"1.2.0\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    found = places.find_places(tmp_path)
    assert [place.path for place in found] == ["pyproject.toml", "src/sample/__init__.py", "VERSION.txt"]
    assert places.read_version(tmp_path) == found[0]
    assert len(places.out_of_step(found, Version("1.2.0"))) == 1
    for edit in places.edits(tmp_path, found, Version("1.3.0")):
        assert edit.before == (tmp_path / edit.path).read_bytes()
        assert edit.after.replace(b"1.3.0", b"") == edit.before.replace(b"1.2.0", b"").replace(b"1.1.0", b"")
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_bytes(b"9.9\n")
    root = tmp_path / "project"
    root.mkdir()
    pyproject = '[project]\nname = "sample"\ndynamic = ["version"]\n'
    pyproject += '[tool.setuptools.dynamic]\nversion = {file = "../VERSION"}\n'
    (root / "pyproject.toml").write_text(pyproject, encoding="utf-8")
    assert places.find_places(root) == ()


def test_git_may_decide(tmp_path: Path) -> None:
    pyproject = '[project]\nname = "sample"\ndynamic = ["version"]\n[build-system]\nrequires = ["setuptools-scm"]\n'
    (tmp_path / "pyproject.toml").write_text(pyproject, encoding="utf-8")
    assert places.comes_from_git(tmp_path) == "setuptools-scm"
    (tmp_path / "pyproject.toml").write_bytes(PROJECT.encode())
    assert places.comes_from_git(tmp_path) == ""


def test_the_changelog_is_found_by_its_name(tmp_path: Path) -> None:
    assert sections.find(tmp_path) is None
    (tmp_path / "CHANGELOG.md").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "changelog.md").touch()
    assert sections.find(tmp_path) == tmp_path / "docs" / "changelog.md"
    (tmp_path / "HISTORY.rst").touch()
    assert sections.find(tmp_path) == tmp_path / "HISTORY.rst"
    (tmp_path / "CHANGES.md").touch()
    assert sections.find(tmp_path) == tmp_path / "CHANGES.md"
