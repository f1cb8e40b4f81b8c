"""What a heading of a changelog says: a version, its date, or that it is not released yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from towpath.changelog.headings import Heading

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" for month in _MONTHS)
DATE = re.compile(
    rf"""
    (?P<year>\d{{4}})(?P<sep>[-/.])\d{{1,2}}(?P=sep)\d{{1,2}}
  | (?P<day_first>\d{{1,2}})(?P<dot>\.)\d{{1,2}}\.\d{{4}}
  | (?P<us>{_MONTH})\.?\ \d{{1,2}}(?P<comma>,?)\ \d{{4}}
  | \d{{1,2}}\ (?P<eu>{_MONTH})\.?\ \d{{4}}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TITLE = re.compile(
    r"""
    (?P<lead>
        (?:<a\b[^>]*>(?:</a>)?\s*)?
        (?:[*_]{2})?
        (?:(?P<word>version|release|ver\.?)\s+|(?P<name>[A-Za-z][\w.-]*)\s+)?
        (?P<bracket>\[)?
        (?:version\s+)?
        (?P<v>v\.?\s?)?
    )
    (?P<version>\d[\w.!+-]*)
    (?P<mid>\]?(?:\((?P<url>[^\s()]+)\)|\[[^\]]*\](?=\W|$))?(?:[*_]{2})?)
    (?P<tail>.*)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# What may follow a version in a heading: nothing, a mark that sets something off, a date; not "3.10 support".
_TAIL = re.compile(
    rf"\s*$|\s*[-\u2013\u2014\u2212(:,;\[|/~]|\s+(?:released|unreleased)\b|\s+(?:{DATE.pattern})",
    re.VERBOSE | re.IGNORECASE,
)
_UNRELEASED = re.compile(
    r"[\[(*_]*(?:unreleased|upcoming|next(?:\ (?:release|version))?|in\ development)(?:\ changes)?[\])*_]*"
    r"(?:\([^)]*\))?(?:\s*$|\s*[-\u2013\u2014:(].*$)",
    re.IGNORECASE,
)
# The first line of an entry that is not released yet, where the heading does not say so (the Pallets projects).
WAITING_LINE = re.compile(r"(?:[ \t]*\r?\n)*(?P<word>Unreleased)[ \t]*\r?(?=\n|\Z)", re.IGNORECASE)
_NOT_YET = re.compile(
    r"\bunreleased\b|\bnot\ yet\ released\b|\bTBD\b|\bTBA\b|x{4}-x{2}-x{2}|\?{4}-\?{2}-\?{2}", re.IGNORECASE
)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")  # PEP 440 would read 2025-01 as a post-release; 2025.01.05 is a version
_DEEPEST_NAMED = 2  # "## towpath 1.2.0" is an entry, "### Python 3.10" is about Python


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading read as that of a version; `match` tells how it is written."""

    version: Version
    match: re.Match[str]

    @property
    def released(self) -> bool:
        """False where the heading itself says "unreleased" in place of a date."""
        return _NOT_YET.search(self.match["tail"]) is None


def entry(title: str, level: int) -> Entry | None:
    """The version that a heading is about, or None."""
    match = _TITLE.match(title)
    if match is None or _ISO_DATE.match(match["version"]) or not _TAIL.match(match["tail"]):
        return None
    if match["name"] and (level > _DEEPEST_NAMED or match["name"].lower() in {"python", "cpython", "pypy"}):
        return None
    token = match["version"].rstrip(".-+")
    plain = token.isdigit() and not (match["bracket"] or match["word"] or match["v"] or DATE.search(match["tail"]))
    version = None if plain else read_version(token)
    return Entry(version, match) if version else None


def is_unreleased(title: str) -> bool:
    """Whether a heading opens what is not released yet: `[Unreleased]`, `1.3.0 (unreleased)`."""
    if _UNRELEASED.match(title):
        return True
    match = _TITLE.match(title)
    return match is not None and not DATE.search(match["tail"]) and _NOT_YET.search(match["tail"]) is not None


def find_entry(found: Iterable[Heading], version: Version) -> Heading | None:
    """The first heading of that version, or None."""
    mentioned = _mention(version)  # a title without its numbers is not parsed: there may be thousands
    for heading in found:
        about = entry(heading.title, heading.level) if mentioned.search(heading.title) else None
        if about and about.version == version:
            return heading
    return None


def may_have_entry(text: str, version: Version) -> bool:
    """Whether any line of a text reads like the heading of that version's entry; many times faster than to look."""
    for hit in _mention(version).finditer(text):
        start, end = text.rfind("\n", 0, hit.start()) + 1, text.find("\n", hit.end())
        about = entry(text[start : end if end >= 0 else None].strip("\ufeff# \t\r"), 1)
        if about and about.version == version:
            return True
    return False


def _mention(version: Version) -> re.Pattern[str]:
    """What every spelling of a version holds: the numbers of its release without the zeros at its end."""
    numbers = list(version.release)
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    first, *rest = numbers
    # What stands before it is looked at last, since a search for what begins with plain characters is a fast one.
    opening = f"{first}[.]" if rest else f"{first}"
    middle = "[.]".join(f"0*{number}" for number in rest)
    return re.compile(rf"{opening}(?<![1-9]{opening}){middle}(?!\d)")


def find_unreleased(found: Iterable[Heading]) -> Heading | None:
    """The first heading of what is not released yet, or None."""
    return next((heading for heading in found if is_unreleased(heading.title)), None)


def read_version(text: str) -> Version | None:
    """The version, or None where PEP 440 refuses the text."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


def linked(title: str) -> str:
    """The address that a heading links to in place, or ""."""
    found = re.search(r"\]\(([^\s()]+)\)", title)
    return found[1] if found else ""


def like(former: Entry, version: str, date: dt.date, url: str) -> str:
    """The title of a new entry in the style of a former one: dated or not, linked if `url` is given."""
    match = former.match
    shown = DATE.search(match["tail"])
    if match["url"] and not url:
        return f"{version} - {date.isoformat()}" if shown else version
    lead = match["lead"].replace(match["version"], version)  # an anchor: <a name="1.1.0"></a>
    mid = match["mid"].replace(match["url"], url) if match["url"] else match["mid"].replace(match["version"], version)
    if shown is None:
        return lead + version + mid
    after = match["tail"][shown.end() : shown.end() + 1]
    closing = after if after in {")", "]", "*", "_"} else ""
    return lead + version + mid + match["tail"][: shown.start()] + written(date, shown) + closing


def dated(own: Entry, version: str, date: dt.date) -> str:
    """The title of an entry that says "unreleased", with the version and the date in its stead."""
    match = own.match
    return match["lead"] + version + match["mid"] + _NOT_YET.sub(date.isoformat(), match["tail"], count=1)


def written(date: dt.date, like: re.Match[str]) -> str:
    """A date in the style of another (a match of `DATE`)."""
    if like["year"]:
        sep = like["sep"]
        return f"{date.year:04d}{sep}{date.month:02d}{sep}{date.day:02d}"
    if like["dot"]:
        return f"{date.day:02d}.{date.month:02d}.{date.year:04d}"
    month = _MONTHS[date.month - 1]
    shown = like["us"] or like["eu"]
    month = month[:3] if len(shown) == len("Jan") and shown.lower() != "may" else month
    return f"{month} {date.day}{like['comma']} {date.year}" if like["us"] else f"{date.day} {month} {date.year}"
