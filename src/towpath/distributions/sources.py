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
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

INIT = "__init__.py"
_TEST_FOLDERS = frozenset({"test", "tests", "testing", "_tests"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a wheel's Python files stand to the commit's, each by its path in the wheel.

    `missing` are modules that the wheel lacks: of its packages, and packages that lie beside them below a folder
    of sources; the tests among them apart.
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
    modules, data = _modules(wheel)
    committed = _Committed(tree, modules, data)
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
        is_test = _is_test(path, source, committed.test_folders)
        kind = "left_out" if _matches(left_out, path, source) else "tests" if is_test else "missing"
        found[kind].append(path)
    kinds = ("generated", "differing", "extra", "missing", "left_out", "tests")
    return Comparison(same, *(tuple(sorted(found[kind])) for kind in kinds))


class _Committed:
    """The commit's Python files, as a wheel's files are looked up in them."""

    def __init__(self, tree: Mapping[str, str], modules: Mapping[str, str], data: Container[str]) -> None:
        self._tree, self._modules = tree, modules
        self._importable = [path for path in modules if path not in data]
        self._tops = _tops(modules)
        self._named: dict[str, list[str]] = defaultdict(list)
        for path in tree:
            self._named[posixpath.basename(path)].append(path)
        roots = Counter(root for path in modules for root in self._roots(path))
        self._order = {root: (-count, len(root), root) for root, count in roots.items()}
        # A folder of such a name without any test is for the users.
        self.test_folders = {one for path in tree if _is_named_test(path) for one in _folders_of_test(path)}

    def source(self, path: str, digest: str) -> str | None:
        """The committed file that a file of the wheel was made from; None if there is none."""
        roots = self._roots(path)
        if roots:
            return min(roots, key=self._order.__getitem__) + path
        named = self._named[posixpath.basename(path)]
        return next((one for one in named if self._tree[one] == digest), None)

    def missing(self) -> Iterable[tuple[str, str]]:
        """The modules that only the commit has: where they would be in the wheel, and where they are."""
        packages, namespaces = self._packages(), self._namespaces()
        there = {
            folder + source[len(base) :]: source
            for base, folder in (*packages, *self._beside({*packages, *namespaces}))
            for source in self._tree
            if source.startswith(f"{base}/")
        }
        there |= {
            f"{folder}/{posixpath.basename(source)}": source
            for base, folder in namespaces
            for source in self._tree
            if posixpath.dirname(source) == base
        }
        return [(path, source) for path, source in there.items() if path not in self._modules]

    def _packages(self) -> list[tuple[str, str]]:
        """The wheel's packages that lie in no other package: where they are in the commit, and in the wheel."""
        sources = (
            (folder, self.source(f"{folder}/{INIT}", self._modules[f"{folder}/{INIT}"])) for folder in self._tops
        )
        return [(posixpath.dirname(source), folder) for folder, source in sources if source and "/" in source]

    def _namespaces(self) -> set[tuple[str, str]]:
        """The same of folders without an `__init__.py`, of which only what lies in them itself belongs together."""
        folders = {posixpath.dirname(path): path for path in self._importable if self._roots(path)}
        loose = {
            folder: path
            for folder, path in folders.items()
            if folder and not any(f"{folder}/".startswith(f"{top}/") for top in self._tops)
        }
        return {(posixpath.dirname(self.source(path, "") or ""), folder) for folder, path in loose.items()}

    def _beside(self, known: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """The packages that lie where those of the wheel do, below `src`, which is there for what is shipped.

        Beside a package in the project's own folder lies what is not shipped, too.
        """
        parents: dict[str, str] = {}
        for base, folder in known:
            root = base.removesuffix(f"/{folder}")
            if root != base and posixpath.basename(root) == "src":
                parents |= {root: "", posixpath.dirname(base): posixpath.dirname(folder)}
        for init in self._named.get(INIT, ()):
            folder, name = posixpath.split(posixpath.dirname(init))
            if folder in parents:
                yield f"{folder}/{name}", posixpath.join(parents[folder], name)

    def _roots(self, path: str) -> list[str]:
        named = self._named.get(posixpath.basename(path), ())
        return [one[: -len(path)] for one in named if one == path or one.endswith(f"/{path}")]


def _tops(modules: Iterable[str]) -> list[str]:
    """The packages that lie in no other package."""
    packages = {posixpath.dirname(path) for path in modules if posixpath.basename(path) == INIT} - {""}
    return [folder for folder in sorted(packages) if not any(folder.startswith(f"{one}/") for one in packages)]


def _modules(wheel: Path) -> tuple[dict[str, str], set[str]]:
    """Where each .py file is installed, with its sha256, and which of them are data, that none imports.

    Scripts are left out: the build has given them another first line.
    """
    found, data = {}, set()
    for member in members(wheel):
        if member.path.endswith(".py") and "!/" not in member.path:
            head, _, rest = member.path.partition("/")
            kind, _, below = rest.partition("/")
            if head.endswith(".data") and kind == "scripts":
                continue
            path = below if head.endswith(".data") else member.path
            found[path] = hashlib.sha256(member.content).hexdigest()
            if head.endswith(".data") and kind not in {"purelib", "platlib"}:
                data.add(path)
    return found, data


def _matches(patterns: Iterable[str], path: str, source: str | None) -> bool:
    """A path of the commit ends with that of the wheel, so that what is declared by the one is known by the other."""
    return any(
        fnmatchcase(path, one) or one.endswith(f"/{path}") or (source is not None and fnmatchcase(source, one))
        for one in patterns
    )


def _is_test(path: str, source: str, test_folders: Container[str]) -> bool:
    outside = len(source) - len(path)  # where the whole project lies is not what its modules are for
    folders = (folder for folder in _test_folders(source) if len(folder) > outside)
    return _is_named_test(source) or any(folder in test_folders for folder in folders)


def _is_named_test(path: str) -> bool:
    name = posixpath.basename(path)
    return name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py")


def _folders_of_test(path: str) -> Iterator[str]:
    """The folders that a test makes folders of tests; `testing` with tests of its own, as numpy has it, stays one."""
    folders = _test_folders(path)
    return (one for one in folders if one == folders[-1] or posixpath.basename(one) != "testing")


def _test_folders(path: str) -> list[str]:
    """The folders above a file that have a name for tests, from the outermost."""
    *folders, _ = path.split("/")
    return ["/".join(folders[: depth + 1]) for depth, name in enumerate(folders) if name in _TEST_FOLDERS]
