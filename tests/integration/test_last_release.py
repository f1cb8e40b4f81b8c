"""The members against those of the last release, on an index that has one, has none, or does not answer."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from archives import INFO, METADATA, wheel

from towpath.distributions.members import change
from towpath.gates.last_release import compared
from towpath.index.twin import Twin
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from universe import Project

    from towpath.gates.gate import Workspace

NEW = {"sample_pkg/__init__.py": "new = 1\n", "sample_pkg/added.py": "1\n"}
OLD = {"sample_pkg/__init__.py": "", "sample_pkg/dropped.py": "1\n"}


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    with Twin.serve(tmp_path / "twin") as running:
        yield running


@pytest.fixture
def workspace(project: Project, twin: Twin) -> Workspace:
    environ = {name: value for name, value in project.environ.items() if name != "TOWPATH_OFFLINE"}
    opened = open_workspace(project.root, environ)
    return replace(opened, target=replace(opened.target, index=twin.address))


def publish(twin: Twin, folder: Path, version: str, files: dict[str, str]) -> None:
    from twine.commands.upload import upload
    from twine.settings import Settings

    metadata, info = METADATA.replace("Version: 1.0.0", f"Version: {version}"), INFO.replace("1.0.0", version)
    made = wheel(folder, files, name=f"sample_pkg-{version}-py3-none-any.whl", info=info, metadata=metadata)
    settings = Settings(
        repository_url=twin.upload_url, username="__token__", password=twin.token(), non_interactive=True,
        disable_progress_bar=True, config_file=os.devnull,
    )  # fmt: skip
    with redirect_stdout(io.StringIO()):
        upload(settings, [str(made)])


def test_what_appeared_vanished_and_grew(workspace: Workspace, twin: Twin, tmp_path: Path) -> None:
    for version, files in (
        ("0.9", {"sample_pkg/older.py": ""}),
        ("0.10", OLD),
        ("0.11rc1", {"x.py": ""}),
        ("2.0", NEW),
    ):
        publish(twin, tmp_path, version, files)
    made = wheel(tmp_path, NEW)
    found = compared(workspace, [made, tmp_path / "sample_pkg-1.0.0.tar.gz"])
    assert found.notes[0] == "sample_pkg-1.0.0.tar.gz: not compared, 0.10 has no such file"
    assert "against 0.10: new sample_pkg/added.py; gone sample_pkg/dropped.py; +" in found.notes[1]
    facts = found.facts["last_release"][made.name]
    assert (facts["against"], facts["appeared"], facts["vanished"]) == (
        "0.10", ["sample_pkg/added.py"], ["sample_pkg/dropped.py"],
    )  # fmt: skip


@pytest.mark.parametrize("why", ["nothing", "rehearsal", "offline", "down"])
def test_why_there_is_no_comparison(workspace: Workspace, twin: Twin, tmp_path: Path, why: str) -> None:
    words = "pypi has no earlier release"
    if why == "rehearsal":
        workspace, words = replace(workspace, target=replace(workspace.target, rehearsal="x")), "a rehearsal reaches no"
    elif why == "offline":
        environ = {**workspace.environ, "TOWPATH_OFFLINE": "1"}
        workspace, words = replace(workspace, environ=environ), "TOWPATH_OFFLINE is set"
    elif why == "down":
        twin.close()
        words = "gave no answer"
    (note,) = compared(workspace, [wheel(tmp_path, NEW)]).notes
    assert note.startswith("not compared with the last release: ")
    assert words in note


def test_the_versions_in_the_paths_are_taken_as_equal() -> None:
    found = change(
        {"p-1.0.dist-info/RECORD": 5, "p/a-1.0.py": 1}, {"p-1.1.dist-info/RECORD": 6, "p/a-1.1.py": 1}, ("1.0", "1.1")
    )
    assert (found.appeared, found.vanished, found.before, found.after) == (("p/a-1.1.py",), ("p/a-1.0.py",), 6, 7)
