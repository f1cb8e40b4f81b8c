"""Waiting until an index shows what it has taken: PyPI's simple API may lag behind an upload by ten minutes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.index.client import IndexClient
    from towpath.model import Distribution

LIMIT_SECONDS = 900.0
LONGEST_PAUSE_SECONDS = 15.0


def wait_until_shown(
    client: IndexClient, project: str, wanted: tuple[Distribution, ...], *, limit: float = LIMIT_SECONDS
) -> set[str]:
    """Ask until every file is there, byte for byte, or `limit` seconds have passed; returns the names that are.

    Raises what `IndexClient.present` raises; an index that does not answer is not waited for.
    """
    deadline, pause = time.monotonic() + limit, 0.5
    shown = client.present(project, wanted)
    while len(shown) < len(wanted) and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        shown = client.present(project, wanted)
    return shown
