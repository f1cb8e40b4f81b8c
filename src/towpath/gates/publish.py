"""publish-test and publish: the sealed files, brought to an index one by one, and compared with what it shows then."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from towpath import errors
from towpath.gates.gate import Gate
from towpath.model import About, Effect, Outcome, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from towpath.gates.before_upload import Before
    from towpath.gates.gate import Workspace
    from towpath.index.client import IndexClient
    from towpath.model import Distribution, IndexAddress, Target

    Files = tuple[tuple[Distribution, Path], ...]

_LOADS = (
    "towpath.credentials.logins",
    "towpath.gates.before_upload",
    "towpath.gates.inspection",
    "towpath.gates.sealed",
    "towpath.index.sending",
    "towpath.index.waiting",
)


def publish_test() -> Gate:
    """The gate to the test index."""
    return Gate(
        "publish-test",
        "Publish to the test index, download, compare and install the candidate.",
        lambda workspace, _: _publish_test(workspace),
        needs=("tag",),
        effect=Effect.SHARED,
        about=About.WORLD,
        credential="test-index",
        rehearses=True,
        acts_on=lambda target: _where(target, target.test_index),
        loads=(*_LOADS, "towpath.gates.candidate", "towpath.gates.last_release"),
    )


def publish() -> Gate:
    """The gate to the index."""
    return Gate(
        "publish",
        "Publish to the index: the same bytes, for good.",
        lambda workspace, _: _publish(workspace, workspace.target.index, workspace.settings.publish.patience),
        needs=("publish-test",),
        effect=Effect.PERMANENT,
        about=About.WORLD,
        credential="index",
        rehearses=True,
        acts_on=lambda target: _where(target, target.index),
        loads=_LOADS,
    )


def _where(target: Target, address: IndexAddress) -> str:
    """An index by name; by URL too where the name is the project's own."""
    known = target.rehearsal or address.name in {"pypi", "testpypi"}
    return address.name if known else f"{address.name}, {address.upload_url}"


def _publish_test(workspace: Workspace) -> Outcome:
    from towpath.gates.candidate import try_candidate
    from towpath.gates.last_release import compared
    from towpath.gates.sealed import sealed_files

    address = workspace.target.test_index
    published = _publish(workspace, address, workspace.settings.publish_test.patience)
    files = sealed_files(workspace)
    notes = try_candidate(workspace, address, files)
    # Here too, where the build was rehearsed: a rehearsal cannot ask the index.
    last = compared(workspace, [path for _, path in files])
    facts = {**published.facts, **last.facts}
    return Outcome((*published.notes, *notes, *last.notes), facts, published.distributions)


def _publish(workspace: Workspace, address: IndexAddress, patience: float) -> Outcome:
    """Ask everything beforehand, send what the index does not have, and ask it afterwards.

    Sending the same bytes again is safe; other bytes under a used name, or a version with files that are not ours, are
    refused before anything is sent.
    """
    from towpath.gates.before_upload import look_before
    from towpath.gates.sealed import publishable_files, sealed_files
    from towpath.index.client import IndexClient
    from towpath.index.waiting import LIMIT_SECONDS, Question, wait_until_taken

    files = publishable_files(workspace)
    wanted = tuple(file for file, _ in files)
    subject = workspace.subject
    with IndexClient(address, loopback_only=workspace.rehearsing) as client:
        before = look_before(client, subject, wanted)
        said = _bring(workspace, client, before, files, patience) if before.missing else ()
        limit = min(LIMIT_SECONDS, workspace.settings.verify_published.wait)
        question = Question(client, subject.project, subject.version, wanted)
        seen = wait_until_taken(question, tell=workspace.tell, limit=limit)
    if sealed_files(workspace) != files:  # once more: what was sent is still what was sealed
        raise errors.FILE_FOREIGN.error(file="dist")
    there = tuple(f"{file.filename} was there already" for file in wanted if file.filename in before.there)
    summary = f"{len(before.missing)} of {counted(len(wanted), 'file')} sent, all there with the sealed sha256"
    late = ("its simple page, which pip reads, is still an old one",) if seen.stale else ()
    return Outcome((summary, *there, *said, *late, *before.notes), {"index": address.name}, wanted)


def _bring(workspace: Workspace, client: IndexClient, before: Before, files: Files, patience: float) -> tuple[str, ...]:
    """One after the other: PyPI answers 500 when the first two files of a project come at the same moment."""
    from towpath.credentials.logins import log_in
    from towpath.index.sending import Errand, bring
    from towpath.index.upload import require_safe

    address, rehearsing = client.address, workspace.rehearsing
    require_safe(address, loopback_only=rehearsing)
    authorized = log_in(address, workspace.environ, loopback_only=rehearsing, hide=workspace.hide)
    errand = Errand(
        client=client,
        project=workspace.subject.project,
        version=workspace.subject.version,
        loopback_only=rehearsing,
        patience=patience,
        variable=address.token_variable,
        renew=authorized.renew,
        tell=workspace.tell,
    )
    login, notes = authorized.login, list(authorized.notes)
    for file, path in files:
        if file in before.missing:
            workspace.tell(f"sending {file.filename} to {address.name}, {file.size} bytes")
            with _telling_what_is_there(client, workspace, [one for one, _ in files]):
                brought = bring(errand, file, path, login)
            login = brought.login
            notes.append(f"{file.filename} {brought.how}")
    return tuple(notes)


@contextmanager
def _telling_what_is_there(client: IndexClient, workspace: Workspace, files: Sequence[Distribution]) -> Iterator[None]:
    """Say with a refusal which files the index has by now, since that is what a maintainer asks first."""
    try:
        yield
    except errors.TowpathError as error:
        state = _what_is_there(client, workspace, files)
        told = (replace(one, detail="\n".join(filter(None, (one.detail, state)))) for one in error.problems)
        raise errors.TowpathError(*told) from None


def _what_is_there(client: IndexClient, workspace: Workspace, files: Sequence[Distribution]) -> str:
    from towpath.index.waiting import Question, look

    name, subject = client.address.name, workspace.subject
    try:
        absent = look(Question(client, subject.project, subject.version, tuple(files))).absent
    except errors.TowpathError:
        return f"What {name} has by now is unknown: it could not be asked."
    lines = (f"{file.filename}: {'not there' if file.filename in absent else 'there'}" for file in files)
    return "\n".join([f"On {name} by now:", *lines])
