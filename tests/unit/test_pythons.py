"""Which Pythons come into question, by what a project declares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from towpath.environments.interpreters import Interpreter
from towpath.gates.pythons import Declared, declared

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CLASSIFIERS = 'classifiers = ["Programming Language :: Python :: 3", {}]\n'


def running(version: str = "3.11.7", implementation: str = "cpython") -> Interpreter:
    return Interpreter(Path("python"), version, implementation, "linux-x86_64")


def project(requires: str = "", *classified: str) -> dict[str, Any]:
    lines = ", ".join(f'"Programming Language :: Python :: {name}"' for name in classified)
    text = "[project]\n" + (f'requires-python = "{requires}"\n' if requires else "") + CLASSIFIERS.format(lines)
    return tomllib.loads(text)


@pytest.mark.parametrize(
    ("requires", "classified", "expected"),
    [
        ("", (), Declared(("3.11",), alone=True)),
        ("<4", (), Declared(("3.11",), alone=True)),
        ("*", (), Declared(("3.11",), alone=True)),
        (">=3.11", (), Declared(("3.11",), alone=True)),
        (">=3.11", ("3.11",), Declared(("3.11",), alone=True)),
        (">=3.8", (), Declared(("3.8", "3.11"))),
        (">=3.8.1,!=3.9.*", ("3.8", "3.9", "3.10", "3.11", "3.12"), Declared(("3.8", "3.11"), ("3.10", "3.12"))),
        (">3.8", (), Declared(("3.8", "3.11"))),
        (">3.8.30", (), Declared(("3.8", "3.11"))),
        ("~=3.9", (), Declared(("3.9", "3.11"))),
        (">=2.7,!=3.0.*", (), Declared(("2.7", "3.11"))),
        (">=3.12", (), Declared(("3.12",))),
        (">=3.12", ("3.13",), Declared(("3.12",), ("3.13",))),
        (">=3.9,<3.11", (), Declared(("3.9",))),
        (">=3.11.9", (), Declared(("3.11",), alone=True)),
        ("", ("3.9", "3.12"), Declared(("3.11",), ("3.9", "3.12"))),
    ],
)
def test_without_a_list(requires: str, classified: tuple[str, ...], expected: Declared) -> None:
    assert declared(project(requires, *classified), (), running()) == expected


def test_a_pre_release_counts_as_what_it_becomes() -> None:
    assert declared(project(">=3.14"), (), running("3.14.0rc2")) == Declared(("3.14",), alone=True)


def test_another_implementation_has_its_name() -> None:
    assert declared(project(">=3.10"), (), running("3.10.14", "pypy")) == Declared(("3.10", "pypy3.10"))


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (("3.9", "3.12"), Declared(("3.9", "3.12"))),
        (("3.9", "3.9"), Declared(("3.9",))),
        (("current",), Declared(("3.11",), alone=True)),
        (("3.9", "current"), Declared(("3.9", "3.11"))),
        (("3.11", "current"), Declared(("3.11",))),
        (("3.11",), Declared(("3.11",))),
    ],
)
def test_a_list_is_all_there_is(listed: tuple[str, ...], expected: Declared) -> None:
    assert declared(project(">=3.8", "3.10"), listed, running()) == expected


@pytest.mark.parametrize(
    ("constraint", "required"),
    [("^3.9", ("3.9", "3.11")), (">=3.10,<3.13", ("3.10", "3.11")), ("~3.12", ("3.12",)), ("*", ("3.11",))],
)
def test_poetry_has_its_own_words_for_it(constraint: str, required: tuple[str, ...]) -> None:
    text = f'[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "{constraint}"\n'
    assert declared(tomllib.loads(text), (), running()).required == required


def test_the_names_are_in_order_and_none_where_there_is_but_one() -> None:
    assert declared(project(">=3.8", "3.10", "3.9"), (), running()).names == ("3.8", "3.9", "3.10", "3.11")
    assert declared(project(), (), running()).names == ()


@pytest.mark.parametrize("requires", ["three", ">=3.x", "^3.9"])
def test_what_cannot_be_read_is_the_back_ends_to_refuse(requires: str) -> None:
    assert declared(project(requires), (), running()) == Declared(("3.11",), alone=True)
