"""Building: the sdist first, the wheel from the sdist, by `python -m build`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from towpath import errors, processes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def build(source: Path, out: Path, *, epoch: int, with_uv: bool, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Build both distributions of a checkout into an empty folder and return them.

    `epoch` is the commit's date in seconds since 1970: with SOURCE_DATE_EPOCH set
    (https://reproducible-builds.org/specs/source-date-epoch/) most backends make the same bytes again. Raises
    build-failed, and wrong-distributions unless there are one sdist and at least one wheel.
    """
    installer = ["--installer", "uv"] if with_uv else []
    command = [sys.executable, "-m", "build", *installer, "--outdir", str(out), str(source)]
    # Not in the project's folder: a build.py there would be taken for the build front end.
    done = processes.stream(command, cwd=out, env={**environ, "SOURCE_DATE_EPOCH": str(epoch)})
    if done.code != 0:
        raise errors.BUILD_FAILED.error(code=done.code)
    built = tuple(sorted(out.iterdir()))
    sdists = [path for path in built if path.name.endswith(".tar.gz")]
    wheels = [path for path in built if path.suffix == ".whl"]
    if len(sdists) != 1 or not wheels or len(built) != len(sdists) + len(wheels):
        names = ", ".join(path.name for path in built) or "nothing"
        raise errors.WRONG_DISTRIBUTIONS.error(names=names)
    return built
