"""The names that a noxfile.py or tasks.py uses already, read from its text.

It is not run to be asked, but for a noxfile that computes names.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors, processes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SECONDS = 60.0
_LISTED = re.compile(r"^[*-] ([^\s(]+)", re.MULTILINE)
_NAMESPACES = ("ns", "namespace")


@dataclass(frozen=True, slots=True)
class Module:
    """A noxfile.py or tasks.py as it is.

    `registered` are its sessions' or tasks' names, `bound` every name at its top, `imports` the modules that it takes
    something from, `namespace` the name of the collection that invoke takes, "" for none.
    `computed` is whether some are named by an expression, which the text does not tell.
    """

    registered: frozenset[str]
    bound: frozenset[str]
    imports: frozenset[str]
    namespace: str = ""
    computed: bool = False

    def adopts(self, module: str) -> bool:
        """Whether it uses that module of ours already."""
        return module in self.imports


def sessions_in(text: str, path: str) -> Module:
    """A noxfile. Raises not-python."""
    return _module(_parsed(text, path), "session", dashed=False)


def tasks_in(text: str, path: str) -> Module:
    """A tasks.py. Raises not-python."""
    return _module(_parsed(text, path), "task", dashed=True)


def listed(noxfile: Path, environ: Mapping[str, str]) -> frozenset[str]:
    """The sessions that nox lists; none where it cannot, which it says itself when it is used."""
    argv = (sys.executable, "-B", "-m", "nox", "--list", "--nocolor", "--noxfile", noxfile.name)
    try:
        done = processes.capture(argv, cwd=noxfile.parent, env=environ, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(_LISTED.findall(done.stdout)) if done.code == 0 else frozenset()


def _parsed(text: str, path: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise errors.NOT_PYTHON.error(path=path, why=error) from None


def _module(tree: ast.Module, kind: str, *, dashed: bool) -> Module:
    names = frozenset(_registered(tree, kind))
    bound = frozenset(_bound(tree))
    return Module(
        registered=frozenset(name.replace("_", "-") for name in names) if dashed else names,
        bound=bound,
        imports=frozenset(_imported(tree)),
        namespace=next((name for name in _NAMESPACES if name in bound), "") if dashed else "",
        computed=any(_is_computed(node, kind) for node in ast.walk(tree)),
    )


def _is_computed(node: ast.AST, kind: str) -> bool:
    """Whether it is `session(name=EXPRESSION)`, or one with options that stand elsewhere."""
    if not isinstance(node, ast.Call) or not _is_called(node, kind):
        return False
    given = {word.arg: word.value for word in node.keywords}
    return None in given or ("name" in given and not _text(given["name"]))


def _registered(tree: ast.Module, kind: str) -> Iterator[str]:
    """Functions decorated by `session` or `task`, and those handed to it: `nox.session(name="x")(function)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if _is_called(decorator, kind):
                    yield from _names(decorator, node.name)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and _is_called(node.func, kind):
            given = node.args[0] if node.args else None
            yield from _names(node.func, given.id if isinstance(given, ast.Name) else "")


def _is_called(node: ast.expr, kind: str) -> bool:
    target = node.func if isinstance(node, ast.Call) else node
    return (target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")) == kind


def _names(decorator: ast.expr, usual: str) -> Iterator[str]:
    """The name, and with it the one for each Python, which nox makes of `python=["3.11", "3.12"]`."""
    given = {word.arg: word.value for word in decorator.keywords} if isinstance(decorator, ast.Call) else {}
    name = _text(given.get("name")) or usual
    if name:
        yield name
        pythons = given.get("python")
        for one in pythons.elts if isinstance(pythons, ast.List | ast.Tuple) else ():
            yield f"{name}-{_text(one)}"
    aliases = given.get("aliases")
    for one in aliases.elts if isinstance(aliases, ast.List | ast.Tuple) else ():
        yield _text(one)


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))
