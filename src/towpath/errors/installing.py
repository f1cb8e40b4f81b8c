"""Errors of what a distribution does once it is installed."""

from __future__ import annotations

from towpath.errors.kinds import Kind

_ELSE = (
    'If it answers to something else than --help, say to what: `scripts.{name} = "--version"` under '
    "[tool.towpath.verify-install]. If it cannot run here at all, name it under skip-scripts with the reason."
)
NOTHING_INSTALLABLE = Kind(
    "nothing-installable",
    "None of the sealed files ({files}) can be installed on Python {python} on this machine, so nothing was verified.",
    "Verify them where they can be installed, or release an sdist too. Which Pythons are asked is `python` in "
    "[tool.towpath].",
)
NOT_TYPED = Kind(
    "not-typed",
    "Installing {file} leaves no {paths}, though the project says that it is typed.",
    "Let the build backend take py.typed along (PEP 561: type checkers ignore a package without it), or drop the "
    "classifier `Typing :: Typed`.",
)
SCRIPT_MISSING = Kind(
    "script-missing",
    "The command {name} is declared, and installing left none of that name.",
    "Look at its name under [project.scripts] and at the build backend's configuration.",
)
SCRIPT_FAILED = Kind(
    "script-failed",
    "`{command}` {how} where only the distribution and its dependencies are installed.",
    "Mend what its own words below name. " + _ELSE,
)
SCRIPT_SILENT = Kind(
    "script-silent",
    "`{command}` did not end within {seconds} s, without a terminal and with nobody to type.",
    "A command that starts a server or waits for input does so. " + _ELSE,
)
SMOKE_SILENT = Kind(
    "smoke-silent",
    "`{command}`, the project's own smoke command, did not end within {seconds} s.",
    "Let it end by itself: it runs in an empty folder, without a terminal and with nobody to type.",
)
