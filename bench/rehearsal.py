"""Time whole walks against the same steps by hand, in one run: `python bench/rehearsal.py [--rounds N] [--growth]`.

`--growth` times packages of 10, 100 and 1,000 modules and on 1 to 4 Pythons instead. Run it with a Python that has
towpath (its extra `uv` included). It reaches loopback and the package index, writes into a temporary folder alone, and
prints Markdown.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tracing import Trace

import towpath
from towpath.environments.installer import uv
from towpath.environments.interpreters import find
from towpath.errors import TowpathError
from towpath.forge.double import ForgeDouble
from towpath.index.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

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
EMPTY_NOXFILE = """\
import nox


@nox.session(venv_backend="none")
def nothing(session):
    pass
"""
OWN_INDEX = """
github-release.repository = "ada/benched"
github-release.api-url = "{forge.address.api_url}"

[tool.towpath.index.own]
upload-url = "{index.upload_url}"
simple-url = "{index.simple_url}"
"""
SIZES = (10, 100, 1000)
THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"
TASKS = '"""The tasks of the release."""\n\nfrom towpath.invoke import tasks\n\nns = tasks()\n'


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


FIRST, SECOND = "(a) `nox -s release`, first time", "(a) `nox -s release`, second time"
FRESH, FRESH_OURS = "(a) with the environments kept, all proven anew", "of that outside the tools and the floor"
REAL, AGAIN = "`nox -s release -- --to NAME`, after a rehearsal", "the same again, when the release is finished"
AGAIN_OURS = "of that outside the tools"
EMPTY_SESSION = "an empty nox session (the floor, once for each gate that ran)"
PIP, UV = "(b) by hand: pip, venv, build, twine", "(c) by hand: uv"
NOX, EMPTY_NOX = "`nox -l`", "`nox -l` of an empty noxfile.py"
INVOKE, EMPTY_INVOKE = "`invoke --list`", "`invoke --list` of an empty tasks.py"
FINISHED_LIMIT = 2.0
WANTED = (
    (SECOND, PIP, 0.25),
    (SECOND, UV, 1.5),
    (FRESH_OURS, FRESH, 0.10),
    (NOX, EMPTY_NOX, 1.5),
    (INVOKE, EMPTY_INVOKE, 1.5),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is timed (default 3)")
    parser.add_argument("--growth", action="store_true", help="time larger packages and more Pythons instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", ignore_cleanup_errors=True) as folder:
        place = Place(Path(folder).resolve(), _environment(Path(folder).resolve()))
        if asked.growth:
            grow(place, asked.rounds)
        else:
            compare(place, asked.rounds)


def compare(place: Place, rounds: int) -> None:
    times = Times()
    generate(place)
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        rehearse(place, times)
        times.take(PIP, lambda: by_hand(place, with_pip))
        times.take(UV, lambda: by_hand(place, with_uv))
    for _ in range(rounds):
        for_real(place, times)
    list_everything(place, times)
    report(times, rounds)


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


def rehearse(place: Place, times: Times) -> None:
    """Without any environment or evidence, with what that left, and then with the environments alone."""
    forget(place)
    place.anew("towpath-cache")
    times.take(FIRST, lambda: release(place))
    times.take(SECOND, lambda: require_only_the_world(release(place)))
    proven_anew(place, times)


def proven_anew(place: Place, times: Times) -> None:
    """A walk of every gate with the environments kept, and what of it is neither a tool's time nor the floor."""
    forget(place)
    floor = empty_session(place, times)
    began = time.perf_counter()
    ended = release(place, more=place.trace.begin())
    took = time.perf_counter() - began
    times.note(FRESH, took)
    ran = sum(gate["state"] == "proven" for gate in ended["gates"])
    times.note(FRESH_OURS, max(0.0, took - place.trace.in_tools() - ran * floor))


def forget(place: Place) -> None:
    shutil.rmtree(place.project / ".towpath", ignore_errors=True)


def release(place: Place, *options: str, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    command = (sys.executable, "-m", "nox", "-s", "release", "--", "--json", *options)
    ended: dict[str, Any] = json.loads(place.run(*command, more=more))
    return ended


def require_only_the_world(ended: dict[str, Any]) -> None:
    """A second rehearsal runs tag and what follows, and nothing else."""
    states = {gate["session"]: gate["state"] for gate in ended["gates"]}
    ran = [session for session, state in states.items() if state == "proven"]
    if ran[:1] != ["tag"] or set(states.values()) != {"proven", "already proven"}:
        message = f"a second rehearsal ran {ran}"
        raise SystemExit(message)


def empty_session(place: Place, times: Times) -> float:
    folder = place.anew("empty-session")
    (folder / "noxfile.py").write_text(EMPTY_NOXFILE, encoding="utf-8")
    began = time.perf_counter()
    place.run(sys.executable, "-m", "nox", "-s", "nothing", cwd=folder)
    took = time.perf_counter() - began
    times.note(EMPTY_SESSION, took)
    return took


def for_real(place: Place, times: Times) -> None:
    """A release to an index of its own and a forge on this machine, and the same again when it is finished."""
    with ExitStack() as stack:
        index = stack.enter_context(Twin.serve(place.anew("index"), "own"))
        forge = stack.enter_context(ForgeDouble.serve(place.anew("forge"), "ada/benched"))
        generate(place, more=OWN_INDEX.format(index=index, forge=forge))
        place.run("git", "init", "--quiet", "--bare", place.anew("remote"))
        place.run("git", "remote", "add", "origin", place.folder / "remote")
        place.run("git", "push", "--quiet", "origin", "main")
        tokens = {"TOWPATH_TOKEN_OWN": index.token(), "GITHUB_TOKEN": forge.token}
        release(place)
        times.take(REAL, lambda: release(place, "--to", "own", "--yes", more=tokens))
        began = time.perf_counter()
        release(place, "--to", "own", "--yes", more={**tokens, **place.trace.begin()})
        took = time.perf_counter() - began
        times.note(AGAIN, took)
        times.note(AGAIN_OURS, took - place.trace.in_tools())


def grow(place: Place, rounds: int) -> None:
    """How the time of a walk grows with the modules, and with the Pythons."""
    here = [python for python in ("3.10", "3.11", "3.12", "3.13", "3.14") if _is_here(place, python)][:4]
    print("| package | all proven anew, s | of that ours, s | second time, s |\n| --- | ---: | ---: | ---: |")
    for modules in SIZES:
        _row(place, rounds, f"{modules} modules, {modules * TESTS_EACH} tests", modules, [THIS])
    for count in range(1, len(here) + 1):
        _row(place, rounds, f"10 modules, on {count} Pythons", 10, here[:count])


def _row(place: Place, rounds: int, what: str, modules: int, pythons: Sequence[str]) -> None:
    times = Times()
    generate(place, modules, pythons)
    release(place)  # makes the environments
    for _ in range(rounds):
        proven_anew(place, times)
        times.take(SECOND, lambda: require_only_the_world(release(place)))
    cells = (f"{times.median(one):.2f}" for one in (FRESH, FRESH_OURS, SECOND))
    print(f"| {what} | {' | '.join(cells)} |", flush=True)


def _is_here(place: Place, python: str) -> bool:
    try:
        find(python, environ=place.environ)
    except TowpathError:
        return False
    return True


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
    own = times.median(AGAIN_OURS)
    met = "met" if own < FINISHED_LIMIT else "missed"
    print(f"\nOur own time where the release is finished: {own:.2f} s, wanted below {FINISHED_LIMIT:.0f} s: {met}.")
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
