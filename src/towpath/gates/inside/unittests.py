"""`python -m unittest`, with its tests counted: `python unittests.py REPORT ARGUMENT…`.

Up to Python 3.11 it ends with 0 also where it found no test.
"""

from __future__ import annotations

import json
import os
import sys
import unittest
from pathlib import Path


def main() -> None:
    """Do what unittest's own `__main__` does, write `tests`, `skipped` and `failed`, and end as it ends."""
    report, *arguments = sys.argv[1:]
    sys.path[0] = os.getcwd()  # noqa: PTH109 - as `python -m` has it
    sys.argv = ["python -m unittest", *arguments]
    result = unittest.main(module=None, exit=False).result
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    counted = {"tests": result.testsRun, "skipped": len(result.skipped), "failed": failed}
    Path(report).write_text(json.dumps(counted), encoding="utf-8")
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
