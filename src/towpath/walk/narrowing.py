"""What narrows or alters a run, so that it may pass but proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Each of them lets a tool leave something out, or load something else, without a trace in the command.
ALTERING = (
    "PYTEST_ADDOPTS",
    "PYTEST_PLUGINS",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD",
    "PYTHONOPTIMIZE",  # takes every assert out
    "COVERAGE_RCFILE",
    "MYPYPATH",
    "SKIP",  # pre-commit leaves the hooks out that it names
)


def reasons(environ: Mapping[str, str], *, arguments: tuple[str, ...], nox_options: tuple[str, ...]) -> tuple[str, ...]:
    """Why a run by this caller is no proof; empty if it is one."""
    extra = (f"arguments {' '.join(arguments)}",) if arguments else ()
    variables = tuple(f"{name} is set" for name in ALTERING if environ.get(name))
    return (*extra, *variables, *nox_options)
