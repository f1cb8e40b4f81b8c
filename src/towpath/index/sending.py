"""A file brought to an index whatever happens on the way, or the exact reason why not.

After any doubtful answer the index is asked, and nothing else believed. PyPI takes the same bytes again without a
word, so that sending them once more is always safe; what is not surely there is sent again, at growing distances.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.index.upload import SILENCE_SECONDS, Limits, upload
from towpath.index.verdicts import Next, refusal, says_exists, what_next
from towpath.index.waiting import Question, look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.index.client import IndexClient
    from towpath.index.upload import Answer
    from towpath.model import Distribution, Login

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
RENEWALS = 3  # of one file's tokens; each lives 15 minutes
EXPIRY_MARGIN_SECONDS = 60.0
_TIMES_EXISTING = 2
_CHANCE = random.SystemRandom()


def say_nothing(_: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What the files of a version are brought where with.

    `renew` makes another login where that is possible; `patience` is how many seconds a file is tried for after the
    first answer that leaves it in doubt; `tell` gets a line for people where something takes time.
    """

    client: IndexClient
    project: str
    version: str
    loopback_only: bool
    patience: float
    variable: str = ""
    renew: Callable[[], Login] | None = None
    tell: Callable[[str], None] = say_nothing
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Brought:
    """How a file got there, in words, and the login to go on with."""

    how: str
    login: Login


def bring(errand: Errand, file: Distribution, path: Path, login: Login) -> Brought:
    """Send a file until the index has it.

    Raises index-other-bytes, what the index refuses it for, and upload-broken or index-busy when the patience is over;
    running it again goes on from there.
    """
    deadline, attempt, renewals, existing = 0.0, 0, 0, 0
    while True:
        if errand.renew is not None and _runs_out(login):
            login = errand.renew()
        answer = _send(errand, path, login)
        step = what_next(answer)
        if step is Next.DONE:
            return Brought("sent" if not attempt else f"sent at attempt {attempt + 1}", login)
        if step is Next.RENEW and errand.renew is not None and renewals < RENEWALS:
            login, renewals = errand.renew(), renewals + 1
            continue
        if _is_there(errand, file):  # refused too: a server may refuse the same bytes that it took a moment ago
            return Brought(f"sent; the answer was in doubt ({_words(answer)}), the index has it", login)
        if step is not Next.ASK:
            raise _refused(errand, file, answer)
        existing += says_exists(answer)
        deadline = deadline or time.monotonic() + errand.patience
        pause = _pause(attempt, answer)
        if existing >= _TIMES_EXISTING or time.monotonic() + pause > deadline:
            raise _refused(errand, file, answer)
        attempt += 1
        errand.tell(f"{file.filename} is not surely there ({_words(answer)}): sent again in {pause:.0f} s")
        errand.sleep(pause)
        if _is_there(errand, file):
            return Brought(f"sent; the answer was in doubt ({_words(answer)}), the index has it", login)


def _send(errand: Errand, path: Path, login: Login) -> Answer:
    return upload(
        errand.client.address,
        path,
        login=login,
        loopback_only=errand.loopback_only,
        limits=Limits(silence=min(SILENCE_SECONDS, errand.patience)),
    )


def _is_there(errand: Errand, file: Distribution) -> bool:
    """Whether the index has it, as far as it says anything. Raises index-other-bytes."""
    try:
        return not look(Question(errand.client, errand.project, errand.version, (file,))).absent
    except errors.TowpathError as error:
        if error.problems[0].id != errors.INDEX_UNREACHABLE.id:
            raise
        return False  # unknown, and the same bytes may be sent again


def _runs_out(login: Login) -> bool:
    return login.expires is not None and time.time() + EXPIRY_MARGIN_SECONDS > login.expires


def _pause(attempt: int, answer: Answer) -> float:
    """Growing, and never in step with other clients; the index's own wish if that is longer."""
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
    return max(_CHANCE.uniform(longest / 2, longest), answer.wait or 0.0)


def _words(answer: Answer) -> str:
    return f"{answer.status} {answer.reason}" if answer.status else answer.reason


def _refused(errand: Errand, file: Distribution, answer: Answer) -> errors.TowpathError:
    asked = f"{answer.wait:.0f} s" if answer.wait else "a while"
    return refusal(answer).error(
        index=errand.client.address.name,
        file=file.filename,
        project=errand.project,
        version=errand.version,
        variable=errand.variable or "the variable of its token",
        status=answer.status,
        reason=answer.reason,
        why=answer.reason,
        hint=asked,
    )
