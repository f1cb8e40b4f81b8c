"""What is wrong with the configuration of verify-install."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.config.sections import Settings

_TABLE = "verify-install"


def wrong_verify_install(settings: Settings) -> Iterator[tuple[str, str]]:
    """Exceptions without a reason, and commands that no system could start."""
    section = settings.verify_install
    skips = {
        "skip-imports": section.skip_imports,
        "skip-scripts": section.skip_scripts,
        "skip-versions": section.skip_versions,
    }
    for key, skipped in skips.items():
        for name, reason in skipped.items():
            if not reason.strip():
                yield _TABLE, f"{key} names {name!r} without a reason: say why"
    for name in section.scripts.keys() & section.skip_scripts.keys():
        yield _TABLE, f"{name!r} stands under scripts and under skip-scripts"
    for name, arguments in section.scripts.items():
        yield from ((_TABLE, f"scripts: {name!r}: {what}") for what in _unsplittable(arguments))
    commands = (section.smoke,) if isinstance(section.smoke, str) else section.smoke
    for command in commands:
        wrong = list(_unsplittable(command))
        if not wrong and not (shlex.split(command) if isinstance(command, str) else command):
            wrong = ["it names no program"]
        yield from ((_TABLE, f"smoke: {command!r}: {what}") for what in wrong)


def _unsplittable(command: str | tuple[str, ...]) -> Iterator[str]:
    try:
        words = shlex.split(command) if isinstance(command, str) else command
    except ValueError as error:
        yield f"it cannot be split into words: {str(error).lower()}"
        return
    if any("\0" in word for word in words):
        yield "it holds a NUL"
