"""What a project allows to fail is seen wherever the gate's verdict is seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from universe import PYPROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from universe import Project

COMMANDS = """
[tool.towpath.lint]
commands = ["ruff check src", { run = "ruff format --check src", allowed-to-fail = "reformatting is under way" }]
"""


def test_a_linter_that_may_fail_and_does(make_project: Callable[..., Project]) -> None:
    files = {"pyproject.toml": PYPROJECT + COMMANDS, "src/sample_pkg/more.py": "x = {  'a':1 }\n"}
    project = make_project(files=files)
    ended = project.nox("-s", "lint")
    assert ended.code == 0, ended.all
    assert "ruff check src; ruff format --check src failed, allowed: reformatting is under way" in ended.out
    record = project.evidence("lint.json").read_text(encoding="utf-8")
    said = json.loads(record)["predicate"]["configuration"][0]["annotations"]
    passed, failed = said["facts"]["checks"]
    assert (passed["verdict"], failed["verdict"]) == ("passed", "failed, as it may")
    assert failed["allowed-to-fail"] == "reformatting is under way"
    project.write("src/sample_pkg/more.py", "import os\n")
    assert project.nox("-s", "lint").code == 1, "the other one may not"
