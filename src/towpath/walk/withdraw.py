"""Taking a version back: what to do, where, in which order. PyPI has no API for a yank, so nothing is done here.

A yanked file stays for those who pin it and is passed over by everybody else (PEP 592); a deleted one breaks them, and
its name can never be used again. So a yank it is, then the next version, and the notes that say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from towpath import errors
from towpath.config import reading
from towpath.model import counted
from towpath.walk.status import status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from towpath.walk.standing import Held
    from towpath.walk.status import Status

_SITES = {"pypi.org": "https://pypi.org", "test.pypi.org": "https://test.pypi.org"}


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do: what, where (an address or a file), and whether it is done already."""

    what: str
    where: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The plan. `remarks` say what is special, above all what is not known."""

    project: str
    version: str
    deeds: tuple[Deed, ...]
    remarks: tuple[str, ...]


def withdrawal(root: Path, environ: Mapping[str, str], version: str = "") -> Withdrawal:
    """What withdrawing a version takes, in order; the one that is there now if "".

    Raises:
        TowpathError: withdraw-unknown where an index does not answer, as nothing is known then; and what `status`
            raises.
    """
    found = status(root, environ, version)
    unknown = [one for one in found.held if one.on_route and one.unknown]
    if unknown:
        raise errors.WITHDRAW_UNKNOWN.error(version=found.version, why="; ".join(one.unknown for one in unknown))
    public = [one for one in found.held if one.files]
    remarks = () if public else (f"no index has a file of {found.version}: there is nothing to yank",)
    return Withdrawal(found.project, found.version, tuple(_deeds(found, public, root)), remarks)


def _deeds(found: Status, public: list[Held], root: Path) -> Iterator[Deed]:
    for one in public:
        files = counted(len(one.files), "file")
        what = f"yank {found.version} on {one.name}, with a reason that says what is wrong ({files})"
        yield Deed(what, yank_page(one, found.project, found.version, root), done=one.yanked)
    if not public:
        return
    prefix = reading.load(root).settings.prefix
    yield Deed("release the mended version", errors.respelled("invoke bump --part patch", prefix))
    if found.changelog:
        heading = f"mark the heading of {found.version} with [YANKED]"
        yield Deed(heading, found.changelog, done=found.entry.yanked)
    if found.forge.state != "none":
        yield Deed("say in the release's notes that it was yanked, and why", found.forge.page)
    elif found.forge.held.unknown:
        yield Deed(f"look for a release of {found.tag.name}: {found.forge.held.unknown}", found.forge.held.name)


def yank_page(held: Held, project: str, version: str, root: Path) -> str:
    """The page of PyPI or TestPyPI on which a version is yanked; for another index, its address."""
    address = reading.load(root).index(held.name)
    site = _SITES.get(urlsplit(address.simple_url).hostname or "")
    if site is None:
        return f"{address.simple_url} (by the means of that index)"
    return f"{site}/manage/project/{canonicalize_name(project)}/release/{version}/"
