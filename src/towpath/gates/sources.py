"""Where a project's own code lies, by the layouts in common use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def source_paths(root: Path, project: str) -> tuple[str, ...]:
    """All that may be shipped: `src`, packages and modules relative to the root; `.` if none is recognised.

    Tests, documentation and the project's own tooling stay out, by the names in common use.
    """
    name = re.sub(r"[-.]+", "_", project).lower()
    named = {path for path in ("src", name, f"{name}.py") if (root / path).exists()}
    # A namespace package holds its packages one level deeper.
    inits = (path.relative_to(root) for pattern in ("*/__init__.py", "*/*/__init__.py") for path in root.glob(pattern))
    packages = {path.parts[0] for path in inits}
    modules = {path.name for path in root.glob("*.py")}
    found = named | {path for path in packages | modules if not _ASIDE.fullmatch(path)}
    return tuple(sorted(found)) or (".",)


_ASIDE = re.compile(
    r"\..*|((unit|integration)_?)?tests?|testing|docs?|documentation|examples?|bench(marks?)?|scripts"
    r"|(setup|noxfile|tasks|conftest|test_.*|.*_test)\.py"
)
