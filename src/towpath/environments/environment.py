"""Virtual environments outside the project: how one is made, filled, read and used."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors, processes
from towpath.environments import installer as tools
from towpath.environments.installer import ORDINARY, Installer, Options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.environments.interpreters import Interpreter

DETAIL_LINES = 12


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment, the interpreter that it was made of and what installs into it."""

    folder: Path
    interpreter: Interpreter
    installer: Installer

    @property
    def scripts(self) -> Path:
        """The folder of its programs."""
        return self.folder / ("Scripts" if sys.platform == "win32" else "bin")

    @property
    def python(self) -> Path:
        """Its own Python."""
        return script(self, "python")


@contextmanager
def fresh(interpreter: Interpreter, *, environ: Mapping[str, str], installer: Installer) -> Iterator[Environment]:
    """A new environment in a temporary folder, gone afterwards.

    `environ` is the environment of the children. With pip it holds pip itself, with uv nothing at all. Raises
    what `create` raises.
    """
    with errors.disk("make a temporary environment"):
        # Resolved, since a Mac's temporary folder is a link and `__file__` is compared with this path.
        folder = Path(tempfile.mkdtemp(prefix="towpath-")).resolve()
    try:
        yield create(folder, interpreter, environ=environ, installer=installer)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def create(folder: Path, interpreter: Interpreter, *, environ: Mapping[str, str], installer: Installer) -> Environment:
    """Make an environment in an empty folder.

    Raises `environment-not-made`, and the errors of a full disk or a folder that cannot be written.
    """
    with errors.disk(f"make an environment in {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
        made = Environment(folder, interpreter, installer)
        command = tools.creating(installer, interpreter.executable, folder)
        done = processes.capture(command, cwd=folder, env=tools.children(environ))
    if done.code != 0 or not made.python.exists():
        raise _not_made(made, done)
    if installer.kind == "pip":
        _without_setuptools(made, environ)
    return made


def install(
    environment: Environment,
    arguments: Sequence[str],
    *,
    environ: Mapping[str, str],
    index: str | None = None,
    options: Options = ORDINARY,
) -> None:
    """Install requirements, files or `-r`/`-c` files into an environment, by uv or by its own pip.

    The index is the given one (PyPI without one) and no other: no configuration of pip or uv is read, neither
    the user's nor the project's. Raises `unresolvable` where the requirements cannot be met together,
    `index-out-of-reach`, `not-installed` for the rest (such as a dependency that does not build), each with
    the installer's last lines; `no-space` where the disk filled up.
    """
    command = tools.installing(environment.installer, environment.python, arguments, options)
    done = _run(environment, command, environ, index, options.folder)
    if done.code != 0:
        raise _not_installed(environment, arguments, done)


def installed(environment: Environment) -> dict[str, str]:
    """What is in an environment, by its dist-info folders: normalized name to version, sorted by name."""
    found = (folder.name.removesuffix(".dist-info") for folder in _metadata_folders(environment))
    parts = (stem.rpartition("-") for stem in found)
    return dict(sorted((re.sub(r"[-_.]+", "-", name).lower(), version) for name, _, version in parts if name))


def check(environment: Environment, *, environ: Mapping[str, str]) -> tuple[str, ...]:
    """What does not fit together in an environment (a dependency that is missing or of the wrong version)."""
    command = tools.checking(environment.installer, environment.python)
    done = _run(environment, command, environ, None, None)
    lines = tuple(line for line in (done.stdout + done.stderr).splitlines() if line.strip())
    return () if done.code == 0 else lines or (f"{Path(command[0]).name} ended with {done.code}",)


def script(environment: Environment, name: str) -> Path:
    """The path of a console script in an environment, whether it is there or not."""
    return environment.scripts / (f"{name}.exe" if sys.platform == "win32" else name)


def activated(environment: Environment, environ: Mapping[str, str]) -> dict[str, str]:
    """The given environment variables, changed so that programs of the environment are found first."""
    # PYTHONPATH would put packages of elsewhere before those that the environment holds.
    unwanted = {"PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in environ.items() if name not in unwanted}
    path = os.pathsep.join([str(environment.scripts), *_elsewhere(environ)])
    return {**kept, "VIRTUAL_ENV": str(environment.folder), "PATH": path}


def _elsewhere(environ: Mapping[str, str]) -> list[str]:
    """PATH without the programs of an environment that the caller has activated, or that runs us."""
    active = {environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if environ.get(name)}
    active |= {sys.prefix} if sys.prefix != sys.base_prefix else set()  # else it may be /usr itself
    theirs = {os.path.normpath(Path(prefix, folder)) for prefix in active for folder in ("bin", "Scripts")}
    folders = environ.get("PATH", "").split(os.pathsep)
    return [folder for folder in folders if folder and os.path.normpath(folder) not in theirs]


def _run(
    environment: Environment,
    command: Sequence[str],
    environ: Mapping[str, str],
    index: str | None,
    folder: Path | None,
) -> processes.Completed:
    # Never in the current folder, unless asked: it is the project's, whose settings are not to be read.
    with errors.disk(f"run {Path(command[0]).name}"):
        return processes.capture(command, cwd=folder or environment.folder, env=tools.children(environ, index))


def _metadata_folders(environment: Environment) -> Iterator[Path]:
    patterns = ("Lib/site-packages",) if sys.platform == "win32" else ("lib/*/site-packages", "lib64/*/site-packages")
    for pattern in patterns:
        for packages in environment.folder.glob(pattern):
            yield from packages.glob("*.dist-info")


def _without_setuptools(environment: Environment, environ: Mapping[str, str]) -> None:
    """Up to Python 3.11, venv installs setuptools: it would hide that a project forgot to require it."""
    extra = [name for name in ("setuptools", "wheel") if name in installed(environment)]
    if extra:
        _run(environment, tools.removing(environment.python, extra), environ, None, None)


def _not_made(environment: Environment, done: processes.Completed) -> errors.TowpathError:
    detail = _last_lines(done)
    if _is_full(detail):
        return errors.NO_SPACE.error(doing=f"make an environment in {environment.folder}", detail=detail)
    python = environment.interpreter
    return errors.ENVIRONMENT_NOT_MADE.error(
        python=f"{python.implementation} {python.version} ({python.executable})",
        tool=environment.installer.kind,
        detail=detail,
    )


# What the installers print; seen with uv 0.13 and pip 20 to 26.
_UNREACHED = re.compile(
    r"error sending request|Request failed after|Failed to fetch|NewConnectionError|ConnectTimeoutError"
    r"|Failed to establish a new connection|ConnectionResetError|ReadTimeoutError|Temporary failure in name"
    r"|CERTIFICATE_VERIFY_FAILED|network was disabled"
)
_SURELY_UNMET = re.compile(r"ResolutionImpossible|from versions: \d")
_UNMET = re.compile(
    r"No solution found|No matching distribution|ResolutionImpossible|conflicting dependencies"
    r"|requires a different Python|was not found in the package registry"
)


def _not_installed(
    environment: Environment, arguments: Sequence[str], done: processes.Completed
) -> errors.TowpathError:
    printed = done.stdout + done.stderr
    detail = _last_lines(done)
    if _is_full(printed):
        return errors.NO_SPACE.error(doing=f"install into {environment.folder}", detail=detail)
    facts = {
        "what": tools.redacted(" ".join(arguments)),
        "python": environment.interpreter.short,
        "tool": environment.installer.kind,
    }
    # pip ends with "No matching distribution" also where it could not ask the index, and warns of a
    # connection that it then made at the second try.
    if _UNREACHED.search(printed) and not _SURELY_UNMET.search(printed):
        return errors.INDEX_OUT_OF_REACH.error(detail=detail, **facts)
    kind = errors.UNRESOLVABLE if _UNMET.search(printed) else errors.NOT_INSTALLED
    return kind.error(detail=detail, **facts)


def _is_full(printed: str) -> bool:
    return "No space left on device" in printed or "os error 28" in printed or "Errno 28" in printed


def _last_lines(done: processes.Completed) -> str:
    lines = [line.rstrip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return tools.redacted("\n".join(lines[-DETAIL_LINES:]))
