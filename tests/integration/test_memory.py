"""A large wheel goes through every hand in pieces: no process grows with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from releases import wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1024**2
LARGE = 90 * MIB
ROOM = 24 * MIB  # what buffers, and the allocator's habits, may take
PROGRAM = """
import json, sys
from pathlib import Path
from towpath.distributions.contents import metadata, modules
from towpath.evidence.store import measure
from towpath.index.client import IndexClient
from towpath.index.upload import upload
from towpath.index.waiting import Question, look
from towpath.model import IndexAddress, Login

def peak():
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024

where = json.loads(sys.argv[1])
peaks = []
for path in map(Path, sys.argv[2:]):
    file, said = measure(path), metadata(path)
    assert modules(path).imported
    address = IndexAddress("twin", where["upload_url"], where["simple_url"])
    answer = upload(address, path, login=Login("__token__", where["token"]), loopback_only=True)
    assert answer.status == 200, answer
    with IndexClient(address, loopback_only=True) as client:
        assert look(Question(client, said.name, said.version, (file,))).served == {file.filename}
        shown = client.files(said.name)[file.filename]
        assert client.download(shown, path.with_suffix(".came"), size=file.size) == file.sha256
    peaks.append(peak())
print(json.dumps(peaks))
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="a process's peak is read in /proc")


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "towpath.index.twin", "--folder", str(tmp_path / "twin")]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield child, child.stdout.readline()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def peak(child: subprocess.Popen[str]) -> int:
    status = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


@pytest.mark.slow
def test_a_large_wheel(twin: tuple[subprocess.Popen[str], str], tmp_path: Path) -> None:
    child, where = twin
    small = wheel(tmp_path, "small")
    large = wheel(tmp_path, "large")
    with zipfile.ZipFile(large, "a", zipfile.ZIP_STORED) as archive, archive.open("large/data.bin", "w") as member:
        for _ in range(LARGE // MIB):
            member.write(os.urandom(MIB))
    assert large.stat().st_size > LARGE

    program = [sys.executable, "-c", PROGRAM, where]
    alone = subprocess.run([*program, str(small)], capture_output=True, text=True, check=False)
    assert alone.returncode == 0, alone.stderr
    of_twin = peak(child)
    done = subprocess.run([*program, str(small), str(large)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before, after = json.loads(done.stdout)
    assert after - before < ROOM
    assert peak(child) - of_twin < ROOM
