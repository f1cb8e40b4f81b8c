"""The few functions of versions and changelog that read a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from towpath.changelog import sections
from towpath.versions import places

if TYPE_CHECKING:
    from pathlib import Path

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
