"""Runs inside a clean environment (`python -I probe.py QUESTION ANSWER`): imports what was installed there.

It imports nothing of ours and works on Python 3.8 and later. The answer goes to a file, because modules print;
without a finished answer (a module that ended the process, for one) the gate stays closed.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import traceback
from fnmatch import fnmatchcase
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMMANDS = ("console_scripts", "gui_scripts")


def main() -> None:
    """Answer the question in the first file into the second."""
    asked, answered = map(Path, sys.argv[1:3])  # before any module can change them
    question = json.loads(asked.read_text(encoding="utf-8"))
    distribution = _distribution(question["name"])
    commands = [entry for entry in distribution.entry_points if entry.group in COMMANDS]
    places = [Path(folder) for folder in sys.path]  # likewise
    failed = _imported(question["modules"])
    versions, unread = _versions(question["modules"])
    answer = {
        "version": distribution.version,
        "failed": failed
        + unread
        + _compiled(distribution, question["files"], question["exempt"])
        + _loaded(commands, [*question["skipped"], *question["exempt"]]),
        "outside": [name for name in question["modules"] if _is_outside(name)],
        "missing": [path for path in question["present"] if not any((place / path).is_file() for place in places)],
        "attributes": versions,
        "commands": [[entry.group, entry.name, entry.value, _extras(entry)] for entry in commands],
    }
    answered.write_text(json.dumps(answer), encoding="utf-8")


def _distribution(name: str) -> metadata.Distribution:
    """The installed distribution; Python up to 3.9 does not find `zope.x` where the folder says `zope_x`."""
    for found in metadata.distributions():
        if _normalized(found.metadata["Name"] or "") == _normalized(name):
            return found
    raise metadata.PackageNotFoundError(name)


def _normalized(name: str) -> str:
    """As https://packaging.python.org/en/latest/specifications/name-normalization/ says."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _imported(names: list[str]) -> list[list[str]]:
    """What could not be imported, with the last lines of each traceback."""
    failed = []
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException:  # noqa: BLE001 - a module may also raise SystemExit, and goes on to the next here
            failed.append([name, _last_lines()])
    return failed


def _compiled(distribution: metadata.Distribution, paths: list[str], exempt: list[str]) -> list[list[str]]:
    """The installed files that are no Python of this version; what has been imported has been compiled by that."""
    done = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    failed = []
    for path in sorted({*paths, *_sources(distribution)}):
        located = next((Path(folder, path) for folder in sys.path if Path(folder, path).is_file()), None)
        if str(located) in done or any(fnmatchcase(path, pattern) for pattern in exempt):
            continue
        try:
            if located is None:
                raise FileNotFoundError(path)
            compile(located.read_bytes(), path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
            failed.append([path, f"{type(error).__name__}: {error}"])
    return failed


def _sources(distribution: metadata.Distribution) -> Iterator[str]:
    """Every `.py` that the installer wrote beside the modules; `..` leads to scripts and data."""
    for file in distribution.files or []:
        if file.suffix == ".py" and ".." not in file.parts:
            yield file.as_posix()


def _loaded(commands: Iterable[metadata.EntryPoint], skipped: list[str]) -> list[list[str]]:
    """The commands that lead nowhere, but for those of modules that are not to be imported, and those with extras."""
    failed = []
    for entry in commands:
        module = entry.value.split(":")[0].split("[")[0].strip()
        if any(fnmatchcase(module, pattern) for pattern in skipped):
            continue
        try:
            if not entry.extras and not callable(entry.load()):
                failed.append([f"script {entry.name}", f"{entry.value} cannot be called"])
        except BaseException:  # noqa: BLE001 - as above
            failed.append([f"script {entry.name}", _last_lines()])
    return failed


def _extras(entry: metadata.EntryPoint) -> list[str]:
    """The extras that a command asks for; none where what it leads to cannot be read, which is told elsewhere."""
    try:
        return list(entry.extras)
    except (AttributeError, ValueError):
        return []


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


def _versions(names: list[str]) -> tuple[dict[str, str], list[list[str]]]:
    """`__version__` of the top-level modules that have one, and those where asking for it failed."""
    found, failed = {}, []
    for name in names:
        if "." in name or name not in sys.modules:
            continue
        try:
            value = getattr(sys.modules[name], "__version__", None)
            # A submodule of that name is no version.
            if value is not None and not isinstance(value, ModuleType):
                found[name] = str(value)
        except Exception:  # noqa: BLE001 - it may be computed when it is asked for, by whatever code
            failed.append([f"{name}.__version__", _last_lines()])
    return found, failed


if __name__ == "__main__":
    main()
