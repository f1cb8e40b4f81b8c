"""The checklist of CONTRIBUTING.md is followed in a copy of the tree: its gate is listed, closes and opens."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from documents import File, steps
from universe import FILES, Project, problem_ids, states

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
LINE = re.compile(r"`([^`]+)`[^`]*: `([^`]+)` after `([^`]+)`\.")  # where: what, after what
NEEDS = re.compile(r": `([^`]+)` after `([^`]+)` in `([^`]+)`\.")
PAGES = re.compile(r"generated pages: `python -m ([\w.]+) ([\w/]+)`")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The tree as far as the checklist touches it."""
    copied = tmp_path / "towpath"
    kept = shutil.ignore_patterns("__pycache__")
    for folder in ("src", "docs/reference"):
        shutil.copytree(ROOT / folder, copied / folder, ignore=kept)
    return copied


def follow(copy: Path) -> None:
    """Do what the checklist says, in its order."""
    items = CONTRIBUTING.read_text(encoding="utf-8").partition("## How to add a gate")[2].split("\n- [ ] ")[1:]
    assert len(items) == 6
    for part in steps(CONTRIBUTING):
        if isinstance(part, File):
            path = copy / part.path
            assert path.exists() == part.added
            path.write_text(f"{path.read_text(encoding='utf-8')}\n{part.text}" if part.added else part.text, "utf-8")
    _, _, line, needs, generated, _ = items
    in_pipeline, into_needs = LINE.search(line), NEEDS.search(needs)
    assert in_pipeline
    assert into_needs
    pipeline = copy / in_pipeline[1]
    insert(pipeline, in_pipeline[3] + "\n", f"    {in_pipeline[2]}\n")
    name = in_pipeline[2].partition("(")[0]
    insert(
        pipeline,
        "from towpath.gates.publish import publish, publish_test\n",
        f"from towpath.gates.{name} import {name}\n",
    )
    insert(copy / into_needs[3], into_needs[2], into_needs[1])
    command = PAGES.search(generated)
    assert command
    subprocess.run(
        [sys.executable, "-m", *command.groups()], cwd=copy, env={"PYTHONPATH": str(copy / "src")}, check=True
    )


def insert(path: Path, after: str, text: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert before.count(after) == 1
    path.write_text(before.replace(after, after + text), encoding="utf-8")


@pytest.mark.slow
def test_the_checklist_makes_a_gate(copy: Path, make_project: Callable[..., Project]) -> None:
    follow(copy)
    pages = {
        name: (copy / "docs" / "reference" / name).read_text(encoding="utf-8") for name in ("gates.md", "errors.md")
    }
    assert "| `readme` | See that the readme is finished. |" in pages["gates.md"]
    assert "\n### readme-unfinished\n" in pages["errors.md"]

    sample = make_project(files={"README.md": "# sample\n\nTODO\n"})
    # What runs in the copy is no coverage of the tree, whose modules bear the same names.
    here = {name: value for name, value in sample.environ.items() if not name.startswith("COVERAGE_")}
    project = Project(sample.root, {**here, "PYTHONPATH": str(copy / "src")})
    listed = project.nox("-l").out
    assert (
        listed.index("* lint ->")
        < listed.index("- readme -> See that the readme is finished.")
        < listed.index("* test")
    )
    closed = project.release()
    assert states(closed)["readme"] == "closed", closed
    assert states(closed)["build"] == "not reached", "it waits for the new gate"
    assert problem_ids(closed) == ["readme-unfinished"]

    project.write("README.md", FILES["README.md"])
    opened = project.nox("-s", "readme")
    assert opened.code == 0, opened.all
    assert "nothing in README.md is left to be written" in opened.out
    assert project.evidence("readme.json").exists()
