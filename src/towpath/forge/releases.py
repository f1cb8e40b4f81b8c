"""The nouns of the forge: a release with its files, and what one is to become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of a release as the forge has it.

    `sha256` is None where the forge gives no digest (files sent before June 2025; older GitHub Enterprise).
    """

    id: int
    name: str
    size: int
    sha256: str | None
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Release:
    """A release as the forge has it; `is_immutable` once published means that no file can be added."""

    id: int
    tag: str
    title: str
    notes: str
    page: str
    upload_url: str
    is_draft: bool
    is_prerelease: bool
    is_immutable: bool
    assets: tuple[Asset, ...]


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file that a release is to have, with the sha256 (hexadecimal) under which it was sealed.

    `why_not` is asked of a file of this name that has other bytes and is there already: it says why that one may not
    stay in its place, "" where it may. Without it, no other bytes are taken.
    """

    path: Path
    sha256: str
    why_not: Callable[[Path], str] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the release of a tag is to be.

    `commit` is what the forge would make the tag of if it were missing. `latest` is ignored for a
    pre-release: GitHub refuses one as latest.
    """

    tag: str
    title: str
    notes: str
    prerelease: bool
    latest: bool
    files: tuple[ReleaseFile, ...] = ()
    commit: str = ""


def read_release(data: Mapping[str, Any]) -> Release:
    """A release from the JSON of GitHub's API (REST, version 2022-11-28)."""
    return Release(
        id=data["id"],
        tag=data["tag_name"],
        title=data.get("name") or "",
        notes=data.get("body") or "",
        page=data["html_url"],
        upload_url=data["upload_url"].partition("{")[0],  # a URI template: …/assets{?name,label}
        is_draft=data["draft"],
        is_prerelease=data["prerelease"],
        is_immutable=data.get("immutable", False),
        assets=tuple(read_asset(asset) for asset in data.get("assets", ())),
    )


def read_asset(data: Mapping[str, Any]) -> Asset:
    """An asset from the JSON of GitHub's API. Its state is "uploaded", or "starter" for half of one."""
    algorithm, _, digest = (data.get("digest") or "").partition(":")
    return Asset(
        id=data["id"],
        name=data["name"],
        size=data["size"],
        sha256=digest if algorithm == "sha256" else None,
        is_whole=data["state"] == "uploaded",
    )
