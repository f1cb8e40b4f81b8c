"""A new project: the smallest that a release can be rehearsed with."""

from __future__ import annotations

import datetime as dt
import re
import sys
from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
VERSION = "0.1.0"
_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
description = "What {name} is, in one line."
readme = "README.md"
requires-python = ">={python}"

[dependency-groups]
lint = ["ruff"]
test = ["pytest"]

[tool.hatch.build.targets.wheel]
packages = ["src/{module}"]
"""
_README = """\
# {name}

What {name} is, in one line.
"""
CHANGELOG = """\
# Changes

## [Unreleased]
"""
_FIRST = """
## [{version}] - {today}

- The first version.
"""
_IGNORED = """\
__pycache__/
.venv/
/.nox/
/dist/
"""
_MODULE = '''\
"""What {name} is, in one line."""


def greeting(name: str) -> str:
    """Greet somebody; replace this by what the project is for."""
    return f"Hello, {{name}}!"
'''
_TEST = """\
from {module} import greeting


def test_greeting() -> None:
    assert greeting("Ada") == "Hello, Ada!"
"""


def project(name: str) -> Mapping[str, str]:
    """Path → text of a new project's own files.

    It asks for the Python that runs us or a later one, so that it can be rehearsed at once. Raises
    bad-name-for-project and name-not-for-new.
    """
    from towpath.index.twin.names import why_prohibited

    if not _NAME.fullmatch(name):
        raise errors.BAD_NAME_FOR_PROJECT.error(name=name)
    why = why_prohibited(name)
    if why:
        raise errors.NAME_NOT_FOR_NEW.error(name=name, why=why)
    module = module_of(name)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    today = dt.datetime.now().astimezone().date().isoformat()
    facts = {"name": name, "module": module, "version": VERSION, "python": python, "today": today}
    texts = {
        "pyproject.toml": _PYPROJECT,
        "README.md": _README,
        ".gitignore": _IGNORED,
        f"src/{module}/__init__.py": _MODULE,
        "tests/test_greeting.py": _TEST,
    }
    made = {path: text.format(**facts) for path, text in texts.items()}
    return {**made, "CHANGES.md": CHANGELOG + _FIRST.format(**facts)}


def module_of(name: str) -> str:
    """The name that a project is imported by. Raises bad-name-for-project for one that Python keeps for itself."""
    import keyword

    module = re.sub(r"[-.]+", "_", name).lower()
    if keyword.iskeyword(module) or module in sys.stdlib_module_names:
        raise errors.BAD_NAME_FOR_PROJECT.error(name=name)
    return module
