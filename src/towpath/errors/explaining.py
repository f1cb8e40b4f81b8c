"""Which entry of the catalogue an id or a pasted text is about.

A text is known by phrases: those that a kind recognises, and the fixed words of its own cause. Where several fit, the
one with the longest fixed words says the most. A whole log may be given: line breaks, colours, and the times and marks
that Actions and git put before each line make no difference.
"""

from __future__ import annotations

import difflib
import html
import re
import string
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from towpath.errors import Kind, catalogue
from towpath.errors.kinds import ANY, phrase_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LONGEST_TEXT = 2_000_000  # characters, the last ones of a longer log: errors stand at its end
_SHARE = 0.5  # of the best match's weight, which a further one must reach to be shown
_FEWEST_FIXED = 12  # characters that a cause must hold besides its facts to be known by
_MOST_PLACES = 20
_LINK = re.compile(r"(?:errors\.md#|\binvoke (?:\S+-)?explain )([a-z-]+)")
_BEFORE = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]"  # colours
    r"|^﻿?\d{4}-\d\d-\d\dT[\d:.]+Z "  # the time of a line in a log of Actions
    r"|^\s*remote:(?= )|##\[\w+\]|^::(?:error|warning|notice)[^:]*::|[│╭╰╮╯─]"
)
_PLAIN = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that fits, and why.

    `by` is the phrase by which it is known, or the id; `line` where that stands in the text, as it came; `weight` how
    many fixed characters say so; `facts` what the text says of the cause's facts, as far as it is one of ours.
    """

    kind: Kind
    by: str
    line: str
    weight: int
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as one line, with the place where each of its lines begins."""

    flat: str
    lower: str
    lines: tuple[str, ...]
    starts: tuple[int, ...]

    def line(self, start: int, end: int) -> str:
        first, last = (max(0, bisect_right(self.starts, where) - 1) for where in (start, max(start, end - 1)))
        return " ".join(" ".join(self.lines[first : last + 1]).split())


def find(text: str) -> tuple[Match, ...]:
    """Every entry that the text is about, the most telling first; empty if none is."""
    named = by_id(text)
    if named is not None:
        return (Match(named, named.id, "", len(named.id)),)
    read = _read(text)
    found = [match for kind in catalogue().values() for match in (_best(kind, read),) if match is not None]
    found.sort(key=lambda match: -match.weight)
    return tuple(match for match in found if match.weight >= found[0].weight * _SHARE)


def by_id(text: str) -> Kind | None:
    """The entry of that id, however it is spelled: `file-exists`, `FILE_EXISTS`, or the address of its page."""
    word = text.strip().strip("`'\".,:")
    link = _LINK.search(word)
    if link is not None and " " not in word:
        word = link[1]
    return catalogue().get(word.lower().replace("_", "-"))


def near(text: str) -> tuple[Kind, ...]:
    """Entries that may be meant where none is found: those with a like id, or that speak of all the words given."""
    words = re.findall(r"[a-z0-9]{3,}", text.lower())
    known = catalogue()
    if not words or len(words) > 8:  # noqa: PLR2004 - a search, not a log
        return ()
    alike = difflib.get_close_matches("-".join(words), known, 3, 0.6)
    speaking = [kind.id for kind in known.values() if all(word in _said(kind) for word in words)]
    return tuple(known[one] for one in list(dict.fromkeys([*alike, *speaking]))[:6])


def _said(kind: Kind) -> str:
    return " ".join((kind.id, kind.cause, kind.fix, *kind.recognises)).lower()


def _read(text: str) -> _Text:
    lines = tuple(text[-LONGEST_TEXT:].splitlines())
    flat, starts, length = [], [], 0
    for line in lines:
        clean = " ".join(html.unescape(_BEFORE.sub(" ", line)).translate(_PLAIN).replace("\\n", " ").split())
        starts.append(length)
        flat.append(clean)
        length += len(clean) + 1
    joined = " ".join(flat)
    return _Text(joined, joined.lower(), lines, tuple(starts))


def _best(kind: Kind, text: _Text) -> Match | None:
    found = [*_by_phrases(kind, text), *_by_cause(kind, text), *_by_link(kind, text)]
    told = next((match.facts for match in found if match.facts), {})
    best = max(found, key=lambda match: match.weight, default=None)
    return best and replace(best, facts=told)


def _by_phrases(kind: Kind, text: _Text) -> Iterator[Match]:
    for phrase in kind.recognises:
        span = _search(phrase, text)
        if span is not None:
            yield Match(kind, phrase, text.line(*span), weight_of(phrase))


def weight_of(phrase: str) -> int:
    """How many characters of a phrase are fixed."""
    return len(phrase) - phrase.count(ANY)


def _search(phrase: str, text: _Text) -> tuple[int, int] | None:
    parts = [part.strip() for part in phrase.split(ANY)]
    if not all(part.lower() in text.lower for part in parts):
        return None
    found = re.search(phrase_pattern(phrase), text.flat, re.IGNORECASE)
    return found.span() if found else None


def _by_cause(kind: Kind, text: _Text) -> Iterator[Match]:
    """A cause in one of our own reports, with the facts that it was told with."""
    parts = [(literal, name) for literal, name, _, _ in string.Formatter().parse(kind.cause)]
    weight = sum(len(literal) for literal, _ in parts)
    if kind.said_by or weight < _FEWEST_FIXED or not all(literal.lower() in text.lower for literal, _ in parts):
        return
    longest, pattern = max((literal for literal, _ in parts), key=len), _pattern(parts)
    for start in _beginnings(longest, text):
        found = pattern.match(text.flat, start)
        if found is not None:
            yield Match(kind, "its own words", text.line(*found.span("cause")), weight, _facts(found, parts))
            return


def _beginnings(literal: str, text: _Text) -> Iterator[int]:
    """Where a cause that holds these words may begin: at the line on which they stand, or some lines before."""
    place = -1
    for _ in range(_MOST_PLACES):
        place = text.flat.find(literal, place + 1)
        if place < 0:
            return
        line = bisect_right(text.starts, place) - 1
        yield from reversed(text.starts[max(0, line - 3) : line + 1])


def _pattern(parts: Iterable[tuple[str, str | None]]) -> re.Pattern[str]:
    names: set[str] = set()
    pieces = []
    for literal, name in parts:
        pieces.append(re.escape(literal))
        if name:
            pieces.append(f"(?P=f_{name})" if name in names else f"(?P<f_{name}>.{{1,300}}?)")
            names.add(name)
    end = r"(?=\"| +fix: |$| +log: | +more: )" if pieces and pieces[-1].startswith("(?P") else ""
    return re.compile(r"(?:closed: |\"cause\": \")?(?P<cause>" + "".join(pieces) + ")" + end)


def _facts(found: re.Match[str], parts: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    return {name: found[f"f_{name}"].strip("'") for _, name in parts if name}


def _by_link(kind: Kind, text: _Text) -> Iterator[Match]:
    for found in _LINK.finditer(text.flat):
        if found[1] == kind.id:
            yield Match(kind, found[0], text.line(*found.span()), len(found[0]))
