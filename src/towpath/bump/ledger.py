"""What is known of every version that ever was: tags, places, changelog and index, side by side, not yet judged."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from towpath.changelog import sections, titles
from towpath.versions.past import Found
from towpath.versions.texts import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.changelog.headings import Heading
    from towpath.repository.history import Objects, RemoteTag, TagRef
    from towpath.versions.past import Past
    from towpath.versions.texts import Tree

MISSING, EMPTY, UNRELEASED, THERE, DATED = "missing", "empty", "unreleased", "there", "dated"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the changelog has of a version: missing, empty, unreleased, there (without a date) or dated."""

    state: str = MISSING
    yanked: bool = False  # the heading says so: `## [1.0.1] - 2026-01-01 [YANKED]`


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag of a version, and what stands in its tree. `regular` is whether it is spelled as configured."""

    ref: TagRef
    regular: bool
    found: Found

    @property
    def kind(self) -> str:
        """Annotated or light."""
        return "annotated" if self.ref.annotated else "light"


@dataclass(frozen=True, slots=True)
class Published:
    """What the index has of a version: how many files, how many of them yanked, and why."""

    files: int
    yanked: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """All that is known of one version. `version` is None for a tag that spells none, which is in `tags` alone."""

    version: Version | None
    tags: tuple[Tagged, ...] = ()
    entry: Entry = Entry()
    published: Published | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The lines, and what holds for all of them. What could not be asked says why; "" where it was.

    `kinds` are those of the versions that the configured routes lead to the index.
    """

    project: str
    index: str
    remote: str
    lines: tuple[Line, ...]
    has_changelog: bool
    current: Version | None
    index_unknown: str = ""
    remote_unknown: str = ""
    on_remote: Mapping[str, RemoteTag] = field(default_factory=dict)
    shallow: bool = False
    remote_only: Mapping[Version, tuple[str, ...]] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    annotates: bool = False  # any tag is annotated
    branch: str = ""
    backwards: Mapping[Version, tuple[str, str]] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Spelling:
    """How tags are read: by the configured format, else as PEP 440 and common prefixes allow."""

    format: str
    project: str

    def regular(self, tag: str) -> Version | None:
        """The version of a tag that is spelled as configured."""
        before, _, after = self.format.partition("{version}")
        inside = tag.startswith(before) and tag.endswith(after) and len(tag) >= len(before) + len(after)
        return _version(tag[len(before) : len(tag) - len(after)]) if inside else None

    def version(self, tag: str) -> Version | None:
        """The version that a tag spells, in whatever way; None if it spells none."""
        return self.regular(tag) or _version(self._bare(tag))

    def looks_like_one(self, tag: str) -> bool:
        """Whether a tag that spells no version was meant to (`v.0.4.1`); `nightly` was not."""
        opens = re.match(r"(?:v|ver)?[-._ ]*\d", self._bare(tag), re.IGNORECASE)
        return opens is not None and self.meant(tag) is not None

    def meant(self, tag: str) -> Version | None:
        """The numbers in it."""
        digits = re.search(r"\d+(?:\.\d+)+", tag)
        return _version(digits[0]) if digits else None

    def _bare(self, tag: str) -> str:
        normal = canonicalize_name(self.project)
        own = "|".join(map(re.escape, {self.project, normal, normal.replace("-", "_")}))
        return re.sub(rf"^(?:(?:{own}|release|version|rel)[-_/@ ]?)", "", tag, count=1, flags=re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the lines come from.

    `changelog` is its text as it is in the folder, `prefix` the project's folder in the repository; `more` are further
    versions.
    """

    refs: tuple[TagRef, ...]
    spelling: Spelling
    objects: Objects
    prefix: str
    past: Past
    changelog_path: str
    changelog: str | None
    published: Mapping[Version, Published]
    more: Iterable[Version] = ()

    def tree(self, ref: TagRef) -> Tree:
        """What stands at a tag."""
        return self.objects.tree(ref.commit, self.prefix)


def lines(sources: Sources) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    """The lines by PEP 440, tags that spell no version last; and the tags that are about no version at all."""
    tags, unread, foreign = _sorted_tags(sources.refs, sources.spelling)
    entries = entries_of(sources.changelog)
    released = (version for version, entry in entries.items() if entry.state != UNRELEASED)
    made = []
    for version in sorted({*tags, *sources.published, *sources.more, *released}):
        refs = tags.get(version, ())
        tagged = tuple(_tagged(ref, sources) for ref in refs)
        entry = entries.get(version) or _entry_at(refs, sources, version)
        made.append(Line(version, tagged, entry, sources.published.get(version)))
    made += [Line(None, (_tagged(ref, sources),)) for ref in unread]
    return tuple(made), tuple(foreign)


def entries_of(changelog: str | None) -> dict[Version, Entry]:
    """What a changelog has of each version; the first heading of one counts."""
    text = changelog or ""
    found: dict[Version, Entry] = {}
    for about, heading, body in sections.entries(text):
        found.setdefault(about.version, _entry(text, about, heading, body))
    return found


def text_of(tree: Tree, path: str) -> str | None:
    """A file's text; None where there is none, or no path."""
    data = tree.read(path) if path else None
    return decoded(path, data).text if data is not None else None


def _sorted_tags(
    refs: Iterable[TagRef], spelling: Spelling
) -> tuple[dict[Version, tuple[TagRef, ...]], list[TagRef], list[str]]:
    tags: dict[Version, tuple[TagRef, ...]] = {}
    unread: list[TagRef] = []
    foreign: list[str] = []
    for ref in refs:
        version = spelling.version(ref.name)
        if version is not None:
            tags[version] = (*tags.get(version, ()), ref)
        elif spelling.looks_like_one(ref.name):
            unread.append(ref)
        else:
            foreign.append(ref.name)
    return tags, unread, foreign


def _tagged(ref: TagRef, sources: Sources) -> Tagged:
    found = sources.past.places(sources.tree(ref)) if ref.commit else Found()
    return Tagged(ref, sources.spelling.regular(ref.name) is not None, found)


def _entry_at(refs: Iterable[TagRef], sources: Sources, version: Version) -> Entry:
    """The entry in the changelog of the tag itself: a maintenance line keeps its own on its branch."""
    for ref in refs:
        text = (_changelog_in(sources.tree(ref), sources.changelog_path) if ref.commit else None) or ""
        if _numbers(version).search(text) is None:
            continue  # most often so; to read all headings of a long changelog takes a hundred times as long
        for about, heading, body in sections.entries(text):
            if about.version == version:
                return _entry(text, about, heading, body)
    return Entry()


def _entry(text: str, about: titles.Entry, heading: Heading, body: str) -> Entry:
    waiting = not about.released or titles.WAITING_LINE.match(text, heading.end)
    dated = titles.DATE.search(about.match["tail"])
    state = UNRELEASED if waiting else EMPTY if not body else DATED if dated else THERE
    return Entry(state, "yanked" in heading.title.lower())


def _numbers(version: Version) -> re.Pattern[str]:
    """The release's numbers in any spelling: padded with zeros, or without the last ones that are zero."""
    numbers = re.sub(r"(?:\.0)+$", "", ".".join(map(str, version.release)))
    return re.compile(r"(?<!\d)0*" + numbers.replace(".", r"\.0*"))


def _changelog_in(tree: Tree, path: str) -> str | None:
    """The changelog of a tree: at the path that it has now, else wherever it was."""
    listed = {*tree.children(""), *(f"docs/{name}" for name in tree.children("docs"))}
    names = (path, *(name for name in sections.CHANGELOG_NAMES if name in listed))
    return next((text for name in names if (text := text_of(tree, name)) is not None), None)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
