"""Errors of the call and of the configuration; most end with 2."""

from __future__ import annotations

from towpath.errors.kinds import Kind

UNKNOWN_OPTION = Kind(
    "unknown-option",
    "{option!r} is not an option of {command}.",
    "Use one of: {options}.",
    exit_code=2,
)
DRY = Kind(
    "dry",
    "`invoke --dry` shows shell commands in place of running them, and this task runs none: it would act for real.",
    "Leave --dry away; `invoke bump --dry-run` shows what a bump would do.",
    exit_code=2,
)
MISSING_VALUE = Kind("missing-value", "{option} needs a value.", "Write {option} {example}.", exit_code=2)
UNKNOWN_NAME = Kind(
    "unknown-name",
    "There is no {kind} {name!r}.",
    "{suggestion}Known are: {known}.",
    exit_code=2,
)
BAD_CONFIGURATION = Kind(
    "bad-configuration",
    "In pyproject.toml, {where}: {what}.",
    "{suggestion}Correct [tool.towpath] in pyproject.toml.",
    exit_code=2,
)
