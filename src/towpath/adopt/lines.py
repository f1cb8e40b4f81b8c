"""The lines that a noxfile.py and a tasks.py need: new files, or appended to those that are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.adopt import names
from towpath.adopt.tested import section_of
from towpath.versions import toml
from towpath.versions.texts import decoded_python

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

NOXFILE, TASKS, TASKS_PACKAGE = "noxfile.py", "tasks.py", "tasks/__init__.py"
_NEW_NOXFILE = '''\
"""The gates of a release as nox sessions; `nox -l` lists them."""

{future}{heading}from towpath.nox import sessions
{gap}
sessions()
'''
_NEW_TASKS = '''\
"""The tasks around a release; `invoke -l` lists them."""

{future}{heading}from towpath.invoke import tasks
{gap}
ns = tasks()
'''


@dataclass(frozen=True, slots=True)
class Style:
    """What the project's own isort or ruff asks of every file.

    An import at its top, a comment over imports of what is not the project's, and the gap after the imports.
    """

    future: str = ""
    heading: str = ""
    gap: str = ""


def style(pyproject: Mapping[str, Any], root: Path) -> Style:
    """As it is configured; otherwise as isort and ruff have it without a word."""
    tool = pyproject.get("tool", {})
    tables = (_isort(tool, root), toml.get(tool, "ruff", "lint", "isort"), toml.get(tool, "ruff", "isort"))
    said = {key.replace("-", "_"): value for table in tables if isinstance(table, dict) for key, value in table.items()}
    wanted = f"{said.get('add_imports', '')}{said.get('required_imports', '')}"
    future = "from __future__ import annotations\n\n" if "annotations" in wanted else ""
    headings = said.get("import_heading", {})
    heading = said.get("import_heading_thirdparty") or (headings.get("third-party") if headings else "")
    gap = "\n" if str(said.get("lines_after_imports", "")).strip() == "2" else ""
    return Style(future, f"# {heading}\n" if heading else "", gap)


# https://pycqa.github.io/isort/docs/configuration/config_files.html: the first that there is decides
_ISORT_BEFORE, _ISORT_AFTER = ((".isort.cfg", "settings"),), (("setup.cfg", "isort"), ("tox.ini", "isort"))


def _isort(tool: Mapping[str, Any], root: Path) -> Mapping[str, Any]:
    """isort's settings, wherever they stand."""
    read = (section_of(root / name, section) for name, section in _ISORT_BEFORE)
    found = next((one for one in read if one), None) or toml.get(tool, "isort")
    if isinstance(found, dict) and found:
        return found
    return next((one for name, section in _ISORT_AFTER if (one := section_of(root / name, section))), {})


def noxfile(root: Path, taken: Iterable[str], kept: Style, environ: Mapping[str, str]) -> tuple[bytes | None, bytes]:
    """The noxfile before (None for none) and after; `taken` are the names that our sessions will have.

    Raises not-python and names-taken.
    """
    before = _read(root / NOXFILE)
    if before is None:
        return None, _new(_NEW_NOXFILE, kept)
    module = names.sessions_in(_text(NOXFILE, before), NOXFILE)
    if module.adopts("towpath.nox"):
        return before, before
    # one with a header would have nox make an environment first
    asked = names.listed(root / NOXFILE, environ) if module.computed and not is_script(before) else frozenset()
    _require_free(module.registered | asked, taken, NOXFILE, "sessions")
    called = "sessions" if "sessions" not in module.bound else "towpath_sessions"
    imported = f"{kept.heading}{_import('towpath.nox', 'sessions', called)}{kept.gap}"
    return before, appended(before, f"{imported}\n{called}()\n")


def tasks_path(root: Path) -> str:
    """Where invoke finds the project's tasks, or will."""
    return TASKS_PACKAGE if not (root / TASKS).is_file() and (root / TASKS_PACKAGE).is_file() else TASKS


def tasks(root: Path, taken: Iterable[str], kept: Style) -> tuple[bytes | None, bytes] | None:
    """The same for the tasks; None where a module of that name is something else's.

    Raises not-python and names-taken.
    """
    path = tasks_path(root)
    before = _read(root / path)
    if before is None:
        return None, _new(_NEW_TASKS, kept)
    module = names.tasks_in(_text(path, before), path)
    if module.adopts("towpath.invoke"):
        return before, before
    if not any(name.partition(".")[0] == "invoke" for name in module.imports):
        return None
    _require_free(module.registered, taken, path, "tasks")
    called = "tasks" if "tasks" not in module.bound else "towpath_tasks"
    call = f"{called}(into={module.namespace})" if module.namespace else f"ns = {called}(beside=__name__)"
    return before, appended(before, f"{kept.heading}{_import('towpath.invoke', 'tasks', called)}{kept.gap}\n{call}\n")


def is_script(text: bytes | None) -> bool:
    """Whether nox makes an environment for the noxfile that its own header lists (PEP 723), without towpath."""
    header = (text or b"").partition(b"# /// script")[2].partition(b"# ///")[0]
    return bool(header) and b"towpath" not in header


def appended(before: bytes, lines: str, blank: int = 2) -> bytes:
    """A file with lines at its end, after so many empty ones; no byte before them changes."""
    end = b"\r\n" if b"\r\n" in before else b"\n"
    gap = b"" if not before or before.endswith(b"\n") else end
    return before + gap + blank * end + lines.encode().replace(b"\n", end)


def _new(text: str, kept: Style) -> bytes:
    return text.format(future=kept.future, heading=kept.heading, gap=kept.gap).encode()


def _import(module: str, name: str, called: str) -> str:
    # The end of a file is no place that linters take for an import's; ruff 0.17 asks no more by default, and would
    # then complain of the mark.
    alias = f" as {called}" if called != name else ""
    return f"from {module} import {name}{alias}  # noqa: E402, RUF100\n"


def _require_free(own: frozenset[str], taken: Iterable[str], path: str, what: str) -> None:
    both = sorted(own & set(taken))
    if both:
        raise errors.NAMES_TAKEN.error(path=path, what=what, names=", ".join(both))


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _text(path: str, data: bytes) -> str:
    file = decoded_python(path, data)
    if file is None:
        raise errors.NOT_PYTHON.error(path=path, why="its bytes are not of the encoding that it declares")
    return file.text
