"""What is wrong with `[tool.towpath.build]`."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from towpath.config.build_checks import wrong_build
from towpath.config.checks import wrong_choices
from towpath.config.sections import Build, Settings


def faults(**table: Any) -> list[str]:
    return list(wrong_build(msgspec.convert(table, Build)))


def test_what_can_be_used() -> None:
    assert faults() == []
    assert faults(
        command="cibuildwheel {sdist} --output-dir {dist}",
        expect=[{"file": "sdist"}, {"file": "cp3*-*-manylinux_*_x86_64", "platform": "linux-x86_64"}],
        allowed={"tests/*": "made for them"},
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"expect": [{"file": "wheel"}]}, "expect names 'wheel'"),
        ({"expect": [{"file": "py3-none"}]}, "expect names 'py3-none'"),
        ({"expect": [{"file": "sdist", "platform": "linux"}]}, "expect names the platform 'linux'"),
        ({"expect": [{"file": "sdist", "platform": "darwin-arm64"}]}, "expect names the platform 'darwin-arm64'"),
        ({"left-out": {"a.py": " "}}, "left-out has 'a.py' without a reason"),
        ({"allowed": {".env": ""}}, "allowed has '.env' without a reason"),
        ({"command": "make wheels"}, "does not say {dist}"),
        ({"command": ["make", "{dist}", "{version}"]}, "names {version}; its fields are {dist} and {sdist}"),
        ({"command": "make {sdist} {dist}", "sdist": False}, "names {sdist}, but sdist is false"),
    ],
)
def test_what_cannot(table: dict[str, Any], words: str) -> None:
    (fault,) = faults(**table)
    assert words in fault


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"before": ["make 'x"]}, "cannot be split into words"),
        ({"before": [[]]}, "names no program"),
        ({"command": "'{dist}"}, "cannot be split into words"),
        ({"environment": {"A=B": "x"}}, "environment cannot hold 'A=B'"),
        ({"expect": [{"file": "wheel"}]}, "expect names 'wheel'"),
    ],
)
def test_it_is_told_with_the_rest_of_the_configuration(table: dict[str, Any], words: str) -> None:
    (problem,) = wrong_choices(msgspec.convert({"build": table}, Settings))
    assert problem.id == "bad-configuration"
    assert "[tool.towpath.build]" in problem.cause
    assert words in problem.cause
