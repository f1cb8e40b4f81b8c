"""The Python files of a wheel, each compared with the commit's."""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter, defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from towpath.distributions.archive import members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

INIT = "__init__.py"
_TEST_FOLDERS = frozenset({"test", "tests", "testing", "_tests"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a wheel's Python files stand to the commit's, each by its path in the wheel.

    `missing` are modules of the commit's import packages that the wheel lacks, the tests among them apart.
    """

    same: int
    generated: tuple[str, ...]
    differing: tuple[str, ...]
    extra: tuple[str, ...]
    missing: tuple[str, ...]
    left_out: tuple[str, ...]
    tests: tuple[str, ...]


def compare(
    wheel: Path, tree: Mapping[str, str], *, generated: Sequence[str] = (), left_out: Iterable[str] = ()
) -> Comparison:
    """Compare byte by byte; `tree` is path → sha256 of the commit's .py files, relative to the project's folder.

    A file of the wheel is that of the commit whose path ends with its own; where several do, the one below the
    folder that most of the wheel comes from; where none does, a file of the same name and bytes (a package that the
    backend was told to rename). `generated` and `left_out` are patterns over paths of the commit or of the wheel.
    Raises damaged-distribution.
    """
    modules = _modules(wheel)
    committed = _Committed(tree, modules)
    same, found = 0, defaultdict(list)
    for path, digest in modules.items():
        source = committed.source(path, digest)
        if source is not None and tree[source] == digest:
            same += 1
        elif _matches(generated, path, source):
            found["generated"].append(path)
        else:
            found["extra" if source is None else "differing"].append(path)
    for path, source in committed.missing():
        is_test = _is_test(path)
        kind = "left_out" if _matches(left_out, path, source) else "tests" if is_test else "missing"
        found[kind].append(path)
    kinds = ("generated", "differing", "extra", "missing", "left_out", "tests")
    return Comparison(same, *(tuple(sorted(found[kind])) for kind in kinds))


class _Committed:
    """The commit's Python files, as a wheel's files are looked up in them."""

    def __init__(self, tree: Mapping[str, str], modules: Mapping[str, str]) -> None:
        self._tree, self._modules = tree, modules
        self._named: dict[str, list[str]] = defaultdict(list)
        for path in tree:
            self._named[posixpath.basename(path)].append(path)
        roots = Counter(root for path in modules for root in self._roots(path))
        self._order = {root: (-count, len(root), root) for root, count in roots.items()}

    def source(self, path: str, digest: str) -> str | None:
        """The committed file that a file of the wheel was made from; None if there is none."""
        roots = self._roots(path)
        if roots:
            return min(roots, key=self._order.__getitem__) + path
        named = self._named[posixpath.basename(path)]
        return next((one for one in named if self._tree[one] == digest), None)

    def missing(self) -> Iterator[tuple[str, str]]:
        """The modules of the wheel's packages that only the commit has: where they would be, and where they are."""
        for folder in self._tops():
            init = self.source(f"{folder}/{INIT}", self._modules[f"{folder}/{INIT}"])
            base = posixpath.dirname(init) if init else ""
            for source in self._tree:
                if base and source.startswith(f"{base}/"):
                    path = folder + source[len(base) :]
                    if path not in self._modules:
                        yield path, source

    def _tops(self) -> list[str]:
        """The wheel's packages that lie in no other package."""
        packages = {posixpath.dirname(path) for path in self._modules if posixpath.basename(path) == INIT} - {""}
        return [folder for folder in sorted(packages) if not any(folder.startswith(f"{one}/") for one in packages)]

    def _roots(self, path: str) -> list[str]:
        named = self._named.get(posixpath.basename(path), ())
        return [one[: -len(path)] for one in named if one == path or one.endswith(f"/{path}")]


def _modules(wheel: Path) -> dict[str, str]:
    """Where each .py file is installed, with its sha256.

    Scripts are left out: the build has given them another first line.
    """
    found = {}
    for member in members(wheel):
        if member.path.endswith(".py") and "!/" not in member.path:
            head, _, rest = member.path.partition("/")
            kind, _, below = rest.partition("/")
            if head.endswith(".data") and kind == "scripts":
                continue
            path = below if head.endswith(".data") else member.path
            found[path] = hashlib.sha256(member.content).hexdigest()
    return found


def _matches(patterns: Iterable[str], path: str, source: str | None) -> bool:
    """A path of the commit ends with that of the wheel, so that what is declared by the one is known by the other."""
    return any(
        fnmatchcase(path, one) or one.endswith(f"/{path}") or (source is not None and fnmatchcase(source, one))
        for one in patterns
    )


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    named = name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py")
    return named or bool(_TEST_FOLDERS & set(folders))
