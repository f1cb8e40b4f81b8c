"""What a project declares for its developers, read from every place where projects write it.

Dependency groups (PEP 735), extras, the groups of Poetry, PDM, uv and Hatch, and requirement files, found by the names
in common use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from towpath.config.sections import Commands

TEST_NAMES = ("test", "tests", "testing")
_INCLUDED = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[ =]*(\S+)", re.MULTILINE)
DEVELOPMENT_NAMES = ("dev", "develop", "development")


@dataclass(frozen=True, slots=True)
class Requirements:
    """PEP 508 requirements, requirement files (relative to the root), and extras of the project itself."""

    lines: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()

    def __or__(self, other: Requirements) -> Requirements:
        """Both together, each once."""
        return Requirements(
            tuple(dict.fromkeys(self.lines + other.lines)),
            tuple(dict.fromkeys(self.files + other.files)),
            tuple(dict.fromkeys(self.extras + other.extras)),
        )

    def __bool__(self) -> bool:
        return bool(self.lines or self.files or self.extras)


def configured(settings: Commands, pyproject: Mapping[str, Any], root: Path) -> Requirements | None:
    """What `[tool.towpath.<gate>]` names; None if it names nothing. Raises unknown-name and file-not-there."""
    if settings.groups is None and settings.extras is None and not settings.requirements:
        return None
    groups = [_group(pyproject, name) for name in settings.groups or ()]
    for file in settings.requirements:
        if not (root / file).is_file():
            raise errors.UNKNOWN_NAME.error(kind="requirements file", name=file, known="none", suggestion="")
    known = tuple(_extras(pyproject))
    for name in settings.extras or ():
        if name not in known:
            listed = ", ".join(known) or "none"
            raise errors.UNKNOWN_NAME.error(kind="extra", name=name, known=listed, suggestion="")
    lines = tuple(line for group in groups for line in group)
    return Requirements(lines, tuple(settings.requirements), tuple(settings.extras or ()))


def found(pyproject: Mapping[str, Any], root: Path, names: Iterable[str]) -> Requirements:
    """What the project declares under any of these names, wherever it declares it."""
    everything = Requirements()
    for name in names:
        if name in _groups(pyproject):
            everything |= Requirements(lines=tuple(_group(pyproject, name)))
        if name in _extras(pyproject):
            everything |= Requirements(extras=(name,))
        everything |= Requirements(files=tuple(_files(root, name)))
    return everything


def for_tests(pyproject: Mapping[str, Any], root: Path, *, runner: str) -> Requirements:
    """What running the tests takes: what is declared for tests; where that lacks the runner, for development too."""
    wanted = found(pyproject, root, TEST_NAMES)
    if _names(wanted, pyproject, root) & {runner}:
        return wanted
    wanted |= found(pyproject, root, DEVELOPMENT_NAMES)
    if _names(wanted, pyproject, root) & {runner}:
        return wanted
    return wanted | Requirements(lines=(runner,))


def declared(pyproject: Mapping[str, Any], root: Path, tool: str) -> tuple[str, ...]:
    """The project's own requirement for a tool, with its version; the bare name if it declares none.

    They are several where one place declares it apart for several Pythons or platforms.
    """
    for place in _places(pyproject, root):
        lines = tuple(line for line in place if _name(line) == tool)
        if lines:
            return lines
    return (tool,)


def _places(pyproject: Mapping[str, Any], root: Path) -> Iterator[list[str]]:
    yield from (_group(pyproject, name) for name in _groups(pyproject))
    yield from _extras(pyproject).values()
    yield from map(_lines, sorted({*root.glob("*requirements*.txt"), *root.glob("requirements/*.txt")}))


def with_included(root: Path, files: Iterable[str]) -> set[Path]:
    """Requirement files with those that they include by -r and -c."""
    found: set[Path] = set()
    todo = [root / file for file in files]
    while todo:
        path = todo.pop()
        if path not in found and path.is_file():
            found.add(path)
            text = path.read_text(encoding="utf-8", errors="replace")
            todo += [path.parent / name for name in _INCLUDED.findall(text)]
    return found


def dynamic_files(pyproject: Mapping[str, Any], root: Path) -> set[Path]:
    """The files that setuptools reads dependencies from."""
    dynamic = pyproject.get("tool", {}).get("setuptools", {}).get("dynamic", {})
    tables = [dynamic.get("dependencies", {}), *dynamic.get("optional-dependencies", {}).values()]
    names = [table.get("file", []) for table in tables if isinstance(table, dict)]
    return with_included(root, [name for one in names for name in ([one] if isinstance(one, str) else one)])


def _names(wanted: Requirements, pyproject: Mapping[str, Any], root: Path) -> set[str]:
    lines = [*wanted.lines, *(line for extra in wanted.extras for line in _extras(pyproject)[extra])]
    lines += [line for file in wanted.files for line in _lines(root / file)]
    return {_name(line) for line in lines}


def _name(requirement: str) -> str:
    found_name = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement.strip())
    return re.sub(r"[-_.]+", "-", found_name[0]).lower() if found_name else ""


def _extras(pyproject: Mapping[str, Any]) -> dict[str, list[str]]:
    project = dict(pyproject.get("project", {}).get("optional-dependencies", {}))
    poetry = pyproject.get("tool", {}).get("poetry", {}).get("extras", {})
    return {**{name: list(lines) for name, lines in poetry.items()}, **project}


def _groups(pyproject: Mapping[str, Any]) -> dict[str, Any]:
    """Each group by name: a list as PEP 735 has it, or a table of Poetry's constraints."""
    tool = pyproject.get("tool", {})
    poetry, pdm = tool.get("poetry", {}), tool.get("pdm", {}).get("dev-dependencies", {})
    uv = {"dev": tool["uv"]["dev-dependencies"]} if "dev-dependencies" in tool.get("uv", {}) else {}
    old = {"dev": poetry["dev-dependencies"]} if "dev-dependencies" in poetry else {}
    groups = {name: group.get("dependencies", {}) for name, group in poetry.get("group", {}).items()}
    return {**_hatch(tool), **uv, **pdm, **old, **groups, **pyproject.get("dependency-groups", {})}


def _hatch(tool: Mapping[str, Any]) -> dict[str, list[str]]:
    """Hatch's environments; those that it makes itself are for tests and for development.

    https://hatch.pypa.io/latest/config/environment/overview/
    """
    named = {"hatch-test": "test", "default": "dev"}
    groups: dict[str, list[str]] = {}
    for name, environment in tool.get("hatch", {}).get("envs", {}).items():
        lines = [*environment.get("dependencies", ()), *environment.get("extra-dependencies", ())]
        # What holds a field, such as {root:uri}, names a place that only Hatch knows.
        groups.setdefault(named.get(name, name), []).extend(line for line in lines if "{" not in line)
    return groups


def _group(pyproject: Mapping[str, Any], name: str) -> list[str]:
    groups = _groups(pyproject)
    if name not in groups:
        known = ", ".join(groups) or "none"
        raise errors.UNKNOWN_NAME.error(kind="dependency group", name=name, known=known, suggestion="")
    if isinstance(groups[name], dict):
        return list(_from_poetry(groups[name]))
    if not isinstance(groups[name], list):
        raise errors.BAD_DEPENDENCY_GROUPS.error(why=f"the group {name!r} must be a list")
    if name not in pyproject.get("dependency-groups", {}):
        return list(groups[name])
    from packaging.dependency_groups import resolve_dependency_groups
    from packaging.errors import ExceptionGroup

    try:
        return list(resolve_dependency_groups(pyproject["dependency-groups"], name))
    except ExceptionGroup as error:
        why = "; ".join(map(str, error.exceptions))
        raise errors.BAD_DEPENDENCY_GROUPS.error(why=f"the group {name!r} cannot be resolved: {why}") from None


def _from_poetry(group: Mapping[str, Any]) -> Iterator[str]:
    """Poetry's own constraints (`^1.2`) as PEP 508 says them, by Poetry's own code."""
    from poetry.core.factory import Factory

    for name, constraint in group.items():
        for one in constraint if isinstance(constraint, list) else [constraint]:
            yield Factory.create_dependency(name, one).to_pep_508()


def _files(root: Path, name: str) -> Iterator[str]:
    names = (
        f"requirements-{name}.txt", f"requirements_{name}.txt", f"{name}-requirements.txt",
        f"{name}_requirements.txt", f"requirements/{name}.txt",
    )  # fmt: skip
    return (file for file in names if (root / file).is_file())


def _lines(path: Path) -> list[str]:
    """The requirements of a file, without comments, options and hashes, and without the files that it includes."""
    text = path.read_text(encoding="utf-8", errors="replace").replace("\\\n", " ")
    lines = (re.split(r"(?:^|\s)(?:#|--)", line)[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("-")]
