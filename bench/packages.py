"""Take real packages from PyPI through build, inspection and verify-install: `python bench/packages.py [NAME ...]`.

Run it with a Python that has towpath (its extra `uv` included) and pip. Each sdist is downloaded by pip, put under git
as if it were the project, and taken through the two gates without any configuration; one that is refused once more,
with the configuration that its maintainers would write. It reaches the package index, writes into a temporary folder
alone, and prints Markdown.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath.errors import TowpathError
from towpath.gates.build import build
from towpath.gates.gate import Pipeline
from towpath.gates.verify_install import verify_install
from towpath.walk import alone
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.walk.alone import Result

PIPELINE = Pipeline(replace(build(), needs=()), verify_install())
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
REPAIR = """\
import subprocess, sys, tempfile
from pathlib import Path
sdist, dist = sys.argv[1:]
with tempfile.TemporaryDirectory() as raw:
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", raw, sdist], check=True)
    subprocess.run(["auditwheel", "repair", "--wheel-dir", dist, *map(str, Path(raw).iterdir())], check=True)
"""


@dataclass(frozen=True)
class Package:
    """A version on PyPI and its build backend.

    `why` explains a refusal, `added` is the configuration that opens the gates then, `files` what it needs besides.
    """

    name: str
    version: str
    backend: str
    why: str = ""
    added: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def sdist(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}.tar.gz"


TEST_KEYS = "the sdist brings private keys for its tests, which only its maintainers can declare harmless"
COMPILED = "a wheel of compiled code that was built here alone is one that PyPI takes from nobody (`linux_x86_64`)"
EXTRAS = "it has modules that need what only an extra brings"
WINDOWS = "it has modules that only Windows can import"


def skipping(reason: str, *names: str) -> str:
    """The configuration by which modules are not imported."""
    listed = ", ".join(f'"{name}" = "{reason}"' for name in names)
    return f"[tool.towpath.verify-install]\nskip-imports = {{ {listed} }}\n"


PACKAGES = (
    Package("mistune", "3.4.0", "setuptools"),
    Package("pluggy", "1.7.0", "setuptools, setuptools-scm"),
    Package(
        "anyio", "4.16.0", "setuptools, setuptools-scm", EXTRAS,
        skipping("needs trio or pytest", "anyio._backends._trio", "anyio.pytest_plugin"),
    ),
    Package(
        "python-dateutil", "4.0.0", "setuptools, setuptools-scm", WINDOWS,
        skipping("for Windows", "dateutil.tz.win", "dateutil.tzwin"),
    ),
    Package(
        "requests", "2.34.2", "setuptools", TEST_KEYS,
        '[tool.towpath.build]\nallowed = { "tests/certs/*" = "made for the tests" }\n',
    ),
    Package(
        "pyjwt", "2.15.1", "setuptools", TEST_KEYS,
        '[tool.towpath.build]\nallowed = { "tests/*" = "made for the tests", "docs/*" = "an example" }\n',
    ),
    Package(
        "asynkit", "0.20.0", "setuptools, optional C extension", f"{COMPILED}; and {EXTRAS}",
        '[tool.towpath.build]\nenvironment = { ASYNKIT_DISABLE_CEXT = "1" }\n'
        + skipping("needs anyio", "asynkit.experimental.anyio"),
    ),
    Package(
        "markupsafe", "3.0.4", "setuptools, C extension", COMPILED,
        f'[tool.towpath]\npython = ["{RUNNING}"]\n[tool.towpath.build]\n'
        'command = "python repair.py {sdist} {dist}"\nrequirements = ["wheels.txt"]\n'
        f'expect = [{{ file = "sdist" }}, {{ file = "cp{RUNNING.replace(".", "")}-*-manylinux*_x86_64" }}]\n',
        {"repair.py": REPAIR, "wheels.txt": "auditwheel\npatchelf\npip\n"},
    ),
    Package("attrs", "26.1.0", "hatchling, hatch-vcs"),
    Package(
        "structlog", "26.1.0", "hatchling, hatch-vcs", EXTRAS,
        skipping("needs greenlet or twisted", "structlog._greenlets", "structlog.twisted"),
    ),
    Package("humanize", "4.17.0", "hatchling, hatch-vcs"),
    Package("iniconfig", "2.3.1", "hatchling, hatch-vcs"),
    Package("more-itertools", "11.2.1", "flit_core"),
    Package("packaging", "26.3", "flit_core"),
    Package(
        "immutabledict", "4.3.1", "poetry.core",
        "it says that it supports Python 3.8, and asks for a poetry-core to be built with that no Python 3.8 can run: "
        "its sdist is of no use there",
        '[tool.towpath]\npython = ["3.9", "3.13"]\n',
    ),
    Package("tomlkit", "0.15.2", "poetry.core"),
    Package(
        "flask-more-smorest", "0.15.1", "poetry.core",
        "a module raises RuntimeError where it is imported before `init_fms(...)` was called",
        skipping("wants init_fms", "flask_more_smorest.perms.user_schemas"),
    ),
    Package(
        "rich", "15.0.0", "poetry.core",
        f"it has modules whose names none can import (`unicode10-0-0.py`), on purpose (W004); and {WINDOWS}",
        '[tool.check-wheel-contents]\nignore = ["W004"]\n'
        + skipping("for Windows", "rich._win32_console", "rich._windows_renderer"),
    ),
    Package("findpython", "0.9.0", "pdm.backend", WINDOWS, skipping("for Windows", "findpython.pep514tools*")),
    Package("typer", "0.29.2", "pdm.backend", WINDOWS, skipping("for Windows", "typer._click._winconsole")),
    Package("pytest-randomly", "5.1.0", "uv_build"),
    Package("django-htmx", "1.29.0", "uv_build"),
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """How far a package came: the outcome of each gate in words, and the seconds."""

    outcomes: tuple[str, ...]
    seconds: float
    refusals: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.refusals


def main() -> None:
    parser = argparse.ArgumentParser(description="Take real packages through build, inspection and verify-install.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    wanted = parser.parse_args().names
    packages = [package for package in PACKAGES if not wanted or package.name in wanted]
    environ = {**os.environ, "TOWPATH_OFFLINE": "1"}
    with tempfile.TemporaryDirectory(prefix="towpath-packages-", ignore_cleanup_errors=True) as folder:
        runs = {package.name: list(_runs(package, Path(folder), environ)) for package in packages}
    _print(packages, runs)
    if not all(runs[package.name][-1].passed for package in packages):
        sys.exit(1)


def _runs(package: Package, folder: Path, environ: Mapping[str, str]) -> Iterator[Run]:
    """The run without configuration; where it was refused, the one with what is declared for it."""
    sdist = _download(package, folder)
    first = _run(package, sdist, folder / "plain", environ)
    yield first
    if not first.passed and package.added:
        yield _run(package, sdist, folder / "declared", environ, declared=True)


def _download(package: Package, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", package.name]
    with contextlib.redirect_stdout(sys.stderr):
        subprocess.run([*command, "--dest", str(folder), f"{package.name}=={package.version}"], check=True, stdout=2)
    return folder / package.sdist


def _run(package: Package, sdist: Path, folder: Path, environ: Mapping[str, str], *, declared: bool = False) -> Run:
    root, began = _unpacked(package, sdist, folder, declared=declared), time.monotonic()
    outcomes: list[str] = []
    try:
        with _quiet():
            workspace = open_workspace(root, environ)
            for gate in PIPELINE:
                results = [alone.run(PIPELINE, step, workspace) for step in alone.steps(gate, workspace)]
                outcomes.append(_words(gate.name, results))
    except TowpathError as error:
        refusals = tuple(f"{one.id}: {one.cause}".replace(f"{root}{os.sep}", "") for one in error.problems)
        return Run((*outcomes, "refused"), time.monotonic() - began, refusals)
    return Run(tuple(outcomes), time.monotonic() - began)


def _unpacked(package: Package, sdist: Path, folder: Path, *, declared: bool) -> Path:
    """The sdist as a project under git; where its version comes from git, the commit says which it is."""
    safe: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, **safe)  # noqa: S202 - pip has downloaded it, and nothing here is kept
    root = folder / package.sdist.removesuffix(".tar.gz")
    if declared:
        for path, text in package.files.items():
            (root / path).write_text(text, encoding="utf-8")
        with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n{package.added}")
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    message = f"As released\n\nRelease: {package.version}"
    for command in (["init", "--quiet"], ["add", "--all"], [*identity, "commit", "--quiet", "--message", message]):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What the tools say goes to standard error, children's words included."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def _words(gate: str, results: list[Result]) -> str:
    if gate == "build":
        sources = results[0].outcome.facts["sources"].values()
        generated = sum(len(one["generated"]) for one in sources)
        modules = f"{sum(one['same'] for one in sources)} modules as committed"
        return f"{modules}, {generated} generated" if generated else modules
    return f"passed ({', '.join(result.session.partition('install-')[2] or RUNNING for result in results)})"


def _print(packages: list[Package], runs: Mapping[str, list[Run]]) -> None:
    print(
        f"{len(packages)} packages; CPython {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores.\n"
    )
    print("| package | backend | build and inspection | verify-install | seconds |\n| --- | --- | --- | --- | ---: |")
    for package in packages:
        for number, run in enumerate(runs[package.name]):
            name = f"{package.name} {package.version}" if not number else "… with what is declared below"
            cells = (*run.outcomes, "not reached", "not reached")[:2]
            print(f"| {name} | {package.backend if not number else ''} | {' | '.join(cells)} | {run.seconds:.1f} |")
    for package in packages:
        if runs[package.name][0].passed:
            continue
        print(f"\n**{package.name}**: {package.why or 'not explained'}.\n")
        print("\n".join(f"- {one}" for run in runs[package.name] for one in run.refusals))
        if package.added:
            print(f"\n```toml\n{package.added}```")


if __name__ == "__main__":
    main()
