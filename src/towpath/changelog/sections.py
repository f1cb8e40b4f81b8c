"""The sections of a changelog: read one, and promote what is unreleased to a version.

Keep a Changelog 1.1.0 is the pattern; plain headings, other dates, underlined headings and reStructuredText
are read and written in the file's own style.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from towpath import errors
from towpath.changelog import links, promotion, titles
from towpath.changelog.headings import Heading, headings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

_STEMS = (
    "CHANGES",
    "CHANGELOG",
    "HISTORY",
    "NEWS",
    "RELEASES",
    "changes",
    "changelog",
    "Changelog",
    "ChangeLog",
)
CHANGELOG_NAMES = (
    *(f"{stem}.md" for stem in _STEMS),
    *(f"{stem}.{suffix}" for suffix in ("markdown", "rst", "txt") for stem in _STEMS),
    *("CHANGES", "CHANGELOG", "HISTORY"),
    *(f"docs/{stem}.{suffix}" for suffix in ("md", "rst") for stem in _STEMS),
)


def find(root: Path) -> Path | None:
    """The project's changelog: the first of `CHANGELOG_NAMES` that is a file, or None.

    Names are compared as the folder lists them, so that the path is git's also on a file system that takes
    `changes.md` for `CHANGES.md`.
    """
    listed = {path for folder in (root, root / "docs") if folder.is_dir() for path in folder.iterdir()}
    return next((root / name for name in CHANGELOG_NAMES if root / name in listed and (root / name).is_file()), None)


def section(text: str, version: str) -> str | None:
    """What the changelog says of a version (compared by PEP 440): "" if nothing, None without an entry."""
    wanted = titles.read_version(version)
    found = titles.find_entry(headings(text), wanted) if wanted else None
    return _body(text, found) if found else None


def unreleased(text: str) -> str | None:
    """What is written for the next version: "" if nothing but empty headings, None without such a section."""
    found = titles.find_unreleased(headings(text)) or _waiting(text)
    return _body(text, found) if found else None


def entries(text: str) -> Iterator[tuple[titles.Entry, Heading, str]]:
    """Every entry of a version, in order, with its heading and what it says ("" if nothing); read once, lazily."""
    found = tuple(headings(text))
    for index, heading in enumerate(found):
        about = titles.entry(heading.title, heading.level)
        if about:
            rest = (found[later] for later in range(index + 1, len(found)))
            end = next((one.start for one in rest if _ends(one, heading)), len(text))
            yield about, heading, _between(text, heading, end)


def promote(text: str, version: str, date: dt.date) -> str:
    """The changelog with its Unreleased section as the version's, and a fresh one opened above it.

    The new heading follows the newest that there is: level, brackets, "v", date. Compare links in the footer
    are kept up to date. Where there is an entry for the version already, it is used (and given the date if
    it says "unreleased"); promoting twice is promoting once.

    Raises:
        TowpathError: `bad-version`, or `no-changelog-entry` if there is neither entry nor Unreleased.
    """
    wanted = titles.read_version(version)
    if wanted is None:
        raise errors.BAD_VERSION.error(where="The version to promote to", version=version)
    changes = promotion.changes(text, wanted, version, date)
    if changes is None:
        raise errors.NO_CHANGELOG_ENTRY.error(version=version)
    return links.applied(text, changes)


def _waiting(text: str) -> Heading | None:
    """The first entry whose first line says "Unreleased"."""
    entries = (one for one in headings(text) if titles.entry(one.title, one.level))
    return next((one for one in entries if titles.WAITING_LINE.match(text, one.end)), None)


def _body(text: str, heading: Heading) -> str:
    """What stands between a heading and the next of its kind, without blank lines around it."""
    rest = (one for one in headings(text) if one.start >= heading.end)
    end = next((one.start for one in rest if _ends(one, heading)), len(text))
    return _between(text, heading, end)


def _between(text: str, heading: Heading, end: int) -> str:
    body = _without_footer(text[heading.end : end])
    body = body.strip("\r\n") if body.strip() else ""
    return body if _says_something(body) else ""


def _ends(one: Heading, heading: Heading) -> bool:
    return (
        one.level <= heading.level or titles.entry(one.title, one.level) is not None or titles.is_unreleased(one.title)
    )


def _without_footer(body: str) -> str:
    """Compare links after the last entry belong to the file, not to the entry."""
    end = len(body)
    while end:
        begin = body.rfind("\n", 0, end - 1) + 1
        if not _FOOTER.fullmatch(body, begin, end):
            break
        end = begin
    return body[:end]


_FOOTER = re.compile(r"[ ]{0,3}\[v?(?:\d[^\]\n]*|unreleased)\]:[^\n]*\n?|[ \t]*\r?\n?", re.IGNORECASE)
_NOTHING = re.compile(
    r"^[ \t]*(?:Unreleased|Released [\d-]+)[ \t]*\r?$|<!--.*?(?:-->|\Z)|^[ ]{0,3}\#{1,6}(?:[ \t][^\n]*)?$"
    r"|^[ ]{0,3}\[[^\]\n]+\]:[^\n]*$|^[ \t]*[-*+_=~ \t]+\r?$",
    re.MULTILINE | re.DOTALL,
)


def _says_something(body: str) -> bool:
    underlined = [(one.start, one.end) for one in headings(body) if one.underline]
    for start, end in reversed(underlined):
        body = body[:start] + body[end:]
    return bool(_NOTHING.sub("", body).strip())
