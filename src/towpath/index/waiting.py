"""What an index shows of files that it was sent, and waiting until it does.

PyPI's simple API is cached and may lag behind an upload by more than ten minutes, its HTML and JSON apart; its JSON
API is cached on its own. So a file that pip does not see yet need not be missing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.index.client import IndexClient
    from towpath.model import Distribution

LIMIT_SECONDS = 900.0
ABSENT_SECONDS = 300.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0


@dataclass(frozen=True, slots=True)
class Question:
    """Of which index it is asked where which files of a version stand."""

    client: IndexClient
    project: str
    version: str
    wanted: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Where files stand: `served` to pip; `stale`, known to the index and not on the page that pip reads; `absent`."""

    served: frozenset[str]
    stale: frozenset[str]
    absent: frozenset[str]

    @property
    def words(self) -> str:
        """For people."""
        parts = {"served": self.served, "taken, but not yet on the simple page": self.stale, "absent": self.absent}
        return ", ".join(f"{len(names)} {what}" for what, names in parts.items() if names)


def look(question: Question) -> Seen:
    """Ask as pip asks, and for what is missing the JSON API. Raises index-other-bytes and index-unreachable."""
    client = question.client
    served = frozenset(client.present(question.project, question.wanted))
    missing = [file for file in question.wanted if file.filename not in served]
    taken = (client.published(question.project, question.version) or {}) if missing else {}
    stale = [file for file in missing if file.filename in taken]
    for file in stale:
        client.require_same(file, taken[file.filename])
    names = frozenset(file.filename for file in stale)
    return Seen(served, names, frozenset(file.filename for file in missing) - names)


def wait_until_taken(question: Question, *, tell: Callable[[str], None], limit: float = LIMIT_SECONDS) -> Seen:
    """Ask until the index shows every file somewhere, byte for byte. Raises index-incomplete after `limit` seconds."""
    seen = _wait(question, tell, lambda seen, _: not seen.absent, limit)
    _require_none_absent(question.client, seen, limit)
    return seen


def wait_until_served(question: Question, *, tell: Callable[[str], None], limit: float) -> Seen:
    """Ask until pip would be served every file, byte for byte.

    Raises index-stale where the index has them and its simple page stays old for `limit` seconds, and index-incomplete
    where it shows a file nowhere for so long, at most five minutes.
    """
    soon = min(limit, ABSENT_SECONDS)

    def enough(seen: Seen, passed: float) -> bool:
        return len(seen.served) == len(question.wanted) or (bool(seen.absent) and passed > soon)

    seen = _wait(question, tell, enough, limit)
    _require_none_absent(question.client, seen, soon)
    if seen.stale:
        raise errors.INDEX_STALE.error(index=question.client.address.name, file=min(seen.stale), seconds=int(limit))
    return seen


def _wait(question: Question, tell: Callable[[str], None], enough: Callable[[Seen, float], bool], limit: float) -> Seen:
    """An index that does not answer now and then is asked again; raises index-unreachable if that is how it ends."""
    began, pause = time.monotonic(), FIRST_PAUSE_SECONDS
    while True:
        seen, trouble = _try(question)
        passed = time.monotonic() - began
        if seen is not None and (enough(seen, passed) or passed > limit):
            return seen
        if trouble is not None and passed > limit:
            raise trouble
        words = seen.words if seen else "no answer"
        tell(f"waiting for {question.client.address.name} since {passed:.0f} s, of {limit:.0f} at most: {words}")
        time.sleep(min(pause, max(limit - passed, 0.0) + 0.01))
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _try(question: Question) -> tuple[Seen | None, errors.TowpathError | None]:
    try:
        return look(question), None
    except errors.TowpathError as error:
        if error.problems[0].id != errors.INDEX_UNREACHABLE.id:
            raise
        return None, error


def _require_none_absent(client: IndexClient, seen: Seen, seconds: float) -> None:
    if seen.absent:
        raise errors.INDEX_INCOMPLETE.error(index=client.address.name, file=min(seen.absent), seconds=int(seconds))
