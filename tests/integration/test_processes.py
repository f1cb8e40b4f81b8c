"""Children: nothing of them is left behind, and what they print is kept."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from towpath import processes

if TYPE_CHECKING:
    from pathlib import Path

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")

# A child with a grandchild; each appends to a file as long as it lives.
FAMILY = """
import subprocess, sys, time
beat = "import time\\nwhile True:\\n    open({file!r}, 'a').write('x')\\n    time.sleep(0.02)\\n"
subprocess.Popen([sys.executable, "-c", {ignore!r} + beat])
print("begun", flush=True)
{then}
"""
DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"


def begin(
    tmp_path: Path, environ: dict[str, str], *, ignore: str = "", then: str = "time.sleep(60)"
) -> subprocess.Popen[bytes]:
    code = FAMILY.format(file=str(tmp_path / "beat"), ignore=ignore, then=then)
    child = processes.start([sys.executable, "-c", code], cwd=tmp_path, env=environ, log=tmp_path / "log")
    for _ in range(500):
        if (tmp_path / "beat").exists():
            return child
        time.sleep(0.02)
    raise AssertionError((tmp_path / "log").read_text())


def is_quiet(tmp_path: Path) -> bool:
    before = (tmp_path / "beat").stat().st_size
    time.sleep(0.3)
    return (tmp_path / "beat").stat().st_size == before


def test_grandchildren_end_too(tmp_path: Path, environ: dict[str, str]) -> None:
    child = begin(tmp_path, environ)
    assert not is_quiet(tmp_path)
    processes.end(child)
    assert child.poll() is not None
    assert is_quiet(tmp_path)


@posix_only
def test_also_those_that_do_not_listen(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.2)
    deaf_itself = DEAF + "time.sleep(60)"
    child = begin(tmp_path, environ, ignore=DEAF, then=deaf_itself)
    time.sleep(0.2)
    began = time.monotonic()
    processes.end(child)
    assert time.monotonic() - began < 5
    assert is_quiet(tmp_path)


def test_also_those_that_outlived_their_parent(tmp_path: Path, environ: dict[str, str]) -> None:
    child = begin(tmp_path, environ, then="")
    assert child.wait(20) == 0
    if sys.platform != "win32":
        assert not is_quiet(tmp_path)
        processes.end(child)
        assert is_quiet(tmp_path)


@posix_only
def test_the_interruption_comes_first(tmp_path: Path, environ: dict[str, str]) -> None:
    tidy = "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('tidied up', flush=True)"
    child = begin(tmp_path, environ, then=tidy)
    processes.end(child)
    assert "tidied up" in (tmp_path / "log").read_text()


def test_ending_twice_is_harmless(tmp_path: Path, environ: dict[str, str]) -> None:
    child = processes.start([sys.executable, "-c", ""], cwd=tmp_path, env=environ, log=tmp_path / "log")
    child.wait(20)
    processes.end(child)
    processes.end(child)
    assert child.returncode == 0


def test_both_streams_go_to_the_log(tmp_path: Path, environ: dict[str, str]) -> None:
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"
    child = processes.start([sys.executable, "-c", code], cwd=tmp_path, env=environ, log=tmp_path / "log")
    assert child.wait(20) == 3
    processes.end(child)
    assert (tmp_path / "log").read_text().split() == ["out", "err"]


def test_no_child_gets_a_terminal_to_ask_on(tmp_path: Path, environ: dict[str, str]) -> None:
    code = "import sys; print(repr(sys.stdin.read()))"
    assert processes.capture([sys.executable, "-c", code], cwd=tmp_path, env=environ).stdout.strip() == "''"


def test_the_environment_is_the_given_one_alone(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", "x")
    code = "import os; print('CANARY' in os.environ, os.getcwd())"
    done = processes.capture([sys.executable, "-c", code], cwd=tmp_path, env=environ)
    assert done.stdout.split()[0] == "False"
    assert done.stdout.strip().endswith(tmp_path.name)


def test_bytes_that_are_no_text(tmp_path: Path, environ: dict[str, str]) -> None:
    code = r"import sys; sys.stdout.buffer.write(b'a\xffb\xc3\xa4'); sys.exit(2)"
    done = processes.capture([sys.executable, "-c", code], cwd=tmp_path, env=environ)
    assert (done.code, done.stdout) == (2, "a\ufffdbä")


def test_a_limit(tmp_path: Path, environ: dict[str, str]) -> None:
    began = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        processes.capture([sys.executable, "-c", "import time; time.sleep(60)"], cwd=tmp_path, env=environ, timeout=0.5)
    assert time.monotonic() - began < 10


def test_no_such_program(tmp_path: Path, environ: dict[str, str]) -> None:
    for run in (processes.capture, processes.stream):
        with pytest.raises(FileNotFoundError):
            run(["no-such-program-of-ours"], cwd=tmp_path, env=environ)


def test_a_stream_goes_straight_through(
    tmp_path: Path, environ: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    done = processes.stream([sys.executable, "-c", "print('seen'); raise SystemExit(4)"], cwd=tmp_path, env=environ)
    assert (done.code, done.stdout) == (4, "")
    assert capfd.readouterr().out.strip() == "seen"
