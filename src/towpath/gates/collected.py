"""Files that were built and sealed elsewhere, taken over with their evidence: `nox -s build -- --from FOLDER`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.evidence.handover import handed
from towpath.evidence.record import decode
from towpath.evidence.store import measure
from towpath.gates import making

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from towpath.evidence.record import Record
    from towpath.gates.gate import Workspace
    from towpath.model import Distribution


def collect(workspace: Workspace, folder: Path) -> tuple[tuple[Path, ...], list[dict[str, Any]]]:
    """Every distribution below a folder, and what the records beside them say of where they were made.

    A file counts if a record of build, about this project, version and commit, names it by its sha256; a file that such
    a record names must be there. Where digests were handed over apart from the files, each record must be one of them.
    Raises not-collected with everything that is wrong, together, and what the metadata of a file raise.
    """
    if not folder.is_dir():
        raise errors.NOT_COLLECTED.error(what="Nothing", folder=folder, why="there is no such folder")
    problems: list[errors.Problem] = []
    records = _records(workspace, folder, problems)
    sealed = _sealed(folder, records, problems)
    found = _found(folder, sealed, problems)
    lost = sorted(sealed.keys() - found.keys())
    problems += [_problem(folder, name, "build.json names it, and it is not there") for name in lost]
    if not records and not problems:
        problems.append(_problem(folder, "Nothing", "there is no record of build (build.json) in it"))
    if problems:
        raise errors.TowpathError(*problems)
    paths = tuple(found[name] for name in sorted(found))
    making.require_metadata(workspace, paths)
    return paths, [_told(digest, record) for digest, record in records]


def _records(workspace: Workspace, folder: Path, problems: list[errors.Problem]) -> list[tuple[str, Record]]:
    """The records of build below the folder, by the sha256 of their bytes; those of other gates are passed over."""
    found: dict[str, Record] = {}
    digests = handed(workspace.environ)
    for path in sorted(folder.rglob("*.json")):
        shown, text = path.relative_to(folder).as_posix(), path.read_bytes()
        if shown.endswith("distributions.json"):
            continue  # the store's own list, which is no evidence
        try:
            record = decode(text, path=shown)
        except errors.TowpathError as error:
            problems += error.problems
            continue
        if record.gate == "build":
            digest = hashlib.sha256(text).hexdigest()
            found[digest] = record
            problems += [_problem(folder, shown, why) for why in _foreign(workspace, record)]
            if digests is not None and digest not in digests.values():
                problems.append(_problem(folder, shown, "its sha256 is none of those that were handed over"))
    return sorted(found.items())


def _foreign(workspace: Workspace, record: Record) -> Iterator[str]:
    subject = workspace.subject
    if not record.passed:
        yield "it says that build stayed closed"
    pairs = (
        ("project", record.project, subject.project),
        ("version", record.version, subject.version),
        ("commit", record.commit, subject.commit),
    )
    for what, then, now in pairs:
        if then != now:
            yield f"it is about the {what} {then or 'none'}, not {now}"


def _sealed(folder: Path, records: list[tuple[str, Record]], problems: list[errors.Problem]) -> dict[str, Distribution]:
    sealed: dict[str, Distribution] = {}
    files = [file for _, record in records for file in record.distributions]
    twice = sorted({file.filename for file in files if sealed.setdefault(file.filename, file) != file})
    problems += [_problem(folder, name, "two records name it with different bytes") for name in twice]
    return sealed


def _found(folder: Path, sealed: dict[str, Distribution], problems: list[errors.Problem]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(path for path in folder.rglob("*") if path.name.endswith((".whl", ".tar.gz"))):
        file = measure(path)
        if path.name not in sealed:
            problems.append(_problem(folder, path.name, "no record of build names it"))
        elif file != sealed[path.name]:
            then, now = sealed[path.name].sha256[:12], file.sha256[:12]
            problems.append(_problem(folder, path.name, f"its sha256 is {now}…, and {then}… was sealed"))
        found.setdefault(path.name, path)
    return found


def _problem(folder: Path, what: str, why: str) -> errors.Problem:
    return errors.NOT_COLLECTED.problem(what=what, folder=folder, why=why)


def _told(digest: str, record: Record) -> dict[str, Any]:
    return {
        "record": digest,
        "platform": record.facts.get("platform", ""),
        "files": [file.filename for file in record.distributions],
        "tools": record.tools,
        "started": record.started,
    }
