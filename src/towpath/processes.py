"""The one door to child processes.

No shell, argv as a list, the environment always given by the caller (so that nobody passes a credential on by
forgetting), no terminal as standard input. A child never outlives the call.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Completed:
    """How a child ended: its exit code and, where captured, what it printed."""

    argv: tuple[str, ...]
    code: int
    stdout: str = ""
    stderr: str = ""


def stream(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Completed:
    """Run a child whose output goes straight to ours; returns when it has ended.

    Raises FileNotFoundError if there is no such program.
    """
    sys.stdout.flush()
    done = subprocess.run(list(argv), cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, check=False)
    return Completed(tuple(argv), done.returncode)


def capture(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float | None = None) -> Completed:
    """Run a child and take what it prints, as UTF-8 with undecodable bytes replaced.

    Raises FileNotFoundError if there is no such program and subprocess.TimeoutExpired after `timeout` seconds
    (the child is killed then).
    """
    done = subprocess.run(
        list(argv),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        check=False,
    )
    return Completed(tuple(argv), done.returncode, done.stdout, done.stderr)


def start(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, its output in `log`; end it with `end`."""
    group: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    with log.open("wb") as output:
        return subprocess.Popen(
            list(argv), cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=output, **group
        )


def end(child: subprocess.Popen[bytes]) -> None:
    """End a child of `start` with all its descendants: interrupt first, kill after a grace period."""
    if child.poll() is None:
        _interrupt(child)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
    _kill_group(child)
    child.wait()


def _interrupt(child: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        child.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        _signal_group(child, signal.SIGINT)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        taskkill = ["taskkill", "/T", "/F", "/PID", str(child.pid)]
        subprocess.run(taskkill, capture_output=True, check=False)
    else:
        _signal_group(child, signal.SIGKILL)


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        return  # the whole group has ended already
