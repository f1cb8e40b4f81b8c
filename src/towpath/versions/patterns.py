"""Places that the configuration declares: a file, and a pattern such as `version-{version}-blue`.

A pattern is literal text with fields in braces (`{{` is a brace): `{version}`, or the parts of one,
`v{major}.{minor}.{patch}`. `{version}` alone means that the file holds nothing else. Every match is a place.
"""

from __future__ import annotations

import posixpath
import re
import string
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from towpath import errors
from towpath.versions.texts import Place, Text, Tree, decoded, decoded_python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.version import Version

WHOLE_FILE = "{version}"
_VERSION = r"v?(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?\d*)?"
_VERSION += r"(?:[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9]+(?:[._-][a-z0-9]+)*)?"
_FIELDS = {
    "version": _VERSION,
    "release": r"\d+(?:\.\d+)*",
    "epoch": r"\d+",
    "major": r"\d+",
    "minor": r"\d+",
    "patch": r"\d+",
    "pre": r"(?:(?:a|b|rc)\d+)?",
    "post": r"(?:\.post\d+)?",
    "dev": r"(?:\.dev\d+)?",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """A place that the configuration declares; `path` is posix and relative to the root."""

    path: str
    pattern: str = WHOLE_FILE


def declared_places(tree: Tree, declared: Declared) -> tuple[Place, ...] | errors.Problem:
    """The places of a declaration, or `place-missing`: no such file, or nothing in it matches.

    Raises:
        TowpathError: `bad-configuration` for a pattern without a field or with an unknown one.
    """
    expression, template = _compiled(declared)
    declared = replace(declared, path=posixpath.normpath(declared.path))
    data = tree.read(declared.path)
    if data is None:
        return _missing(declared, "there is no such file")
    python = decoded_python(declared.path, data) if declared.path.endswith(".py") else None
    file = python or decoded(declared.path, data)
    return tuple(_found(file, declared, expression, template)) or _missing(declared, "nothing in it matches")


def rendered(template: str, version: Version, spelled: str) -> str:
    """A template filled in; `spelled` is what `{version}` becomes."""
    major, minor, patch = (*version.release, 0, 0)[:3]
    fields = {
        "version": spelled,
        "release": ".".join(map(str, version.release)),
        "epoch": version.epoch,
        "major": major,
        "minor": minor,
        "patch": patch,
        "pre": "".join(map(str, version.pre or ())),
        "post": "" if version.post is None else f".post{version.post}",
        "dev": "" if version.dev is None else f".dev{version.dev}",
    }
    return template.format_map(fields)


def whole_file(file: Text) -> Iterator[Place]:
    """The place that is all that a file holds, but for white space around it."""
    value = file.text.strip()
    if value and "\n" not in value:
        start = file.text.index(value)
        yield file.place("file", (start, start + len(value)))


def _found(file: Text, declared: Declared, expression: re.Pattern[str], template: str) -> Iterator[Place]:
    if declared.pattern == WHOLE_FILE:
        yield from whole_file(file)
    else:
        for match in expression.finditer(file.text):
            yield file.place("pattern", match.span("place"), template=template)


def _compiled(declared: Declared) -> tuple[re.Pattern[str], str]:
    """The expression for a pattern, and the part of it from the first field to the last as a template."""
    pieces = _pieces(declared)
    fields = [index for index, (is_field, _) in enumerate(pieces) if is_field]
    inside = pieces[fields[0] : fields[-1] + 1]
    before = "".join(text for _, text in pieces[: fields[0]])
    after = "".join(text for _, text in pieces[fields[-1] + 1 :])
    body = "".join(_FIELDS[text] if is_field else re.escape(text) for is_field, text in inside)
    # A number that goes on (1.2.0 in 11.2.0 or in 1.2.0.4) is another one.
    guard = r"(?<![\w.])" if not before else r"(?<!\d)" if before[-1].isdigit() else ""
    expression = rf"{re.escape(before)}{guard}(?P<place>{body})(?!\w|\.\d){re.escape(after)}"
    literal = str.maketrans({"{": "{{", "}": "}}"})
    template = "".join(f"{{{text}}}" if is_field else text.translate(literal) for is_field, text in inside)
    return re.compile(expression, re.IGNORECASE), template


def _pieces(declared: Declared) -> list[tuple[bool, str]]:
    """The pattern as literal texts and the names of fields (True)."""
    known = ", ".join(_FIELDS)
    pieces: list[tuple[bool, str]] = []
    try:
        for text, name, _, _ in string.Formatter().parse(declared.pattern):
            pieces += [(False, text)] if text else []
            pieces += [(True, name)] if name is not None else []
    except ValueError as error:
        raise _refused(declared, str(error)) from None
    names = [text for is_field, text in pieces if is_field]
    if unknown := [name for name in names if name not in _FIELDS]:
        raise _refused(declared, f"it has no field {unknown[0]!r}; the fields are {known}")
    if not names:
        raise _refused(declared, f"it has no field; the fields are {known}")
    return pieces


def _missing(declared: Declared, why: str) -> errors.Problem:
    return errors.PLACE_MISSING.problem(path=declared.path, pattern=declared.pattern, why=why)


def _refused(declared: Declared, why: str) -> errors.TowpathError:
    return errors.BAD_CONFIGURATION.error(
        where=f"the pattern {declared.pattern!r} for {declared.path}", what=why, suggestion=""
    )
