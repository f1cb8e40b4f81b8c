"""Where else the version seems to be written: what a bump leaves behind as long as nobody declares it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.versions import writing
from towpath.versions.patterns import declared_places
from towpath.versions.places import Declared, Folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from packaging.version import Version

    from towpath.versions.places import Place

_VALUE = r"(?P<value>v?\d+(?:\.\d+)+(?:[-.]?[a-z]+[-.]?\d+)*)"
_QUOTED = rf"(?P<quote>[\"']){_VALUE}(?P=quote)"
# Of which files what counts: Sphinx's own names, the address of a badge, a citation, what modules and tests say.
_FORMS = (
    (r"doc[^/]*/(?:.*/)?conf\.py", rf"^(?:release|version) *= *{_QUOTED}"),
    (r"README[^/]*", rf"[?&]v={_VALUE}(?![\w.-])"),
    (r"README[^/]*", rf"\bversion-{_VALUE}-(?=[a-z])"),
    (r"CITATION\.cff", rf"\nversion: *[\"']?{_VALUE}\b"),
    (r".*\.py", rf"^[Vv]ersion: *{_VALUE}$"),
    (r".*\.py", rf"\b__version__ *==? *{_QUOTED}"),
)
# Files that speak for the project; a copy in any other is taken for one only while it agrees.
_SPEAKS = re.compile(r"(?!.*(?:vendor|test|example))(?:.*conf\.py|README.*|CITATION\.cff|(?:.*/)?_*version_*\.py)")


@dataclass(frozen=True, slots=True)
class Copy:
    """A likely place: the line and what it says, the pattern that declares it, whether all that this finds agrees."""

    path: str
    line: int
    value: str
    pattern: str
    agrees: bool


def copies(root: Path, listed: Iterable[str], known: Sequence[Place], version: Version) -> tuple[Copy, ...]:
    """The likely places in the files `listed` (posix, relative to the root) that are not among the `known` ones."""
    found = (
        _copy(root, path, pattern, known, version) for path in listed for pattern in _patterns(root, path, version)
    )
    return tuple(copy for copy in found if copy and (copy.agrees or _SPEAKS.fullmatch(copy.path)))


def _patterns(root: Path, path: str, version: Version) -> Iterator[str]:
    """The patterns of all that looks like a version in a file, each once."""
    forms = [form for name, form in _FORMS if re.fullmatch(name, path)]
    data = Folder(root).read(path) if forms else None
    text = (data or b"").decode(errors="replace")
    made = (_pattern(match, version) for form in forms for match in re.finditer(form, text, re.MULTILINE))
    yield from dict.fromkeys(made)


def _pattern(match: re.Match[str], version: Version) -> str:
    """The text of a match, with a field in place of the version, or with two where it says the first two numbers."""
    start, end = (at - match.start() for at in match.span("value"))
    literal = match[0].replace("{", "{{").replace("}", "}}")
    short = match["value"] == f"{version.major}.{version.minor}" and len(version.release) > len(("major", "minor"))
    return f"{literal[:start]}{'{major}.{minor}' if short else '{version}'}{literal[end:]}"


def _copy(root: Path, path: str, pattern: str, known: Sequence[Place], version: Version) -> Copy | None:
    there = declared_places(Folder(root), Declared(path, pattern))
    if isinstance(there, errors.Problem):
        return None
    spans = {(place.path, place.span) for place in known}
    new = [place for place in there if (place.path, place.span) not in spans]
    if not new:
        return None
    wrong = next((place for place in new if not writing.agrees(place, version)), None)
    told = wrong or new[0]
    return Copy(path, told.line, told.value, pattern, agrees=wrong is None)
