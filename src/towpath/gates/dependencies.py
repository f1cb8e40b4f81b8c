"""What a project declares for its developers, read from every place where projects write it.

Dependency groups (PEP 735), extras, the groups of Poetry, PDM, uv and Hatch, and requirement files, found by the names
in common use.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from towpath.config.sections import Commands

TEST_NAMES = ("test", "tests", "testing")
_INCLUDED = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[ =]*(\S+)", re.MULTILINE)
# `.`, `-e .[dev]`, `--editable=../other`, `file:.`; a bare word is a package, whatever folder has its name.
_PATH = re.compile(
    r"(?P<editable>(?:-e|--editable)[ =]\s*)?(?:file:(?:///?)?)?(?P<path>\.{1,2}(?:/[^\[;]*?)?)(?P<extras>\[[^\]]*\])?(?P<rest>\s*;.*)?"
)
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
    place = declaring(pyproject, root, tool)
    return place.of(tool) if place else (tool,)


def every(pyproject: Mapping[str, Any], root: Path, tool: str) -> tuple[str, ...]:
    """All of the project's requirements for a tool, wherever it declares them for its developers."""
    return tuple(line for place in _places(pyproject, root) for line in place.of(tool))


def declaring(pyproject: Mapping[str, Any], root: Path, tool: str) -> Place | None:
    """The first place where the project declares a tool for its developers."""
    return next((place for place in _places(pyproject, root) if place.of(tool)), None)


@dataclass(frozen=True, slots=True)
class Place:
    """A group, an extra or a file that declares requirements, in words, and all of them."""

    name: str
    lines: tuple[str, ...]

    def of(self, tool: str) -> tuple[str, ...]:
        """Its requirements for one tool."""
        return tuple(line for line in self.lines if _name(line) == tool)


def _places(pyproject: Mapping[str, Any], root: Path) -> Iterator[Place]:
    for name in _groups(pyproject):
        yield Place(f"group {name}", tuple(_group(pyproject, name)))
    for name, lines in _extras(pyproject).items():
        yield Place(f"extra {name}", tuple(lines))
    for path in sorted({*root.glob("*requirements*.txt"), *root.glob("requirements/*.txt")}):
        yield Place(path.relative_to(root).as_posix(), tuple(_lines(path)))


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


@dataclass(frozen=True, slots=True)
class WithoutProject:
    """A requirement file with what it includes, in one, without the lines that name the project itself.

    `left_out` are those lines, `extras` the extras of the project that they ask for.
    """

    lines: tuple[str, ...]
    left_out: tuple[str, ...]
    extras: tuple[str, ...]


def without_project(root: Path, file: str) -> WithoutProject:
    """What a requirement file asks for besides the project.

    A line such as `-e .` would install the working folder as it lies there: what git ignores included, and what the
    build leaves out. The project is installed by us, as built. Paths of other projects are made absolute.
    """
    kept: list[str] = []
    left_out: list[str] = []
    for base, line in _all_lines(root / file, set()):
        editable, path, extras, rest = _as_path(line)
        place = _existing(base / path, root / path) if path else None
        if place == root.resolve():
            left_out.append(line)
        elif place is not None:
            kept.append(f"{editable}{place}{extras}{rest}")
        else:
            kept.append(line)
    names = [name.strip() for line in left_out for name in _as_path(line)[2].strip("[]").split(",")]
    return WithoutProject(tuple(kept), tuple(left_out), tuple(dict.fromkeys(filter(None, names))))


@contextmanager
def to_install(root: Path, file: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A requirement file as an installer is to take it, and the extras of the project that it asks for."""
    found = without_project(root, file)
    if not found.left_out:
        yield file, ()
        return
    with tempfile.TemporaryDirectory(prefix="towpath-") as folder:
        path = Path(folder, "requirements.txt")
        path.write_text("\n".join(found.lines) + "\n", encoding="utf-8")
        yield str(path), found.extras


def _all_lines(file: Path, seen: set[Path]) -> Iterator[tuple[Path, str]]:
    """Each line with the folder that it stands in, those of included files in their place."""
    if file in seen:
        return
    seen.add(file)
    text = file.read_text(encoding="utf-8", errors="replace").replace("\\\n", " ")
    for whole in text.splitlines():
        line = re.split(r"(?:^|\s)#", whole)[0].strip()
        included = _INCLUDED.match(line)
        if included and line.startswith(("-r", "--requirement")) and (file.parent / included[1]).is_file():
            yield from _all_lines(file.parent / included[1], seen)
        elif included and (file.parent / included[1]).is_file():
            yield file.parent, f"--constraint {(file.parent / included[1]).resolve()}"
        elif line:
            yield file.parent, line


def _as_path(line: str) -> tuple[str, str, str, str]:
    """`-e `, path, extras and marker of a line that names a folder; the path is empty for any other."""
    found = _PATH.fullmatch(line)
    if found is None:
        return "", "", "", ""
    return found["editable"] or "", found["path"], found["extras"] or "", found["rest"] or ""


def _existing(*places: Path) -> Path | None:
    return next((place.resolve() for place in places if place.exists()), None)


def dynamic_files(pyproject: Mapping[str, Any], root: Path) -> set[Path]:
    """The files that setuptools reads dependencies from."""
    dynamic = pyproject.get("tool", {}).get("setuptools", {}).get("dynamic", {})
    tables = [dynamic.get("dependencies", {}), *dynamic.get("optional-dependencies", {}).values()]
    names = [table.get("file", []) for table in tables if isinstance(table, dict)]
    return with_included(root, [name for one in names for name in ([one] if isinstance(one, str) else one)])


def _names(wanted: Requirements, pyproject: Mapping[str, Any], root: Path) -> set[str]:
    lines = [*wanted.lines, *(line for extra in wanted.extras for line in _extras(pyproject)[extra])]
    files = [*wanted.files, *(file for extra in wanted.extras for file in _extra_files(pyproject, extra))]
    lines += [line for file in files if (root / file).is_file() for line in _lines(root / file)]
    return {_name(line) for line in lines}


def _name(requirement: str) -> str:
    found_name = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement.strip())
    return re.sub(r"[-_.]+", "-", found_name[0]).lower() if found_name else ""


def _extras(pyproject: Mapping[str, Any]) -> dict[str, list[str]]:
    """Each extra by name; those that setuptools reads from files without their lines."""
    setuptools = pyproject.get("tool", {}).get("setuptools", {}).get("dynamic", {}).get("optional-dependencies", {})
    project = dict(pyproject.get("project", {}).get("optional-dependencies", {}))
    poetry = pyproject.get("tool", {}).get("poetry", {}).get("extras", {})
    return {**{name: [] for name in setuptools}, **{name: list(lines) for name, lines in poetry.items()}, **project}


def _extra_files(pyproject: Mapping[str, Any], extra: str) -> list[str]:
    """The files that setuptools reads an extra from."""
    dynamic = pyproject.get("tool", {}).get("setuptools", {}).get("dynamic", {})
    files = dynamic.get("optional-dependencies", {}).get(extra, {}).get("file", [])
    return [files] if isinstance(files, str) else list(files)


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
