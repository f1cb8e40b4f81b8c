"""Sessions that are started before their turn: while one gate works, the next loads all that it will need.

nox and what a gate imports take longer than many a gate. Such a session looks at nothing before its turn: with its
modules loaded, which it tells by an empty file, it waits for a byte on its standard input. If that ends without one,
the walk is over, and so is the session.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, MutableMapping

    from towpath.gates.gate import Gate

VARIABLE = "TOWPATH_TURN"  # the path of the file that tells
_GO = b"\n"
_ALWAYS = ("git", "msgspec", "filelock", "towpath.walk.world", "towpath.walk.alone", "towpath.gates.chosen")
_BY_CREDENTIAL = {
    "test-index": ("towpath.index.client", "towpath.index.upload", "twine.package", "twine.commands.upload"),
    "index": ("towpath.index.client", "towpath.index.upload", "twine.package", "twine.commands.upload"),
    "forge": ("towpath.forge.client",),
}


def give(child: subprocess.Popen[bytes]) -> None:
    """It is this session's turn. One that has ended already is noticed where sessions are collected."""
    with contextlib.suppress(OSError):
        if child.stdin is not None:
            child.stdin.write(_GO)
            child.stdin.flush()
    withdraw(child)


def withdraw(child: subprocess.Popen[bytes]) -> None:
    """It is not to run: without a byte it ends by itself."""
    with contextlib.suppress(OSError):
        if child.stdin is not None:
            child.stdin.close()


def wait(gate: Gate, environ: MutableMapping[str, str], before: Iterable[Gate] = ()) -> None:
    """In a session that was started early, load what the gate needs and wait for its turn; else go on at once.

    `before` are the gates whose evidence it will weigh, by what they are configured to do.
    """
    told = environ.pop(VARIABLE, "")
    if not told:
        return
    theirs = (module for one in before for module in one.loads)
    for module in (*_ALWAYS, *gate.loads, *theirs, *_BY_CREDENTIAL.get(gate.credential, ())):
        importlib.import_module(module)
    Path(told).touch()
    given = os.read(0, 1)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device, for its number
        os.dup2(nothing.fileno(), 0)  # as any other session: nobody to type
    if given != _GO:
        sys.exit(1)
