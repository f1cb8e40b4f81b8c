"""Which Pythons are on this machine.

An interpreter counts only when it has answered for its own version: a pyenv shim, for one, lies on PATH under
the name of a Python that it then refuses to run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors, processes
from towpath.environments import installer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ANSWER_SECONDS = 20.0
_REQUEST = re.compile(r"(?P<implementation>[a-z]*)-?(?P<version>\d+(?:\.\d+){0,2})")
# Runs on every Python that can be asked for, 2.7 included: an old one must be able to say that it is old.
_QUESTION = """
import json, platform, sys, sysconfig
print(json.dumps([getattr(sys, "_base_executable", None) or sys.executable, platform.python_version(),
                  platform.python_implementation().lower(), sysconfig.get_platform()]))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that environments can be made of.

    `version` is complete ("3.12.1"); `implementation` is "cpython" or "pypy"; `platform` is as
    sysconfig.get_platform() says it ("linux-x86_64").
    """

    executable: Path
    version: str
    implementation: str
    platform: str

    @property
    def short(self) -> str:
        """Major and minor version: "3.12"."""
        return ".".join(self.version.split(".")[:2])


@dataclass(frozen=True, slots=True)
class _Request:
    implementation: str
    version: str

    def fits(self, interpreter: Interpreter) -> bool:
        wanted = self.version.split(".")
        had = re.findall(r"\d+", interpreter.version)
        return interpreter.implementation == self.implementation and had[: len(wanted)] == wanted

    def may_be(self, executable: Path) -> bool:
        """Whether an executable's name leaves it open that it is this one."""
        named = re.search(r"\d+\.\d+", executable.name)
        return named is None or "." not in self.version or named[0] == self.short

    @property
    def short(self) -> str:
        return ".".join(self.version.split(".")[:2])


def current() -> Interpreter:
    """The interpreter that runs us; in a virtual environment, the one that it was made of."""
    import platform

    return Interpreter(_base(), platform.python_version(), sys.implementation.name, sysconfig.get_platform())


def find(request: str, *, environ: Mapping[str, str]) -> Interpreter:
    """The interpreter for a request such as "3.12", "3.12.1" or "pypy3.10".

    The running one is taken if it fits, then what uv finds (it never downloads one here), then what lies in
    the places that findpython knows. `environ` is the environment of the interpreters asked. Raises
    `bad-python-request` for a request of another form, and `python-not-found`: a Python that is asked for is
    required, and never skipped silently.
    """
    interpreter = search(request, environ=environ)
    if interpreter is not None:
        return interpreter
    real = {executable.resolve(): executable for executable in _known_places()}
    found = [_ask(executable, environ) for executable in real.values()]
    raise errors.PYTHON_NOT_FOUND.error(request=request, found=_listed(found) or "none at all")


def search(request: str, *, environ: Mapping[str, str]) -> Interpreter | None:
    """What `find` would find; None, and that quicker, where it is not there. Raises bad-python-request."""
    return _searched(_parse(request), environ)


def is_present(request: str, *, environ: Mapping[str, str]) -> bool:
    """Whether it is there. Raises bad-python-request."""
    return search(request, environ=environ) is not None


def fetch(request: str, *, environ: Mapping[str, str]) -> None:
    """Let uv install a Python of its own (`uv python install`).

    Raises bad-python-request, no-uv, and python-not-fetched with uv's own words.
    """
    wanted = _parse(request)
    tool = installer.uv(environ)
    if tool is None:
        raise errors.NO_UV.error()
    argv = [str(tool), "python", "install", "--no-config", "--no-progress", wanted.implementation + wanted.version]
    done = processes.capture(argv, cwd=Path(tempfile.gettempdir()), env=environ)
    if done.code != 0:
        raise errors.PYTHON_NOT_FETCHED.error(request=request, detail=installer.redacted(done.stdout + done.stderr))


def _base() -> Path:
    executable = Path(getattr(sys, "_base_executable", None) or sys.executable)
    if sys.prefix == sys.base_prefix or not executable.is_relative_to(sys.prefix):
        return executable
    # Python 3.10 gives the environment's own there, except on Windows.
    named = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    return named if named.exists() else executable


def _parse(request: str) -> _Request:
    match = _REQUEST.fullmatch(request.strip().lower())
    if match is None:
        raise errors.BAD_PYTHON_REQUEST.error(request=request)
    named = match["implementation"]
    return _Request("cpython" if named in {"", "python", "cpython"} else named, match["version"])


def _searched(wanted: _Request, environ: Mapping[str, str]) -> Interpreter | None:
    running = current()
    if wanted.fits(running):
        return running
    asked: set[Path] = set()
    for executable in _candidates(wanted, environ):
        real = executable.resolve()
        if real in asked:
            continue
        asked.add(real)
        interpreter = _ask(executable, environ)
        if interpreter is not None and wanted.fits(interpreter):
            return interpreter
    return None


def _candidates(wanted: _Request, environ: Mapping[str, str]) -> Iterator[Path]:
    by_uv = _found_by_uv(wanted, environ)
    if by_uv is not None:
        yield by_uv
    # Each costs a process to ask: those that carry the version in their name first, those with another one not at all.
    places = [path for path in _known_places() if wanted.may_be(path) and wanted.may_be(path.resolve())]
    yield from sorted(places, key=lambda path: wanted.short not in path.name)


def _found_by_uv(wanted: _Request, environ: Mapping[str, str]) -> Path | None:
    tool = installer.uv(environ)
    if tool is None:
        return None
    options = ["--no-config", "--no-project", "--no-python-downloads", "--system"]
    argv = [str(tool), "python", "find", *options, wanted.implementation + wanted.version]
    done = processes.capture(argv, cwd=Path(tempfile.gettempdir()), env=environ, timeout=ANSWER_SECONDS)
    return Path(done.stdout.strip()) if done.code == 0 else None


def _known_places() -> list[Path]:
    from findpython.providers import ALL_PROVIDERS

    providers = [provider.create() for provider in ALL_PROVIDERS.values()]
    executables = (
        python.executable for provider in providers if provider is not None for python in provider.find_pythons()
    )
    return list(dict.fromkeys(executables))


def _ask(executable: Path, environ: Mapping[str, str]) -> Interpreter | None:
    argv = [os.fspath(executable), "-c", _QUESTION]
    clean = {name: value for name, value in environ.items() if not name.startswith("PYTHON")}
    try:
        done = processes.capture(argv, cwd=executable.parent, env=clean, timeout=ANSWER_SECONDS)
        place, version, implementation, platform = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None  # it is there but does not run, as a shim of a version that is not chosen
    return Interpreter(Path(place), version, implementation, platform)


def _listed(found: Iterable[Interpreter | None]) -> str:
    """What the error names: each Python once, in the order of their versions."""
    there = {(_number(one), f"{one.implementation} {one.version}") for one in found if one is not None}
    return ", ".join(text for _, text in sorted(there))


def _number(interpreter: Interpreter) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", interpreter.version))
