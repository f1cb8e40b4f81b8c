"""A generated package in a folder of its own, and a clock: what the benches of this folder have in common."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tracing import Trace

import towpath

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MODULES, TESTS_EACH = 40, 5
LIMIT_SECONDS = 600
NAME, VERSION = "benched", "1.0.0"
PYPROJECT = f"""\
[build-system]
requires = ["flit-core>=3.11,<4"]
build-backend = "flit_core.buildapi"

[project]
name = "{NAME}"
version = "{VERSION}"
description = "A generated package."
readme = "README.md"
requires-python = ">=3.10"

[dependency-groups]
test = ["pytest"]

[tool.flit.module]
name = "{NAME}"
"""
MODULE = '"""Module {0}."""\n\n\ndef plus(number: int) -> int:\n    """Add {0}."""\n    return number + {0}\n'
TEST = "def test_plus_{1}() -> None:\n    assert plus({1}) == {0} + {1}\n"
NOXFILE = '"""The sessions of the release."""\n\nfrom towpath.nox import sessions\n\nsessions()\n'
TASKS = '"""The tasks of the release."""\n\nfrom towpath.invoke import tasks\n\nns = tasks()\n'
THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"


@dataclass(frozen=True)
class Place:
    """A folder for everything, and the environment of every child."""

    folder: Path
    environ: Mapping[str, str]

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def trace(self) -> Trace:
        return Trace(self.folder / "trace")

    def run(
        self, *command: str | Path, cwd: Path | None = None, more: Mapping[str, str] | None = None, code: int = 0
    ) -> str:
        """Run a command to its end and return what it printed; shown only where it did not end as expected."""
        done = subprocess.run(
            list(map(str, command)),
            cwd=cwd or self.project,
            env={**self.environ, **(more or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT_SECONDS,
            check=False,
        )
        if done.returncode != code:
            sys.stderr.write(done.stdout + done.stderr)
            message = f"{Path(command[0]).name} {' '.join(map(str, command[1:4]))} ended with {done.returncode}"
            raise SystemExit(message)
        return done.stdout

    def anew(self, name: str) -> Path:
        """An empty folder of that name."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder


@dataclass
class Times:
    """Seconds of each thing that was timed, in the order in which they were first timed."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def take(self, what: str, act: Callable[[], object]) -> None:
        began = time.perf_counter()
        act()
        self.seconds.setdefault(what, []).append(time.perf_counter() - began)

    def note(self, what: str, seconds: float) -> None:
        self.seconds.setdefault(what, []).append(seconds)

    def median(self, what: str) -> float:
        return statistics.median(self.seconds[what])


def generate(place: Place, modules: int = MODULES, pythons: Sequence[str] = (THIS,), more: str = "") -> None:
    """The package, under git; what was there before goes."""
    shutil.rmtree(place.project, ignore_errors=True)
    package, tests = place.project / "src" / NAME, place.project / "tests"
    package.mkdir(parents=True)
    tests.mkdir()
    files = {
        "pyproject.toml": f"{PYPROJECT}\n[tool.towpath]\npython = {json.dumps(pythons)}\n{more}",
        "README.md": "A generated package.\n",
        "CHANGES.md": f"# Changes\n\n## {VERSION}\n\n- all of it\n",
        ".gitignore": "dist/\n",
        "noxfile.py": NOXFILE,
        "tasks.py": TASKS,
        f"src/{NAME}/__init__.py": f'"""A generated package."""\n\n__version__ = "{VERSION}"\n',
    }
    for module in range(modules):
        cases = "\n\n".join(TEST.format(module, case) for case in range(TESTS_EACH))
        files[f"src/{NAME}/module_{module}.py"] = MODULE.format(module)
        files[f"tests/test_module_{module}.py"] = f"from {NAME}.module_{module} import plus\n\n\n{cases}"
    for path, text in files.items():
        (place.project / path).write_text(text, encoding="utf-8")
    place.run("git", "init", "--quiet", "--initial-branch=main")
    place.run("git", "add", "--all")
    place.run("git", "commit", "--quiet", "--message", "Begin")


def environment(folder: Path) -> dict[str, str]:
    """A home of its own; the caches of pip and uv stay, so that what is timed is work and not downloads."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "NOX", "TOWPATH"))}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, as for any user
    home, caches = folder / "home", Path.home() / ".cache"
    home.mkdir()
    who = {f"GIT_{role}_{what}": "bench@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    own = {
        "HOME": str(home),
        "TOWPATH_CACHE_DIR": str(folder / "towpath-cache"),
        "USERPROFILE": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    kept = {"PIP_CACHE_DIR": str(caches / "pip"), "UV_CACHE_DIR": str(caches / "uv")}
    source = [str(Path(towpath.__file__).parents[1])] if "PYTHONPATH" in os.environ else []
    paths = os.pathsep.join([str(folder / "trace"), *source])  # the trace is off unless its variable is set
    return {**kept, **inherited, **own, **who, "PYTHONPATH": paths}
