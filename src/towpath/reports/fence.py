"""A fence around what a gate's tools print in GitHub Actions, and the masks that are told through it.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands: between `stop-commands` and its
word nothing is taken for a command; a masked text is shown as `***` in all that the job prints from then on.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

Hide = Callable[[str], None]


@contextmanager
def fenced(environ: Mapping[str, str], *, to_the_runner: bool) -> Iterator[Hide]:
    """While a gate runs, nothing that its tools print is taken for a command to the runner.

    What it gives masks a secret. `to_the_runner` is whether our output is the runner's: in a log that is kept, the
    command that hides a secret would be what tells it.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        yield _nothing
        return
    fence = _Fence()
    fence.close()
    try:
        yield fence.hide if to_the_runner else _nothing
    finally:
        fence.open()


def _nothing(_secret: str) -> None:
    """Nobody listens."""


class _Fence:
    """Closed by a word that nobody can guess, and by another one each time."""

    def __init__(self) -> None:
        self._word = ""

    def close(self) -> None:
        self._word = secrets.token_hex(16)
        _say(f"::stop-commands::{self._word}\n")

    def open(self) -> None:
        _say(f"::{self._word}::\n")

    def hide(self, secret: str) -> None:
        """Open, mask and close in one piece, so that nothing else is heard in between."""
        lines = [
            f"::{self._word}::",
            *(f"::add-mask::{_escaped(line)}" for line in secret.splitlines() if line.strip()),
        ]
        self._word = secrets.token_hex(16)
        _say("\n".join([*lines, f"::stop-commands::{self._word}", ""]))


def _escaped(text: str) -> str:
    return text.replace("%", "%25")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
