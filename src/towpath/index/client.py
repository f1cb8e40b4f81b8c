"""Asking an index what it holds, and downloading from it (PEP 503, PEP 691)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import requests
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from towpath import errors, network

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from towpath.model import Distribution, IndexAddress

_JSON = "application/vnd.pypi.simple.v1+json"
_NOT_FOUND, _OK = 404, 200
_BLOCK = 1 << 20
_NOT_JSON = "its page is not JSON by PEP 691"


@dataclass(frozen=True, slots=True)
class IndexFile:
    """A file as the index shows it. `sha256` is empty where the index gives none."""

    filename: str
    url: str
    sha256: str
    yanked: bool = False
    yank_reason: str = ""


class IndexClient:
    """A client of one index. Use it in a `with` statement."""

    def __init__(self, address: IndexAddress, *, loopback_only: bool) -> None:
        self.address = address
        self._session = network.session(loopback_only=loopback_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def files(self, project: str) -> dict[str, IndexFile]:
        """Every file of a project, by name; empty if the index does not know the project.

        404 alone means that it does not. Any other failure raises index-unreachable: it is unknown then what
        the index holds, which is not the same as nothing.
        """
        url = urljoin(self.address.simple_url, f"{canonicalize_name(project)}/")
        answer = self._get(url, {"Accept": _JSON})
        if answer.status_code == _NOT_FOUND:
            return {}
        if answer.status_code != _OK:
            raise self._unreachable(_status(answer))
        try:
            listed: list[dict[str, Any]] = answer.json()["files"]
            files = [_file(url, one) for one in listed]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._unreachable(_NOT_JSON) from None
        return {file.filename: file for file in files}

    def present(self, project: str, wanted: tuple[Distribution, ...]) -> set[str]:
        """The names of those distributions that the index has, byte for byte.

        Raises index-other-bytes if it has other bytes under one of the names.
        """
        there = self.files(project)
        for file in wanted:
            found = there.get(file.filename)
            if found is not None and found.sha256 != file.sha256:
                raise errors.INDEX_OTHER_BYTES.error(
                    index=self.address.name,
                    file=file.filename,
                    there=found.sha256[:12] or "unknown",
                    sealed=file.sha256[:12],
                )
        return {file.filename for file in wanted if file.filename in there}

    def require_free(self, project: str, version: str, ours: tuple[Distribution, ...]) -> None:
        """Raise version-taken if the index has a file of this version that is none of ours."""
        names = {file.filename for file in ours}
        for filename in self.files(project):
            if _version_of(filename) == Version(version) and filename not in names:
                raise errors.VERSION_TAKEN.error(index=self.address.name, version=version, file=filename)

    def download(self, file: IndexFile, to: Path) -> str:
        """Download a file and return the sha256 of what came. Raises index-unreachable."""
        digest = hashlib.sha256()
        try:
            with self._session.get(file.url, stream=True) as answer, to.open("wb") as opened:
                if answer.status_code != _OK:
                    raise self._unreachable(_status(answer))
                for block in answer.iter_content(_BLOCK):
                    digest.update(block)
                    opened.write(block)
        except requests.RequestException as error:
            raise self._unreachable(type(error).__name__) from None
        return digest.hexdigest()

    def _get(self, url: str, headers: dict[str, str]) -> requests.Response:
        try:
            return self._session.get(url, headers=headers)
        except requests.RequestException as error:
            raise self._unreachable(type(error).__name__) from None

    def _unreachable(self, why: str) -> errors.TowpathError:
        return errors.INDEX_UNREACHABLE.error(index=self.address.name, why=why)


def _status(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.reason}"


def by_version(files: Iterable[IndexFile]) -> dict[Version, tuple[IndexFile, ...]]:
    """The files of each version; of kinds that are no longer taken (eggs, installers, bzip2), too."""
    found: dict[Version, tuple[IndexFile, ...]] = {}
    for file in files:
        version = _version_of(file.filename) or _version_of_old(file.filename)
        if version is not None:
            found[version] = (*found.get(version, ()), file)
    return found


def _version_of_old(filename: str) -> Version | None:
    named = re.fullmatch(r".+?-(\d[^-]*?)(?:-py\d.*|\.win.*)?\.(?:egg|exe|msi|tar\.bz2|tgz|rpm)", filename)
    try:
        return Version(named[1]) if named else None
    except InvalidVersion:
        return None


def _version_of(filename: str) -> Version | None:
    """The version that a file's name says; None for a name that is no distribution's."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[1]
        return parse_sdist_filename(filename)[1]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def _file(page: str, listed: dict[str, Any]) -> IndexFile:
    yanked = listed.get("yanked", False)  # PEP 592: a reason, or whether it is
    return IndexFile(
        listed["filename"],
        urljoin(page, listed["url"]),
        listed.get("hashes", {}).get("sha256", ""),
        yanked=yanked is not False,
        yank_reason=yanked if isinstance(yanked, str) else "",
    )
