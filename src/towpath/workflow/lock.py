"""The lock file: the pipeline's packages for every platform, each with its hashes, and nothing about where from.

A job that may publish installs nothing without a hash. uv resolves for all platforms at once, which pip cannot.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors, processes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATH = ".github/towpath.txt"
_HEADER = """\
# Made by `invoke workflow --upgrade`: what the workflows install, for every platform, each held to its hashes.
"""


def locked(requirements: Sequence[str], environ: Mapping[str, str], *, python: str) -> str:
    """The text of a lock file for these requirements, from `python` (such as `3.12`) on.

    Raises lock-without-uv where uv is not there, and not-locked where it finds no set of packages.
    """
    with tempfile.TemporaryDirectory(prefix="towpath-") as folder:
        wanted = Path(folder) / "requirements.in"
        wanted.write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
        options = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url"]
        options += ["--no-emit-find-links", "--python-version", python, "--quiet"]
        command = [_uv(), "pip", "compile", *options, str(wanted)]
        done = processes.capture(command, cwd=Path(folder), env=environ)
    if done.code != 0:
        raise errors.NOT_LOCKED.error(requirements=", ".join(requirements), detail=done.stderr)
    return _HEADER + done.stdout


def is_whole(text: str, requirements: Sequence[str]) -> bool:
    """Whether a lock file names every requirement, but those of some Pythons or systems only, with hashes for all."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    joined = text.replace("\\\n", " ").splitlines()
    lines = [line for line in joined if line.strip() and not line.startswith("#")]
    names = {canonicalize_name(line.partition("==")[0].strip()) for line in lines}
    wanted = {canonicalize_name(one.name) for one in map(Requirement, requirements) if one.marker is None}
    return wanted <= names and all("--hash=sha256:" in line for line in lines)


def _uv() -> str:
    import shutil

    beside = str(Path(sys.executable).parent)
    found = shutil.which("uv", path=os.pathsep.join([beside, os.environ.get("PATH", "")]))
    if not found:
        raise errors.LOCK_WITHOUT_UV.error()
    return found
