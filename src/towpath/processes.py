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
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def tee(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Completed:
    """Run a child whose output, both streams in one, goes line by line to ours and is taken too.

    What is taken is UTF-8 with undecodable bytes replaced. Raises FileNotFoundError if there is no such program.
    """
    sys.stdout.flush()
    lines: list[str] = []
    with subprocess.Popen(
        list(argv),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as child:
        for line in cast("IO[str]", child.stdout):
            lines.append(line)
            encoding = sys.stdout.encoding or "utf-8"
            sys.stdout.write(line.encode(encoding, "replace").decode(encoding))
            sys.stdout.flush()
    return Completed(tuple(argv), child.returncode, "".join(lines))


def bounded(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], seconds: float) -> Completed:
    """Run a child that may hang or leave processes behind; take what it prints, both streams in one.

    It has no terminal, and everything that it started ends with it. Raises OSError where it cannot be started, and
    subprocess.TimeoutExpired, with what it printed until then, after so many seconds.
    """
    with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as folder:
        log = Path(folder, "log")
        child = start(argv, cwd=cwd, env=env, log=log)
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            end(child)
            raise subprocess.TimeoutExpired(list(argv), seconds, output=_printed(log)) from None
        finally:
            end(child)
        return Completed(tuple(argv), code, _printed(log))


def _printed(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def start(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path, listens: bool = False
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, its output in `log`; end it with `end`.

    One that `listens` has a pipe as standard input, which the caller closes.
    """
    heard = subprocess.PIPE if listens else subprocess.DEVNULL
    group: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    with log.open("wb") as output:
        return subprocess.Popen(list(argv), cwd=cwd, env=dict(env), stdin=heard, stdout=output, stderr=output, **group)


def end(child: subprocess.Popen[bytes]) -> None:
    """End a child of `start` with all its descendants: interrupt first, kill after a grace period."""
    if child.poll() is None:
        _interrupt(child)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
    _kill_group(child)
    child.wait()
    if child.stdin is not None:
        with contextlib.suppress(OSError):
            child.stdin.close()


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
