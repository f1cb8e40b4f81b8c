"""Where a project's own code lies, by the layouts in common use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def source_paths(root: Path, project: str) -> tuple[str, ...]:
    """The project's packages and modules relative to its root, tests left out; `.` if none is recognised."""
    if (root / "src").is_dir():
        return ("src",)
    name = re.sub(r"[-.]+", "_", project).lower()
    packages = {path.parent.name for path in root.glob("*/__init__.py")} - _ASIDE
    found = packages | {path for path in (name, f"{name}.py") if (root / path).exists()}
    return tuple(sorted(found)) or (".",)


_ASIDE = frozenset({"test", "tests", "testing", "doc", "docs", "example", "examples", "bench", "benchmarks", "scripts"})
