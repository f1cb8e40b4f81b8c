"""Preflight: every check that only reads, all problems together, before anything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.walk.runner import credential_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.gates.gate import Pipeline, Workspace


def preflight(pipeline: Pipeline, workspace: Workspace) -> tuple[errors.Problem, ...]:
    """Everything that is known beforehand to keep a gate of this pipeline closed."""
    checks: list[Callable[[Pipeline, Workspace], Iterator[errors.Problem]]] = [_pythons, _branch, _local_version]
    if not workspace.rehearsing:
        checks += [_clean, _remote, _credentials, _forge, _indexes]
    return tuple(problem for check in checks for problem in check(pipeline, workspace))


def _pythons(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    """A required Python that is missing is a failure, never a silent skip."""
    from towpath.gates.tooling import interpreter

    for variant in sorted({variant for gate in pipeline for variant in gate.variants(workspace)}):
        try:
            interpreter(workspace, variant)
        except errors.TowpathError as error:
            yield from error.problems


def _branch(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    repository = workspace.repository
    at_tag = repository.tag_commit(workspace.tag) == repository.head
    if "tag" in pipeline.names and repository.branch() is None and not at_tag:
        yield errors.DETACHED_HEAD.problem(tag=workspace.tag)


def _local_version(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    """PyPI and TestPyPI take none, and it is known before a tag is pushed."""
    from packaging.version import Version

    addresses = {"publish-test": workspace.target.test_index, "publish": workspace.target.index}
    for name, address in addresses.items():
        refuses = workspace.rehearsing or address.name in {"pypi", "testpypi"}
        if name in pipeline.names and refuses and Version(workspace.subject.version).local:
            yield errors.LOCAL_VERSION.problem(version=workspace.subject.version, index=address.name)


def _clean(_: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    if workspace.subject.commit is None:
        yield errors.DIRTY_TREE.problem(gate="a release")


def _remote(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    if "tag" not in pipeline.names:
        return
    remote, repository = workspace.settings.tag.remote, workspace.repository
    if not workspace.target.remote:
        yield errors.NO_REMOTE.problem(remote=remote)
        return
    for where, commit in _tags(workspace, remote):
        if commit not in (None, repository.head):
            yield errors.TAG_ELSEWHERE.problem(tag=workspace.tag, where=where, commit=str(commit)[:12])


def _tags(workspace: Workspace, remote: str) -> Iterator[tuple[str, str | None]]:
    yield "this repository", workspace.repository.tag_commit(workspace.tag)
    yield remote, workspace.repository.remote_tag(remote, workspace.tag)


def _credentials(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    indexes = {"test-index": workspace.target.test_index, "index": workspace.target.index}
    for gate in pipeline:
        if not gate.credential or any(
            workspace.environ.get(name) for name in credential_variables(workspace, gate.credential)
        ):
            continue
        if gate.credential == "forge":
            yield errors.NO_FORGE_TOKEN.problem(forge="the forge")
        elif gate.credential in indexes:
            address = indexes[gate.credential]
            yield errors.NO_CREDENTIAL.problem(index=address.name, variable=address.token_variable)


def _forge(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    if "github-release" in pipeline.names and workspace.target.forge is None:
        yield errors.NO_FORGE.problem()


def _indexes(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    """The version must be free, or already ours: every file that is there is one that was sealed."""
    from towpath.index.client import IndexClient

    _, sealed = workspace.store.manifest()
    addresses = {"publish-test": workspace.target.test_index, "publish": workspace.target.index}
    for name, address in addresses.items():
        if name not in pipeline.names:
            continue
        try:
            with IndexClient(address, loopback_only=False) as client:
                client.present(workspace.subject.project, sealed)
                client.require_free(workspace.subject.project, workspace.subject.version, sealed)
        except errors.TowpathError as error:
            yield from error.problems
