"""Whether a file can be installed on a Python of this machine, by the tags in its name."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

from packaging import tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.tags import Tag


def fits(filename: str, implementation: str, version: str) -> bool:
    """Whether `filename` is for that Python ("cpython", "3.12.1") here; what is no wheel fits everywhere.

    A name that cannot be read is left to the installer, which refuses it. The rules are those of
    https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/.
    """
    if not filename.endswith(".whl"):
        return True
    try:
        wanted = parse_wheel_filename(filename)[3]
    except InvalidWheelFilename:
        return True
    return any(tag in wanted for tag in _supported(implementation, version))


def _supported(implementation: str, version: str) -> Iterator[Tag]:
    if (implementation, version) == (sys.implementation.name, platform.python_version()):
        yield from tags.sys_tags()
        return
    short = tuple(int(part) for part in version.split(".")[:2])
    platforms = list(tags.platform_tags())
    joined = "".join(map(str, short))
    if implementation == "cpython":
        yield from tags.cpython_tags(short, platforms=platforms)
        yield from tags.compatible_tags(short, f"cp{joined}", platforms)
    else:
        name = {"pypy": "pp"}.get(implementation, implementation)
        yield from tags.generic_tags(f"{name}{joined}", None, platforms)
        yield from tags.compatible_tags(short, f"{name}{joined}", platforms)
