"""The examples of docs/reference/bump.md are what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.version import Version

from towpath.config.sections import Bump, DeclaredPlace
from towpath.versions.numbers import PARTS, bump

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "bump.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([\w,]+)(?: --pre (\w+))?` \| (\S+) \| (\S+) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("part", "pre", "before", "after"), ROWS)
def test_an_example(part: str, pre: str, before: str, after: str) -> None:
    assert str(bump(Version(before), part, pre=pre)) == after


def test_every_part_has_an_example() -> None:
    assert set(PARTS) <= {part for part, *_ in ROWS}


def test_every_setting_is_on_the_page() -> None:
    keys = {name.replace("_", "-") for name in (*Bump.__struct_fields__, *DeclaredPlace.__struct_fields__)}
    assert all(re.search(rf"\b{key}\b", PAGE) for key in keys)
