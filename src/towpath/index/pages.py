"""A project's page of the simple API, as JSON (PEP 691) or as HTML (PEP 503), read into one form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urldefrag, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class IndexFile:
    """A file as the index shows it. `sha256` is empty where the index gives none, `uploaded` None."""

    filename: str
    url: str
    sha256: str
    yanked: bool = False
    yank_reason: str = ""
    uploaded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says: the files by name, and the project's status by PEP 792."""

    files: Mapping[str, IndexFile] = field(default_factory=dict)
    status: str = ACTIVE
    status_reason: str = ""


def from_json(url: str, document: Any) -> Page:  # noqa: ANN401 - whatever the index sent
    """Read a JSON page. Raises ValueError, KeyError, TypeError or AttributeError for what is none."""
    said = document.get("project-status") or {}
    files = [_file(url, listed) for listed in document["files"]]
    return Page({file.filename: file for file in files}, str(said.get("status", ACTIVE)), str(said.get("reason") or ""))


def from_html(url: str, text: str) -> Page:
    """Read an HTML page. Raises ValueError for a page that does not say that it is a project's list of links.

    An error page or a log-in form has no links to files either, and must not be taken for an empty project.
    """
    reader = _Links()
    reader.feed(text)
    reader.close()
    if not reader.is_simple:
        message = "not a page of the simple API"
        raise ValueError(message)
    base = urljoin(url, reader.base)
    files = [_linked(urljoin(base, link.href), link) for link in reader.links]
    return Page({file.filename: file for file in files}, reader.status, reader.status_reason)


def _file(page: str, listed: dict[str, Any]) -> IndexFile:
    yanked = listed.get("yanked", False)  # PEP 592: a reason, or whether it is
    return IndexFile(
        listed["filename"],
        urljoin(page, listed["url"]),
        listed.get("hashes", {}).get("sha256", ""),
        yanked=yanked is not False,
        yank_reason=yanked if isinstance(yanked, str) else "",
        uploaded=_moment(listed.get("upload-time")),
    )


def _moment(text: object) -> datetime | None:
    """A time of PEP 700, whose fraction of a second has up to six digits; None for anything else."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z", text) if isinstance(text, str) else None
    return datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc) if found else None


@dataclass(slots=True)
class _Link:
    href: str
    yanked: str | None


class _Links(HTMLParser):
    """The links of a page, and whether it is one of the simple API."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[_Link] = []
        self.base = ""
        self.status = ACTIVE
        self.status_reason = ""
        self.is_simple = False
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._in_title = tag == "title"
        if tag == "a" and "href" in given:
            self.links.append(_Link(given["href"], given.get("data-yanked")))
        elif tag == "base":
            self.base = self.base or given.get("href", "")
        elif tag == "meta":
            self._read_meta(given.get("name", ""), given.get("content", ""))

    def handle_data(self, data: str) -> None:
        # pypiserver, devpi, GitLab, Nexus and CodeArtifact name no version of the API, but have this title
        self.is_simple = self.is_simple or (self._in_title and "links for" in data.lower())

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"

    def _read_meta(self, name: str, content: str) -> None:
        self.is_simple = self.is_simple or name == "pypi:repository-version"
        if name == "pypi:project-status":
            self.status = content
        elif name == "pypi:project-status-reason":
            self.status_reason = content


def _linked(href: str, link: _Link) -> IndexFile:
    url, fragment = urldefrag(href)
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    digest = parse_qs(fragment).get("sha256", [""])[0]
    return IndexFile(name, url, digest, yanked=link.yanked is not None, yank_reason=link.yanked or "")
