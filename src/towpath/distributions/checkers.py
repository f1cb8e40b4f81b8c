"""The two tools that look at finished distributions: `twine check --strict` and check-wheel-contents."""

from __future__ import annotations

import base64
import csv
import glob
import hashlib
import io
import logging
import re
import sys
import zipfile
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

from towpath import errors, processes
from towpath.distributions.archive import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

# It looks for its configuration in the current folder, whose modules must not be taken for Python's or its own; `-P`
# is for Python 3.11 and later, and `-I` would leave out where `pip install --user` has put it.
_WITHOUT_FOLDER = (
    "import sys; sys.path[:] = [path for path in sys.path if path]; import runpy; "
    "runpy.run_module('check_wheel_contents', run_name='__main__', alter_sys=True)"
)


def twine_complaints(distribution: Path) -> tuple[str, ...]:
    """What `twine check --strict` finds; empty if it passes."""
    from twine.commands.check import check
    from twine.exceptions import TwineException

    with _logged("twine.commands.check") as said, redirect_stdout(io.StringIO()) as shown:
        try:
            failed = check([glob.escape(str(distribution))], strict=True)
        except (TwineException, *UNREADABLE) as error:
            return (str(error) or type(error).__name__,)
    return tuple(said or [shown.getvalue()]) if failed else ()


def wheel_complaints(wheels: Sequence[Path], folder: Path, environ: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What check-wheel-contents finds, by file name, with the configuration that the project keeps in `folder`.

    Raises unreadable-report unless it says of each wheel what it found, or that it found nothing.
    """
    command = [sys.executable, "-c", _WITHOUT_FOLDER, *map(str, wheels)]
    done = processes.capture(command, cwd=folder, env=environ)
    found = {}
    for wheel in wheels:
        named = re.escape(str(wheel))
        faults = re.findall(rf"^{named}: (W\d+: .+(?:\n  .+)*)", done.stdout, re.MULTILINE)
        faults += re.findall(rf"^{named}: ((?:invalid wheel|wheel has invalid filename).*)", done.stderr, re.MULTILINE)
        passed = re.search(rf"^{named}: OK$", done.stdout, re.MULTILINE)
        if bool(passed) == bool(faults) or (faults and not done.code):
            raise errors.UNREADABLE_REPORT.error(tool="check-wheel-contents", detail=done.stdout + done.stderr)
        found[wheel.name] = tuple(faults)
    return found


def record_complaints(wheel: Path) -> Iterator[str]:
    """Where a wheel's RECORD and its files disagree.

    By https://packaging.python.org/specifications/recording-installed-packages/#the-record-file every file stands
    in it with its hash, but for RECORD itself and signatures. PyPI does not look; installers may refuse.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = {info.filename for info in archive.infolist() if not info.is_dir()}
        record = next((name for name in names if re.fullmatch(r"[^/]+\.dist-info/RECORD", name)), "")
        if not record:
            return  # PyPI's own rules name that
        rows = _rows(archive.read(record))
        unhashed = {record, f"{record}.jws", f"{record}.p7s"}
        for name in sorted((names | rows.keys()) - unhashed):
            if name not in rows:
                yield f"{name} is not listed"
            elif name not in names:
                yield f"{name} is listed and not there"
            elif not _fits(rows[name], archive.read(name)):
                yield f"{name} has other bytes than its hash says"


def _rows(record: bytes) -> dict[str, str]:
    """Path and hash of each line; none of a RECORD that is no table of text, so that every file lacks its line."""
    try:
        return {row[0]: row[1] for row in csv.reader(io.StringIO(record.decode())) if len(row) > 1}
    except (csv.Error, UnicodeDecodeError):
        return {}


def _fits(hashed: str, content: bytes) -> bool:
    name, _, wanted = hashed.partition("=")
    if name not in {"sha256", "sha384", "sha512"}:
        return False
    digest = hashlib.new(name, content).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == wanted


@contextmanager
def _logged(name: str) -> Iterator[list[str]]:
    """What a logger says meanwhile, and nothing of it on the screen."""
    said: list[str] = []
    logger, handler = logging.getLogger(name), logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]  # documented use
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield said
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
