"""What both adapters do at the door: leave no trace of loading, keep quiet, and end in cause, fix and exit code."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.errors import TowpathError
    from towpath.gates.gate import Pipeline


@contextlib.contextmanager
def ending(loaded: str, end: Callable[[TowpathError], None], *, as_json: bool) -> Iterator[None]:
    """Run what is inside; whatever goes wrong is shown, then `end` is called with it.

    `loaded` is the file by which the runner found us: its bytecode, which Python has put beside it, goes again, since
    a rehearsal leaves the project's folder as it was.
    """
    from towpath import errors
    from towpath.repository.git import forget_redirections

    _forget_bytecode(Path(loaded))
    _quieten()
    _accept_every_letter()
    forget_redirections(os.environ)
    try:
        yield
    except errors.TowpathError as error:
        show(_respelled(error), as_json=as_json)
        end(error)
    except OSError as error:
        known = errors.from_os_error(error, "go on")
        show(known, as_json=as_json)
        end(known)


def show(error: TowpathError, *, as_json: bool) -> None:
    """Print the problems, as words or as data."""
    from towpath.reports import data
    from towpath.reports.fence import fenced
    from towpath.reports.terminal import console, show_problems

    if as_json:
        sys.stdout.write(data.as_json({"done": False, "problems": data.problems_data(error.problems)}) + "\n")
    else:
        with fenced(os.environ, to_the_runner=False):  # what tools have said is quoted
            show_problems(console(os.environ), error.problems)
    sys.stdout.flush()


def pipeline_here(pipeline: Pipeline | None) -> Pipeline:
    """The pipeline of this project: the one given, else ours, with what its configuration declares after it."""
    from towpath import errors
    from towpath.config.reading import read_pyproject
    from towpath.gates.after_release import configured
    from towpath.pipeline import RELEASE

    try:
        return configured(pipeline or RELEASE, read_pyproject(Path.cwd()))
    except (errors.TowpathError, OSError):
        return pipeline or RELEASE  # what cannot be read is told by whatever is asked next


def prefix() -> str:
    """What stands before the names of this project's sessions and tasks; nothing where that cannot be read."""
    from towpath import errors
    from towpath.config.reading import read_pyproject

    try:
        return str(read_pyproject(Path.cwd())["tool"]["towpath"]["prefix"])
    except (errors.TowpathError, OSError, KeyError, TypeError):
        return ""


def _respelled(error: TowpathError) -> TowpathError:
    """With the project's own names of sessions and tasks."""
    from towpath import errors

    before = prefix()
    return errors.TowpathError(*(problem.respelled(before) for problem in error.problems))


def _forget_bytecode(loaded: Path) -> None:
    cached = Path(importlib.util.cache_from_source(str(loaded)))
    with contextlib.suppress(OSError):
        cached.unlink()
        cached.parent.rmdir()  # only if nothing else is in it


def _accept_every_letter() -> None:
    """An output that knows fewer letters than we use shows a question mark, and is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _quieten() -> None:
    """nox lets every library's log through; keep its own lines and the others' warnings."""
    root = logging.getLogger()
    logging.getLogger("nox").setLevel(root.level)
    root.setLevel(logging.WARNING)
