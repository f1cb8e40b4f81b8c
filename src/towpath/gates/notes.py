"""The release notes of a version: the changelog's section, else the commits, with a link to all changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.changelog.notes import FORGE_LIMIT, LIMIT, from_commits, notes
from towpath.changelog.sections import find, section
from towpath.config import reading
from towpath.gates.chosen import current, version_of
from towpath.repository.git import Repository
from towpath.repository.state import merged_tags
from towpath.versions.numbers import parse
from towpath.versions.texts import decoded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from packaging.version import Version

    from towpath.config.configuration import Configuration
    from towpath.model import ForgeAddress

_URL = re.compile(r"(?:[\w+]+://)?(?:[^@/]+@)?(?P<host>[^:/]+)(?::\d+(?=/))?[:/]/?(?P<path>[^:]+?)(?:\.git)?/?")
# How forges spell the comparison of two tags; what is not known has the form that most of them share.
_COMPARE = {"gitlab": "{web}/-/compare/{old}...{new}", "bitbucket": "{web}/branches/compare/{new}%0D{old}"}
_LINK = 2_000  # characters for the link to all changes, and for what says that the notes were shortened
_USUAL = "{web}/compare/{old}...{new}"


@dataclass(frozen=True, slots=True)
class Notes:
    """Markdown for a forge, and where it is from: the changelog's name, or `the commits`.

    `known` is whether the changelog or a tag knows the version.
    """

    version: str
    text: str
    source: str
    known: bool


def notes_of(root: Path, version: str = "") -> Notes:
    """The notes of a version of the project in `root`, of the one that is there now if "".

    Raises:
        TowpathError: bad-version, or no-such-version where neither the changelog nor a tag knows it and it is not
            the one that is there now.
    """
    repository, configuration = Repository(root), reading.load(root)
    now = current(repository, configuration.settings.tag.format).version
    wanted = parse(version, where="--version") if version else now
    found = release_notes(repository, configuration, wanted)
    if not found.known and wanted != now:
        raise errors.NO_SUCH_VERSION.error(version=wanted)
    return found


def release_notes(
    repository: Repository,
    configuration: Configuration,
    version: Version,
    forge: ForgeAddress | None = None,
    *,
    below: int = 0,
) -> Notes:
    """The notes of a version: of the changelog as it is now, else of the commits since the version before.

    `forge` is where the release is made, if that is known; else the remote's URL says it. `below` is how
    many characters come after them on the forge, which takes no more than so many in all.
    """
    settings, limit = configuration.settings, min(LIMIT, max(0, FORGE_LIMIT - _LINK - below))
    tag = settings.tag.format.format(version=version)
    tagged = repository.tag_commit(tag)
    before = _before(merged_tags(repository, tagged or "HEAD"), settings.tag.format, version)
    remote = repository.remote_url(settings.tag.remote) or ""
    link = compare_url(web_address(forge or configuration.forge(remote), remote), before, tag) if before else ""
    path = repository.folder / settings.bump.changelog if settings.bump.changelog else find(repository.folder)
    text = decoded(path.name, path.read_bytes()).text if path and path.is_file() else ""
    body = section(text, str(version))
    if path and body:
        return Notes(str(version), notes(body, compare_url=link, limit=limit), path.name, known=True)
    subjects = repository.subjects(before or None, tagged or "HEAD")
    known = body is not None or tagged is not None
    return Notes(str(version), notes(from_commits(subjects), compare_url=link, limit=limit), "the commits", known)


def compare_url(web: str, before: str, tag: str) -> str:
    """The page that shows all changes between two tags; "" without a forge."""
    host = web.partition("://")[2].partition("/")[0]
    form = next((form for name, form in _COMPARE.items() if name in host), _USUAL)
    return form.format(web=web, old=_quoted(before), new=_quoted(tag)) if web else ""


def web_address(forge: ForgeAddress | None, remote: str) -> str:
    """The project's page: of the forge, else where the remote is; "" for a remote without a host."""
    if forge is not None:
        host = forge.api_url.removesuffix("/").removesuffix("/api/v3").replace("//api.github.com", "//github.com")
        return f"{host}/{forge.repository}"
    found = _URL.fullmatch(remote)
    local = not found or "." not in found["host"] or remote.startswith(("/", ".", "file:")) or "\\" in remote
    return "" if local or not found else f"https://{found['host']}/{found['path']}"


def _quoted(tag: str) -> str:
    from urllib.parse import quote

    return quote(tag, safe="/!")


def _before(tags: Sequence[str], tag_format: str, version: Version) -> str:
    """The tag of the version before, by PEP 440, in the same history; "" if there is none."""
    read = [(one, tag) for tag in tags if (one := version_of(tag, tag_format)) and one < version]
    return max(read, default=(None, ""))[1]
