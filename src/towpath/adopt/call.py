"""What `init` was asked for, and the files that it answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from towpath.gates.gate import Pipeline


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asked for. `known` is that what lint and security find already is declared as known."""

    name: str = ""
    prefix: str = ""
    changelog: bool = False
    workflows: bool = True
    known: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file to write; `before` is None for a new one. The path is relative to the root, or to the repository's."""

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """Where it was asked, in which environment, about which pipeline."""

    root: Path
    environ: Mapping[str, str]
    pipeline: Pipeline
    wish: Wish
