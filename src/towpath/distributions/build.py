"""Building: the sdist first, the wheel from the sdist, by `python -m build` or by a command of the project's own."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from towpath import errors, processes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def build(
    source: Path, out: Path, *, kinds: Sequence[str] = (), with_uv: bool, environ: Mapping[str, str]
) -> tuple[Path, ...]:
    """Build a checkout into a folder and return what lies there then.

    `kinds` are `sdist` and `wheel`; none is both, the wheel from the sdist. Raises build-failed.
    """
    installer = ["--installer", "uv"] if with_uv else []
    wanted = [f"--{kind}" for kind in kinds]
    command = [sys.executable, "-m", "build", *installer, *wanted, "--outdir", str(out), str(source)]
    # Not in the project's folder: a build.py there would be taken for the build front end.
    require_success(processes.stream(command, cwd=out, env=environ), ["python", "-m", "build", *wanted])
    return tuple(sorted(out.iterdir()))


def require_success(done: processes.Completed, shown: Sequence[str]) -> None:
    """Raise build-failed unless a command ended with 0."""
    if done.code != 0:
        raise errors.BUILD_FAILED.error(command=shlex.join(shown), code=done.code, detail=done.stdout + done.stderr)


def filled_in(words: Sequence[str], fields: Mapping[str, str]) -> list[str]:
    """A command with its fields, such as `{dist}`, replaced; braces of other kinds stay."""
    for name, value in fields.items():
        words = [word.replace(f"{{{name}}}", value) for word in words]
    return list(words)
