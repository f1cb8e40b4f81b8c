"""Importing every submodule of what was installed, isolated from everything else."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from towpath import errors, processes
from towpath.model import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.distributions.contents import Modules

LIMIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be found: the distribution, its version and its modules.

    `skipped` are the declared exceptions with their reasons: modules (`pkg.gui`, `pkg.gui.*`) are not imported, files
    (`pkg/templates/*.py`) are not compiled either. `other_versions` are modules whose `__version__` is not the
    project's, with the reasons. `present` are files that must be there, below site-packages.
    """

    name: str
    version: str
    modules: Modules
    skipped: Mapping[str, str] = field(default_factory=dict)
    other_versions: Mapping[str, str] = field(default_factory=dict)
    present: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A command that was installed: what it calls (`pkg.cli:main`), and the extras without which it cannot run."""

    name: str
    value: str
    has_window: bool
    extras: tuple[str, ...]

    @property
    def module(self) -> str:
        """The module that it calls into."""
        return self.value.partition(":")[0].partition("[")[0].strip()


@dataclass(frozen=True, slots=True)
class Installed:
    """What was found: the modules imported, the commands, and which of the files that must be there are not."""

    imported: tuple[str, ...]
    scripts: tuple[Script, ...]
    missing: tuple[str, ...]


def import_everything(python: Path, expected: Expected, *, environ: Mapping[str, str]) -> int:
    """Import every module and load every command with that Python; return how many modules were imported.

    Raises what `examine` raises.
    """
    return len(examine(python, expected, environ=environ).imported)


def examine(python: Path, expected: Expected, *, environ: Mapping[str, str]) -> Installed:
    """Import every module, compile every other file and load every command, with that Python.

    It runs in an empty folder; `python -I` keeps the current folder, PYTHONPATH and the user's site-packages out, so
    that nothing but what was installed can be found. Raises no-modules, import-failed, imported-elsewhere,
    version-differs and probe-ended.
    """
    skipped = [name for name in expected.modules.imported if is_skipped(name, expected.skipped)]
    names = tuple(name for name in expected.modules.imported if name not in skipped)
    if not names:
        raise errors.NO_MODULES.error(name=expected.name)
    question = {
        "name": expected.name,
        "modules": names,
        "files": expected.modules.compiled,
        "exempt": list(expected.skipped),
        "skipped": skipped,
        "present": expected.present,
    }
    answer = _ask(python, question, environ)
    if answer["failed"]:
        modules = ", ".join(name for name, _ in answer["failed"][:5])
        detail = "\n\n".join(f"{name}:\n{why}" for name, why in answer["failed"][:5])
        raise errors.IMPORT_FAILED.error(count=counted(len(answer["failed"]), "module"), modules=modules, detail=detail)
    if answer["outside"]:
        raise errors.IMPORTED_ELSEWHERE.error(modules=", ".join(answer["outside"]))
    _check_version(f"the installed {expected.name}", answer["version"], expected.version)
    for module, version in answer["attributes"].items():
        if module not in expected.other_versions:
            _check_version(f"{module}.__version__", version, expected.version)
    return Installed(names, tuple(map(_script, answer["commands"])), tuple(answer["missing"]))


def is_skipped(module: str, skipped: Mapping[str, str]) -> bool:
    """Whether a module is not to be imported: by its name, or by the path of its file."""
    return any(fnmatchcase(name, pattern) for name in (module, *_files(module)) for pattern in skipped)


def without_effect(modules: Modules, skipped: Mapping[str, str]) -> Iterator[str]:
    """The declared exceptions that fit nothing: out of date, or misspelled."""
    known = {*modules.imported, *modules.compiled, *(file for name in modules.imported for file in _files(name))}
    for pattern in skipped:
        if not any(fnmatchcase(name, pattern) for name in known):
            yield pattern


def _files(module: str) -> tuple[str, str]:
    path = module.replace(".", "/")
    return f"{path}.py", f"{path}/__init__.py"


def _script(told: list[Any]) -> Script:
    group, name, value, extras = told
    return Script(name, value, group == "gui_scripts", tuple(extras))


def _ask(python: Path, question: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, Any]:
    probe = Path(__file__).with_name("probe.py")
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as folder:
        asked, answered = Path(folder, "question.json"), Path(folder, "answer.json")
        asked.write_text(json.dumps(question), encoding="utf-8")
        empty = Path(folder, "empty")
        empty.mkdir()
        command = [str(python), "-I", str(probe), str(asked), str(answered)]
        try:
            done = processes.bounded(command, cwd=empty, env=environ, seconds=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            raise errors.PROBE_ENDED.error(how=f"did not end within {LIMIT_SECONDS:.0f} s") from None
        if done.code != 0 or not answered.exists():
            raise errors.PROBE_ENDED.error(how=f"ended with {done.code}", detail=_tail(done.stdout))
        answer: dict[str, Any] = json.loads(answered.read_text(encoding="utf-8"))
        return answer


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-25:])


def _check_version(what: str, found: object, wanted: str) -> None:
    try:
        same = Version(str(found)) == Version(wanted)
    except InvalidVersion:
        same = False
    if not same:
        raise errors.VERSION_DIFFERS.error(what=what, found=found, wanted=wanted)
