"""tag: an annotated tag on the proven commit, pushed together with its branch, or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from towpath import errors
from towpath.gates.gate import Gate
from towpath.model import About, Effect, Outcome
from towpath.repository.state import is_ancestor, remote_refs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.gates.gate import Workspace


@dataclass(frozen=True, slots=True)
class Remote:
    """What the remote has: the tag's own id and the commit that it leads to, and the branch's commit; "" if not."""

    tag: str
    commit: str
    branch: str = ""

    @property
    def annotated(self) -> bool:
        """Whether the tag is an object of its own."""
        return self.tag != self.commit


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
        loads=(
            "towpath.gates.inspection",
            "towpath.gates.sealed",
            "towpath.repository.history",
        ),
    )


def act(workspace: Workspace, _variant: str) -> Outcome:
    """Ask the remote, then tag and push what is missing. A tag is never moved.

    Creating the tag on the remote is the lock between two people who release at once. One that is there already, on
    this commit, is taken as it is, whoever made it and of whatever kind: nothing is pushed then.

    Raises:
        TowpathError: tag-elsewhere, tag-light, tag-misfit, tag-branch, tag-taken, behind-remote, detached-head,
            version-unsaid, no-remote, remote-unknown and push-refused.
    """
    from towpath.gates.sealed import taggable_files

    name, remote = workspace.tag, workspace.settings.tag.remote
    files = tuple(file for file, _ in taggable_files(workspace))
    problems, there = found(workspace)
    if problems:
        raise errors.TowpathError(*problems)
    if there.commit:
        kind = "annotated" if there.annotated else "light"
        note = f"{name} is on {remote} already, on this commit ({kind})"
        return Outcome(notes=(note,), facts={"tag": name, "id": there.tag, "made": "before"}, distributions=files)
    branch = workspace.repository.branch() or ""
    made = _create(workspace)
    _push(workspace, remote, branch, made=made)
    note = f"{name} on {workspace.repository.head[:12]}, pushed with {branch}"
    return Outcome(notes=(note,), facts={"tag": name, "branch": branch, "made": "here"}, distributions=files)


def found(workspace: Workspace) -> tuple[tuple[errors.Problem, ...], Remote]:
    """Everything that is known beforehand to keep the tag from being made, and what the remote has.

    Raises remote-unknown where the remote does not answer: what it has is unknown then.
    """
    remote, repository = workspace.settings.tag.remote, workspace.repository
    wrong = misfit(workspace)
    problems = [wrong] if wrong else []
    if repository.remote_url(remote) is None:
        return (*problems, errors.NO_REMOTE.problem(remote=remote)), Remote("", "")
    there = on_remote(workspace)
    problems += _elsewhere(workspace, there)
    if not there.commit:
        problems += _untagged(workspace, there)
    return tuple(problems), there


def configuration(workspace: Workspace, _variant: str) -> Mapping[str, str]:
    """The tag's name and the remote."""
    return {"tag": workspace.tag, "remote": workspace.settings.tag.remote}


def misfit(workspace: Workspace) -> errors.Problem | None:
    """The complaint about the tag that started this run, where it does not spell the version that is released."""
    name = "" if workspace.rehearsing else tag_of_run(workspace.environ)
    if not name or name == workspace.tag:
        return None
    tag_format = workspace.settings.tag.format
    return errors.TAG_MISFIT.problem(tag=name, version=workspace.subject.version, format=tag_format)


def tag_of_run(environ: Mapping[str, str]) -> str:
    """The tag whose push or release started this run of GitHub Actions; "" if none did."""
    ref = environ.get("GITHUB_REF", "")
    return ref.removeprefix("refs/tags/") if ref.startswith("refs/tags/") else ""


def on_remote(workspace: Workspace) -> Remote:
    """What the remote has of the tag and the current branch. Raises remote-unknown."""
    repository, tag_ref = workspace.repository, f"refs/tags/{workspace.tag}"
    branch = f"refs/heads/{repository.branch() or ''}"
    where = repository.remote_url(workspace.settings.tag.remote) or workspace.settings.tag.remote
    with _asking(workspace.settings.tag.remote):
        refs = remote_refs(repository, where, [tag_ref, f"{tag_ref}^{{}}", branch])
    id_ = refs.get(tag_ref, "")
    return Remote(id_, refs.get(f"{tag_ref}^{{}}", id_), refs.get(branch, ""))


@contextmanager
def _asking(remote: str) -> Iterator[None]:
    """Name the remote that did not answer, with git's own words, in place of the command that failed."""
    try:
        yield
    except errors.TowpathError as error:
        if error.problems[0].id != errors.GIT_FAILED.id:
            raise
        raise errors.REMOTE_UNKNOWN.error(remote=remote, detail=error.problems[0].detail) from None


def _elsewhere(workspace: Workspace, there: Remote) -> Iterator[errors.Problem]:
    repository = workspace.repository
    where = {"this repository": repository.tag_commit(workspace.tag) or "", workspace.settings.tag.remote: there.commit}
    for place, commit in where.items():
        if commit not in {"", repository.head}:
            yield errors.TAG_ELSEWHERE.problem(tag=workspace.tag, where=place, commit=commit[:12])
    if not there.commit:
        yield from _spelled_otherwise(workspace)


def _spelled_otherwise(workspace: Workspace) -> Iterator[errors.Problem]:
    """Tags of this very version in another spelling, such as `v1.0-rc.1` of 1.0rc1, here and on the remote.

    Only a suffix can be spelled in several ways, so that for a final version the remote need not list all its tags.
    """
    from packaging.version import Version

    from towpath.gates.chosen import version_of
    from towpath.repository.history import remote_tags

    repository, remote = workspace.repository, workspace.settings.tag.remote
    version, tag_format = Version(workspace.subject.version), workspace.settings.tag.format
    known = set(repository.tags())
    suffixed = version.is_prerelease or version.is_postrelease
    with _asking(remote):
        listed = remote_tags(repository, remote) if suffixed else {}
    there = {name: tag.commit for name, tag in listed.items() if name not in known}
    for where, names in (("this repository", known), (remote, set(there))):
        for name in sorted(names - {workspace.tag}):
            if version_of(name, tag_format) != version:
                continue
            commit = there.get(name) or repository.tag_commit(name) or ""
            if commit != repository.head:
                yield errors.TAG_ELSEWHERE.problem(tag=name, where=where, commit=commit[:12])
            elif where == remote:
                yield errors.TAG_UNFETCHED.problem(tag=name, remote=remote)


def _untagged(workspace: Workspace, there: Remote) -> Iterator[errors.Problem]:
    """What keeps a tag that is not there yet from being made and pushed with its branch."""
    from towpath.gates.written import unsaid

    silent = None if workspace.rehearsing else unsaid(workspace)  # a rehearsal of a bump says it, and goes on
    if silent:
        yield silent
    repository, wanted = workspace.repository, workspace.settings.tag.branches
    branch, remote = repository.branch(), workspace.settings.tag.remote
    if branch is None:
        yield errors.DETACHED_HEAD.problem(tag=workspace.tag)
        return
    if wanted and not any(fnmatchcase(branch, pattern) for pattern in wanted):
        yield errors.TAG_BRANCH.problem(branch=branch, wanted=" or ".join(wanted))
    if there.branch and not is_ancestor(repository, there.branch):
        yield errors.BEHIND_REMOTE.problem(remote=remote, branch=branch, commit=there.branch[:12])
    if repository.tag_commit(workspace.tag) == repository.head and not repository.is_annotated(workspace.tag):
        yield errors.TAG_LIGHT.problem(tag=workspace.tag)


def _create(workspace: Workspace) -> bool:
    """Make the tag, and tell whether it was not there before."""
    if workspace.repository.tag_commit(workspace.tag) is not None:
        return False
    message = f"{workspace.subject.project} {workspace.subject.version}"
    workspace.repository.create_tag(workspace.tag, message)
    return True


def _push(workspace: Workspace, remote: str, branch: str, *, made: bool) -> None:
    """Push, and ask the remote rather than git's exit code: the connection may end after the remote accepted."""
    detail = ""
    try:
        workspace.repository.push(remote, [f"HEAD:refs/heads/{branch}", f"refs/tags/{workspace.tag}"])
    except errors.TowpathError as error:
        detail = error.problems[0].detail
    there = on_remote(workspace)
    if there.tag and there.tag == workspace.repository.tag_id(workspace.tag):
        return
    if made:  # nobody has seen ours, and left here it would stand in the way of the mended commit
        workspace.repository.delete_unpushed_tag(workspace.tag)
    if there.tag:
        raise errors.TAG_TAKEN.error(tag=workspace.tag, remote=remote, detail=detail)
    raise errors.PUSH_REFUSED.error(branch=branch, remote=remote, detail=detail)
