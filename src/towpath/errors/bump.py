"""Errors of a bump."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

BUMP_WHAT = Kind(
    "bump-what",
    "A bump needs to be told one thing: {given}.",
    "Write `invoke bump --part minor`, or `invoke bump --to 1.2.0`; `--repair` alone mends the places.",
    exit_code=2,
)
VERSION_NOT_CHOSEN = Kind(
    "version-not-chosen",
    "{tool} takes the version from git, and HEAD is neither tagged nor a release commit.",
    "Run `invoke bump --part patch`: it makes the release commit, whose trailer says the version.",
)
BUMP_DIRTY = Kind(
    "bump-dirty",
    "Files that git tracks hold changes that are not committed: {files}.",
    "Commit or stash them; a bump commits the version alone.",
)
GIT_BUSY = Kind(
    "git-busy",
    "git is in the middle of something: {what} is there.",
    "Finish or abort it (`git status` says what it is). If no git is at work, an index.lock is left over: delete it.",
    recognises=(
        "Unable to create '…index.lock': File exists",
        "Another git process seems to be running in this repository",
        "You have not concluded your merge",
        "Pulling is not possible because you have unmerged files",
        "there is already a rebase-merge directory",
    ),
)
BUMP_BUSY = Kind(
    "bump-busy",
    "Another bump is under way in this repository.",
    "Wait until it has ended, then run this again.",
    retry=Retry.LATER,
)
WRONG_BRANCH = Kind(
    "wrong-branch",
    "This is the branch {branch}, and releases are made on {wanted}.",
    "`git switch {wanted}`, or correct branch in [tool.towpath.bump].",
)
BEHIND_REMOTE = Kind(
    "behind-remote",
    "{remote} has commits of {branch} that are not here ({commit}).",
    "`git pull`, look at what came, then run this again.",
    recognises=(
        "(non-fast-forward)",
        "(fetch first)",
        "Updates were rejected because the remote contains work that you do not have locally",
        "Updates were rejected because the tip of your current branch is behind",
        "Updates were rejected because a pushed branch tip is behind",
    ),
)
REMOTE_UNKNOWN = Kind(
    "remote-unknown",
    "{remote} did not answer, so its branch and its tags are unknown.",
    "Look at the network and your access, then run this again. `invoke bump --offline` goes on without asking it; "
    "a release has to ask.",
    retry=Retry.LATER,
    recognises=(
        "fatal: unable to access '…'",
        "Could not read from remote",
        "Could not resolve hostname",
        "Could not resolve host:",
        "ssh: connect to host",
    ),
)
INDEX_UNKNOWN = Kind(
    "index-unknown",
    "Whether {index} has {version} already is unknown: {why}",
    "Look at the network, then run this again. `--offline` goes on without asking it.",
    retry=Retry.LATER,
)
TAG_EXISTS = Kind(
    "tag-exists",
    "{version} is tagged already, as {tag} in {where}.",
    "A tag is never moved. Choose the next version: another --part, or --to.",
    retry=Retry.NEVER,
    recognises=(
        "fatal: tag '…' already exists",
        "Updates were rejected because the tag already exists in the remote",
        "[rejected] … (already exists)",
    ),
)
EMPTY_CHANGELOG = Kind(
    "empty-changelog",
    "{path} says nothing about {version}: its section is empty.",
    "Write what changed under Unreleased, commit it, then run this again.",
)
NO_SUCH_CHANGELOG = Kind(
    "no-such-changelog",
    "There is no changelog {path}.",
    "Correct changelog in [tool.towpath.bump], or take it out there: towpath finds the usual names.",
    exit_code=2,
)
PLACE_UNTRACKED = Kind(
    "place-untracked",
    "{path} holds the version, and git does not track it, so no commit can carry the bump.",
    "`git add {path}` and commit it, or take the place out of [tool.towpath.bump].",
)
SAME_FILE = Kind(
    "same-file",
    "{paths} are one file, and the bump would write it differently by each name.",
    "Declare the places of that file by one of its names only.",
    exit_code=2,
)
NOT_READ_BACK = Kind(
    "not-read-back",
    "After the bump {path} would not say {version}; nothing was written.",
    "Look at how the version stands there: it must be plain text that the build backend reads.",
)
BUMP_OVERTAKEN = Kind(
    "bump-overtaken",
    "{what} changed after the plan was shown; it was not written over.",
    "Run it again: the plan is made anew.",
    retry=Retry.AS_IT_IS,
)
COMMIT_REFUSED = Kind(
    "commit-refused",
    "git made no commit: a hook, the signing or git itself refused. The bump's files are as they were before.",
    "Read its words below, mend what they name, then run this again.",
    recognises=(
        "failed to write commit object",
        "husky - pre-commit hook exited",
        "pre-commit hook failed",
    ),
)
HOOK_CHANGED_VERSION = Kind(
    "hook-changed-version",
    "A git hook changed the commit, and {what}. The commit was taken back, and the files are as they were before.",
    "Let the hook leave the places of the version alone, then run this again.",
)
NO_SUCH_VERSION = Kind(
    "no-such-version",
    "Nothing is known of a version {version}: no entry in the changelog, no tag.",
    "`git tag --list` shows the tags; without --version the notes are of the version that is there now.",
    exit_code=2,
)
