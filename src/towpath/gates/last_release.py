"""The members of the new files against those of the last release, as the index has it. It finds; it refuses nothing."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from towpath import errors
from towpath.distributions import expected
from towpath.distributions.archive import listing
from towpath.distributions.members import change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from towpath.distributions.members import Change
    from towpath.gates.gate import Workspace
    from towpath.index.client import IndexClient, IndexFile

OFFLINE = "TOWPATH_OFFLINE"
_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Compared:
    """What is told of the comparison, or why there was none."""

    notes: tuple[str, ...]
    facts: dict[str, Any]


def compared(workspace: Workspace, paths: Sequence[Path]) -> Compared:
    """Compare each file with the one of the same kind in the newest release below this version.

    An index that cannot be asked is no reason to stay closed, and is told: nothing here proves anything.
    """
    if workspace.rehearsing:
        return _not("a rehearsal reaches no index but its twins")
    if workspace.environ.get(OFFLINE):
        return _not(f"{OFFLINE} is set")
    from towpath.index.client import IndexClient

    try:
        with IndexClient(workspace.target.index, loopback_only=False) as client:
            version, files = _last(workspace, client)
            if not files:
                return _not(f"{workspace.target.index.name} has no earlier release")
            changes = dict(_changes(client, version, files, paths, workspace.subject.version))
    except (errors.TowpathError, OSError) as error:
        return _not(str(error))
    return _told(version, changes, paths)


def _last(workspace: Workspace, client: IndexClient) -> tuple[str, tuple[IndexFile, ...]]:
    from towpath.index.client import by_version

    known = by_version(client.files(workspace.subject.project).values())
    now = Version(workspace.subject.version)
    earlier = [version for version in known if version < now]
    stable = [version for version in earlier if not version.is_prerelease]
    if not earlier:
        return "", ()
    last = max(stable or earlier)
    return str(last), known[last]


def _changes(
    client: IndexClient, version: str, files: Iterable[IndexFile], paths: Sequence[Path], new: str
) -> Iterator[tuple[str, Change]]:
    by_kind = {expected.kind(file.filename): file for file in files}
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as folder:
        for path in paths:
            before = by_kind.get(expected.kind(path.name))
            if before is not None:
                there = Path(folder, before.filename)
                client.download(before, there)
                yield path.name, change(listing(there), listing(path), (version, new))


def _told(version: str, changes: Mapping[str, Change], paths: Sequence[Path]) -> Compared:
    notes = [f"{path.name}: not compared, {version} has no such file" for path in paths if path.name not in changes]
    for name, found in changes.items():
        notes.append(f"{name} against {version}: {_words(found)}")
    facts = {
        name: {
            "against": version,
            "appeared": list(found.appeared),
            "vanished": list(found.vanished),
            "bytes": [found.before, found.after],
        }
        for name, found in changes.items()
    }
    return Compared(tuple(notes), {"last_release": facts})


def _words(found: Change) -> str:
    told = [
        f"{words} {_listed(names)}" for words, names in (("new", found.appeared), ("gone", found.vanished)) if names
    ]
    grown = found.after - found.before
    return "; ".join([*(told or ["the same members"]), f"{grown:+d} bytes unpacked ({found.before} → {found.after})"])


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _not(why: str) -> Compared:
    return Compared((f"not compared with the last release: {why}",), {"last_release": why})
