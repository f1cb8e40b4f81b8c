"""What never belongs into a distribution: secrets, the leavings of tools, and files that run code by themselves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from towpath.distributions.archive import Member, members

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

SECRET_FILES = frozenset({".pypirc", ".netrc", "_netrc", ".env", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"})
_PARTS = {
    ".git": "git's own folder, which holds the whole history",
    "__pycache__": "compiled files, which may hold what the source no longer does",
    ".env": "a file that is made to hold secrets",
}


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for besides names.

    `secrets` finds the secrets in a file's bytes and says what each is; `accepted` are the sha256 of files whose
    secrets the project has declared; `tree` is the sha256 of what is committed, by path; `allowed` path pattern →
    reason.
    """

    secrets: Callable[[bytes], Iterator[str]]
    accepted: Collection[str]
    tree: Mapping[str, str]
    allowed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: member → what it is, what was allowed, and the archives that it could not look into."""

    forbidden: tuple[tuple[str, str], ...]
    allowed: tuple[tuple[str, str], ...]
    closed: tuple[tuple[str, str], ...]
    used: frozenset[str]


def search(distribution: Path, wanted: Search) -> Found:
    """Search every member of a distribution. Raises damaged-distribution."""
    forbidden, allowed, closed, used = [], [], [], set()
    for member in members(distribution):
        if member.closed:
            closed.append((member.path, member.closed))
        what = next(_faults(member, distribution, wanted), "")
        if not what:
            continue
        pattern = next((one for one in wanted.allowed if fnmatchcase(member.path, one)), None)
        if pattern is None:
            forbidden.append((member.path, what))
        else:
            used.add(pattern)
            allowed.append((member.path, wanted.allowed[pattern]))
    return Found(tuple(forbidden), tuple(allowed), tuple(closed), frozenset(used))


def _faults(member: Member, distribution: Path, wanted: Search) -> Iterator[str]:
    parts = [part for step in member.path.split("!/") for part in step.split("/") if part]
    yield from (_PARTS[part] for part in parts if part in _PARTS)
    name = parts[-1] if parts else ""
    if name in SECRET_FILES:
        yield "a file that is made to hold secrets"
    if name.endswith((".pyc", ".pyo")):
        yield "a compiled file, which may hold what the source no longer does"
    if name.endswith(".pth") and _is_new(member, distribution, wanted):
        yield "a .pth file, whose lines Python runs at every start"
    if member.content and _sha256(member) not in wanted.accepted:
        yield from wanted.secrets(member.content)


def _is_new(member: Member, distribution: Path, wanted: Search) -> bool:
    """Python reads those at the top of site-packages; deeper down it is data, if the project committed it."""
    head, _, below = member.path.partition("/")
    kind, _, rest = below.partition("/")
    in_data = head.endswith(".data")
    at_top = kind == "data" or "/" not in rest if in_data else not below
    return (distribution.suffix == ".whl" and at_top) or _sha256(member) not in wanted.tree.values()


def _sha256(member: Member) -> str:
    return hashlib.sha256(member.content).hexdigest()
