"""What the jobs that tag, publish and release check out: the files that the pipeline itself reads there, and no others.

Where a job may sign as the project, none of the project's code is wanted. What is left of it is what the noxfile
imports, and what the version is read from; the latter is only read, never run.
"""

from __future__ import annotations

import ast
import posixpath
import re
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump.promoted import changelog_path
from towpath.gates import chosen
from towpath.versions.texts import Folder, Recording
from towpath.workflow import lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.gates.gate import Workspace

_NOXFILE = "noxfile.py"


def patterns(workspace: Workspace) -> tuple[str, ...]:
    """The files, as patterns of a sparse checkout. Raises checkout-too-small, and what reading the version raises."""
    return tuple("/" + re.sub(r"([\\*?\[])", r"\\\1", path) for path in paths(workspace))


def paths(workspace: Workspace) -> tuple[str, ...]:
    """The files, relative to the project's folder. Raises the same."""
    opened: set[str] = set()
    recording = Recording(Folder(workspace.root), opened)
    version = chosen.current(workspace.repository, workspace.settings.tag.format, recording).version
    changelog = changelog_path(workspace.root, workspace.settings.bump)
    imported = sorted(_imported(workspace.root, _NOXFILE, set()))
    named = (_NOXFILE, "pyproject.toml", lock.PATH, *imported, *sorted(opened), changelog)
    found = tuple(dict.fromkeys(one for path in named if path for one in _with_targets(workspace.root, path)))
    with tempfile.TemporaryDirectory(prefix="towpath-") as folder:
        alone = _copied(workspace.root, Path(folder), found)
        try:
            same = chosen.current(workspace.repository, workspace.settings.tag.format, alone).version == version
        except errors.TowpathError:
            same = False
        there = not changelog or (alone.read(changelog) is None) == (not (workspace.root / changelog).is_file())
    for what, right in (("the version", same), (changelog, there)):
        if not right:
            raise errors.CHECKOUT_TOO_SMALL.error(what=what, files=", ".join(found))
    return found


def _copied(root: Path, folder: Path, found: Iterable[str]) -> Folder:
    """A folder that holds these files and no others, symbolic links as they are."""
    for path in found:
        if (root / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, folder / path, follow_symlinks=False)
        elif (root / path).is_symlink():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to((root / path).readlink(), target_is_directory=True)
    return Folder(folder)


def _with_targets(root: Path, path: str) -> Iterator[str]:
    """The path, and in place of what lies behind a symbolic link the link and its target: git checks out both apart."""
    parts = PurePosixPath(path).parts
    for count in range(1, len(parts) + 1):
        link = posixpath.join(*parts[:count])
        if (root / link).is_symlink() and (root / path).is_file():
            yield link
            target = posixpath.join(posixpath.dirname(link), (root / link).readlink().as_posix(), *parts[count:])
            target = posixpath.normpath(target)
            if not posixpath.isabs(target) and not target.startswith("../"):
                yield from _with_targets(root, target)
            return
    yield path


def _imported(root: Path, path: str, seen: set[str]) -> set[str]:
    """The project's own modules that a file imports as it is loaded, and those that they import."""
    try:
        tree = ast.parse((root / path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return seen
    above = posixpath.dirname(path)
    for module in _modules(tree.body, above.replace("/", ".")):
        for file in _files(root, module):
            if file not in seen and file != _NOXFILE:
                seen.add(file)
                _imported(root, file, seen)
    return seen


def _modules(body: Iterable[ast.AST], package: str) -> Iterator[str]:
    """The dotted names of all imports outside functions; what a session imports is wanted where it runs."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join(part for part in (*above, node.module or "") if part)
            yield module
            yield from (f"{module}.{alias.name}".lstrip(".") for alias in node.names)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.expr):
            yield from _modules(ast.iter_child_nodes(node), package)


def _files(root: Path, module: str) -> Iterator[str]:
    """The files of a module in the project's folder, its packages' own before it; none for one from elsewhere."""
    parts = [part for part in module.split(".") if part.isidentifier()]
    for count in range(1, len(parts) + 1):
        inner = "/".join(parts[:count])
        yield from (path for path in (f"{inner}/__init__.py", f"{inner}.py") if (root / path).is_file())
