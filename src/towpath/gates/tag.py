"""tag: an annotated tag on the proven commit, pushed together with its branch, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.gates.gate import Gate
from towpath.gates.sealed import sealed_files
from towpath.model import About, Effect, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.gates.gate import Workspace


def tag() -> Gate:
    """The gate."""
    return Gate(
        "tag",
        "Tag the proven commit and push it with its branch, both or neither.",
        act,
        needs=("verify-install",),
        effect=Effect.SHARED,
        about=About.WORLD,
        configuration=configuration,
        credential="remote",
        rehearses=True,
        acts_on=lambda target: "bare remote" if target.rehearsal else target.remote,
    )


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Ask the remote, then tag and push what is missing. A tag is never moved.

    Creating the tag on the remote is the lock between two people who release at once. Raises tag-elsewhere,
    detached-head, no-remote and push-refused.
    """
    repository, name = workspace.repository, workspace.tag
    files = tuple(file for file, _ in sealed_files(workspace))
    remote = workspace.settings.tag.remote
    if repository.remote_url(remote) is None:
        raise errors.NO_REMOTE.error(remote=remote)
    if _is_there(workspace, remote):
        return Outcome(notes=(f"{name} is on {remote} already, on this commit",), distributions=files)
    branch = repository.branch()
    if branch is None:
        raise errors.DETACHED_HEAD.error(tag=name)
    made = _create(workspace)
    _push(workspace, remote, branch, made=made)
    note = f"{name} on {repository.head[:12]}, pushed with {branch}"
    return Outcome(notes=(note,), facts={"tag": name, "branch": branch}, distributions=files)


def configuration(workspace: Workspace, _variant: str) -> Mapping[str, str]:
    """The tag's name and the remote."""
    return {"tag": workspace.tag, "remote": workspace.settings.tag.remote}


def _is_there(workspace: Workspace, remote: str) -> bool:
    """Whether the remote has the tag on this commit. Raises tag-elsewhere if it has it on another."""
    there = workspace.repository.remote_tag(remote, workspace.tag)
    if there not in (None, workspace.repository.head):
        raise errors.TAG_ELSEWHERE.error(tag=workspace.tag, where=remote, commit=str(there)[:12])
    return there is not None


def _create(workspace: Workspace) -> bool:
    """Make the tag, and tell whether it was not there before. Raises tag-elsewhere and tag-light."""
    here = workspace.repository.tag_commit(workspace.tag)
    if here is None:
        message = f"{workspace.subject.project} {workspace.subject.version}"
        workspace.repository.create_tag(workspace.tag, message)
        return True
    if here != workspace.repository.head:
        raise errors.TAG_ELSEWHERE.error(tag=workspace.tag, where="this repository", commit=here[:12])
    if not workspace.repository.is_annotated(workspace.tag):
        raise errors.TAG_LIGHT.error(tag=workspace.tag)
    return False


def _push(workspace: Workspace, remote: str, branch: str, *, made: bool) -> None:
    """Push, and ask the remote rather than git's exit code: the connection may end after the remote accepted."""
    try:
        workspace.repository.push(remote, [f"HEAD:refs/heads/{branch}", f"refs/tags/{workspace.tag}"])
    except errors.TowpathError as error:
        if not _is_there(workspace, remote):
            if made:  # nobody has seen it, and left here it would stand in the way of the mended commit
                workspace.repository.delete_unpushed_tag(workspace.tag)
            detail = error.problems[0].detail
            raise errors.PUSH_REFUSED.error(branch=branch, remote=remote, detail=detail) from None
    if not _is_there(workspace, remote):
        raise errors.PUSH_REFUSED.error(branch=branch, remote=remote)
