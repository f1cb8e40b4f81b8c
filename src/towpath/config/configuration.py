"""A project's configuration, and what follows from it: its indexes and its forge."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.config.sections import Index
from towpath.config.words import suggest
from towpath.model import ForgeAddress, IndexAddress

if TYPE_CHECKING:
    from towpath.config.sections import Settings

# PyPI's own addresses, https://docs.pypi.org/api/upload/ and https://docs.pypi.org/api/index-api/
_KNOWN_INDEXES = {
    "pypi": Index(upload_url="https://upload.pypi.org/legacy/", simple_url="https://pypi.org/simple/"),
    "testpypi": Index(upload_url="https://test.pypi.org/legacy/", simple_url="https://test.pypi.org/simple/"),
}
# A URL, or ssh's short form user@host:path; `github.com` deeper in a path is a folder's name.
_ON_GITHUB = re.compile(
    r"(?:\w+(?:\+\w+)?://)?(?:[^@/]+@)?(?:www\.|ssh\.)?github\.com(?::\d+(?=/))?[:/]/?([^/:]+/[^/]+?)(?:\.git)?/?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A project's pyproject.toml: its name as written, the whole document, and our settings."""

    name: str
    pyproject: dict[str, Any]
    settings: Settings

    def index(self, name: str) -> IndexAddress:
        """The index of that name. Raises unknown-name."""
        known = {**_KNOWN_INDEXES, **self.settings.index}
        if name not in known:
            raise errors.UNKNOWN_NAME.error(
                kind="index", name=name, known=", ".join(known), suggestion=suggest(name, known)
            )
        found = known[name]
        variable = found.token_variable or f"TOWPATH_TOKEN_{re.sub(r'[^A-Z0-9]', '_', name.upper())}"
        return IndexAddress(name, found.upload_url, found.simple_url, variable, found.credentials, found.username)

    def forge(self, remote_url: str | None) -> ForgeAddress | None:
        """The forge of the configuration, else GitHub where the remote is there; None if neither is known."""
        chosen = self.settings.github_release
        found = _ON_GITHUB.fullmatch(remote_url or "")
        repository = chosen.repository or (found[1] if found else "")
        return ForgeAddress(chosen.api_url, repository) if repository else None
