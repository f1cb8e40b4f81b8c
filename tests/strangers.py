"""Whoever has only what is public, and the script of the docs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_PAGE = Path(__file__).parents[1] / "docs" / "reference" / "evidence.md"


def verify_as_documented(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The script that stands in docs/reference/evidence.md, run in a folder of downloads."""
    (script,) = re.findall(r"```python\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (folder / "verify.py").write_text(script, encoding="utf-8")
    argv = [sys.executable, "-I", "verify.py", *arguments]
    return subprocess.run(argv, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=60)
