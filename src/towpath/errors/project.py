"""Errors of a project: its pyproject.toml, its files, its metadata."""

from __future__ import annotations

from towpath.errors.kinds import Kind

NO_PYPROJECT = Kind(
    "no-pyproject",
    "There is no pyproject.toml in {folder}.",
    "Run towpath from the root of a Python project, beside its pyproject.toml.",
    exit_code=2,
)
BAD_TOML = Kind("bad-toml", "{path} does not parse: {why}.", "Correct the TOML at that place.", exit_code=2)
NO_PROJECT_NAME = Kind(
    "no-project-name",
    "pyproject.toml gives the project no name.",
    "Set name under [project] (or under [tool.poetry]).",
    exit_code=2,
)
NO_VERSION = Kind(
    "no-version",
    "No version was found: {where}.",
    "Set a static version under [project] or [tool.poetry], or a literal __version__ in the file "
    "that the build backend reads it from.",
    exit_code=2,
)
BAD_VERSION = Kind(
    "bad-version",
    "{where} says {version!r}, which is not a version by PEP 440.",
    "Write a version such as 1.2.0, 1.2.0rc1 or 1.2.0.post1.",
    exit_code=2,
)
BAD_PART = Kind(
    "bad-part",
    "There is no part {part!r} of the version {version}.",
    "Use one of: {known}.",
    exit_code=2,
)
