"""Time whole rehearsals against the same steps by hand, in one run: `python bench/rehearsal.py [--rounds N]`.

Run it with a Python that has towpath (its extra `uv` included). It reaches loopback and the package index, writes into
a temporary folder alone, and prints Markdown.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import towpath
from towpath.environments.installer import uv
from towpath.index.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MODULES, TESTS_EACH, LISTINGS = 40, 5, 15
LIMIT_SECONDS = 600
NO_SESSIONS, NO_TASKS = 3, 1  # how nox and invoke end where they find none
TOOLS = ("ruff", "pytest", "bandit", "detect-secrets")
NAME, VERSION = "benched", "1.0.0"
PYPROJECT = f"""\
[build-system]
requires = ["flit-core>=3.11,<4"]
build-backend = "flit_core.buildapi"

[project]
name = "{NAME}"
version = "{VERSION}"
description = "A generated package."
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


@dataclass(frozen=True)
class Place:
    """A folder for everything, and the environment of every child."""

    folder: Path
    environ: Mapping[str, str]

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def run(
        self, *command: str | Path, cwd: Path | None = None, more: Mapping[str, str] | None = None, code: int = 0
    ) -> None:
        """Run a command to its end; what it printed is shown only where it did not end as expected."""
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

    def median(self, what: str) -> float:
        return statistics.median(self.seconds[what])


FIRST, SECOND = "(a) `nox -s release`, first time", "(a) `nox -s release`, second time"
PIP, UV = "(b) by hand: pip, venv, build, twine", "(c) by hand: uv"
NOX, EMPTY_NOX = "`nox -l`", "`nox -l` of an empty noxfile.py"
INVOKE, EMPTY_INVOKE = "`invoke --list`", "`invoke --list` of an empty tasks.py"
WANTED = (
    (SECOND, PIP, 0.25),
    (SECOND, UV, 1.5),
    (NOX, EMPTY_NOX, 1.5),
    (INVOKE, EMPTY_INVOKE, 1.5),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is timed (default 3)")
    rounds = parser.parse_args().rounds
    times = Times()
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", ignore_cleanup_errors=True) as folder:
        place = Place(Path(folder).resolve(), _environment(Path(folder).resolve()))
        generate(place)
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            rehearse(place, times)
            times.take(PIP, lambda: by_hand(place, with_pip))
            times.take(UV, lambda: by_hand(place, with_uv))
        list_everything(place, times)
    report(times, rounds)


def generate(place: Place) -> None:
    """The package, under git."""
    package, tests = place.project / "src" / NAME, place.project / "tests"
    package.mkdir(parents=True)
    tests.mkdir()
    files = {
        "pyproject.toml": PYPROJECT,
        "noxfile.py": NOXFILE,
        "tasks.py": TASKS,
        f"src/{NAME}/__init__.py": f'"""A generated package."""\n\n__version__ = "{VERSION}"\n',
    }
    for module in range(MODULES):
        cases = "\n\n".join(TEST.format(module, case) for case in range(TESTS_EACH))
        files[f"src/{NAME}/module_{module}.py"] = MODULE.format(module)
        files[f"tests/test_module_{module}.py"] = f"from {NAME}.module_{module} import plus\n\n\n{cases}"
    for path, text in files.items():
        (place.project / path).write_text(text, encoding="utf-8")
    place.run("git", "init", "--quiet", "--initial-branch=main")
    place.run("git", "add", "--all")
    place.run("git", "commit", "--quiet", "--message", "Begin")


def rehearse(place: Place, times: Times) -> None:
    """The first time without any environment or evidence, the second with what the first left."""
    shutil.rmtree(place.project / ".towpath", ignore_errors=True)
    cache = place.anew("towpath-cache")
    command = (sys.executable, "-m", "nox", "-s", "release", "--", "--json")
    times.take(FIRST, lambda: place.run(*command, more={"TOWPATH_CACHE_DIR": str(cache)}))
    times.take(SECOND, lambda: place.run(*command, more={"TOWPATH_CACHE_DIR": str(cache)}))


def by_hand(place: Place, steps: Callable[[Place, Path, Sequence[Twin]], None]) -> None:
    """The steps of a release, one after the other, in a clone: checks, build, install, tag, upload twice, install."""
    checkout = place.anew("by-hand") / "checkout"
    place.run("git", "clone", "--quiet", place.project, checkout)
    with (
        Twin.serve(place.anew("testpypi"), "testpypi") as test,
        Twin.serve(place.anew("pypi"), "pypi") as production,
    ):
        steps(place, checkout, (test, production))


def with_pip(place: Place, checkout: Path, twins: Sequence[Twin]) -> None:
    """By hand, with pip, venv, build and twine."""
    tools = _venv(place, "tools")
    place.run(tools, "-m", "pip", "install", "--quiet", *TOOLS, ".", cwd=checkout)
    _check(place, tools, checkout)
    place.run(sys.executable, "-m", "build", cwd=checkout)
    files = sorted((checkout / "dist").iterdir())
    clean = _venv(place, "clean")
    place.run(clean, "-m", "pip", "install", "--quiet", *_wheels(files))
    _import_all(place, clean)
    place.run("git", "tag", "--annotate", "--message", VERSION, f"v{VERSION}", cwd=checkout)
    for twin in twins:
        token = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": twin.token()}
        where = ("--repository-url", twin.upload_url, "--non-interactive", "--disable-progress-bar")
        place.run(sys.executable, "-m", "twine", "upload", *where, *files, more=token)
    index = ("--quiet", "--index-url", twins[-1].simple_url, "--no-deps")
    fetched = place.anew("fetched")
    published = _venv(place, "published")
    options = (*index, "--only-binary", ":all:", "--dest", str(fetched))
    place.run(published, "-m", "pip", "download", *options, f"{NAME}=={VERSION}")
    _compare(fetched, files)
    place.run(published, "-m", "pip", "install", *index, f"{NAME}=={VERSION}")
    _import_all(place, published)


def with_uv(place: Place, checkout: Path, twins: Sequence[Twin]) -> None:
    """By hand, with uv."""
    tool = _uv()
    tools = _venv(place, "tools", tool)
    place.run(tool, "pip", "install", "--quiet", "--python", tools, *TOOLS, ".", cwd=checkout)
    _check(place, tools, checkout)
    place.run(tool, "build", "--quiet", cwd=checkout)
    files = sorted(path for path in (checkout / "dist").iterdir() if path.suffix in {".whl", ".gz"})
    clean = _venv(place, "clean", tool)
    place.run(tool, "pip", "install", "--quiet", "--python", clean, *_wheels(files))
    _import_all(place, clean)
    place.run("git", "tag", "--annotate", "--message", VERSION, f"v{VERSION}", cwd=checkout)
    for twin in twins:
        where = ("--publish-url", twin.upload_url, "--trusted-publishing", "never")
        place.run(tool, "publish", "--quiet", *where, *files, more={"UV_PUBLISH_TOKEN": twin.token()})
    published = _venv(place, "published", tool)
    index = ("--refresh", "--default-index", twins[-1].simple_url)
    place.run(tool, "pip", "install", "--quiet", "--python", published, *index, f"{NAME}=={VERSION}")
    _import_all(place, published)


def list_everything(place: Place, times: Times) -> None:
    """Listings by turns, so that what else the machine does strikes all of them alike."""
    empty = place.anew("empty")
    (empty / "noxfile.py").touch()
    (empty / "tasks.py").touch()
    nox, invoke = (sys.executable, "-m", "nox", "-l"), (sys.executable, "-m", "invoke", "--list")
    for _ in range(LISTINGS):
        times.take(NOX, lambda: place.run(*nox))
        times.take(EMPTY_NOX, lambda: place.run(*nox, cwd=empty, code=NO_SESSIONS))
        times.take(INVOKE, lambda: place.run(*invoke))
        times.take(EMPTY_INVOKE, lambda: place.run(*invoke, cwd=empty, code=NO_TASKS))


def report(times: Times, rounds: int) -> None:
    tools = f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores"
    print(f"{MODULES} modules, {MODULES * TESTS_EACH} tests; {tools}; {rounds} rounds, {LISTINGS} listings.\n")
    print("| timed | median, s | lowest to highest, s |\n| --- | ---: | ---: |")
    for what, seconds in times.seconds.items():
        print(f"| {what} | {times.median(what):.2f} | {min(seconds):.2f} to {max(seconds):.2f} |")
    print("\n| ratio of medians | measured | wanted at most | |\n| --- | ---: | ---: | --- |")
    for upper, lower, limit in WANTED:
        ratio = times.median(upper) / times.median(lower)
        print(f"| {upper} / {lower} | {ratio:.2f} | {limit} | {'met' if ratio <= limit else 'missed'} |")


def _environment(folder: Path) -> dict[str, str]:
    """A home of its own; the caches of pip and uv stay, so that what is timed is work and not downloads."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "NOX", "TOWPATH"))}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, as for any user
    home, caches = folder / "home", Path.home() / ".cache"
    home.mkdir()
    who = {f"GIT_{role}_{what}": "bench@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    own = {"HOME": str(home), "USERPROFILE": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    kept = {"PIP_CACHE_DIR": str(caches / "pip"), "UV_CACHE_DIR": str(caches / "uv")}
    paths = {"PYTHONPATH": str(Path(towpath.__file__).parents[1])} if "PYTHONPATH" in os.environ else {}
    return {**kept, **inherited, **own, **who, **paths}


def _venv(place: Place, name: str, tool: Path | None = None) -> Path:
    """A new environment, by uv or by venv; returns its Python."""
    folder = place.anew(name)
    making = (tool, "venv", "--quiet", "--allow-existing", "--python", sys.executable) if tool else ()
    place.run(*(making or (sys.executable, "-m", "venv")), folder)
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _uv() -> Path:
    found = uv(os.environ)
    if found is None:
        message = "there is no uv to compare with"
        raise SystemExit(message)
    return found


def _check(place: Place, python: Path, checkout: Path) -> None:
    place.run(python, "-m", "ruff", "check", ".", cwd=checkout)
    place.run(python, "-m", "pytest", "-q", cwd=checkout)
    place.run(python, "-m", "bandit", "--recursive", "--quiet", "src", cwd=checkout)
    place.run(python, "-m", "detect_secrets", "scan", "--no-verify", cwd=checkout)


def _import_all(place: Place, python: Path) -> None:
    names = ", ".join(f"{NAME}.module_{module}" for module in range(MODULES))
    place.run(python, "-I", "-c", f"import {names}", cwd=place.folder)


def _compare(fetched: Path, files: Sequence[Path]) -> None:
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    for path in fetched.iterdir():
        if hashlib.sha256(path.read_bytes()).hexdigest() != digests[path.name]:
            message = f"{path.name} came back as other bytes"
            raise SystemExit(message)


def _wheels(files: Sequence[Path]) -> list[Path]:
    return [path for path in files if path.suffix == ".whl"]


if __name__ == "__main__":
    main()
