"""PyPI's own rules, asked offline: what it would say of a file, before any other file of the release is public.

They are the twin's, which stand against recordings of PyPI's own software. What depends on the index's state (names
that are taken, roles, the age of a release) is asked by preflight and by the upload itself.
"""

from __future__ import annotations

import tarfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from packaging.metadata import Metadata

    from towpath.index.twin.form import Form


def refusals(path: Path) -> tuple[str, ...]:
    """Why PyPI would refuse this file, in its own words, one for each rule; empty if it would take it.

    The form is the one that twine would send. Of a file that twine cannot read only name, size and archive are judged:
    `twine check` says what is wrong with the rest.
    """
    from towpath.index.twin.archives import check_archive
    from towpath.index.twin.form import check_filename
    from towpath.index.twin.records import Project
    from towpath.index.twin.uploads import check_size

    kind, form = "bdist_wheel" if path.suffix == ".whl" else "sdist", _form(path)
    of_file = [
        lambda: check_filename(path.name, kind),
        lambda: check_size(path.stat().st_size, path.name.partition("-")[0], Project("", "")),
        lambda: check_archive(path, path.name),
    ]
    said = [text for one in of_file for text in _said(one)]
    whole = not said
    if form is not None:
        said += _of_metadata(form, path if whole else None, kind)
    return tuple(dict.fromkeys(said))


def _of_metadata(form: Form, path: Path | None, kind: str) -> list[str]:
    """What is wrong with the form, and what in the archive does not fit it; no path for a broken archive."""
    from towpath.index.twin.archives import check_sdist, check_wheel
    from towpath.index.twin.form import check_form
    from towpath.index.twin.metadata import check_metadata
    from towpath.index.twin.metadata import refusals as faults
    from towpath.index.twin.readme import check_description

    said = [*_said(lambda: check_form(form)), *(refusal.reason for refusal in faults(form))]
    if said:
        return said
    metadata: Metadata = check_metadata(form)
    said += _said(lambda: check_description(metadata))
    if path is not None:
        check = check_sdist if kind == "sdist" else check_wheel
        said += _said(lambda: check(path, path.name, metadata))
    return said


def _said(check: Callable[[], object]) -> list[str]:
    from towpath.index.twin.answers import Refusal

    try:
        check()
    except Refusal as refusal:
        return [refusal.reason]
    return []


def _form(path: Path) -> Form | None:
    """The form that twine would send; None where it would send nothing."""
    from twine.exceptions import TwineException
    from twine.package import PackageFile
    from werkzeug.datastructures import MultiDict

    from towpath.index.twin.form import read_form

    try:
        fields = PackageFile.from_filename(str(path), comment=None).metadata_dictionary()
    except (TwineException, OSError, EOFError, ValueError, zipfile.BadZipFile, tarfile.TarError):
        return None
    sent: list[tuple[str, str]] = []
    for name, value in fields.items():
        if name == "project_urls" and isinstance(value, dict):
            sent += [(name, f"{label}, {url}") for label, url in value.items()]
        elif name == "keywords" and isinstance(value, list):
            sent.append((name, ", ".join(value)))
        else:
            sent += [(name, str(one)) for one in (value if isinstance(value, (list, tuple)) else [value])]
    return read_form(MultiDict(sent), MultiDict())
