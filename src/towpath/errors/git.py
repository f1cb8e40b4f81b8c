"""Errors of git and of the repository."""

from __future__ import annotations

from towpath.errors.kinds import Kind

NO_GIT = Kind(
    "no-git",
    "git was not found on PATH.",
    "Install git, or put its folder on PATH.",
    recognises=(
        "git: command not found",
        "'git' is not recognized as an internal or external command",
    ),
)
NOT_A_REPOSITORY = Kind(
    "not-a-repository",
    "{folder} is not in a git repository.",
    "Run `git init` and commit, or go to the project's repository. A release is of a commit.",
    exit_code=2,
    recognises=("fatal: not a git repository",),
)
FOREIGN_REPOSITORY = Kind(
    "foreign-repository",
    "git does not trust the repository of {folder}, because it belongs to somebody else.",
    "Make it yours, or say that you trust it: `git config --global --add safe.directory {folder}`.",
    exit_code=2,
    recognises=("detected dubious ownership in repository",),
)
NO_COMMIT = Kind(
    "no-commit",
    "The repository of {folder} has no commit yet.",
    "Commit the project first: `git add .`, then `git commit`. A release is of a commit.",
    exit_code=2,
    recognises=(
        "does not have any commits yet",
        "ambiguous argument 'HEAD': unknown revision",
    ),
)
GIT_FAILED = Kind(
    "git-failed",
    "`git {command} …` failed with status {status}.",
    "Read git's own words below, and run the command by hand to see more.",
)
GIT_NO_IDENTITY = Kind(
    "git-no-identity",
    "git does not know in whose name to make the commit or the tag.",
    "Tell it: `git config --global user.name NAME` and `git config --global user.email ADDRESS`; then run this again.",
    exit_code=2,
    recognises=(
        "Please tell me who you are",
        "unable to auto-detect email address",
        "empty ident name",
        "Author identity unknown",
        "Committer identity unknown",
    ),
)
