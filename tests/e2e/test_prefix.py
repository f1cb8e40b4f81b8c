"""A project that has other sessions and tasks of our names: whatever is printed names the ones that are there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from releases import sdist
from universe import PYPROJECT

from towpath.forge.double import ForgeDouble
from towpath.index.twin import Twin
from towpath.index.upload import upload
from towpath.model import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from universe import Project

_UNPREFIXED = re.compile(r"\b(?:nox -s|invoke) (?!our-)[a-z][a-z-]*")
CONFIGURED = """
[tool.towpath]
prefix = "our-"
publish.index = "main"
github-release.repository = "ada/sample"
github-release.api-url = "{forge}"

[tool.towpath.index.main]
upload-url = "{index}/legacy/"
simple-url = "{index}/simple/"
"""


@pytest.fixture
def project(make_project: Callable[..., Project], tmp_path: Path) -> Iterator[Project]:
    with Twin.serve(tmp_path / "pypi", "pypi") as twin, ForgeDouble.serve(tmp_path / "forge", "ada/sample") as forge:
        sent = sdist(tmp_path)
        assert upload(twin.address, sent, login=Login("__token__", twin.token()), loopback_only=True).status == 200
        base = twin.simple_url.removesuffix("/simple/")
        lines = CONFIGURED.format(forge=forge.address.api_url, index=base)
        yield make_project(files={"pyproject.toml": f"{PYPROJECT}\n{lines}", ".gitignore": "dist/\n"})


COMMANDS = (
    ("invoke", "our-withdraw"),
    ("invoke", "our-bump", "--part", "minor", "--yes"),
    ("invoke", "our-status"),
    ("invoke", "our-audit"),
    ("invoke", "our-doctor", "--offline"),
    ("invoke", "our-plan", "--to", "main"),
    ("invoke", "our-workflow", "--check"),
    ("invoke", "our-explain", "evidence-missing"),
    ("nox", "-s", "our-build"),
)


def test_every_hint_names_what_is_there(project: Project) -> None:
    wrong: dict[str, list[str]] = {}
    named = 0
    for runner, *arguments in COMMANDS:
        ended = getattr(project, runner)(*arguments)
        assert ended.all.strip(), arguments
        named += len(re.findall(r"\b(?:nox -s|invoke) our-", ended.all))
        found = [line for line in ended.all.splitlines() if _UNPREFIXED.search(line)]
        if found:
            wrong[" ".join(arguments)] = found
    assert wrong == {}
    assert named >= len(COMMANDS)
