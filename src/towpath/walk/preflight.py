"""Preflight: every check that only reads, all problems together, before anything happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.gates.tag import found
from towpath.walk.runner import credential_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.gates.gate import Pipeline, Workspace
    from towpath.model import IndexAddress


def preflight(pipeline: Pipeline, workspace: Workspace) -> tuple[errors.Problem, ...]:
    """Everything that is known beforehand to keep a gate of this pipeline closed."""
    checks: list[Callable[[Pipeline, Workspace], Iterator[errors.Problem]]] = [
        _noxfile,
        _pythons,
        _branch,
        _local_version,
        _places,
    ]
    if not workspace.rehearsing:
        checks += [_clean, _tag, _credentials, _forge, _indexes]
    return tuple(problem for check in checks for problem in check(pipeline, workspace))


def _noxfile(_: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    """Every gate is a session of the clone's own noxfile, and a clone has what git takes."""
    if workspace.rehearsing and not (workspace.root / "noxfile.py").is_file():
        yield errors.NOXFILE_IGNORED.problem()


def _pythons(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    """A required Python that is missing is a failure, never a silent skip."""
    from towpath.gates import pythons

    wanted = {variant for gate in pipeline if gate.per_python for variant in gate.choice(workspace).variants}
    yield from pythons.problems(workspace, wanted)


def _branch(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    """In the real world what the tag gate finds says it, too."""
    repository = workspace.repository
    at_tag = repository.tag_commit(workspace.tag) == repository.head
    if workspace.rehearsing and "tag" in pipeline.names and repository.branch() is None and not at_tag:
        yield errors.DETACHED_HEAD.problem(tag=workspace.tag)


def _local_version(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    """PyPI and TestPyPI take none, and it is known before a tag is pushed."""
    from packaging.version import Version

    addresses = {"publish-test": workspace.target.test_index, "publish": workspace.target.index}
    for name, address in addresses.items():
        refuses = workspace.rehearsing or address.name in {"pypi", "testpypi"}
        if name in pipeline.names and refuses and Version(workspace.subject.version).local:
            yield errors.LOCAL_VERSION.problem(version=workspace.subject.version, index=address.name)


def _places(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    """What closes build: every place where the version is written must say it."""
    from towpath.gates.written import out_of_step

    try:
        yield from out_of_step(workspace) if "build" in pipeline.names else ()
    except errors.TowpathError as error:
        yield from error.problems


def _clean(_: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    if workspace.subject.commit is None:
        yield errors.DIRTY_TREE.problem(gate="a release")


def _tag(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    """What would keep the tag from being made, asked of the remote."""
    if "tag" not in pipeline.names:
        return
    try:
        problems, _ = found(workspace)
    except errors.TowpathError as error:
        problems = error.problems
    yield from problems


def _credentials(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    from towpath.credentials.logins import require_possible

    indexes = {"test-index": workspace.target.test_index, "index": workspace.target.index}
    for kind in [gate.credential for gate in pipeline]:
        if kind == "forge" and not any(map(workspace.environ.get, credential_variables(workspace, kind))):
            yield errors.NO_FORGE_TOKEN.problem(forge="the forge")
        elif kind in indexes:
            try:
                require_possible(indexes[kind], workspace.environ)
            except errors.TowpathError as error:
                if not _is_there(workspace, indexes[kind]):
                    yield from error.problems


def _is_there(workspace: Workspace, address: IndexAddress) -> bool:
    """Whether the index has every sealed file already: what is left of the release needs no credential for it."""
    from towpath.index.client import IndexClient

    _, sealed = workspace.store.manifest()
    try:
        with IndexClient(address, loopback_only=False) as client:
            there = client.present(workspace.subject.project, sealed)
    except errors.TowpathError:
        return False
    return bool(sealed) and len(there) == len(sealed)


def _forge(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    if "github-release" in pipeline.names and workspace.target.forge is None:
        yield errors.NO_FORGE.problem()


def _indexes(pipeline: Pipeline, workspace: Workspace) -> Iterator[errors.Problem]:
    """The version must be free, or already ours: every file that is there is one that was sealed."""
    from towpath.gates.before_upload import look_before
    from towpath.index.client import IndexClient

    _, sealed = workspace.store.manifest()
    addresses = {"publish-test": workspace.target.test_index, "publish": workspace.target.index}
    for name, address in addresses.items():
        if name not in pipeline.names:
            continue
        try:
            with IndexClient(address, loopback_only=False) as client:
                look_before(client, workspace.subject, sealed)
        except errors.TowpathError as error:
            yield from error.problems
