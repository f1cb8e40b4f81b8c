"""What a run of CI has sealed: read from its artifacts, and taken over in place of what was built here.

A run of our own workflow keeps build's record and the files. Any other may keep the files as an artifact of whatever
name; what is in it and is a file of this version counts then.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from packaging.version import Version

from towpath import errors
from towpath.evidence.record import decode
from towpath.evidence.store import measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from towpath.evidence.record import Record
    from towpath.forge.actions import Actions, Run, RunArtifact
    from towpath.gates.gate import Workspace
    from towpath.model import Distribution

_FILES = "distributions"
_RECORDS = "evidence-"
_OF_BUILD = "evidence-build"
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FromCI:
    """What a run has sealed. `by_evidence` is whether its record says so, else they are what its artifacts hold.

    `paths` are the files that its artifacts have, in a folder that goes with the caller's.
    """

    files: tuple[Distribution, ...] = ()
    paths: Mapping[str, Path] = field(default_factory=dict)
    by_evidence: bool = False
    expired: bool = False


def sealed_by(actions: Actions, run: Run, workspace: Workspace, folder: Path) -> FromCI:
    """What a run's artifacts say of the files of this version, held against one another.

    Raises ci-evidence-contradicts, evidence-broken, and what the forge answers.
    """
    every = actions.artifacts(run)
    there = [one for one in every if not one.expired]
    # A job that ran again has replaced its artifact: of one name the newest counts.
    newest = {one.name: one for one in sorted(there, key=lambda one: one.id)}
    records = [one for name, one in newest.items() if name.startswith(_OF_BUILD)]
    others = [one for name, one in newest.items() if not name.startswith(_RECORDS)]
    record = _record(actions, records, workspace, folder)
    paths = _files(actions, [newest[_FILES]] if _FILES in newest else others, workspace, folder)
    if record is None:
        files = tuple(sorted(measure(path) for path in paths.values()))
        return FromCI(files, paths, expired=len(there) < len(every))
    sealed = {file.filename: file for file in record.distributions}
    for name, path in paths.items():
        _require_same(name, measure(path).sha256, sealed[name].sha256 if name in sealed else "none")
    return FromCI(record.distributions, paths, by_evidence=True)


def archives_of(workspace: Workspace, folder: Path) -> Mapping[Path, str]:
    """The files of this version that a run for this commit has kept, as a source of what is missing."""
    from towpath.forge.actions import Actions

    address = workspace.target.forge
    token = workspace.environ.get("GITHUB_TOKEN") or workspace.environ.get("GH_TOKEN")
    if address is None or not token:
        return {}
    with Actions(address, token, loopback_only=workspace.rehearsing) as actions:
        for run in actions.runs(workspace.repository.head):
            below = folder / str(run.id)
            below.mkdir()
            found = sealed_by(actions, run, workspace, below)
            if found.paths:
                return dict.fromkeys(found.paths.values(), f"the artifacts of {run.page}")
    return {}


def _record(actions: Actions, listed: Iterable[RunArtifact], workspace: Workspace, folder: Path) -> Record | None:
    """Build's record about this commit, as the run has kept it; None if it has kept none."""
    wanted = (workspace.subject.version, "build.json")
    for artifact in listed:
        for name, entry in _entries(actions, artifact, folder):
            if PurePosixPath(name).parts[-2:] != wanted:
                continue
            record = decode(entry.read_bytes(), path=f"{artifact.name}: {name}")
            about = (record.gate, record.passed, record.project, record.commit)
            subject = workspace.subject
            _require_same(name, str(about), str(("build", True, subject.project, workspace.repository.head)))
            return record
    return None


def _files(actions: Actions, listed: Iterable[RunArtifact], workspace: Workspace, folder: Path) -> dict[str, Path]:
    """The distributions of this version in artifacts, by name."""
    from towpath.index.client import IndexFile, by_version

    found: dict[str, Path] = {}
    for artifact in listed:
        for name, path in _entries(actions, artifact, folder):
            file = PurePosixPath(name).name
            if by_version([IndexFile(file, "", "")]).get(Version(workspace.subject.version)):
                if file in found:
                    _require_same(file, measure(path).sha256, measure(found[file]).sha256)
                kept = folder / file
                path.replace(kept)
                found[file] = kept
    return found


def _entries(actions: Actions, artifact: RunArtifact, folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of an artifact, each written under a name of ours: what an archive says of paths is not followed."""
    archive = folder / f"{artifact.id}.zip"
    came = actions.download(artifact, archive)
    _require_same(artifact.name, came, artifact.sha256 or came)
    try:
        with zipfile.ZipFile(archive) as opened:
            for number, entry in enumerate(opened.infolist()):
                if not entry.is_dir():
                    path = folder / f"{artifact.id}-{number}"
                    _write(opened, entry, path)
                    yield entry.filename, path
    except zipfile.BadZipFile:
        _require_same(artifact.name, "no archive", "an archive")


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
    with opened.open(entry) as source, path.open("wb") as target:
        while block := source.read(_READ_BYTES):
            target.write(block)


def _require_same(name: str, there: str, sealed: str) -> None:
    if there != sealed:
        raise errors.CI_EVIDENCE_CONTRADICTS.error(file=name, there=there, sealed=sealed, page="the run's page")
