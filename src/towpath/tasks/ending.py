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

    from towpath.errors import TowpathError


@contextmanager
def ending(*, as_json: bool) -> Iterator[None]:
    """Whatever goes wrong ends in cause, fix and the right exit code."""
    from towpath import entry
    from towpath.reports import github

    # The process ends after this; to look through all that was imported for garbage then took a sixth of a bump.
    atexit.register(gc.freeze)

    def end(error: TowpathError) -> None:
        github.tell_problems(os.environ, error.problems)
        raise Exit(code=error.exit_code)

    with entry.ending("tasks.py", end, as_json=as_json):
        yield
