"""Stands for ssh between git and the remote, which is on this machine: a network that can break where one chooses.

git runs it with the host and the command. What is to go wrong stands in the file that TOWPATH_FAULTS_SSH names, as a
list of [service, kind, after, times]; what has been asked is counted beside it.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

LOST = 255
SILENCE_SECONDS = 8.0


def main() -> int:
    """Pass everything on, or what the order leaves of it."""
    argv = shlex.split(sys.argv[-1])
    kind = _kind("push" if "receive-pack" in argv[0] else "ask")
    if kind == "drop-before-body":
        return _lost()
    if kind == "silence-before-commit":
        time.sleep(SILENCE_SECONDS)
        return _lost()
    if kind == "kill-before":
        return _kill()
    if not kind:
        return subprocess.run(argv, check=False).returncode
    if kind == "drop-within-body":
        with subprocess.Popen(argv, stdin=subprocess.PIPE) as served:
            _pipe(served.stdin).write(os.read(0, 1 << 16)[:40])
            _pipe(served.stdin).flush()
            served.kill()
        return _lost()
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as served:
        _advertise(_pipe(served.stdout))
        _pipe(served.stdout).read()
    if kind == "silence-after-commit":
        time.sleep(SILENCE_SECONDS)
    return _kill() if kind == "kill-after" else _lost()


def _kind(service: str) -> str:
    """What is to go wrong with this connection; nothing where it is to work."""
    orders = Path(os.environ["TOWPATH_FAULTS_SSH"])
    if not orders.exists():
        return ""
    counted = orders.with_suffix(f".{service}")
    with counted.open("ab") as count:
        count.write(b".")
    number = counted.stat().st_size
    for wanted, kind, after, times in json.loads(orders.read_text(encoding="utf-8")):
        if wanted == service and number > after and (times is None or number <= after + times):
            with orders.with_suffix(".struck").open("ab") as struck:
                struck.write(b".")
            return str(kind)
    return ""


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _advertise(said: IO[bytes]) -> None:
    """Pass on what the server says first, up to git's flush packet."""
    while True:
        length = said.read(4)
        rest = said.read(max(int(length, 16) - 4, 0)) if length else b""
        sys.stdout.buffer.write(length + rest)
        sys.stdout.buffer.flush()
        if length in {b"", b"0000"}:
            return


def _lost() -> int:
    sys.stderr.write("ssh: connect to host git.example port 22: Connection reset by peer\n")
    return LOST


def _kill() -> int:
    os.kill(int(os.environ["TOWPATH_FAULTS_PID"]), signal.SIGKILL)
    return _lost()


if __name__ == "__main__":
    sys.exit(main())
