"""An empty folder, `init`, `nox -s release`."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from universe import GATES, Project, states

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_project_rehearses_at_once(tmp_path: Path, environ: dict[str, str]) -> None:
    root = tmp_path / "first-try"
    root.mkdir()
    project = Project(root, environ)
    command = [sys.executable, "-m", "towpath", "init", "--yes", "--no-workflows"]
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().splitlines()[-1].startswith("Next: nox -s release")
    assert project.git("status", "--porcelain") == ""

    report = project.release()
    assert report["done"], report
    assert states(report) == dict.fromkeys(GATES, "proven")
    assert [file["filename"] for file in report["distributions"]] == [
        "first_try-0.1.0-py3-none-any.whl",
        "first_try-0.1.0.tar.gz",
    ]
    assert project.git("status", "--porcelain") == ""
    again = project.invoke("init", "--no-workflows")
    assert (again.code, "Nothing to do" in again.out) == (0, True)
