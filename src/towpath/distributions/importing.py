"""Importing every submodule of what was installed, isolated from everything else."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from towpath import errors, processes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.distributions.contents import Modules

LIMIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be found: the distribution, its version, its modules, and the declared exceptions with reasons."""

    name: str
    version: str
    modules: Modules
    skipped: Mapping[str, str]


def import_everything(python: Path, expected: Expected, *, environ: Mapping[str, str]) -> int:
    """Import every module and load every command with that Python; return how many modules were imported.

    It runs in an empty folder; `python -I` keeps the current folder, PYTHONPATH and the user's site-packages out, so
    that nothing but what was installed can be found. Raises no-modules, import-failed, imported-elsewhere,
    version-differs and probe-ended.
    """
    names = [name for name in expected.modules.imported if name not in expected.skipped]
    if not names:
        raise errors.NO_MODULES.error(name=expected.name)
    question = {
        "name": expected.name,
        "modules": names,
        "files": expected.modules.compiled,
        "skipped": list(expected.skipped),
    }
    answer = _ask(python, question, environ)
    if answer["failed"]:
        modules = ", ".join(name for name, _ in answer["failed"][:5])
        detail = "\n\n".join(f"{name}:\n{why}" for name, why in answer["failed"][:5])
        raise errors.IMPORT_FAILED.error(count=len(answer["failed"]), modules=modules, detail=detail)
    if answer["outside"]:
        raise errors.IMPORTED_ELSEWHERE.error(modules=", ".join(answer["outside"]))
    _check_version(f"the installed {expected.name}", answer["version"], expected.version)
    for module, version in answer["attributes"].items():
        _check_version(f"{module}.__version__", version, expected.version)
    return len(names)


def _ask(python: Path, question: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, Any]:
    probe = Path(__file__).with_name("probe.py")
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as folder:
        asked, answered = Path(folder, "question.json"), Path(folder, "answer.json")
        asked.write_text(json.dumps(question), encoding="utf-8")
        empty = Path(folder, "empty")
        empty.mkdir()
        command = [str(python), "-I", str(probe), str(asked), str(answered)]
        try:
            done = processes.capture(command, cwd=empty, env=environ, timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            raise errors.PROBE_ENDED.error(how=f"did not end within {LIMIT_SECONDS:.0f} s") from None
        if done.code != 0 or not answered.exists():
            raise errors.PROBE_ENDED.error(how=f"ended with {done.code}", detail=done.stdout + done.stderr)
        answer: dict[str, Any] = json.loads(answered.read_text(encoding="utf-8"))
        return answer


def _check_version(what: str, found: object, wanted: str) -> None:
    try:
        same = Version(str(found)) == Version(wanted)
    except InvalidVersion:
        same = False
    if not same:
        raise errors.VERSION_DIFFERS.error(what=what, found=found, wanted=wanted)
