"""Asking an index what it holds, and downloading from it (PEP 503, PEP 691, PEP 792)."""

from __future__ import annotations

import hashlib
import re
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

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
from towpath.index.pages import IndexFile, Page, from_html, from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from towpath.model import Distribution, IndexAddress

__all__ = ["IndexClient", "IndexFile", "Listing", "by_version"]

# pip's own header: what pip sees is what counts
# (https://github.com/pypa/pip/blob/main/src/pip/_internal/index/collector.py)
PIP = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
HTML = "text/html"
_NOT_FOUND, _OK = 404, 200
_BLOCK = 1 << 16
_HOPS = 5
_PAGE_SECONDS = 120.0
_LEAST_BYTES_PER_SECOND = 50_000  # slower than this, a connection is as good as broken
_NOT_A_PAGE = "its page is neither JSON by PEP 691 nor a list of links by PEP 503"
_NO_OBJECT = "its provenance is no JSON object"
_CIRCLES = "it sends its readers round in circles"


@dataclass(frozen=True, slots=True)
class Listing:
    """What an index showed of a project: its files by name, and its status by PEP 792.

    `serial` is the number of the project's last change, which only PyPI's own software gives; `skew` how many
    seconds its clock is ahead of ours, None where it does not say; `known` is False where it has no such project.
    """

    known: bool = False
    page: Page = field(default_factory=Page)
    serial: int | None = None
    skew: float | None = None

    @property
    def files(self) -> Mapping[str, IndexFile]:
        """The files by name."""
        return self.page.files


class IndexClient:
    """A client of one index. Use it in a `with` statement."""

    def __init__(self, address: IndexAddress, *, loopback_only: bool, seconds: float = _PAGE_SECONDS) -> None:
        """Connect to nothing yet; `seconds` is how long the answer to one question may take."""
        self.address = address
        self._seconds = seconds
        self._session = network.session(loopback_only=loopback_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def listing(self, project: str, *, accept: str = PIP) -> Listing:
        """What the index shows of a project now, by default as pip sees it.

        404 alone means that it does not know the project; and an index that sends its readers on to another host has
        nothing of its own to show. Any other failure raises index-unreachable: it is unknown then what the index
        holds, which is not the same as nothing.
        """
        url = urljoin(self.address.simple_url, f"{canonicalize_name(project)}/")
        answer = self._page(url, {"Accept": accept, "Cache-Control": "max-age=0"})
        if answer is None or answer.status_code == _NOT_FOUND:
            return Listing(skew=None if answer is None else _skew(answer))
        if answer.status_code != _OK:
            raise self._unreachable(_status(answer))
        return Listing(known=True, page=self._read(answer), serial=_serial(answer), skew=_skew(answer))

    def files(self, project: str) -> dict[str, IndexFile]:
        """Every file of a project, by name; empty if the index does not know the project. Raises index-unreachable."""
        return dict(self.listing(project).files)

    def published(self, project: str, version: str) -> dict[str, str] | None:
        """The files of a version by PyPI's JSON API, name → sha256; None where it says nothing.

        It is not cached together with the simple API, and is fresh where that one is stale
        (https://docs.pypi.org/api/json/).
        """
        name = canonicalize_name(project)
        url = urljoin(self.address.simple_url, f"../pypi/{name}/{version}/json")
        try:
            answer = self._get(url, {"Accept": "application/json", "Cache-Control": "max-age=0"})
            listed = answer.json()["urls"] if answer.status_code == _OK else []
            return {str(file["filename"]): str(file["digests"]["sha256"]) for file in listed} or None
        except (errors.TowpathError, ValueError, KeyError, TypeError):
            return None

    def provenance(self, project: str, version: str, filename: str) -> dict[str, Any] | None:
        """The provenance of a file by PyPI's integrity API, as it comes; None where it has none (404).

        Raises index-unreachable.
        """
        name = canonicalize_name(project)
        url = urljoin(self.address.simple_url, f"../integrity/{name}/{version}/{filename}/provenance")
        answer = self._get(url, {"Accept": "application/vnd.pypi.integrity.v1+json"})
        if answer.status_code == _NOT_FOUND:
            return None
        if answer.status_code != _OK:
            raise self._unreachable(_status(answer))
        try:
            return dict(answer.json())
        except (ValueError, TypeError):
            raise self._unreachable(_NO_OBJECT) from None

    def present(self, project: str, wanted: tuple[Distribution, ...]) -> set[str]:
        """The names of those distributions that the index has, byte for byte.

        Raises index-other-bytes if it has other bytes under one of the names.
        """
        return self.present_in(self.listing(project).files, wanted)

    def present_in(self, there: Mapping[str, IndexFile], wanted: Iterable[Distribution]) -> set[str]:
        """The same, of files that it has shown already. What it gives no sha256 of is downloaded and measured."""
        found = [(file, there[file.filename]) for file in wanted if file.filename in there]
        for file, shown in found:
            self.require_same(file, shown.sha256 or self._measured(shown, file))
        return {file.filename for file, _ in found}

    def require_same(self, file: Distribution, there: str) -> None:
        """Raise index-other-bytes unless this is the file's sha256."""
        if there != file.sha256:
            raise errors.INDEX_OTHER_BYTES.error(
                index=self.address.name, file=file.filename, there=there[:12], sealed=file.sha256[:12]
            )

    def require_free(self, project: str, version: str, ours: tuple[Distribution, ...]) -> None:
        """Raise version-taken if the index has a file of this version that is none of ours."""
        self.require_free_in(self.listing(project).files, version, ours)

    def require_free_in(self, there: Iterable[str], version: str, ours: tuple[Distribution, ...]) -> None:
        """The same, of files that it has shown already."""
        names = {file.filename for file in ours}
        for filename in there:
            if _version_of(filename) == Version(version) and filename not in names:
                raise errors.VERSION_TAKEN.error(index=self.address.name, version=version, file=filename)

    def download(self, file: IndexFile, to: Path, *, size: int | None = None) -> str:
        """Download a file in pieces and return the sha256 of what came. Raises index-unreachable.

        With `size`, the bytes that it should have, what goes beyond is not taken, and time is limited accordingly.
        """
        digest, came = hashlib.sha256(), 0
        try:
            with (
                network.at_most(self._session, seconds_for(size or 0)),
                self._session.get(file.url, stream=True) as answer,
                to.open("wb") as opened,
            ):
                if answer.status_code != _OK:
                    raise self._unreachable(_status(answer))
                for block in answer.iter_content(_BLOCK):
                    digest.update(block)
                    opened.write(block)
                    came += len(block)
                    if size is not None and came > size:
                        break
        except requests.RequestException as error:
            raise self._unreachable(network.in_words(error, file.url)) from None
        return digest.hexdigest()

    def _measured(self, shown: IndexFile, file: Distribution) -> str:
        with tempfile.TemporaryDirectory(prefix="towpath-") as folder:
            return self.download(shown, Path(folder, "measured"), size=file.size)

    def _read(self, answer: requests.Response) -> Page:
        try:
            if "html" in answer.headers.get("Content-Type", "").lower():
                return from_html(answer.url, answer.text)
            return from_json(answer.url, answer.json())
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._unreachable(_NOT_A_PAGE) from None

    def _page(self, url: str, headers: dict[str, str]) -> requests.Response | None:
        """The page, wherever on this host it is; None where the index sends its readers to another one.

        pypiserver does so for what it does not have: the files of somebody else's project would be taken for its own.
        """
        for _ in range(_HOPS):
            answer = self._get(url, headers)
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers["Location"])
            if urlsplit(url).hostname != urlsplit(self.address.simple_url).hostname:
                self._require_allowed(url)
                return None
        raise self._unreachable(_CIRCLES)

    def _require_allowed(self, url: str) -> None:
        if isinstance(self._session.get_adapter(url), network.LoopbackOnly):
            network.require_loopback(url)

    def _get(self, url: str, headers: dict[str, str]) -> requests.Response:
        try:
            with network.at_most(self._session, self._seconds):
                return self._session.get(url, headers=headers, allow_redirects=False)
        except requests.RequestException as error:
            raise self._unreachable(network.in_words(error, url)) from None

    def _unreachable(self, why: str) -> errors.TowpathError:
        return errors.INDEX_UNREACHABLE.error(index=self.address.name, why=why)


def seconds_for(size: int) -> float:
    """How long so many bytes may take at most, on a slow connection."""
    return _PAGE_SECONDS + size / _LEAST_BYTES_PER_SECOND


def _status(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.reason}"


def _serial(answer: requests.Response) -> int | None:
    text = answer.headers.get("X-PyPI-Last-Serial", "")
    return int(text) if text.isdecimal() else None


def _skew(answer: requests.Response) -> float | None:
    """By the Date header, and the Age of an answer that a cache has kept."""
    try:
        said = parsedate_to_datetime(answer.headers["Date"])
        age = float(answer.headers.get("Age", 0))
    except (KeyError, ValueError, TypeError):
        return None
    aware = said if said.tzinfo else said.replace(tzinfo=timezone.utc)
    return aware.timestamp() + age - datetime.now(timezone.utc).timestamp()


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
