"""What is wrong with `[tool.towpath.build]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.config.sections import Build

_PLATFORM = re.compile(r"any|(?:linux|macos|windows)-[a-z0-9_]+")
_FILE = re.compile(r"sdist|[^-\s]+-[^-\s]+-[^-\s]+")
_FIELD = re.compile(r"\{(\w*)\}")


def wrong_build(build: Build) -> Iterator[str]:
    """Each fault, as words."""
    for one in build.expect:
        if not _FILE.fullmatch(one.file):
            yield f"expect names {one.file!r}: a file is `sdist` or a wheel's three tags such as 'py3-none-any'"
        if not _PLATFORM.fullmatch(one.platform):
            yield f"expect names the platform {one.platform!r}: such as 'linux-x86_64', 'macos-arm64', 'any'"
    for key, reasons in (("left-out", build.left_out), ("allowed", build.allowed)):
        for pattern, reason in reasons.items():
            if not pattern or not reason.strip():
                yield f"{key} has {pattern!r} without a reason: say why"
    yield from _wrong_command(build)


def _wrong_command(build: Build) -> Iterator[str]:
    if not build.command:
        return
    text = build.command if isinstance(build.command, str) else " ".join(build.command)
    named = set(_FIELD.findall(text))
    if "dist" not in named:
        yield f"the command {text!r} does not say {{dist}}, the folder that it must leave its files in"
    for unknown in sorted(named - {"dist", "sdist"}):
        yield f"the command {text!r} names {{{unknown}}}; its fields are {{dist}} and {{sdist}}"
    if "sdist" in named and not build.sdist:
        yield f"the command {text!r} names {{sdist}}, but sdist is false"
