"""Errors of the tag and of pushing it."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

NO_REMOTE = Kind(
    "no-remote",
    "The repository has no remote {remote!r} to push the tag to.",
    "Add it (`git remote add {remote} URL`), or name another as remote in [tool.towpath.tag].",
    recognises=(
        "does not appear to be a git repository",
        "error: No such remote",
        "No configured push destination",
    ),
)
DETACHED_HEAD = Kind(
    "detached-head",
    "HEAD is detached, so there is no branch to push together with {tag}.",
    "Check out the branch that is released: `git switch BRANCH`. A checkout of the tag itself needs none.",
    recognises=(
        "You are not currently on a branch",
        "HEAD detached at",
    ),
)
TAG_ELSEWHERE = Kind(
    "tag-elsewhere",
    "{tag} is on another commit in {where}: {commit}.",
    "A tag is never moved. Either check that commit out, or release the next version: `invoke bump --part patch`.",
    retry=Retry.NEVER,
)
TAG_LIGHT = Kind(
    "tag-light",
    "{tag} is here already, as a light tag: it names neither who made it nor when.",
    "Delete it (`git tag --delete {tag}`); the gate makes an annotated one on the proven commit.",
)
TAG_MISFIT = Kind(
    "tag-misfit",
    "This run was started by the tag {tag}, but the project's version is {version} (tags are spelled {format}).",
    "A tag is never moved. Delete one that nobody has used yet, or bump to the version that is meant; then let "
    "`nox -s release -- --to pypi` make the tag.",
)
TAG_UNFETCHED = Kind(
    "tag-unfetched",
    "{remote} has this version tagged on this commit already, as {tag}, and that tag is not here.",
    "`git fetch --tags`, then run this again: one version has one tag.",
)
TAG_BRANCH = Kind(
    "tag-branch",
    "This is the branch {branch}, and versions are tagged on {wanted}.",
    "Switch to that branch and let the gates prove its commit, or correct branches in [tool.towpath.tag].",
)
VERSION_UNSAID = Kind(
    "version-unsaid",
    "{path} has no entry for {version}, or an empty one: its release would say nothing of what changed.",
    "`invoke bump` makes it of what stands under Unreleased. Where the version is written already, write the entry "
    "under a heading {version}, commit it, then run this again; where it is tagged already, release the next version.",
)
TAG_TAKEN = Kind(
    "tag-taken",
    "{remote} has been given {tag} a moment ago: somebody else has tagged this version, and is releasing it.",
    "Leave the release to them; `invoke status` shows how far it is. Running this again goes on where they stop.",
    retry=Retry.LATER,
)
PUSH_REFUSED = Kind(
    "push-refused",
    "{remote} took neither the tag nor {branch}; nothing of it has changed.",
    "Most often the branch moved on: pull, let the gates prove the new commit, then run this again.",
    recognises=(
        "atomic push failed",
        "atomic transaction failed",
    ),
)
