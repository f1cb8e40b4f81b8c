"""The audit of repositories built with every defect that it names, of clean ones, and of ones with 5,000 tags."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from packaging.version import Version
from rich.console import Console
from universe import Project, problem_ids

from towpath import errors
from towpath.bump.audit import Audit, Row, audit
from towpath.bump.disagreements import problems
from towpath.bump.ledger import DATED, Entry, Ledger, Line, Published, Spelling
from towpath.index.client import IndexFile, by_version
from towpath.index.twin import Fault, Twin
from towpath.reports.audit import audit_data, show_audit
from towpath.repository import history
from towpath.repository.git import Repository
from towpath.versions.past import Past
from towpath.versions.texts import Folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PYPROJECT = """\
[build-system]
requires = ["flit-core>=3.11,<4"]
build-backend = "flit_core.buildapi"

[project]
name = "sample-pkg"
version = "{version}"

[tool.towpath]
publish.index = "main"

[tool.towpath.index.main]
upload-url = "{url}/legacy/"
simple-url = "{url}/simple/"
"""
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody answers


class World:
    """A project whose releases are made one by one, with or without what belongs to them."""

    def __init__(self, root: Path, environ: Mapping[str, str], twin: Twin | None) -> None:
        self.twin = twin
        self.url = twin.url if twin else NOWHERE
        files: dict[str, str | None] = {"CHANGES.md": None, "pyproject.toml": self.pyproject("0.0.0")}
        self.project = Project.make(root, environ, files={**files, "src/sample_pkg/__init__.py": _module("0.0.0")})
        self.entries: list[str] = []
        self._token = twin.token() if twin else ""

    def pyproject(self, version: str) -> str:
        return PYPROJECT.format(version=version, url=self.url)

    def commit(self, version: str, *, module: str = "", pyproject: str = "") -> None:
        self.project.write("pyproject.toml", self.pyproject(pyproject or version))
        self.project.write("src/sample_pkg/__init__.py", _module(module or version))
        self.project.git("add", "--all")
        self.project.git("commit", "--quiet", "--allow-empty", "--message", f"Release {version}")

    def tag(self, name: str, *, light: bool = False, at: str = "HEAD") -> None:
        how = () if light else ("--annotate", "--message", name)
        self.project.git("tag", *how, name, at)

    def publish(self, version: str) -> None:
        assert self.twin is not None
        content = _sdist(version)
        fields = {
            ":action": "file_upload", "protocol_version": "1", "metadata_version": "2.1", "name": "sample-pkg",
            "version": version, "filetype": "sdist", "pyversion": "source",
            "sha256_digest": hashlib.sha256(content).hexdigest(),
        }  # fmt: skip
        file = (f"sample_pkg-{version}.tar.gz", content, "application/octet-stream")
        answer = requests.post(
            self.twin.upload_url, data=fields, files={"content": file}, auth=("__token__", self._token), timeout=30
        )
        assert answer.status_code == 200, answer.text

    def entry(self, heading: str, body: str = "- something\n") -> None:
        self.entries.insert(0, f"## {heading}\n\n{body}\n")
        self.project.write("CHANGES.md", "# Changes\n\n" + "".join(self.entries))

    def release(self, version: str) -> None:
        """All as it should be."""
        self.entry(f"[{version}] - 2026-01-01")
        self.commit(version)
        self.tag(f"v{version}")
        if self.twin:
            self.publish(version)

    def push(self) -> Path:
        remote = self.project.root.parent / "remote.git"
        if not remote.exists():
            self.project.git("init", "--quiet", "--bare", str(remote))
            self.project.git("remote", "add", "origin", str(remote))
        self.project.git("push", "--quiet", "origin", "main", "--tags")
        return remote

    def audit(self, **options: Any) -> Audit:
        return audit(self.project.root, **options)


def _module(version: str) -> str:
    return f'"""A sample."""\n\n__version__ = "{version}"\n'


def _sdist(version: str) -> bytes:
    content = io.BytesIO()
    text = f"Metadata-Version: 2.1\nName: sample-pkg\nVersion: {version}\n".encode()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path in ("PKG-INFO", "pyproject.toml"):
            member = tarfile.TarInfo(f"sample_pkg-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return content.getvalue()


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    with Twin.serve(tmp_path / "twin") as serving:
        yield serving


@pytest.fixture
def world(tmp_path: Path, environ: dict[str, str], twin: Twin) -> World:
    return World(tmp_path / "sample", environ, twin)


@pytest.fixture
def alone(tmp_path: Path, environ: dict[str, str]) -> World:
    """A world without an index."""
    return World(tmp_path / "alone", environ, None)


def found(audited: Audit) -> dict[str, list[str]]:
    """Version, or tag that spells none → the disagreements named."""
    return {
        _about(row): [one.id.removeprefix("audit-") for one in row.problems] for row in audited.rows if row.problems
    }


def causes(audited: Audit, id_: str) -> list[str]:
    return [problem.cause for problem in audited.problems if problem.id == f"audit-{id_}"]


def _about(row: Row) -> str:
    return str(row.line.version) if row.line.version is not None else row.line.tags[0].ref.name


def _row(audited: Audit, version: str) -> Row:
    return next(row for row in audited.rows if _about(row) == version)


def _text(audited: Audit, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, soft_wrap=True, highlight=False)
    show_audit(console, audited)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# ---- a clean project --------------------------------------------------------------------------------------


def test_a_clean_project_agrees(world: World) -> None:
    for version in ("0.9.0", "0.10.0", "1.0.0"):
        world.release(version)
    world.push()
    audited = world.audit()
    assert found(audited) == {}
    assert [_about(row) for row in audited.rows] == ["0.9.0", "0.10.0", "1.0.0"]
    assert audited.remarks == ()
    row = _row(audited, "0.10.0")
    assert row.line.published == Published(1)
    assert row.line.entry == Entry(DATED)
    assert [(tag.ref.name, tag.kind, tag.regular) for tag in row.line.tags] == [("v0.10.0", "annotated", True)]
    assert [place.value for place in row.line.tags[0].found.places] == ["0.10.0", "0.10.0"]
    assert row.line.tags[0].ref.commit == world.project.git("rev-parse", "v0.10.0^{commit}")


def test_the_index_is_asked_once(world: World, twin: Twin) -> None:
    for version in ("0.1.0", "0.2.0", "0.3.0"):
        world.release(version)
    before = len(twin.log)
    world.audit()
    assert len(twin.log) == before + 1


# ---- the defects, each alone ------------------------------------------------------------------------------


def _wrong_version_built(world: World) -> None:
    world.entry("[1.0.1] - 2026-01-02")
    world.commit("1.0.1", pyproject="1.0.0", module="1.0.0")
    world.tag("v1.0.1")
    world.publish("1.0.1")


def _stale_module(world: World) -> None:
    world.entry("[1.0.1] - 2026-01-02")
    world.commit("1.0.1", module="1.0.0")
    world.tag("v1.0.1")
    world.publish("1.0.1")


def _never_published(world: World) -> None:
    world.entry("[1.0.1] - 2026-01-02")
    world.commit("1.0.1")
    world.tag("v1.0.1")


def _never_tagged(world: World) -> None:
    world.entry("[1.0.1] - 2026-01-02")
    world.commit("1.0.1")
    world.publish("1.0.1")


def _second_tag(world: World) -> None:
    world.release("1.0.1")
    world.project.git("commit", "--quiet", "--allow-empty", "--message", "More")
    world.tag("1.0.1")


def _no_entry(world: World) -> None:
    world.commit("1.0.1")
    world.tag("v1.0.1")
    world.publish("1.0.1")


def _empty_entry(world: World) -> None:
    _no_entry(world)
    world.entry("[1.0.1] - 2026-01-02", "### Added\n")


def _entry_says_unreleased(world: World) -> None:
    _no_entry(world)
    world.entry("1.0.1 (unreleased)")


def _entry_alone(world: World) -> None:
    world.entry("[1.0.1] - 2026-01-02")
    world.release("1.0.2")


def _dev_on_production(world: World) -> None:
    world.commit("1.0.1.dev1")
    world.tag("v1.0.1.dev1")
    world.publish("1.0.1.dev1")


def _yanked_in_silence(world: World) -> None:
    world.release("1.0.1")
    assert world.twin
    world.twin.yank("sample-pkg", "1.0.1", "broken wheel")


def _said_to_be_yanked(world: World) -> None:
    world.release("1.0.1")
    world.project.replace("CHANGES.md", "[1.0.1] - 2026-01-01", "[1.0.1] - 2026-01-01 [YANKED]")


def _older_after_newer(world: World) -> None:
    world.release("2.0.0")
    world.release("1.0.1")


def _unreadable_toml(world: World) -> None:
    world.entry("[1.0.1] - 2026-01-02")
    world.commit("1.0.1")
    world.project.write("pyproject.toml", "[project\n")
    world.project.commit("Break it")
    world.tag("v1.0.1")
    world.publish("1.0.1")
    world.commit("1.0.1")


DEFECTS: dict[Callable[[World], None], dict[str, list[str]]] = {
    _wrong_version_built: {"1.0.1": ["tag-differs"]},
    _stale_module: {"1.0.1": ["places-differ"]},
    _never_published: {"1.0.1": ["unpublished"]},
    _never_tagged: {"1.0.1": ["untagged"]},
    _second_tag: {"1.0.1": ["two-tags"]},
    _no_entry: {"1.0.1": ["no-entry"]},
    _empty_entry: {"1.0.1": ["empty-entry"]},
    _entry_says_unreleased: {"1.0.1": ["entry-unreleased"]},
    _entry_alone: {"1.0.1": ["entry-alone"]},
    _dev_on_production: {"1.0.1.dev1": ["prerelease"]},
    _yanked_in_silence: {"1.0.1": ["yank-unsaid"]},
    _said_to_be_yanked: {"1.0.1": ["not-yanked"]},
    _older_after_newer: {"1.0.1": ["backwards"]},
    _unreadable_toml: {"1.0.1": ["unreadable-tree"]},
}


@pytest.mark.parametrize("make", DEFECTS, ids=lambda make: make.__name__.strip("_"))
def test_each_defect_is_named_and_nothing_else(world: World, make: Callable[[World], None]) -> None:
    world.release("1.0.0")
    make(world)
    world.push()
    assert found(world.audit()) == DEFECTS[make]


def test_a_pre_release_is_where_the_route_of_its_kind_leads(world: World) -> None:
    world.release("1.0.0")
    _dev_on_production(world)
    text = (world.project.root / "pyproject.toml").read_text(encoding="utf-8")
    world.project.write("pyproject.toml", f'{text}\n[tool.towpath.routes]\nprerelease = ["main"]\n')
    assert "1.0.1.dev1" not in found(world.audit())
    world.project.write("pyproject.toml", f'{text}\n[tool.towpath.routes]\nprerelease = ["main"]\ndevelopment = []\n')
    assert found(world.audit())["1.0.1.dev1"] == ["prerelease"]


def test_a_tag_that_spells_no_version_is_named(world: World) -> None:
    world.release("0.4.0")
    world.tag("v.0.4.1")
    world.tag("nightly")
    world.push()
    audited = world.audit()
    assert found(audited) == {"v.0.4.1": ["unreadable-tag"]}
    assert audited.remarks == ("Tags about no version: nightly",)


def test_a_tag_that_was_moved_here_and_one_that_was_never_pushed_are_named(world: World) -> None:
    world.release("1.0.0")
    remote = world.push()
    there = world.project.git("rev-parse", "v1.0.0^{commit}")
    world.release("1.1.0")
    world.project.git("tag", "--force", "--annotate", "--message", "again", "v1.0.0", "HEAD~1^{commit}")
    assert found(world.audit()) == {"1.1.0": ["tag-unpushed"]}, "another tag on the same commit was not moved"
    world.project.git("commit", "--quiet", "--allow-empty", "--message", "Fix")
    world.project.git("tag", "--force", "--annotate", "--message", "moved", "v1.0.0")
    audited = world.audit()
    assert "tag-moved" in found(audited)["1.0.0"]
    assert there[:7] in causes(audited, "tag-moved")[0]
    assert "Whether tags were moved is unknown" in " ".join(world.audit(offline=True).remarks)
    remote.rename(remote.with_name("gone"))
    away = world.audit()
    assert "tag-moved" not in found(away).get("1.0.0", [])
    assert "Whether tags were moved is unknown: origin did not answer" in " ".join(away.remarks)


def test_a_tag_on_the_remote_alone_is_no_missing_tag(world: World) -> None:
    world.release("1.0.0")
    world.push()
    world.project.git("tag", "--delete", "v1.0.0")
    audited = world.audit()
    assert found(audited) == {}
    assert _row(audited, "1.0.0").remarks == ("v1.0.0 is on origin only: `git fetch --tags`",)


def test_all_defects_together_are_each_named(world: World) -> None:
    world.release("0.1.0")
    for make in (_wrong_version_built, _entry_alone, _dev_on_production):
        make(world)
    world.tag("v.0.4.1")
    assert world.twin
    world.twin.yank("sample-pkg", "0.1.0")
    world.push()
    audited = world.audit()
    assert found(audited) == {
        "0.1.0": ["yank-unsaid"],
        "1.0.1.dev1": ["backwards", "prerelease"],
        "1.0.1": ["tag-differs"],
        "v.0.4.1": ["unreadable-tag"],
    }
    words = _text(audited)
    for problem in audited.problems:
        assert problem.id in words


def test_half_a_yank_is_named() -> None:
    """The twin yanks whole releases only, as PyPI does; other indexes yank files."""
    ledger = Ledger("sample", "main", "origin", (), has_changelog=False, current=None, remote_unknown="no")
    line = Line(Version("1.0"), published=Published(3, 1))
    assert [problem.id for problem in problems(line, ledger)] == ["audit-untagged", "audit-half-yanked"]


# ---- what is no disagreement ------------------------------------------------------------------------------


def test_kinds_and_spellings_are_remarks(world: World) -> None:
    world.release("1.0.0")
    world.entry("[1.1.0] - 2026-01-02")
    world.commit("1.1.0")
    world.tag("1.1.0", light=True)
    world.publish("1.1.0")
    world.push()
    audited = world.audit()
    assert found(audited) == {}
    assert _row(audited, "1.1.0").remarks == (
        "1.1.0 is a light tag among annotated ones",
        "1.1.0 is not spelled as configured",
    )


def test_semantic_spellings_are_their_pep_440_versions(world: World) -> None:
    world.commit("0.2.0b1", pyproject="0.2.0-beta.1")
    world.tag("v0.2.0-beta.1")
    world.release("0.2.0")
    world.push()
    audited = world.audit()
    assert found(audited) == {}
    assert [_about(row) for row in audited.rows] == ["0.2.0b1", "0.2.0"]


def test_a_yank_that_the_changelog_tells_is_a_remark(world: World) -> None:
    _said_to_be_yanked(world)
    assert world.twin
    world.twin.yank("sample-pkg", "1.0.1", "broken wheel")
    world.push()
    audited = world.audit()
    assert found(audited) == {}
    assert _row(audited, "1.0.1").remarks == ("yanked on main: broken wheel",)


def test_the_version_that_is_bumped_to_and_not_yet_tagged_is_awaited(world: World) -> None:
    world.release("1.0.0")
    world.entry("[1.1.0] - 2026-01-02")
    world.commit("1.1.0")
    world.push()
    audited = world.audit()
    assert found(audited) == {}
    assert _row(audited, "1.1.0").remarks == ("written in the project, not tagged yet",)


def test_what_is_older_than_since_is_shown_and_not_judged(world: World) -> None:
    _stale_module(world)
    world.release("1.1.0")
    world.push()
    audited = world.audit(since="1.1")
    assert [(_about(row), row.judged) for row in audited.rows] == [("1.0.1", False), ("1.1.0", True)]
    assert audited.problems == ()
    assert "not judged" in _text(audited)
    with pytest.raises(errors.TowpathError) as raised:
        world.audit(since="lately")
    assert raised.value.problems[0].id == "bad-version"


@pytest.mark.parametrize("heading", ["1.2.0", "01.02.00", "1.2"])
def test_a_maintenance_line_keeps_its_changelog_on_its_branch(alone: World, heading: str) -> None:
    alone.release("1.1.0")
    alone.project.git("switch", "--quiet", "--create", "1.x")
    kept = list(alone.entries)
    alone.entry(f"[{heading}] - 2026-01-01")
    alone.commit("1.2.0")
    alone.tag("v1.2.0")
    alone.project.git("switch", "--quiet", "main")
    alone.entries = kept
    alone.release("2.0.0")
    audited = alone.audit(offline=True)
    assert found(audited) == {}
    assert _row(audited, "1.2.0").line.entry == Entry(DATED)


def test_an_entry_that_is_not_released_is_no_version_yet(alone: World) -> None:
    alone.release("1.0.0")
    alone.entry("1.1.0 (unreleased)")
    assert [_about(row) for row in alone.audit(offline=True).rows] == ["1.0.0"]


# ---- what is unknown --------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["offline", "broken"])
def test_an_index_that_is_not_known_is_never_absent(world: World, twin: Twin, how: str) -> None:
    world.release("1.0.0")
    _never_published(world)
    world.push()
    if how == "broken":
        twin.faults.add(Fault("error-before-commit", on="simple", times=None))
    audited = world.audit(offline=how == "offline")
    assert found(audited) == {}
    assert audited.remarks[0].startswith("What main holds is unknown: ")
    words = _text(audited)
    assert "unknown" in words
    assert "absent" not in words
    assert {row["index"]["state"] for row in audit_data(audited)["versions"]} == {"unknown"}


def test_whether_a_version_is_yanked_is_unknown_without_the_index(world: World) -> None:
    _said_to_be_yanked(world)
    assert found(world.audit(offline=True)) == {}


def test_nobody_answers(alone: World) -> None:
    alone.release("1.0.0")
    audited = alone.audit()
    assert found(audited) == {}
    assert "The index main gave no answer" in audited.remarks[0]


def test_a_shallow_clone_misses_no_tag(world: World, tmp_path: Path) -> None:
    world.release("1.0.0")
    world.release("1.1.0")
    world.push()
    clone = tmp_path / "shallow"
    source = (tmp_path / "sample").as_uri()
    subprocess.run(["git", "clone", "--quiet", "--depth=1", "--no-tags", source, str(clone)], check=True)
    audited = audit(clone)
    assert "audit-untagged" not in [problem.id for problem in audited.problems]
    assert any("shallow" in remark for remark in audited.remarks)


# ---- other projects ---------------------------------------------------------------------------------------


def test_a_project_without_any_tag_or_version(alone: World) -> None:
    audited = alone.audit(offline=True)
    assert audited.rows == ()
    assert "sample-pkg has no version yet." in _text(audited)


def test_a_project_without_tags_that_was_published(world: World) -> None:
    world.publish("1.0.0")
    audited = world.audit()
    assert found(audited) == {"1.0.0": ["untagged"]}
    assert "There is no changelog" in audited.remarks


def test_a_version_that_comes_from_git(alone: World) -> None:
    text = '[build-system]\nrequires = ["hatchling", "hatch-vcs"]\nbuild-backend = "hatchling.build"\n\n'
    text += '[project]\nname = "sample-pkg"\ndynamic = ["version"]\n\n[tool.hatch.version]\nsource = "vcs"\n'
    alone.project.write("pyproject.toml", text)
    alone.entry("[1.0.0] - 2026-01-01")
    alone.project.commit("Begin anew")
    alone.tag("v1.0.0")
    alone.entry("[1.1.0] - 2026-01-02")
    alone.project.commit("Bump\n\nRelease: 1.1.0")
    audited = alone.audit(offline=True)
    assert found(audited) == {}
    assert "from git" in _text(audited)
    assert _row(audited, "1.1.0").remarks == ("written in the project, not tagged yet",)


def test_declared_places_count_from_where_they_are(alone: World) -> None:
    alone.release("1.0.0")
    alone.project.write("README.md", "badge version-1.0.0-blue\n")
    declared = 'bump.places = [{ path = "README.md", pattern = "version-{version}-blue" }]\n'
    text = alone.pyproject("1.1.0").replace("[tool.towpath]\n", f"[tool.towpath]\n{declared}")
    alone.project.write("pyproject.toml", text)
    alone.entry("[1.1.0] - 2026-01-02")
    alone.project.write("src/sample_pkg/__init__.py", _module("1.1.0"))
    alone.project.commit("Release 1.1.0")
    alone.tag("v1.1.0")
    audited = alone.audit(offline=True)
    assert found(audited) == {"1.1.0": ["places-differ"]}
    assert "README.md, line 1, says 1.0.0" in causes(audited, "places-differ")[0]


def test_a_configured_changelog(alone: World) -> None:
    alone.release("1.0.0")
    alone.project.git("mv", "CHANGES.md", "docs.md")
    text = alone.pyproject("1.0.0").replace("[tool.towpath]\n", '[tool.towpath]\nbump.changelog = "docs.md"\n')
    alone.project.write("pyproject.toml", text)
    audited = alone.audit(offline=True)
    assert found(audited) == {}
    assert _row(audited, "1.0.0").line.entry == Entry(DATED)


def test_tags_from_before_pyproject(alone: World) -> None:
    (alone.project.root / "pyproject.toml").unlink()
    alone.project.write("setup.py", 'from setuptools import setup\n\nsetup(name="sample-pkg", version="0.1.0")\n')
    alone.project.write("src/sample_pkg/__init__.py", _module("0.0.9"))
    alone.project.commit("Long ago")
    alone.tag("v0.1.0")
    alone.commit("0.2.0")
    alone.tag("v0.2.0")
    audited = alone.audit(offline=True)
    assert found(audited) == {"0.1.0": ["places-differ"]}
    assert "setup.py, line 3, says 0.1.0" in causes(audited, "places-differ")[0]


def test_a_project_in_a_folder_of_its_repository(tmp_path: Path, environ: dict[str, str]) -> None:
    project = Project(tmp_path / "many", environ)
    project.write("one/pyproject.toml", PYPROJECT.format(version="1.0.0", url=NOWHERE))
    project.write("one/src/sample_pkg/__init__.py", _module("0.9.0"))
    project.git("init", "--quiet", "--initial-branch=main")
    project.commit("Begin")
    project.git("tag", "sample-pkg-1.0.0")
    project.git("tag", "other-2.0.0")
    audited = audit(project.root / "one", offline=True)
    assert found(audited) == {"1.0.0": ["places-differ"]}
    assert "Tags about no version: other-2.0.0" in audited.remarks


@pytest.mark.parametrize("hashing", ["sha1", "sha256"])
def test_tags_of_every_kind_are_read(tmp_path: Path, environ: dict[str, str], hashing: str) -> None:
    project = Project(tmp_path / hashing, environ)
    project.write("pyproject.toml", PYPROJECT.format(version="1.0.0", url=NOWHERE))
    project.git("init", "--quiet", "--initial-branch=main", f"--object-format={hashing}")
    head = project.commit("Begin")
    project.git("tag", "light")
    project.git("tag", "--annotate", "--message", "x", "annotated")
    project.git("tag", "--annotate", "--message", "x", "nested", "annotated")
    project.git("tag", "tree", "HEAD^{tree}")
    repository = Repository(project.root)
    refs = {ref.name: (ref.commit, ref.annotated) for ref in history.tag_refs(repository)}
    assert refs == {"light": (head, False), "annotated": (head, True), "nested": (head, True), "tree": ("", False)}
    with history.opened(repository) as objects:
        tree = objects.tree(head)
        assert tree.children("") == ("pyproject.toml",)
        assert tree.read("pyproject.toml") == (project.root / "pyproject.toml").read_bytes()
        assert tree.read("gone") is None
        assert tree.read("pyproject.toml/gone") is None


def test_what_is_kept_of_the_files_read_is_bounded() -> None:
    read: list[str] = []

    def reader(name: str) -> bytes:
        read.append(name)
        return b""

    objects = history.Objects(reader)
    for name in (*map(str, range(1000)), "999", "0"):
        objects.file(name)
    assert read == [*map(str, range(1000)), "0"]


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("v1.2.0", "1.2.0"),
        ("1.2.0", "1.2.0"),
        ("release-1.2.0", "1.2.0"),
        ("sample_pkg-1.2.0", "1.2.0"),
        ("v1.4.5.1-dev1", "1.4.5.1.dev1"),
        ("v.0.4.1", "unreadable"),
        ("1.2.x", "unreadable"),
        ("other-1.2.0", "foreign"),
        ("vendor-1.2.0", "foreign"),
        ("latest", "foreign"),
    ],
)
def test_what_a_tag_spells(tag: str, version: str) -> None:
    spelling = Spelling("v{version}", "sample-pkg")
    read = spelling.version(tag)
    known = str(read) if read else "unreadable" if spelling.looks_like_one(tag) else "foreign"
    assert known == version


def test_files_of_forgotten_kinds_count() -> None:
    names = ["a-1.0-py2.7.egg", "a-1.0.win32.exe", "a-1.1.tar.bz2", "a-1.2.tar.gz", "a-1.2-py3-none-any.whl", "a.txt"]
    counted = {str(version): len(files) for version, files in by_version(IndexFile(n, "", "") for n in names).items()}
    assert counted == {"1.0": 2, "1.1": 1, "1.2": 2}


# ---- the reader of many trees -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pyproject.toml", 'version = "1.0.0"', 'version = "1.0.10"'),
        ("pyproject.toml", 'version = "1.0.0"', 'version = "one"'),
        ("pyproject.toml", 'version = "1.0.0"', "version = '2.0'"),
        ("pyproject.toml", 'name = "sample-pkg"', 'name = "sample-pkg"\ndescription = "1.0.0"'),
        ("src/sample_pkg/__init__.py", '"1.0.0"', '"1.1.0"  # not "1.0.0"'),
        ("src/sample_pkg/__init__.py", "(1, 0, 0)", '(1, 1, 0, "rc1")'),
        ("src/sample_pkg/__init__.py", "(1, 0, 0)", "tuple(1)"),
        ("src/sample_pkg/__init__.py", "__version__", "__version"),
        ("VERSION", "1.0.0\n", "2.0.0\n"),
        ("VERSION", "1.0.0\n", "two\n"),
        ("version.txt", "", "2.0.0\n"),
        ("VERSION", "1.0.0\n", "2.0.0\n2.0.1\n"),
    ],
)
def test_a_tree_that_differs_is_read_as_if_it_were_the_first(
    tmp_path: Path, path: str, before: str, after: str
) -> None:
    files = {
        "pyproject.toml": PYPROJECT.format(version="1.0.0", url=NOWHERE),
        "src/sample_pkg/__init__.py": _module("1.0.0") + "__version_info__ = (1, 0, 0)\n",
        "VERSION": "1.0.0\n",
    }
    changed = {**files, path: files.get(path, "").replace(before, after)}
    assert changed != files
    trees = []
    for name, content in (("one", files), ("two", changed)):
        for file, text in content.items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(text, encoding="utf-8", newline="")
        trees.append(Folder(tmp_path / name))
    past = Past("sample-pkg")
    assert past.places(trees[0]).places
    assert past.places(trees[1]) == Past("sample-pkg").places(trees[1])


# ---- size -------------------------------------------------------------------------------------------------


def _many(root: Path, count: int) -> Path:
    """A repository with so many releases, as `git fast-import` reads it."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(root)], check=True)
    stream = io.StringIO()
    entries: list[str] = []
    for number in range(count):
        version = f"{number // 100}.{number // 10 % 10}.{number % 10}"
        entries.append(f"## [{version}] - 2026-01-01\n\n- change {number}\n\n")
        files = {
            "pyproject.toml": PYPROJECT.format(version=version, url=NOWHERE),
            "src/sample_pkg/__init__.py": _module("0.0.0" if number == 7 else version),
        }
        if number == count - 1:
            files["CHANGES.md"] = "# Changes\n\n" + "".join(reversed(entries))
        stream.write(f"commit refs/heads/main\ncommitter Ada <ada@example.org> {1_700_000_000 + number} +0000\n")
        stream.write("data 1\nx\n")
        for path, text in files.items():
            stream.write(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n")
        stream.write(f"\nreset refs/tags/v{version}\nfrom refs/heads/main\n\n")
    subprocess.run(["git", "fast-import", "--quiet"], input=stream.getvalue().encode(), cwd=root, check=True)
    subprocess.run(["git", "checkout", "--quiet", "--force", "main"], cwd=root, check=True)
    return root


def _seconds(root: Path, count: int) -> float:
    best = float("inf")
    for _ in range(2):
        began = time.perf_counter()
        audited = audit(root, offline=True)
        best = min(best, time.perf_counter() - began)
        assert len(audited.rows) == count
        assert found(audited) == {"0.0.7": ["places-differ"]}
    return best


def test_ten_times_the_tags_take_about_ten_times_as_long(tmp_path: Path) -> None:
    few, many = _seconds(_many(tmp_path / "few", 500), 500), _seconds(_many(tmp_path / "many", 5000), 5000)
    # Quadratic behaviour would make it a hundred times; half-way leaves room for a busy machine.
    assert many < 40 * few + 1


def test_the_reference_lists_every_disagreement() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "audit.md").read_text(encoding="utf-8")
    listed = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `audit-")]
    assert sorted(listed) == sorted(id_ for id_ in errors.catalogue() if id_.startswith("audit-"))


# ---- as users see it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_wider_than_the_console(world: World, width: int) -> None:
    world.release("1.0.0")
    _stale_module(world)
    assert max(map(len, _text(world.audit(), width).splitlines())) <= width


def test_invoke_audit(world: World) -> None:
    world.release("1.0.0")
    world.push()
    clean = world.project.invoke("audit", "--json")
    assert clean.code == 0, clean.all
    assert clean.json()["agrees"] is True
    _stale_module(world)
    world.push()
    ended = world.project.invoke("audit", "--json")
    assert ended.code == 1, ended.all
    report = ended.json()
    assert problem_ids(report) == ["audit-places-differ"]
    assert Counter(row["index"]["state"] for row in report["versions"]) == {"there": 2}
    assert report["versions"][1]["problems"] == ["audit-places-differ"]
    places = report["versions"][1]["tags"][0]["places"]
    assert [(place["path"], place["value"], place["deciding"]) for place in places] == [
        ("pyproject.toml", "1.0.1", True),
        ("src/sample_pkg/__init__.py", "1.0.0", False),
    ]
    shown = world.project.invoke("audit", "--offline")
    assert shown.code == 1
    assert "audit-places-differ" in shown.out
    assert world.project.invoke("audit", "--offline", "--since", "2").code == 0
    refused = world.project.invoke("audit", "--json", "--since", "lately")
    assert refused.code == 2
    assert problem_ids(json.loads(refused.out)) == ["bad-version"]
