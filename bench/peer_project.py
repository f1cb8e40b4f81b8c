"""The project that every tool releases, and what may be wrong in it: for peers.py.

The package writes a line into the file that PEERS_WITNESS names whenever it is imported, and so do its tests whenever
they run: whether a tool runs the tests, and imports what it built before it sends it, is seen, not read in its manual.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from peer_world import World

NAME, OLD, NEW, STALE = "benched", "1.0.0", "1.1.0", "0.9.0"
MODULES, TESTS_EACH = 20, 5
CHANGED, LEFT = "changed_and_not_committed", "left_over"
HATCHLING = 'requires = ["hatchling"]\nbuild-backend = "hatchling.build"'
SETUPTOOLS = 'requires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"'
PACKAGES = {
    HATCHLING: f'[tool.hatch.build.targets.wheel]\npackages = ["src/{NAME}"]',
    SETUPTOOLS: f'[tool.setuptools]\npackages = ["{NAME}"]\npackage-dir = {{ "" = "src" }}',
}
PYPROJECT = """\
[build-system]
{backend}

[project]
name = "{name}"
{version}
description = "A generated package."
readme = "README.md"
requires-python = ">=3.10"

[dependency-groups]
test = ["pytest"]

[tool.pytest.ini_options]
pythonpath = ["src"]

{packages}
"""
INIT = """\
\"\"\"A generated package.\"\"\"

import os
import time
{more}
__version__ = "{version}"

if os.environ.get("PEERS_WITNESS"):
    with open(os.environ["PEERS_WITNESS"], "a", encoding="utf-8") as witness:
        witness.write(f"import {{time.time()}} {{__file__}}\\n")
"""
CONFTEST = """\
import os
import time


def pytest_sessionstart():
    if os.environ.get("PEERS_WITNESS"):
        with open(os.environ["PEERS_WITNESS"], "a", encoding="utf-8") as witness:
            witness.write(f"test {time.time()} {__file__}\\n")
"""
MODULE = '"""Module {0}."""\n\n\ndef plus(number: int) -> int:\n    """Add {0}."""\n    return number + {0}\n'
TEST = "def test_plus_{1}() -> None:\n    assert plus({1}) == {0} + {1}\n"
FAILING = "def test_that_fails() -> None:\n    assert sum([1, 1]) == 3\n"


@dataclass(frozen=True)
class Shape:
    """What a tool's own way of working asks of the project: its changelog, where the version stands, and more files."""

    changelog: tuple[str, str, str] = (
        "CHANGELOG.md",
        f"# Changelog\n\n## [Unreleased]\n\n- something new\n\n## [{OLD}] - 2026-01-01\n\n- the first\n",
        f"# Changelog\n\n## [Unreleased]\n\n## [{OLD}] - 2026-01-01\n\n- the first\n",
    )
    single_source: bool = False
    starts_at: str = OLD
    pyproject: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def generate(world: World, shape: Shape, scenario: str = "", backend: str = HATCHLING) -> None:
    """The project with one release behind it and a change since, all of it on the remote; then what went wrong."""
    for folder in (world.project, world.remote):
        shutil.rmtree(folder, ignore_errors=True)
    world.witness.unlink(missing_ok=True)
    files = _sources(shape, scenario, backend)
    world.project.mkdir(parents=True)
    world.git("init", "--quiet", "--initial-branch=main")
    _write(world.project, files)
    _commit(world, "feat: begin")
    world.git("tag", "--annotate", "--message", OLD, f"v{OLD}")
    world.git("tag", "--annotate", "--message", OLD, OLD)  # as invocations and zest.releaser spell it
    _write(world.project, {f"src/{NAME}/more.py": MODULE.format(MODULES)})
    _commit(world, "chore: tidy" if scenario == "empty changelog" else "feat: something new")
    world.git("init", "--quiet", "--bare", "--initial-branch=main", str(world.remote), cwd=world.folder)
    world.git("remote", "add", "origin", str(world.remote))
    world.git("push", "--quiet", "--set-upstream", "origin", "main", "--tags")
    world.git("remote", "set-head", "origin", "main")
    if scenario == "changed file":
        path = world.project / f"src/{NAME}/module_0.py"
        path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{CHANGED} = True\n", encoding="utf-8")
    if scenario == "untracked file":
        _write(world.project, {f"src/{NAME}/{LEFT}.py": f"{LEFT} = True\n"})


def _sources(shape: Shape, scenario: str, backend: str) -> dict[str, str]:
    single = shape.single_source and backend == HATCHLING
    path, text, empty = shape.changelog
    head = PYPROJECT.format(
        backend=backend,
        name=NAME,
        version='dynamic = ["version"]' if single else f'version = "{shape.starts_at}"',
        packages=PACKAGES[backend],
    )
    source = f'\n[tool.hatch.version]\npath = "src/{NAME}/__init__.py"\n' if single else ""
    stated = STALE if scenario == "stale `__version__`" else shape.starts_at
    needs = f"\nfrom {NAME}_parts import part  # noqa: F401\n" if scenario == "cannot be imported" else ""
    files = {
        "pyproject.toml": f"{head}{source}{shape.pyproject}",
        "README.md": "A generated package.\n",
        ".gitignore": "dist/\n.towpath/\n__pycache__/\n.pytest_cache/\n.venv/\nuv.lock\n",
        path: empty if scenario == "empty changelog" else text,
        f"src/{NAME}/__init__.py": INIT.format(version=stated, more=needs),
        "tests/conftest.py": CONFTEST,
        "tests/test_version.py": f"import {NAME}\n\n\ndef test_version() -> None:\n    assert {NAME}.__version__\n",
        **shape.files,
    }
    if scenario == "cannot be imported":
        files[f"src/{NAME}_parts.py"] = "part = 1\n"
    if scenario == "failing test":
        files["tests/test_failing.py"] = FAILING
    for module in range(MODULES):
        cases = "\n\n".join(TEST.format(module, case) for case in range(TESTS_EACH))
        files[f"src/{NAME}/module_{module}.py"] = MODULE.format(module)
        files[f"tests/test_module_{module}.py"] = f"from {NAME}.module_{module} import plus\n\n\n{cases}"
    return files


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _commit(world: World, message: str) -> None:
    world.git("add", "--all")
    world.git("commit", "--quiet", "--message", message)
