"""Errors that gates find by running a project's tools."""

from __future__ import annotations

from towpath.errors.kinds import Kind

COMMAND_NOT_FOUND = Kind(
    "command-not-found",
    "The command {command!r} is not in the gate's environment and not on PATH.",
    "Declare the tool in a dependency group and name the group in [tool.towpath], or correct the command.",
)
COMMAND_FAILED = Kind(
    "command-failed",
    "`{command}` ended with {code}.",
    "Mend what it names; run the same gate alone for the whole output.",
)
NO_TEST_RAN = Kind(
    "no-test-ran",
    "`{command}` ran no test ({skipped} skipped).",
    "Look at testpaths and at the skip conditions: a run without a test proves nothing.",
)
TREE_CHANGED = Kind(
    "tree-changed",
    "The project's files changed while {gate} ran, so what it found is about no one tree.",
    "Add what the gate writes to .gitignore, or do not edit while it runs; then run it again.",
)
INSECURE_CODE = Kind(
    "insecure-code",
    "bandit found {count} places of {severity} severity or above.",
    "Mend them, or mark a false alarm with `# nosec` and its reason; the threshold is severity in "
    "[tool.towpath.security].",
)
UNSCANNED_CODE = Kind(
    "unscanned-code",
    "bandit could not read {count} files, so they were not looked at.",
    "Mend the syntax, or exclude files that are no Python of yours under [tool.bandit].",
)
NOTHING_SCANNED = Kind(
    "nothing-scanned",
    "{tool} looked at {where} and read nothing there, so it found nothing.",
    "Look at the layout of the project, and at what the tool's own configuration excludes.",
)
SECRETS_FOUND = Kind(
    "secrets-found",
    "{count} things that look like secrets stand in the files.",
    "Take them out and revoke them: what was committed is known. Mark a false alarm with "
    "`# pragma: allowlist secret`, or keep a .secrets.baseline (detect-secrets).",
)
UNREADABLE_REPORT = Kind(
    "unreadable-report",
    "{tool} left no report that can be read, so nothing is known.",
    "Read its own words below; run the gate again, or pin another version of the tool in a dependency group.",
)

BAD_DEPENDENCY_GROUPS = Kind(
    "bad-dependency-groups",
    "The dependency groups in pyproject.toml cannot be used: {why}.",
    "Write each group under [dependency-groups] as a list of requirements; an include-group in it must name another "
    "group that is there, and none may lead back to itself.",
    exit_code=2,
)
