"""Runs inside a clean environment (`python -I probe.py QUESTION ANSWER`): imports what was installed there.

It imports nothing of ours and works on Python 3.8 and later. The answer goes to a file, because modules print;
without a finished answer (a module that ended the process, for one) the gate stays closed.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def main() -> None:
    """Answer the question in the first file into the second."""
    asked, answered = map(Path, sys.argv[1:3])  # before any module can change them
    question = json.loads(asked.read_text(encoding="utf-8"))
    distribution = metadata.distribution(question["name"])
    answer = {
        "version": distribution.version,
        "failed": _imported(question["modules"])
        + _compiled(question["files"])
        + _loaded(distribution.entry_points, question["skipped"]),
        "outside": [name for name in question["modules"] if _is_outside(name)],
        "attributes": _versions(question["modules"]),
    }
    answered.write_text(json.dumps(answer), encoding="utf-8")


def _imported(names: list[str]) -> list[list[str]]:
    """What could not be imported, with the last lines of each traceback."""
    failed = []
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException:  # noqa: BLE001 - a module may also raise SystemExit, and goes on to the next here
            failed.append([name, _last_lines()])
    return failed


def _compiled(paths: list[str]) -> list[list[str]]:
    failed = []
    for path in paths:
        located = next((Path(folder, path) for folder in sys.path if Path(folder, path).is_file()), None)
        try:
            if located is None:
                raise FileNotFoundError(path)
            compile(located.read_bytes(), path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, OSError) as error:
            failed.append([path, f"{type(error).__name__}: {error}"])
    return failed


def _loaded(entry_points: Iterable[metadata.EntryPoint], skipped: list[str]) -> list[list[str]]:
    """The commands that lead nowhere, but for those of modules that are not to be imported, and those with extras."""
    failed = []
    for entry in entry_points:
        module = entry.value.split(":")[0].split("[")[0].strip()
        if entry.group not in {"console_scripts", "gui_scripts"} or module in skipped:
            continue
        try:
            if not entry.extras and not callable(entry.load()):
                failed.append([f"script {entry.name}", f"{entry.value} cannot be called"])
        except BaseException:  # noqa: BLE001 - as above
            failed.append([f"script {entry.name}", _last_lines()])
    return failed


def _last_lines() -> str:
    return "\n".join(traceback.format_exc().strip().splitlines()[-4:])


def _is_outside(name: str) -> bool:
    """Whether an imported module came from anywhere but this environment."""
    module = sys.modules.get(name)
    if getattr(getattr(module, "__spec__", None), "origin", None) in {"built-in", "frozen"}:
        return True  # Python's own of that name, which always comes first
    file = getattr(module, "__file__", None)
    places = [file] if file else list(getattr(module, "__path__", []))
    prefix = Path(sys.prefix).resolve()
    return any(prefix not in Path(place).resolve().parents for place in places)


def _versions(names: list[str]) -> dict[str, str]:
    """`__version__` of the top-level modules that have one."""
    tops = {name: sys.modules[name] for name in names if "." not in name and name in sys.modules}
    found = {name: getattr(module, "__version__", None) for name, module in tops.items()}
    # A submodule of that name is no version.
    return {
        name: str(value) for name, value in found.items() if value is not None and not isinstance(value, ModuleType)
    }


if __name__ == "__main__":
    main()
