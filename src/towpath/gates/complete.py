"""The set of files that a version consists of: what is there, what is wrong, and what other platforms make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.distributions import expected
from towpath.distributions.expected import Expected

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.gates.gate import Workspace
    from towpath.model import Distribution


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is told of the set."""

    notes: tuple[str, ...]
    facts: dict[str, Any]


def weighed(workspace: Workspace, names: Sequence[str], *, all_here: bool = False) -> Completeness:
    """Hold the files against what is expected here; `all_here` where they were collected from every platform.

    Raises wrong-distributions where one is missing or not expected, and where this platform makes nothing at all:
    there would be nothing to prove.
    """
    wanted, where = wanted_files(workspace), expected.here()
    found = expected.weigh(names, wanted, where)
    missing = (*found.missing, *(found.elsewhere if all_here else ()))
    if missing or found.unexpected or found.doubled or not names:
        raise errors.WRONG_DISTRIBUTIONS.error(
            names=", ".join(names) or "nothing",
            wanted=", ".join(map(_shown, wanted)),
            detail="\n".join(_faults(found, missing)),
        )
    notes = tuple(f"built elsewhere: {_shown(one)}" for one in found.elsewhere)
    return Completeness(notes, {"platform": where, "elsewhere": [one.pattern for one in found.elsewhere]})


def wanted_files(workspace: Workspace) -> tuple[Expected, ...]:
    """What is declared as `expect`; without that one sdist and a wheel of whatever tags."""
    settings = workspace.settings.build
    declared = tuple(Expected(one.file, one.platform) for one in settings.expect)
    return declared or expected.by_default(sdist=settings.sdist)


def missing_for_publication(workspace: Workspace, files: Iterable[Distribution]) -> tuple[Expected, ...]:
    """The expected files, of whatever platform, that are not among these."""
    names = [file.filename for file in files]
    return tuple(one for one in wanted_files(workspace) if not any(expected.matches(one, name) for name in names))


def require_complete(workspace: Workspace, files: Iterable[Distribution]) -> None:
    """Raise incomplete-set, in the real world, while a file that another platform makes has not been collected.

    A rehearsal goes on with what this platform makes: its outcome says which files it lacked.
    """
    missing = missing_for_publication(workspace, files)
    if missing and not workspace.rehearsing:
        named = ", ".join(map(_shown, missing))
        raise errors.INCOMPLETE_SET.error(version=workspace.subject.version, missing=named)


def _shown(one: Expected) -> str:
    pattern = "a wheel" if one.pattern == "*-*-*" else one.pattern
    return pattern if one.platform == expected.ANY else f"{pattern} ({one.platform})"


def _faults(found: expected.Weighed, missing: Iterable[Expected]) -> Iterable[str]:
    yield from (f"not there: {_shown(one)}" for one in missing)
    yield from (f"not expected: {name}" for name in found.unexpected)
    yield from (f"more than one sdist: {name}" for name in found.doubled)
