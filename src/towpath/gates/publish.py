"""publish-test and publish: the sealed files, sent to an index by twine, and compared with what it shows then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.gates.gate import Gate
from towpath.gates.sealed import sealed_files
from towpath.model import About, Effect, Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.gates.gate import Workspace
    from towpath.model import Distribution, IndexAddress, Target


def publish_test() -> Gate:
    """The gate to the test index."""
    return Gate(
        "publish-test",
        "Publish to the test index, and compare.",
        lambda workspace, _: _publish(workspace, workspace.target.test_index),
        needs=("tag",),
        effect=Effect.SHARED,
        about=About.WORLD,
        credential="test-index",
        rehearses=True,
        acts_on=lambda target: _where(target, target.test_index),
    )


def publish() -> Gate:
    """The gate to the index."""
    return Gate(
        "publish",
        "Publish to the index: the same bytes, for good.",
        lambda workspace, _: _publish(workspace, workspace.target.index),
        needs=("publish-test",),
        effect=Effect.PERMANENT,
        about=About.WORLD,
        credential="index",
        rehearses=True,
        acts_on=lambda target: _where(target, target.index),
    )


def _where(target: Target, address: IndexAddress) -> str:
    """An index by name; by URL too where the name is the project's own."""
    known = target.rehearsal or address.name in {"pypi", "testpypi"}
    return address.name if known else f"{address.name}, {address.upload_url}"


def _publish(workspace: Workspace, address: IndexAddress) -> Outcome:
    """Send what the index does not have, one file after the other, and ask it afterwards.

    Sending the same bytes again is safe, other bytes under a used name are refused before anything is sent.
    """
    from towpath.index.client import IndexClient
    from towpath.index.waiting import wait_until_shown

    files = sealed_files(workspace)
    wanted = tuple(file for file, _ in files)
    with IndexClient(address, loopback_only=workspace.rehearsing) as client:
        there = client.present(workspace.subject.project, wanted)
        missing = [(file, path) for file, path in files if file.filename not in there]
        if missing:
            _send(workspace, address, missing)
        shown = wait_until_shown(client, workspace.subject.project, wanted)
    for file in wanted:
        if file.filename not in shown:
            raise errors.INDEX_INCOMPLETE.error(index=address.name, file=file.filename)
    sealed_files(workspace)  # once more: what was sent is still what was sealed
    notes = [f"{file.filename} {'was there already' if file.filename in there else 'sent'}" for file in wanted]
    summary = f"{len(missing)} of {len(wanted)} files sent, all there with the sealed sha256"
    return Outcome(notes=(summary, *notes), facts={"index": address.name}, distributions=wanted)


def _send(workspace: Workspace, address: IndexAddress, missing: list[tuple[Distribution, Path]]) -> None:
    """One after the other: PyPI answers 500 when the first two files of a project come at the same moment."""
    from towpath.credentials.trusted import token_for
    from towpath.index.upload import upload

    token = token_for(address, workspace.environ, loopback_only=workspace.rehearsing)
    for _, path in missing:
        upload(address, path, token=token, loopback_only=workspace.rehearsing)
