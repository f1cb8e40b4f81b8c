"""Errors of taking towpath up: `init`."""

from __future__ import annotations

from towpath.errors.kinds import Kind

INIT_NOT_CONFIRMED = Kind(
    "init-not-confirmed",
    "Nothing was written: there is no terminal to ask on.",
    "Read what is shown above, then run it again with --yes.",
    exit_code=2,
)
NAMES_TAKEN = Kind(
    "names-taken",
    "{path} has {what} of these names already: {names}.",
    "Give ours a prefix: `init --prefix towpath-`. Or rename yours and let the gate run what it runs "
    "([tool.towpath.lint] or [tool.towpath.test] commands), or make it the gate: in noxfile.py "
    "`sessions(RELEASE.replacing(NAME, Gate(NAME, SUMMARY, act)))`.",
    exit_code=2,
)
NOT_PYTHON = Kind(
    "not-python",
    "{path} is no Python that can be read: {why}.",
    "Correct it first: lines are to be added to it.",
    exit_code=2,
)
NO_PACKAGING = Kind(
    "no-packaging",
    "There is code in {folder} ({found}) and no pyproject.toml.",
    "Write a pyproject.toml with [build-system] and [project] (name and version), beside or in place of setup.py, then "
    "run `init` again. For a new project, go to an empty folder.",
    exit_code=2,
)
BAD_NAME_FOR_PROJECT = Kind(
    "bad-name-for-project",
    "{name!r} cannot be the name of a project.",
    "Name it: `init --name my-project`, by letters, digits and dashes, the first a letter.",
    exit_code=2,
)
NAME_NOT_FOR_NEW = Kind(
    "name-not-for-new",
    "A new project cannot be called {name!r}, since PyPI takes no such name: {why}.",
    "Choose another name: `init --name my-project`.",
    exit_code=2,
)
CANNOT_APPEND = Kind(
    "cannot-append",
    "What is to be configured cannot be added at the end of {path}: {why}.",
    "Write these lines into it yourself, then run `init` again.",
    exit_code=2,
)
CHANGED_MEANWHILE = Kind(
    "changed-meanwhile",
    "{path} has changed since it was read, so nothing was written.",
    "Run `init` again.",
)
