"""The headings of a changelog, in Markdown or reStructuredText, found by their position in the text.

Why no Markdown library: the text between the headings must stay as it is to the byte, a renderer's tree gives
lines at best and reformats what it writes, and needs seconds for 5 MB. One expression finds the few lines
that matter; what may hide a heading (fences, comments, raw HTML, list items) is stepped over by CommonMark's rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: `start` and `end` (past its newline) are offsets of characters; `level` counts from 1.

    `title` is the text between `title_start` and its end, without markup characters around it. `underline` is
    the character that underlines it, "" for a `#` heading.
    """

    start: int
    end: int
    level: int
    title: str
    title_start: int
    underline: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A link definition, `[label]: url`: the span of its line (with its newline) and of its address."""

    start: int
    end: int
    label: str
    url: str
    url_start: int
    newline: str  # "" where the text ends with this line


_LINE = re.compile(
    r"""
    ^\ufeff?(?:
        (?P<fence>[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<ticks>`{3,}|~{3,})(?P<info>[^\n]*))
      | (?P<comment>[ ]{0,3}<!--)
      | (?P<raw>[ ]{0,3}<(?P<tag>pre|script|style|textarea)(?=[\s>]))
      | (?P<atx>(?P<indent>[ ]{0,3})(?P<hashes>\#{1,6})
          (?:[ \t]+(?P<title>[^\n]*?))?(?:[ \t]+\#+)?[ \t]*\r?(?:\n|\Z))
      | (?P<definition>[ ]{0,3}\[(?P<label>[^\]\n^][^\]\n]*)\]:[ \t]*<?(?P<url>[^\s>]+)[^\n]*(?:\n|\Z))
      | (?P<rule>(?P<char>[=\-~^"'*+.:_])(?P=char){2,}[ \t]*\r?(?:\n|\Z))
    )
    """,
    re.MULTILINE | re.VERBOSE | re.IGNORECASE,
)
_ATX = re.compile(r"^\ufeff?#{1,6}[ \t]", re.MULTILINE)
_TITLE = re.compile(r"^\ufeff?(?P<indent>[ \t]*)(?P<title>\S[^\n]*?)[ \t]*\r?\n\Z", re.MULTILINE)


def headings(text: str) -> Iterator[Heading]:
    """The headings in order; lazily, so that whoever needs the first ones reads no further."""
    return (found for found in scan(text) if isinstance(found, Heading))


def scan(text: str) -> Iterator[Heading | Definition]:
    """The headings and link definitions in order, lazily."""
    levels = _Levels(markdown=_ATX.search(text) is not None)
    position = last_end = 0
    while match := _LINE.search(text, position):
        position, found = _step(text, match, levels, last_end)
        if isinstance(found, Heading):
            last_end = found.end
        if found:
            yield found


class _Levels:
    """Levels of underlined headings: = is 1 and - is 2 in Markdown; in order of appearance elsewhere."""

    def __init__(self, *, markdown: bool) -> None:
        self.markdown = markdown
        self._seen: list[str] = []

    def known(self, char: str) -> bool:
        return char in "=-" or not self.markdown

    def of(self, char: str) -> int:
        if self.markdown:
            return "=-".index(char) + 1
        if char not in self._seen:
            self._seen.append(char)
        return self._seen.index(char) + 1


def _step(text: str, match: re.Match[str], levels: _Levels, last_end: int) -> tuple[int, Heading | Definition | None]:
    """Where to read on, and what was found, if anything."""
    if match["atx"]:
        return match.end(), _atx(text, match)
    if match["definition"]:
        return match.end(), _definition(match)
    if match["rule"]:
        return match.end(), _underlined(text, match, levels, last_end)
    if match["fence"]:
        tildes = match["ticks"].startswith("~") and not match["info"].strip()
        heading = _underlined(text, match, levels, last_end) if tildes else None
        return (match.end() + 1, heading) if heading else (_after_fence(text, match), None)
    closing = "-->" if match["comment"] else f"</{match['tag']}>"
    return _after(text, match.end(), closing), None


def _definition(match: re.Match[str]) -> Definition:
    line = match["definition"]
    newline = line[len(line.rstrip("\r\n")) :]
    return Definition(match.start(), match.end(), match["label"], match["url"], match.start("url"), newline)


def _atx(text: str, match: re.Match[str]) -> Heading | None:
    if match["indent"] and _in_list(text, match.start("atx"), len(match["indent"])):
        return None
    title = match["title"] or ""
    return Heading(
        match.start("atx"),
        match.end(),
        len(match["hashes"]),
        title,
        max(match.start("title"), match.start("atx")),
    )


def _underlined(text: str, match: re.Match[str], levels: _Levels, last_end: int) -> Heading | None:
    """The line above, if this line underlines it; a lone rule separates."""
    char = match["char"] or "~"
    if not levels.known(char):
        return None
    above = _TITLE.search(text, max(text.rfind("\n", 0, max(match.start() - 1, 0)) + 1, last_end), match.start())
    if above is None or len(above["indent"]) > _DEEPEST or _NO_TITLE.match(above["title"]):
        return None
    start = above.start("indent")
    overline = re.compile(rf"^\ufeff?{re.escape(char)}{{3,}}[ \t]*\r?\n\Z", re.MULTILINE)
    before = overline.search(text, text.rfind("\n", 0, max(start - 1, 0)) + 1, start)
    if not before and start != last_end and not _opens_paragraph(text, start):
        return None
    return Heading(
        before.start() if before else start,
        match.end(),
        levels.of(char),
        above["title"],
        above.start("title"),
        char,
    )


_DEEPEST = 3  # CommonMark: four spaces make it code
_NO_TITLE = re.compile(r"""[-*+>|][ \t]|\d{1,9}[.)][ \t]|\[[^\]]+\]:|\.\. |([=\-~^"'*+.:_])\1{2,}\s*$""")


def _opens_paragraph(text: str, start: int) -> bool:
    """Whether the line at `start` follows a blank line, a heading or the beginning."""
    above = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : start]
    return not above.strip("\ufeff \t\r\n") or above.startswith("#") or above.rstrip().endswith("-->")


def _after_fence(text: str, match: re.Match[str]) -> int:
    ticks, line_end = match["ticks"], match.end()
    if "`" in match["info"] and ticks.startswith("`"):
        return line_end  # an inline code span
    indent = match.start("ticks") - match.start("fence")
    listed = indent > 0 and ("".join(match["fence"].split(ticks)[:1]).strip() or _in_list(text, match.start(), indent))
    if indent > _DEEPEST and not listed:
        return line_end  # indented code
    closing = re.compile(rf"^[ \t]*{re.escape(ticks[0])}{{{len(ticks)},}}[ \t]*\r?$", re.MULTILINE).search(
        text, line_end
    )
    end = closing.end() if closing else len(text)
    dedent = re.compile(r"^(?=[^\s])", re.MULTILINE).search(text, line_end) if listed else None
    return min(end, dedent.start()) if dedent else end


_LONGEST_ITEM = 50  # lines


def _in_list(text: str, start: int, indent: int) -> bool:
    """Whether a line that is indented so far belongs to a list item above it."""
    end = start
    for _ in range(_LONGEST_ITEM):
        if not end:
            break
        begin = text.rfind("\n", 0, end - 1) + 1
        line = text[begin:end]
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            return re.match(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]", line) is not None
        end = begin
    return False


def _after(text: str, position: int, closing: str) -> int:
    found = re.compile(re.escape(closing), re.IGNORECASE).search(text, position)
    return found.end() if found else len(text)
