"""Which Pythons a project is to be tested and installed on: those that it declares, and those that are here.

The list of the configuration, all of it required. Without one, the lowest that requires-python allows and the one in
use are required; those of the other classifiers run where they are present, and are never taken as passed elsewhere.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.environments.interpreters import Interpreter, current, fetch, find, search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from towpath.gates.gate import Workspace

VARIABLE = "TOWPATH_PYTHONS"
CURRENT = "current"
BY_CLASSIFIER = "named by a classifier alone"
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d+\.\d+)")
# What requires-python may name as the lowest. Nobody knows the last minor version; these will do for long.
_MINORS = ("2.7", *(f"3.{minor}" for minor in range(60)))
_MICROS = range(40)


@dataclass(frozen=True, slots=True)
class Declared:
    """The Pythons that come into question, by what the project declares.

    `alone` says that there is none but the one in use: then nothing is told apart, and the only variant has no name.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    alone: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All of them by version; empty where there is only the one in use."""
        return () if self.alone else tuple(sorted({*self.required, *self.optional}, key=_order))


@dataclass(frozen=True, slots=True)
class Choice:
    """The variants that are to be proven, and those that are not here, each with the reason why that is no failure."""

    variants: tuple[str, ...]
    absent: Mapping[str, str]


def declared(pyproject: Mapping[str, Any], listed: Iterable[str], running: Interpreter) -> Declared:
    """What a project declares, seen from the Python in use; `listed` is `python` in `[tool.towpath]`."""
    mine = _name(running)
    chosen = tuple(dict.fromkeys(mine if name == CURRENT else name for name in listed))
    if chosen:
        return Declared(chosen, alone=tuple(listed) == (CURRENT,))
    allows = _allows(pyproject)
    lowest = _lowest(allows)
    required = tuple(name for name in (lowest, mine if allows(_plain(running.version)) else "") if name) or (mine,)
    optional = tuple(name for name in _classified(pyproject) if name not in required and _any_of(name, allows))
    return Declared(tuple(dict.fromkeys(required)), optional, alone={*required, *optional} == {mine})


def declared_by(workspace: Workspace) -> Declared:
    """What the project of a workspace declares."""
    return declared(workspace.configuration.pyproject, workspace.settings.python, current())


def choose(workspace: Workspace, has_record: Callable[[str], bool]) -> Choice:
    """The variants that must be proven here; `has_record` says whether there is one about this subject.

    Required ones, whether they are here or not (but those that are declared missing); others where they are here or
    left a record, since a failure counts wherever it happened. Raises unknown-name for a declared exception that names
    no Python of the project, and no-python-left.
    """
    known = declared_by(workspace)
    missing = workspace.settings.missing_pythons
    for name in missing:
        if name not in known.names:
            listed = ", ".join(known.names) or "only the one in use"
            raise errors.UNKNOWN_NAME.error(kind="Python that may be missing", name=name, known=listed, suggestion="")
    if known.alone:
        return Choice(("",), {})
    optional = {
        name: f"it may be missing: {missing[name]}" if name in missing else BY_CLASSIFIER for name in known.names
    }
    optional = {name: why for name, why in optional.items() if name in missing or name in known.optional}
    unknown = [name for name in optional if not has_record(name)]
    _look_for(workspace, unknown)
    absent = {name: optional[name] for name in unknown if not is_here(workspace, name)}
    variants = tuple(name for name in known.names if name not in absent)
    if not variants:
        raise errors.NO_PYTHON_LEFT.error(missing=", ".join(absent))
    return Choice(variants, absent)


def is_here(workspace: Workspace, name: str) -> bool:
    """Whether a Python is on this machine. Raises bad-python-request."""
    return found(workspace, name) is not None


def found(workspace: Workspace, name: str) -> Interpreter | None:
    """A Python as the walk that started us has found it, else as it is found now. Raises bad-python-request."""
    told = _told(workspace.environ.get(VARIABLE, "{}"))
    return told[name] if name in told else _searched(name, frozenset(_environ(workspace).items()))


def told_to_sessions(workspace: Workspace) -> dict[str, str]:
    """The variable by which the sessions of a walk learn which Pythons are here: asking takes up to a second each."""
    names = declared_by(workspace).names
    _look_for(workspace, names)
    here = {name: found(workspace, name) for name in names}
    return {VARIABLE: json.dumps({name: _written(one) if one else None for name, one in here.items()})}


def provide(workspace: Workspace, name: str) -> None:
    """Let uv install a Python that is missing, where the configuration says so. Raises python-not-fetched, no-uv."""
    if name and workspace.settings.fetch_pythons and not is_here(workspace, name):
        fetch(name, environ=_environ(workspace))
        _searched.cache_clear()


def problems(workspace: Workspace, variants: Iterable[str]) -> tuple[errors.Problem, ...]:
    """What is known beforehand about these variants: those that are required and missing, unless uv will fetch them."""
    problems: list[errors.Problem] = []
    names = sorted({*variants} & {*declared_by(workspace).names}, key=_order)
    if workspace.settings.fetch_pythons:
        return ()
    _look_for(workspace, names)
    for name in names:
        try:
            require(workspace, name)
        except errors.TowpathError as error:
            problems += error.problems
    return tuple(problems)


def require(workspace: Workspace, name: str) -> Interpreter:
    """A Python that has to be here. Raises bad-python-request, and python-not-found with those that are here."""
    return found(workspace, name) or find(name, environ=_environ(workspace))


def as_data(workspace: Workspace, choice: Choice) -> dict[str, str]:
    """Each Python with its standing, for the evidence."""
    known = declared_by(workspace)
    standing = {name: "required" if name in known.required else "optional" for name in choice.variants if name}
    return {**standing, **{name: f"not here: {why}" for name, why in choice.absent.items()}}


def _look_for(workspace: Workspace, names: Iterable[str]) -> None:
    """Ask for several side by side, so that each is known afterwards. A bad request is told where it is asked for."""
    several = list(names)
    if len(several) > 1:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor() as pool:
            for asked in [pool.submit(found, workspace, name) for name in several]:
                asked.exception()


@lru_cache(maxsize=256)
def _searched(name: str, environ: frozenset[tuple[str, str]]) -> Interpreter | None:
    return search(name, environ=dict(environ))


@lru_cache(maxsize=4)
def _told(text: str) -> Mapping[str, Interpreter | None]:
    try:
        return {name: Interpreter(Path(one[0]), *one[1:]) if one else None for name, one in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError):
        return {}  # not from a walk of ours


def _written(one: Interpreter) -> list[str]:
    return [str(one.executable), one.version, one.implementation, one.platform]


def _environ(workspace: Workspace) -> dict[str, str]:
    """As the gates ask for them, so that nobody is asked twice."""
    from towpath.gates.tooling import children

    return children(workspace)


def _name(interpreter: Interpreter) -> str:
    return ("" if interpreter.implementation == "cpython" else interpreter.implementation) + interpreter.short


def _plain(version: str) -> str:
    """Without what marks a pre-release: its users count as those of the version that it becomes."""
    found = re.match(r"\d+(\.\d+)*", version)
    return found[0] if found else version


def _order(name: str) -> tuple[str, list[int], str]:
    return re.sub(r"[\d.]+", "", name), [int(part) for part in re.findall(r"\d+", name)], name


def _classified(pyproject: Mapping[str, Any]) -> list[str]:
    tables = (pyproject.get("project", {}), pyproject.get("tool", {}).get("poetry", {}))
    lines = [str(line) for table in tables for line in table.get("classifiers", ())]
    return [found[1] for line in lines if (found := _CLASSIFIER.fullmatch(line.strip()))]


def _allows(pyproject: Mapping[str, Any]) -> Callable[[str], bool]:
    """Whether requires-python (or what Poetry says for it) allows a version; anything where there is none."""
    said = pyproject.get("project", {}).get("requires-python")
    if isinstance(said, str):
        return _by_specifier(said)
    said = pyproject.get("tool", {}).get("poetry", {}).get("dependencies", {}).get("python")
    return _by_poetry(said) if isinstance(said, str) else lambda _: True


def _by_specifier(text: str) -> Callable[[str], bool]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        specifier = SpecifierSet(text)
    except InvalidSpecifier:
        return lambda _: True  # the build back end is the one to refuse it
    return lambda version: specifier.contains(version, prereleases=True)


def _by_poetry(text: str) -> Callable[[str], bool]:
    from poetry.core.constraints.version import Version, parse_constraint
    from poetry.core.constraints.version.exceptions import ParseConstraintError

    try:
        constraint = parse_constraint(text)
    except ParseConstraintError:
        return lambda _: True
    return lambda version: constraint.allows(Version.parse(version))


def _lowest(allows: Callable[[str], bool]) -> str:
    """The lowest minor version that is allowed; empty where nothing is said about how low it goes."""
    if allows("0"):
        return ""
    return next((name for name in _MINORS if _any_of(name, allows)), "")


def _any_of(minor: str, allows: Callable[[str], bool]) -> bool:
    return any(allows(f"{minor}.{micro}") for micro in _MICROS)
