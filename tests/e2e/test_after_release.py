"""What a project declares to be done after its releases: it fails for itself, and is not done twice."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from universe import GATES, PYPROJECT, states

from towpath.forge.double import ForgeDouble
from towpath.index.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from universe import Project

TELL = """\
import json
import os
import sys
from pathlib import Path

where, up = map(Path, sys.argv[1:])
names = ("RTD_TOKEN", "OTHER_TOKEN", "GITHUB_TOKEN", "TOWPATH_TOKEN_MAIN")
told = {name: value for name, value in os.environ.items() if name.startswith("TOWPATH_") or name in names}
with where.open("a") as opened:
    opened.write(json.dumps(told) + "\\n")
if not up.exists():
    sys.exit("the service is down")
"""


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[ForgeDouble]:
    with ForgeDouble.serve(tmp_path / "forge", "ada/sample") as served:
        yield served


def configured(tmp_path: Path, forge: ForgeDouble, twin: Twin) -> str:
    def command(name: str, needs: str) -> str:
        return json.dumps([sys.executable, "tools/tell.py", str(tmp_path / f"{name}.jsonl"), str(tmp_path / needs)])

    return f"""{PYPROJECT}
[tool.towpath]
publish.index = "main"
github-release.repository = "ada/sample"
github-release.api-url = "{forge.address.api_url}"

[tool.towpath.index.main]
upload-url = "{twin.upload_url}"
simple-url = "{twin.simple_url}"

[tool.towpath.after-release.docs]
command = {command("docs", ".")}
reason = "the docs of a version are built on demand"
variables = ["RTD_TOKEN"]

[tool.towpath.after-release.announce]
command = {command("announce", "up")}
reason = "people are told"
"""


def said(tmp_path: Path, name: str) -> list[dict[str, Any]]:
    path = tmp_path / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@pytest.mark.slow
def test_a_failure_after_the_release_leaves_it_finished(
    make_project: Callable[..., Project], tmp_path: Path, forge: ForgeDouble
) -> None:
    with Twin.serve(tmp_path / "pypi", "pypi") as twin:
        files = {"pyproject.toml": configured(tmp_path, forge, twin), "tools/tell.py": TELL, ".gitignore": "dist/\n"}
        project = make_project(files=files)
        project.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
        project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
        tokens = {"TOWPATH_TOKEN_MAIN": twin.token(), "GITHUB_TOKEN": forge.token}
        tokens |= {"RTD_TOKEN": "canary-rtd", "OTHER_TOKEN": "canary-other"}

        planned = project.invoke("plan", "--json").json()
        assert states(planned)["docs"] == states(planned)["announce"] == "not rehearsed"

        ended = project.nox("-s", "release", "--", "--to", "main", "--json", **tokens)
        first = ended.json()
        assert ended.code == 0, "the release is finished"
        assert first["done"], first
        done = [name for name in GATES if name != "publish-test"]
        assert states(first) == {
            **dict.fromkeys(done, "proven"),
            "docs": "proven",
            "announce": "failed after the release",
        }
        (problem,) = first["gates"][-1]["problems"]
        assert problem["id"] == "after-release-failed"
        assert "the service is down" in problem["detail"]
        assert first["next"] == "nox -s announce"
        assert not forge.releases[0]["draft"]

        (told,) = said(tmp_path, "docs")
        assert told["RTD_TOKEN"] == "canary-rtd"
        assert not {"OTHER_TOKEN", "GITHUB_TOKEN", "TOWPATH_TOKEN_MAIN"} & set(told), "nothing else that is secret"
        assert (told["TOWPATH_VERSION"], told["TOWPATH_TAG"], told["TOWPATH_TARGET"]) == ("1.0.0", "v1.0.0", "main")
        assert told["TOWPATH_RELEASE_PAGE"].endswith("/releases/tag/v1.0.0")
        assert "RTD_TOKEN" not in said(tmp_path, "announce")[0], "it was not declared for this one"

        alone = project.nox("-s", "announce", **tokens)
        assert alone.code == 1, "run by itself, it is what was asked for"
        assert "after-release-failed" in alone.all

        (tmp_path / "up").touch()
        second = project.nox("-s", "release", "--", "--to", "main", "--json", **tokens).json()
        assert states(second)["announce"] == "proven", second
        assert states(second)["docs"] == "already proven"
        assert len(said(tmp_path, "docs")) == 1, "what was done is not done again"
        assert second["next"] == ""

        third = project.nox("-s", "release", "--", "--to", "main", "--json", **tokens).json()
        assert third["nothing_done"], third
        assert states(third)["docs"] == states(third)["announce"] == "already proven"
        assert len(said(tmp_path, "announce")) == 3
