"""Unreleased becomes a version: the new heading in the file's own style, and what changes for it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from towpath.changelog import links, titles
from towpath.changelog.headings import Definition, Heading, headings, scan
from towpath.changelog.links import Change

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from packaging.version import Version

_RECENT = 5  # so many entries tell whether the project dates them


def changes(text: str, wanted: Version, version: str, date: dt.date) -> list[Change] | None:
    """What promoting changes; None if there is neither an entry nor anything unreleased."""
    # A changelog may have thousands of entries: it is read to its end only where that can matter.
    definitions = [one for one in scan(text) if isinstance(one, Definition)] if "]:" in text else []
    there = titles.find_entry(headings(text), wanted) if titles.may_have_entry(text, wanted) else None
    if there and not titles.is_unreleased(there.title):
        linked = links.updated(definitions, wanted, version, _label(there.title), _newline(text, there))
        return [*_dated(text, there, date), *linked]
    waiting = there or titles.find_unreleased(headings(text))
    if waiting is None:
        return None
    newest = _newest(text, waiting)
    title = _title(newest, waiting, version, date)
    opened = _opened(text, newest, waiting, title, version)
    return [opened, *links.updated(definitions, wanted, version, _label(title), _newline(text, waiting))]


def _newest(text: str, waiting: Heading) -> list[Heading]:
    """The headings up to a few releases below what is waiting; nothing further down is about what comes next."""
    found: list[Heading] = []
    released = 0
    for one in headings(text):
        found.append(one)
        about = titles.entry(one.title, one.level) if one.start > waiting.start else None
        released += about is not None and about.released
        if released == _RECENT:
            break
    return found


def _dated(text: str, there: Heading, date: dt.date) -> list[Change]:
    """Of an entry whose first line says "Unreleased", as Flask's do: that line with the date."""
    waiting = titles.WAITING_LINE.match(text, there.end)
    return [Change(*waiting.span("word"), f"Released {date.isoformat()}")] if waiting else []


def _opened(text: str, newest: Sequence[Heading], waiting: Heading, title: str, version: str) -> Change:
    """The version's heading in Unreleased's place; above it a fresh Unreleased, unless there is another."""
    heading = _with_title(text, waiting, title)
    others = [one for one in newest if one != waiting and titles.is_unreleased(one.title)]
    if others:
        return Change(waiting.start, waiting.end, heading)
    newline = _newline(text, waiting)
    fresh = _with_title(text, waiting, _fresh(waiting.title, version))
    fresh += "" if fresh.endswith("\n") else newline
    return Change(waiting.start, waiting.end, f"{fresh}{newline}{heading}")


def _fresh(title: str, version: str) -> str:
    about = titles.entry(title, 1)
    if about is None:
        url = titles.linked(title)
        return title.replace(url, links.since(url, version)) if url else title
    return "[Unreleased]" if about.match["bracket"] else "Unreleased"


def _title(newest: Sequence[Heading], waiting: Heading, version: str, date: dt.date) -> str:
    """The new entry's title, in the style of the newest entries, else of Keep a Changelog."""
    entries = (about for one in newest if one != waiting and (about := titles.entry(one.title, one.level)))
    recent = list(islice((about for about in entries if about.released), _RECENT))
    own = titles.entry(waiting.title, waiting.level)
    bare = version.lstrip("vV")
    if not recent and own:
        return titles.dated(own, bare, date)
    if not recent:
        bracketed = waiting.title.startswith("[") and not titles.linked(waiting.title)
        return f"[{bare}] - {date.isoformat()}" if bracketed else f"{bare} - {date.isoformat()}"
    like = next((about for about in recent if titles.DATE.search(about.match["tail"])), recent[0])
    url = links.up_to(titles.linked(waiting.title), like.match["url"] or "", bare)
    return titles.like(like, bare, date, url)


def _label(title: str) -> str:
    about = titles.entry(title, 1)
    return title[about.match.end("bracket") : about.match.end("version")] if about and about.match["bracket"] else ""


def _newline(text: str, heading: Heading) -> str:
    end = text.find("\n", heading.start)
    end = end if end >= 0 else text.find("\n")
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"


def _with_title(text: str, heading: Heading, title: str) -> str:
    """The heading's lines with another title; a line under or over it is made as long."""
    start, end = heading.title_start, heading.title_start + len(heading.title)
    before, after = text[heading.start : start], text[end : heading.end]
    if heading.underline and title != heading.title:
        before, after = (_resized(part, heading, len(title)) for part in (before, after))
    return before + title + after


def _resized(lines: str, heading: Heading, length: int) -> str:
    run = heading.underline * lines.count(heading.underline)
    return lines.replace(run, heading.underline * max(length, 3)) if run else lines
