"""What holds for the tree as a whole."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from towpath.errors import catalogue
from towpath.errors.rooms import TITLES, rooms
from towpath.reports.pages import pages

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "towpath"
MODULES = sorted(SOURCE.rglob("*.py"))
HEAVY = ("git", "requests", "rich", "twine", "werkzeug", "jwt", "msgspec", "tomlkit", "build", "keyring", "poetry")


@pytest.mark.parametrize("name", pages())
def test_the_generated_pages_are_current(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == pages()[name], "run: python -m towpath.reports.pages docs/reference"


def test_every_error_has_cause_fix_and_is_raised_somewhere_or_known_of_others() -> None:
    code = (path for path in MODULES if path.parent.name != "errors")
    source = "\n".join(path.read_text(encoding="utf-8") for path in code)
    source += (SOURCE / "errors" / "files.py").read_text(encoding="utf-8").partition("def from_os_error")[2]
    for kind in catalogue().values():
        assert kind.cause
        assert kind.fix
        constant = kind.id.upper().replace("-", "_")
        raised = bool(re.search(rf"\b{constant}\b", source))
        if kind.said_by:
            assert kind.recognises, f"{kind.id} is an answer of others, and nothing tells by what it is known"
            assert not raised, f"{constant} is raised, so it is no answer of others alone"
            assert not kind.facts
        else:
            assert raised, f"{constant} is never raised"


def test_no_two_modules_of_the_catalogue_define_the_same() -> None:
    """A star import would hide one of them without a word."""
    names, ids = [], []
    for path in sorted((SOURCE / "errors").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value.args:
                first = node.value.args[0]
                names += [target.id for target in node.targets if isinstance(target, ast.Name)]
                ids += [first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else []
    public = [name for name in names if not name.startswith("_")]
    assert len(public) > 300
    assert [name for name in public if public.count(name) > 1] == []
    assert [one for one in ids if ids.count(one) > 1] == []


def test_every_room_of_the_catalogue_has_a_title_and_every_entry_a_room() -> None:
    modules = {path.stem for path in (SOURCE / "errors").glob("*.py") if "Kind(\n" in path.read_text(encoding="utf-8")}
    modules |= {path.stem for path in (SOURCE / "errors").glob("said_*.py")}
    assert modules - set(TITLES) - {"kinds"} == set()
    listed = [kind.id for kinds in rooms().values() for kind in kinds]
    assert sorted(listed) == sorted(catalogue())


@pytest.mark.parametrize("module", ["towpath.nox", "towpath.invoke"])
def test_the_adapters_import_nothing_that_costs(module: str) -> None:
    """`nox -l` and `invoke --list` are run all day."""
    code = f"import sys, nox, invoke; before = set(sys.modules); import {module}; print(*(set(sys.modules) - before))"
    listed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {name.partition(".")[0] for name in listed} & set(HEAVY)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_reports_and_adapters_print(path: Path) -> None:
    allowed = {"reports", "nox.py", "invoke.py", "entry.py", "__main__.py"}
    if allowed & set(path.relative_to(SOURCE).parts):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call for call in calls if isinstance(call, ast.Name) and call.id in {"print", "input"}]


def test_this_repository_adopts_towpath_by_the_lines_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("noxfile.py", "tasks.py"):
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        lines = [ast.unparse(node) for node in tree.body if not isinstance(node, ast.Expr) or name == "noxfile.py"]
        code = [line for line in lines if not line.startswith(("'", '"'))]
        assert len(code) == 2
        assert all(line in readme for line in code)


def test_continuous_integration_calls_the_test_command_of_the_readme() -> None:
    assert "nox -s test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "nox -s test" in (ROOT / "README.md").read_text(encoding="utf-8")
