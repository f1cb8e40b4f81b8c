"""Release notes: a section of the changelog, or the commits, as Markdown that is safe on a forge.

The changelog's text is its author's and stays, thanks to people (`@name`) and `#123` included. Only what
would spill over the rest of the page is mended: a comment or a fence left open. Commit subjects were never
meant as Markdown: in them everything that Markdown would read is escaped, and `@property` made code, so
that it calls nobody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FORGE_LIMIT = 125_000  # characters; GitHub refuses a longer release body
LIMIT = 120_000  # so that a link has its place below
_FENCE = re.compile(r"^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<ticks>`{3,}|~{3,})(?P<info>[^\n]*)$", re.MULTILINE)
_KEPT = re.compile(r"(?<!`)(`+)(?!`)(?:.+?)(?<!`)\1(?!`)|https?://[^\s<>`]+")
_MENTION = re.compile(r"(?<![\w/.@+-])@[A-Za-z\d][\w-]*(?:/[\w-]+)?")
_MARKUP = re.compile(r"[\\`*_\[\]<>~|]")
_LEADING = re.compile(r"^(?:#+(?=\s)|[-+=]+(?=\s|$)|\d+[.)](?=\s))")
_NOT_FOR_NOTES = re.compile(
    r"Merge (?:pull request|branch|remote-tracking branch|tag|commit)\b|(?:fixup|squash|amend)! "
)


def notes(section: str, *, compare_url: str, limit: int = LIMIT) -> str:
    """The release notes from a section of the changelog, with a link to all changes.

    `compare_url` is "" where there is none; `limit` is how many characters of the section are taken.
    """
    text = section.replace("\r\n", "\n").strip("\n")
    shortened = len(text) > limit
    if shortened:
        text = text[:limit].rpartition("\n")[0]
    text = _closed(text) + ("\n\n(shortened; the rest is in the changelog)" if shortened else "")
    link = f"**All changes**: {compare_url}" if compare_url else ""
    return "\n\n".join(part for part in (text, link) if part) + "\n"


def from_commits(subjects: Sequence[str]) -> str:
    """A list of commit subjects, in their order, each once, without merges and fixups; "" if none is left."""
    wanted = (subject.strip() for subject in subjects if not _NOT_FOR_NOTES.match(subject))
    return "\n".join(f"- {_escaped(subject)}" for subject in dict.fromkeys(wanted) if subject)


def _closed(text: str) -> str:
    """The text with an open fence closed and an open comment shown as text."""
    position, outside, open_ticks = 0, [], ""
    for fence in _FENCE.finditer(text):
        if open_ticks:
            if fence["ticks"].startswith(open_ticks) and not fence["info"].strip():
                position, open_ticks = fence.end(), ""
        elif not (fence["ticks"].startswith("`") and "`" in fence["info"]):
            outside.append((position, fence.start()))
            open_ticks = fence["ticks"]
    if not open_ticks:
        outside.append((position, len(text)))
    for start, end in reversed(outside):
        text = text[:start] + _comments_closed(text[start:end]) + text[end:]
    return f"{text}\n{open_ticks}" if open_ticks else text


def _comments_closed(text: str) -> str:
    last = text.rfind("<!--")
    return text if last < 0 or "-->" in text[last:] else f"{text[:last]}&lt;!--{text[last + 4 :]}"


def _escaped(subject: str) -> str:
    """A subject as text, its code spans and addresses kept."""
    pieces, position = [], 0
    for kept in _KEPT.finditer(subject):
        pieces += [_plain(subject[position : kept.start()]), kept[0]]
        position = kept.end()
    text = "".join([*pieces, _plain(subject[position:])])
    return _LEADING.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)


def _plain(text: str) -> str:
    pieces, position = [], 0
    for mention in _MENTION.finditer(text):
        pieces += [_marked(text[position : mention.start()]), f"`{mention[0]}`"]
        position = mention.end()
    return "".join([*pieces, _marked(text[position:])])


def _marked(text: str) -> str:
    return _MARKUP.sub(lambda found: "&lt;" if found[0] == "<" else f"\\{found[0]}", text)
