"""Errors that gates find by running a project's tools."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

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
    recognises=(
        "no tests ran in",
        "collected 0 items",
        "Ran 0 tests in",
    ),
)
TESTED_ELSEWHERE = Kind(
    "tested-elsewhere",
    "The tests would import {modules} from elsewhere than the environment, so not what is going to be published.",
    'With against = "wheel" the sources are hidden from the tests. Take out what leads around that (a path in '
    'conftest.py, PYTHONPATH, a copy of the package), or set against = "source" in [tool.towpath.test].',
)
COVERAGE_BELOW = Kind(
    "coverage-below",
    "The tests cover {percent} % of the project's code; at least {floor} % are wanted.",
    "Test what is listed below, leave out with a reason what cannot be tested (`# pragma: no cover`, omit), or lower "
    "coverage in [tool.towpath.test].",
    recognises=(
        "Coverage failure: total of … is less than fail-under",
        "Required test coverage of … not reached",
        "coverage below threshold",
    ),
)
COVERAGE_UNREADABLE = Kind(
    "coverage-unreadable",
    "No figure for the coverage can be read: {why}.",
    "A floor is set (coverage in [tool.towpath.test]), so a figure is needed. Commands of your own must write their "
    "data where COVERAGE_FILE says; without such, pytest and unittest are measured by coverage.py directly.",
)
TREE_CHANGED = Kind(
    "tree-changed",
    "The project's files changed while {gate} ran, so what it found is about no one tree.",
    "Add what the gate writes to .gitignore, or do not edit while it runs; then run it again.",
)
HOOKS_NOT_READY = Kind(
    "hooks-not-ready",
    "pre-commit could not prepare its hooks, so they did not look at anything.",
    "It fetches the repositories of .pre-commit-config.yaml: run the gate where they can be reached, or name the "
    "linters themselves as commands in [tool.towpath.lint].",
)
BAD_HOOKS = Kind(
    "bad-hooks",
    "{path} cannot be used: {why}.",
    "Correct it; `pre-commit validate-config` says what it must hold.",
    exit_code=2,
)
NOTHING_LINTED = Kind(
    "nothing-linted",
    "`{command}` ended with 0 and looked at no file.",
    "Look at the paths that it is given and at what its configuration excludes; a linter that has nothing to look at "
    "is to be left out.",
)
INSECURE_CODE = Kind(
    "insecure-code",
    "bandit found {count} of {severity} severity or above.",
    "Mend them, or mark a false alarm with `# nosec` and its reason; the threshold is severity in "
    "[tool.towpath.security].",
)
UNSCANNED_CODE = Kind(
    "unscanned-code",
    "bandit could not read {count}, so not all of the code was looked at.",
    "Mend the syntax, or exclude files that are no Python of yours under [tool.bandit].",
)
NOTHING_SCANNED = Kind(
    "nothing-scanned",
    "{tool} looked at {where} and read nothing there, so it found nothing.",
    "Look at the layout of the project, and at what the tool's own configuration excludes.",
)
UNSAFE_WORKFLOWS = Kind(
    "unsafe-workflows",
    "zizmor found {count} of {severity} severity or above in the workflows.",
    "Mend them, as https://docs.zizmor.sh/audits/ explains each, or mark a false alarm with `# zizmor: ignore[NAME]` "
    "and its reason; the threshold is workflow-severity in [tool.towpath.security]. Findings that stay for now are "
    "accepted with their reason: zizmor in [tool.towpath.security.allowed-to-fail].",
)
UNSCANNED_WORKFLOWS = Kind(
    "unscanned-workflows",
    "zizmor could not look at the workflows.",
    "Mend the file that it names below: what it cannot read, GitHub cannot run either.",
)
VULNERABLE_DEPENDENCIES = Kind(
    "vulnerable-dependencies",
    "pip-audit knows of {count} in what the project depends on.",
    "Require a version that mends them. One that does not concern the project can be named, with the reason, under "
    "ignore-vulnerabilities in [tool.towpath.security].",
)
DEPENDENCIES_UNKNOWN = Kind(
    "dependencies-unknown",
    "{count} of {total} could not be looked up at {service}, so nothing is known of them.",
    "Run the gate again where the service can be reached. A package that it cannot know, such as a private one, can "
    "be named with the reason under unaudited in [tool.towpath.security].",
    retry=Retry.LATER,
)
BAD_BASELINE = Kind(
    "bad-baseline",
    "{path} is no baseline of detect-secrets.",
    "Make it anew with `detect-secrets scan > .secrets.baseline`, and look at what it lists.",
    exit_code=2,
)
SECRETS_FOUND = Kind(
    "secrets-found",
    "{count} with the look of a secret in the files.",
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
