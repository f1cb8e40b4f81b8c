"""From job to job: a record's digest travels apart from the files, as an output of the job that made it.

Who can swap the files of an artifact cannot thereby swap the outputs of a job. The outputs are written to
`GITHUB_OUTPUT`, https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.evidence.store import Sealed

VARIABLE = "TOWPATH_EVIDENCE_DIGESTS"
OUTPUT_VARIABLE = "GITHUB_OUTPUT"
_TOGETHER = "evidence-digests"
_DIGEST = re.compile(r"[0-9a-f]{64}")


def handed(environ: Mapping[str, str]) -> Mapping[str, str] | None:
    """The digests that this process was told to find: path below the version's folder → sha256; None without any.

    Each line of TOWPATH_EVIDENCE_DIGESTS is a JSON object of such pairs, or one pair `path=sha256`. A variable that is
    set and says nothing is refused: an output that was never written must not pass for none wanted. Raises bad-digests.
    """
    text = environ.get(VARIABLE)
    if text is None:
        return None
    digests: dict[str, str] = {}
    for path, digest in _pairs(text):
        if digests.setdefault(path, digest) != digest:
            raise errors.BAD_DIGESTS.error(why=f"it says two digests of {path}")
    if not digests:
        raise errors.BAD_DIGESTS.error(why="it is set and says nothing")
    return digests


def require_handed(digests: Mapping[str, str] | None, sealed: Sealed) -> None:
    """Raise unless the record is the one whose digest was handed over; nothing is asked where none was."""
    if digests is None:
        return
    if sealed.path not in digests:
        raise errors.EVIDENCE_NOT_HANDED.error(path=sealed.path)
    if digests[sealed.path] != sealed.digest:
        raise errors.EVIDENCE_SWAPPED.error(path=sealed.path, then=digests[sealed.path][:12], now=sealed.digest[:12])


def announce(environ: Mapping[str, str], sealed: Sealed) -> None:
    """Tell the jobs after this one the digest of a record, where GITHUB_OUTPUT says how.

    `evidence-path` and `evidence-digest` are those of the last record; `evidence-digests` is a JSON object of all
    that this step has sealed, as TOWPATH_EVIDENCE_DIGESTS takes it.
    """
    output = environ.get(OUTPUT_VARIABLE)
    if not output:
        return
    with errors.disk("tell the next job the digest of the evidence"):
        file = Path(output)
        together = {**_announced(file), sealed.path: sealed.digest}
        lines = (
            f"evidence-path={sealed.path}",
            f"evidence-digest={sealed.digest}",
            f"{_TOGETHER}={json.dumps(together, sort_keys=True, separators=(',', ':'))}",
        )
        with file.open("a", encoding="utf-8", newline="\n") as opened:
            opened.write("".join(f"{line}\n" for line in lines))


def _announced(file: Path) -> dict[str, str]:
    """What this step has told already: each value that is written takes the place of the one before."""
    text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    written = [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{_TOGETHER}=")]
    return dict(_pairs(written[-1])) if written else {}


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("{"):
            yield from map(_checked, _object(line).items())
        else:
            path, _, digest = line.rpartition("=")
            yield _checked((path, digest))


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        raise errors.BAD_DIGESTS.error(why=f"{line[:60]!r} is no JSON object") from None
    return dict(found)


def _checked(pair: tuple[str, Any]) -> tuple[str, str]:
    path, digest = pair
    if not path or not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise errors.BAD_DIGESTS.error(why=f"{path!r} has no sha256 in 64 small hexadecimal digits")
    return path, digest
