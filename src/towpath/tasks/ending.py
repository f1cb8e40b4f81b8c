"""How every task ends."""

from __future__ import annotations

import atexit
import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from invoke.exceptions import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoke.context import Context

    from towpath.errors import TowpathError

_WORDS = "\nInterrupted. Run it again: it goes on from what is there."
_INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it


@contextmanager
def ending(context: Context, *, as_json: bool) -> Iterator[None]:
    """Whatever goes wrong ends in cause, fix and the right exit code; an interruption in words and 130."""
    from towpath import entry, errors
    from towpath.reports import github

    # The process ends after this; to look through all that was imported for garbage then took a sixth of a bump.
    atexit.register(gc.freeze)

    def end(error: TowpathError) -> None:
        github.tell_problems(os.environ, error.problems)
        raise Exit(code=error.exit_code)

    with entry.ending("tasks.py", end, as_json=as_json):
        if context.config.run.dry:
            raise errors.DRY.error()
        try:
            yield
        except KeyboardInterrupt:
            raise Exit(_WORDS, code=_INTERRUPTED) from None
