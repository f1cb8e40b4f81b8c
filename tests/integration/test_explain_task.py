"""`invoke explain` as it is called: invoke's own parser knows no positional argument that may be left out."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "pypi-AgEIcHlwaS5vcmcCJGYxYjA0NDQ0LTQ0NDQ"  # pragma: allowlist secret
LOG = f"""Uploading demo-1.0.tar.gz
TWINE_PASSWORD={TOKEN}
HTTPError: 400 Bad Request from https://upload.pypi.org/legacy/
This filename was previously used by a file that has since been deleted. Use a different version.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tasks.py").write_text("from towpath.invoke import tasks\nns = tasks()\n")
    return tmp_path


def invoke(project: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "invoke", *words]
    return subprocess.run(command, cwd=project, input=given, capture_output=True, text=True, check=False)


def test_an_id(project: Path) -> None:
    done = invoke(project, "explain", "filename-burned")
    assert done.returncode == 0, done.stderr
    assert "can never be used again" in " ".join(done.stdout.split())


def test_a_pasted_log_from_the_standard_input_without_its_secret(project: Path) -> None:
    done = invoke(project, "explain", "-", "--json", given=LOG)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["matches"][0]["id"] == "filename-burned"
    assert TOKEN not in done.stdout + done.stderr
    assert "TWINE_PASSWORD=[hidden]" in json.loads(done.stdout)["text"]


def test_a_text_that_nobody_knows(project: Path) -> None:
    done = invoke(project, "explain", f"gremlins with {TOKEN} in the machine")
    assert done.returncode == 1
    assert "gremlins with [hidden] in the machine" in done.stdout
    assert "invoke status" in done.stdout
    assert TOKEN not in done.stdout + done.stderr


def test_without_a_text(project: Path) -> None:
    done = invoke(project, "explain")
    assert done.returncode == 0, done.stderr
    assert "filename-burned" in done.stdout
    assert "What PyPI says of a file" in done.stdout


def test_a_text_that_is_the_name_of_a_task(project: Path) -> None:
    done = invoke(project, "explain", "status", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["text"] == "status"
