"""The form of an upload: its fields, and what PyPI asks of those that are not metadata."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.index.twin.answers import Refusal

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage, MultiDict

CORE_METADATA = "See https://packaging.python.org/specifications/core-metadata for more information."
EXTENSIONS = {"sdist": (".zip", ".tar.gz"), "bdist_wheel": (".whl",)}

_SHOWN = 60
_NAME = re.compile(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.IGNORECASE | re.ASCII)
_HEX_256 = re.compile(r"[A-F0-9]{64}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of an upload by name, each with all its values, and the file where there is one."""

    fields: dict[str, list[str]]
    content: FileStorage | None

    def first(self, name: str) -> str:
        """The first value of a field, or an empty text."""
        return next(iter(self.fields.get(name, ())), "")

    @property
    def pyversion(self) -> str:
        """The Python version of the file; `source` where an sdist leaves it out."""
        return self.first("pyversion") or ("source" if self.first("filetype") == "sdist" else "")


def read_form(fields: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> Form:
    """The form without what distutils put in for nothing (`UNKNOWN`), NUL characters spelled out."""
    kept = {
        name: [value.replace("\x00", "\\x00") for value in values]
        for name, values in fields.lists()
        if values[-1].strip() != "UNKNOWN"
    }
    return Form(kept, files.get("content"))


def check_no_files(files: MultiDict[str, FileStorage]) -> None:
    """Raise a Refusal if a field that should be text was sent as a file."""
    for name in sorted(name for name in files if files[name].filename):
        if name in ("content", "gpg_signature"):
            continue
        raise Refusal(400, f"{name}: Should not be a tuple.")


def check_form(form: Form) -> None:
    """Raise a Refusal for the first field that is wrong: the name first, the others by alphabet."""
    name = form.first("name")
    if not name:
        raise Refusal(400, _bad_name(name, "This field is required."))
    if not _NAME.fullmatch(name):
        rule = "Start and end with a letter or numeral containing only ASCII numeric and '.', '_' and '-'."
        raise Refusal(400, _bad_name(name, rule))
    for field, complaint in (
        ("blake2_256_digest", _bad_digest(form.first("blake2_256_digest"), "BLAKE2")),
        ("filetype", _bad_filetype(form.first("filetype"))),
        ("pyversion", _bad_pyversion(form)),
        ("sha256_digest", _bad_digest(form.first("sha256_digest"), "SHA256")),
    ):
        if complaint:
            raise Refusal(400, f"Invalid value for {field}. Error: {complaint}")
    if not any(form.first(f"{digest}_digest").strip() for digest in ("md5", "sha256", "blake2_256")):
        raise Refusal(400, "Error: Include at least one message digest.")


def check_filename(filename: str, filetype: str) -> None:
    """Raise a Refusal for a file name that PyPI takes under no circumstances."""
    if any(ord(char) < ord(" ") or char == "\x7f" for char in filename):
        what = "non-printable characters (ordinals 0-31) or the DEL character (ordinal 127)"
        raise Refusal(400, f"Cannot upload a file with {what} in the name.")
    if "/" in filename or "\\" in filename:
        raise Refusal(400, "Cannot upload a file with '/' or '\\' in the name.")
    found = re.match(r".+?(\.(?:tar\.gz|zip|whl))$", filename, re.IGNORECASE)
    if found is None:
        raise Refusal(
            400,
            "Invalid file extension: Use .tar.gz, .whl or .zip extension. See "
            "https://www.python.org/dev/peps/pep-0527 and https://peps.python.org/pep-0715/ "
            "for more information",
        )
    if found.group(1) not in EXTENSIONS[filetype]:
        raise Refusal(
            400,
            f"Invalid file extension: Extension {found.group(1)} is invalid for filetype {filetype}. "
            "See https://www.python.org/dev/peps/pep-0527 for more information.",
        )


def _bad_name(name: str, rule: str) -> str:
    shown = f"{name[:30]}...{name[-30:]}" if len(name) > _SHOWN else name
    return f"{shown!r} is an invalid value for Name. Error: {rule} {CORE_METADATA}"


def _bad_digest(digest: str, kind: str) -> str:
    if not digest.strip() or _HEX_256.fullmatch(digest):
        return ""
    return f"Use a valid, hex-encoded, {kind} message digest."


def _bad_filetype(filetype: str) -> str:
    if not filetype:
        return "This field is required."
    return "" if filetype in EXTENSIONS else "Use a known file type."


def _bad_pyversion(form: Form) -> str:
    if form.first("filetype") == "sdist":
        return "" if form.pyversion == "source" else "Use 'source' as Python version for an sdist."
    if form.pyversion.strip():
        return ""
    return "Python version is required for binary distribution uploads."
