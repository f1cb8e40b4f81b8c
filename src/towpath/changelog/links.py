"""The compare links of a changelog: GitHub's and GitLab's `…/compare/v1.1.0...v1.2.0`, and links to tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.changelog import titles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.version import Version

    from towpath.changelog.headings import Definition

_COMPARE = re.compile(r"(?P<base>.*?/compare/)(?P<old>.+?)(?P<dots>\.{2,3})(?P<new>[^?#]+)(?P<rest>.*)")
_TAG = re.compile(r"(?P<base>.*/(?:releases/tag|tags|tree)/)(?P<new>[^?#]+)(?P<rest>.*)")
_VERSION = re.compile(r"\d+(?:\.\d[\w.!+-]*|$)")


@dataclass(frozen=True, slots=True)
class Change:
    """Characters `start` to `end` of a text become `text`."""

    start: int
    end: int
    text: str


def applied(text: str, changes: Sequence[Change]) -> str:
    """The text with changes that do not overlap."""
    pieces, position = [], 0
    for change in sorted(changes, key=lambda one: (one.start, one.end)):
        pieces += [text[position : change.start], change.text]
        position = change.end
    return "".join([*pieces, text[position:]])


def since(url: str, version: str) -> str:
    """A compare link of what is unreleased, from the new version on; `url` itself if it is none."""
    match = _COMPARE.fullmatch(url)
    tag = _tag(match["old"], version) if match else None
    return f"{match['base']}{tag}{match['dots']}{match['new']}{match['rest']}" if match and tag else url


def up_to(unreleased: str, newest: str, version: str) -> str:
    """The link of a new version, by that of what was unreleased, else by the newest version's; else ""."""
    match = _COMPARE.fullmatch(unreleased)
    tag = _tag(match["old"], version) if match else None
    if match and tag:
        return f"{match['base']}{match['old']}{match['dots']}{tag}{match['rest']}"
    match = _COMPARE.fullmatch(newest) or _TAG.fullmatch(newest)
    tag = _tag(match["new"], version) if match else None
    if not match or not tag:
        return ""
    before = f"{match['new']}{match['dots']}" if "dots" in match.groupdict() else ""
    return f"{match['base']}{before}{tag}{match['rest']}"


def updated(found: Sequence[Definition], wanted: Version, version: str, label: str, newline: str) -> list[Change]:
    """What makes the footer's definitions right once `wanted` is released; nothing where there are none.

    `version` is its spelling, `label` what its heading has in brackets ("" if none).
    """
    unreleased = next((one for one in found if titles.is_unreleased(one.label)), None)
    versions = [(number, one) for one in found if (number := titles.read_version(one.label))]
    earlier = max(
        ((number, one) for number, one in versions if number < wanted), key=lambda pair: pair[0], default=None
    )
    newest = earlier[1] if earlier else None
    changes = []
    if unreleased and _starts_before(unreleased.url, wanted):
        end = unreleased.url_start + len(unreleased.url)
        changes.append(Change(unreleased.url_start, end, since(unreleased.url, version)))
    url = up_to(unreleased.url if changes and unreleased else "", newest.url if newest else "", version)
    if url and not any(number == wanted for number, _ in versions):
        name = _label(newest.label, version) if newest else label or version
        changes.append(_line(f"[{name}]: {url}", unreleased, newest, newline))
    return changes


def _tag(like: str, version: str) -> str | None:
    """The tag of a version, spelled as another tag is; None if that holds no version."""
    found = _VERSION.search(like)
    return like[: found.start()] + version.lstrip("vV") if found else None


def _label(like: str, version: str) -> str:
    return ("v" if like[:1] in {"v", "V"} else "") + version.lstrip("vV")


def _starts_before(url: str, wanted: Version) -> bool:
    match = _COMPARE.fullmatch(url)
    found = _VERSION.search(match["old"]) if match else None
    version = titles.read_version(found[0]) if found else None
    return version is not None and version < wanted


def _line(text: str, after: Definition | None, before: Definition | None, newline: str) -> Change:
    if after:
        line = f"{text}{newline}" if after.newline else f"{newline}{text}"
        return Change(after.end, after.end, line)
    position = before.start if before else 0
    return Change(position, position, f"{text}{newline}")
