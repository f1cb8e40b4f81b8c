"""The test gate on several Pythons, as a user drives it: side by side, put together, and those that are not here."""

from __future__ import annotations

import os
import platform
import re
from typing import TYPE_CHECKING

import pytest
from universe import PYPROJECT, RUNNING, Project, states

from towpath.environments.interpreters import is_present

if TYPE_CHECKING:
    from collections.abc import Callable

EXACT = platform.python_version()
# A second name for the running Python: two variants on every machine.
TWICE = f'{PYPROJECT}\n[tool.towpath]\npython = ["{RUNNING}", "{EXACT}"]\n'
FAILING = "from pathlib import Path\n\nimport pytest\n\n\ndef test_it():\n    assert 'left' == 'right'\n"
OLD_ONLY = "import sys\n\n\ndef answer():\n    if sys.version_info < (3, 10):\n        return 40 + 2\n    return 42\n"
PYENV = {name: os.environ[name] for name in ("PYENV_ROOT",) if name in os.environ}


def test_every_variant_runs_to_its_end_and_all_is_told_together(make_project: Callable[..., Project]) -> None:
    project = make_project(files={"pyproject.toml": TWICE, "tests/test_core.py": FAILING})
    ended = project.nox("-s", "test")
    assert ended.code == 1
    for session in (f"test-{RUNNING}", f"test-{EXACT}"):
        assert f"closed: {session}: `python -m pytest` ended with 1." in ended.out
        assert '"FAILED"' in project.evidence(f"{session}.json").read_text(encoding="utf-8")
        assert project.evidence(f"logs/{session}.log").exists()
    assert ended.out.count("assert 'left' == 'right'") >= 2, "what pytest said, of each"
    first, second = (ended.out.index(f"Running session test-{name}\n") for name in sorted((RUNNING, EXACT)))
    assert first < second < ended.out.index("closed: "), "one after the other, whichever ended first"
    assert ended.out.count("closed: ") == 2


def test_a_required_python_that_is_missing_is_told_with_the_way_out(make_project: Callable[..., Project]) -> None:
    project = make_project(files={"pyproject.toml": PYPROJECT.replace(f">={RUNNING}", ">=2.7")})
    ended = project.nox("-s", "release")
    assert ended.code == 1
    assert "Python 2.7 is required and was not found on this machine." in ended.out
    assert 'missing-pythons = { "2.7" = "why" }' in ended.out


def test_what_was_not_proven_is_not_called_proven(make_project: Callable[..., Project]) -> None:
    table = f'\n[tool.towpath]\npython = ["{RUNNING}", "3.98"]\nmissing-pythons = {{ "3.98" = "not out yet" }}\n'
    none = '\n[tool.towpath.test]\ntests = "none"\nreason = "it only holds data"\n'
    project = make_project(files={"pyproject.toml": PYPROJECT + table + none, "tests/test_core.py": None})
    ended = project.nox("-s", "release")
    assert ended.code == 0, ended.all
    assert re.search(rf"test-{RUNNING} +no tests .*- no tests: it only holds data", ended.out), ended.out
    assert re.search(r"test-3\.98 +not here +- it may be missing: not out yet", ended.out)
    shown = f"every gate is proven; test-{RUNNING}: no tests; test-3.98: not here; verify-install-3.98: not here."
    assert shown in ended.out
    found = states(project.invoke("plan", "--json").json())
    assert found[f"test-{RUNNING}"] == "no tests", "and when it is used again too"
    assert found["verify-install-3.98"] == "not here"
    assert found["build"] == "already proven"


@pytest.mark.slow
@pytest.mark.parametrize("old", ["3.8", "3.9"])
def test_a_python_older_than_those_that_we_run_on(
    make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch, old: str
) -> None:
    """Coverage is put together too: each Python has a line that the other cannot reach."""
    for name, value in PYENV.items():
        monkeypatch.setenv(name, value)
    if not is_present(old, environ=os.environ):
        pytest.skip(f"Python {old} is not on this machine")
    pyproject = PYPROJECT.replace(f">={RUNNING}", f">={old}").replace("flit-core>=3.11", "flit-core>=3.9")
    table = "\n[tool.towpath.test]\ncoverage = 100\n"
    project = make_project(files={"pyproject.toml": pyproject + table, "src/sample_pkg/core.py": OLD_ONLY})
    ended = project.nox("-s", "test", **PYENV)
    assert ended.code == 0, ended.all
    assert f"100.00 % covered, at least 100 % wanted, on {old}, {RUNNING} together" in ended.out
    assert f"Python {old}." in project.evidence(f"logs/test-{old}.log").read_text(encoding="utf-8")
    assert project.evidence(f"test-{old}.json").exists()
