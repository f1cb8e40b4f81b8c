"""`python -m unittest`, with its tests counted: `python unittests.py REPORT ARGUMENT…`.

Up to Python 3.11 it ends with 0 also where it found no test.
"""

from __future__ import annotations

import json
import os
import sys
import unittest
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import OptExcInfo


class Result(unittest.TextTestResult):
    """Tells apart a test of which only some subtests were skipped from one that was skipped."""

    def startTestRun(self) -> None:  # noqa: N802 - unittest's name
        """Begin to remember in which tests a subtest has ended."""
        super().startTestRun()
        self.in_part: dict[int, unittest.TestCase] = {}

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: OptExcInfo | None) -> None:  # noqa: N802 - the same
        """A subtest has ended, and was not skipped."""
        super().addSubTest(test, subtest, err)
        self.in_part[id(test)] = test

    def skipped_tests(self) -> int:
        """How many of the tests that were begun were skipped; a module or a class that was skipped began none."""
        cases = [getattr(test, "test_case", test) for test, _ in self.skipped if isinstance(test, unittest.TestCase)]
        return len({id(case) for case in cases} - self.in_part.keys())


class Runner(unittest.TextTestRunner):
    """Runs tests with that result."""

    resultclass = Result  # type: ignore[assignment] # typeshed wants one without a type variable


def main() -> None:
    """Do what unittest's own `__main__` does, write `tests`, `skipped` and `failed`, and end as it ends."""
    report, *arguments = sys.argv[1:]
    sys.path[0] = os.getcwd()  # noqa: PTH109 - as `python -m` has it
    sys.argv = ["python -m unittest", *arguments]
    result = unittest.main(module=None, exit=False, testRunner=Runner).result
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = result.skipped_tests() if isinstance(result, Result) else len(result.skipped)
    counted = {"tests": result.testsRun, "skipped": skipped, "failed": failed}
    Path(report).write_text(json.dumps(counted), encoding="utf-8")
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
