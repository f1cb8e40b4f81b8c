"""What two lists of members differ in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Change:
    """What appeared and what vanished, and the unpacked sizes in bytes."""

    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    before: int
    after: int


def change(before: Mapping[str, int], after: Mapping[str, int], versions: Iterable[str]) -> Change:
    """Compare path → size of two archives; the versions in the paths (`pkg-1.0.dist-info`) are taken as equal."""
    old, new = ({_plain(path, versions) for path in one} for one in (before, after))
    return Change(tuple(sorted(new - old)), tuple(sorted(old - new)), sum(before.values()), sum(after.values()))


def _plain(path: str, versions: Iterable[str]) -> str:
    head, slash, rest = path.partition("/")
    named = "|".join(map(re.escape, versions))
    return re.sub(rf"-(?:{named})(?=\.(?:dist-info|data)\Z)", "-*", head) + slash + rest
