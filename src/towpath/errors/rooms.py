"""The catalogue in the order in which it is read: by room, first what towpath says, then what others say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from towpath.errors import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "calls": "The call and the configuration",
    "adopt": "Adopting towpath",
    "project": "The project",
    "versions": "Versions and the changelog",
    "bump": "The bump",
    "git": "git and the repository",
    "evidence": "Evidence and what was sealed",
    "walk": "The walk and the call of a gate",
    "gates": "The gates lint, test and security",
    "environments": "Environments and interpreters",
    "distributions": "Building and what is in a distribution",
    "inspection": "The inspection of distributions",
    "installing": "The distribution once it is installed",
    "tag": "The tag",
    "publishing": "Publishing and the index",
    "credentials": "Credentials",
    "forge": "The forge",
    "ci": "Publishing by CI",
    "workflow": "The workflows",
    "interpreter": "Running workflows on this machine",
    "audit": "The audit",
    "doctor": "What the doctor finds",
    "doctor_workflows": "What the doctor finds in workflows",
    "files": "The disk",
    "network": "The network",
    "said_of_uploads": "What PyPI says of an upload",
    "said_of_publishers": "What PyPI says of trusted publishing",
    "said_of_metadata": "What PyPI says of the metadata",
    "said_of_archives": "What PyPI says of a file",
    "said_by_git": "What git says",
    "said_by_github": "What GitHub says of releases",
    "said_by_actions": "What GitHub Actions says",
    "said_by_tools": "What pip, uv, twine and build say",
    "said_by_guides": "What people say",
}


def rooms() -> dict[str, tuple[Kind, ...]]:
    """Every kind, by the title of its room. A room without a title goes by its module's name."""
    prefix = "towpath.errors."
    named = [name.removeprefix(prefix) for name in sys.modules if name.startswith(prefix)]
    untitled = {name: name.capitalize() for name in sorted(named) if name not in TITLES}
    found = {title: _kinds(prefix + name) for name, title in {**TITLES, **untitled}.items()}
    return {title: kinds for title, kinds in found.items() if kinds}


def _kinds(module: str) -> tuple[Kind, ...]:
    held = vars(sys.modules[module]).values() if module in sys.modules else ()
    return tuple(kind for kind in held if isinstance(kind, Kind))
