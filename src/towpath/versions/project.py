"""What a project's configuration says of its version: where the build backend reads it, and its modules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from towpath import errors
from towpath.versions import toml
from towpath.versions.texts import decoded

if TYPE_CHECKING:
    from towpath.versions.texts import Place, Tree

PYPROJECT = "pyproject.toml"
# Build requirements that take the version from git's tags.
_FROM_GIT = frozenset({
    "flit-scm", "hatch-vcs", "poetry-dynamic-versioning", "setuptools-git-versioning", "setuptools-scm",
    "uv-dynamic-versioning", "vcs-versioning", "versioneer", "versioningit",
})  # fmt: skip
# Folders of a flat layout that hold no part of the product (setuptools' own list of reserved names).
_RESERVED = frozenset({
    "benchmark", "benchmarks", "build", "ci", "conftest", "dist", "doc", "docs", "documentation", "example",
    "examples", "noxfile", "requirements", "scripts", "setup", "site", "tasks", "test", "tests", "tools",
    "venv",
})  # fmt: skip


@dataclass(frozen=True)
class Project:
    """A tree with its parsed pyproject.toml."""

    tree: Tree
    data: bytes
    table: dict[str, Any]

    def get(self, *keys: str) -> Any:  # noqa: ANN401 - a TOML value is of any type
        """The value under nested keys of pyproject.toml, or None."""
        return toml.get(self.table, *keys)

    @property
    def name(self) -> str:
        """The distribution's name as written, or ""."""
        name = self.get("project", "name") or self.get("tool", "poetry", "name")
        return name if isinstance(name, str) else ""

    @property
    def backend(self) -> str:
        """The build backend's import name; setuptools where none is named (PEP 517)."""
        return str(self.get("build-system", "build-backend") or "setuptools.build_meta")

    @property
    def version_from_git(self) -> str:
        """The tool that takes the version from git, or ""."""
        if self.get("tool", "poetry-dynamic-versioning", "enable") is True:
            return "poetry-dynamic-versioning"
        if isinstance(self.get("project", "version"), str) or isinstance(self.get("tool", "poetry", "version"), str):
            return ""
        if self.get("tool", "pdm", "version", "source") == "scm":
            return "pdm-backend"
        source = self.get("tool", "hatch", "version", "source") or "vcs"
        if source in ("vcs", "uv-dynamic-versioning", "versioningit"):
            return next(iter(sorted(self._requirements & _FROM_GIT)), "")
        return ""

    @cached_property
    def static(self) -> tuple[Place, ...]:
        """The versions that stand in pyproject.toml itself, as PEP 621 and poetry have them."""
        file = decoded(PYPROJECT, self.data)
        keyed = (("project", ("project", "version")), ("poetry", ("tool", "poetry", "version")))
        spans = ((kind, toml.locate(file.text, keys, self.table)) for kind, keys in keyed)
        return tuple(file.place(kind, span) for kind, span in spans if span)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """The project's packages (folders) and single modules (.py files), those of its name first."""
        named = self._configured() or [
            self.name.replace("-", "_"),
            canonicalize_name(self.name).replace("-", "_"),
        ]
        paths = (path for name in named if name for path in self.files_of(name))
        found = tuple(dict.fromkeys(paths))
        return found or self._discovered()

    def files_of(self, module: str) -> tuple[str, ...]:
        """The folder (of a package) or file (of a module) by its dotted name, in the src and flat layouts."""
        inner = module.replace(".", "/").strip("/")
        found = []
        for base in self._bases():
            path = f"{base}/{inner}".lstrip("/")
            if self.tree.read(f"{path}/__init__.py") is not None or self.tree.read(f"{path}/__about__.py") is not None:
                found.append(path)
            elif self.tree.read(f"{path}.py") is not None:
                found.append(f"{path}.py")
        return tuple(found)

    @property
    def _requirements(self) -> frozenset[str]:
        return frozenset(map(_requirement_name, listed(self.get("build-system", "requires"))))

    def _bases(self) -> tuple[str, ...]:
        package_dir = self.get("tool", "setuptools", "package-dir", "")
        where = self.get("tool", "setuptools", "packages", "find", "where")
        root = self.get("tool", "uv", "build-backend", "module-root")
        given = [package_dir, *(where if isinstance(where, list) else ()), root]
        return tuple(dict.fromkeys([*(one.strip("./") for one in given if isinstance(one, str)), "src", "", "lib"]))

    def _configured(self) -> list[str]:
        """The modules that the backend's configuration names, dotted or as paths."""
        flit = [self.get("tool", "flit", "module", "name"), self.get("tool", "flit", "metadata", "module")]
        uv = listed(self.get("tool", "uv", "build-backend", "module-name"))
        hatch = listed(self.get("tool", "hatch", "build", "targets", "wheel", "packages"))
        poetry = [_poetry_package(one) for one in listed(self.get("tool", "poetry", "packages"))]
        setuptools = listed(self.get("tool", "setuptools", "packages"))
        single = listed(self.get("tool", "setuptools", "py-modules"))
        named = [one for one in (*flit, *uv, *hatch, *poetry, *setuptools, *single) if isinstance(one, str)]
        return [one.rstrip("/").removeprefix("./") for one in named]

    def _discovered(self) -> tuple[str, ...]:
        inside_src = self._packages_in("src")
        flat = tuple(path for path in self._packages_in("") if path.lower() not in _RESERVED)
        return inside_src or (flat if len(flat) == 1 else ())

    def _packages_in(self, folder: str) -> tuple[str, ...]:
        paths = (f"{folder}/{name}".lstrip("/") for name in self.tree.children(folder) if name.isidentifier())
        return tuple(path for path in paths if self.tree.read(f"{path}/__init__.py") is not None)


def load(tree: Tree, folder: str) -> Project:
    """The project in a tree; `folder` is how messages name it.

    Raises:
        TowpathError: `no-pyproject` or `bad-toml`.
    """
    data = tree.read(PYPROJECT)
    if data is None:
        raise errors.NO_PYPROJECT.error(folder=folder)
    return Project(tree, data, toml.read(PYPROJECT, data))


def listed(value: object) -> list[Any]:
    """A list as it is, a string as one of its own, anything else as nothing."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, str) else []


def _poetry_package(entry: object) -> str:
    include = toml.get(entry, "include") if isinstance(entry, dict) else None
    base = toml.get(entry, "from") if isinstance(entry, dict) else None
    path = f"{base}/{include}" if base else str(include or "")
    return re.split(r"/?\*", path)[0].removesuffix(".py")


def _requirement_name(text: object) -> str:
    from packaging.requirements import InvalidRequirement, Requirement  # late: most projects need none of it

    try:
        return canonicalize_name(Requirement(str(text)).name)
    except InvalidRequirement:
        return ""
