"""What a place says of a version, and how another is written there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from towpath.versions import patterns, spelling, tuples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.versions.texts import Place


def agrees(place: Place, version: Version) -> bool:
    """Whether what stands at the place means `version`."""
    if place.template == patterns.WHOLE_FILE:
        return is_version(place.value) and Version(place.value) == version
    if not place.template:
        return tuples.agrees(place.value, version)
    return place.value == written(place, version, ())


def written(place: Place, version: Version, style: Sequence[str]) -> str:
    """How `version` is written at the place; a place that says it already stays as it is."""
    if place.template == patterns.WHOLE_FILE and agrees(place, version):
        return place.value
    if not place.template:
        return place.value if agrees(place, version) else tuples.written(place.value, version)
    normal = place.kind == "uv.lock"  # uv writes normal forms only
    spelled = str(version) if normal else spelling.spell(version, [place.value, *style])
    return patterns.rendered(place.template, version, spelled)


def is_version(text: str) -> bool:
    """Whether PEP 440 accepts the text."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
