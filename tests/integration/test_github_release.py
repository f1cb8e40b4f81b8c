"""The forge's release, as the gate makes it: a draft first, completed by running it again, and never rewritten."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from packaging.version import Version
from universe import PYPROJECT, Project

from towpath.errors import TowpathError
from towpath.evidence.record import Record, digest_of
from towpath.evidence.store import measure
from towpath.forge.double import Fault, ForgeDouble
from towpath.gates import github_release as gate
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from towpath.gates.gate import Workspace


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[ForgeDouble]:
    with ForgeDouble.serve(tmp_path / "forge", "ada/sample") as served:
        yield served


@pytest.fixture
def sealed(make_project: Callable[..., Project]) -> Callable[..., Workspace]:
    """The workspace of a version whose files count as sealed, with that forge."""

    def make(forge: ForgeDouble, version: str = "1.0.0") -> Workspace:
        text = PYPROJECT.replace('version = "1.0.0"', f'version = "{version}"')
        project = make_project(version, files={"pyproject.toml": text, ".gitignore": "dist/\n"})
        (project.root / "dist").mkdir()
        for name in (f"sample_pkg-{version}-py3-none-any.whl", f"sample_pkg-{version}.tar.gz"):
            (project.root / "dist" / name).write_bytes(name.encode() * 1000)
        at = open_workspace(project.root, {**project.environ, "GITHUB_TOKEN": forge.token})
        files = tuple(sorted(map(measure, (project.root / "dist").iterdir())))
        at.store.seal(
            Record("build", "", passed=True, project="sample-pkg", version=version, tree=at.subject.tree,
                   commit=at.repository.head, configuration=digest_of({}), distributions=files)
        )  # fmt: skip
        return replace(at, target=replace(at.target, forge=forge.address))

    return make


def names(forge: ForgeDouble, tag: str = "v1.0.0") -> list[str]:
    (release,) = [one for one in forge.releases if one["tag_name"] == tag]
    assert not release["draft"]
    return sorted(asset["name"] for asset in release["assets"])


ALL = ["sample_pkg-1.0.0-py3-none-any.whl", "sample_pkg-1.0.0.tar.gz"]


def test_made_and_the_same_again(forge: ForgeDouble, sealed: Callable[..., Workspace]) -> None:
    at = sealed(forge)
    made = gate.act(at, "")
    assert names(forge) == ALL
    assert forge.latest == "v1.0.0"
    assert made.facts["latest"]
    methods = [seen.method for seen in forge.requests]
    assert methods.count("POST") == 3, "the draft and two files"
    before = len(methods)
    assert gate.act(at, "").notes == made.notes
    assert {seen.method for seen in forge.requests[before:]} == {"GET"}, "nothing is changed"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "/releases", status=502),
        Fault("POST", "/releases", status=502, committed=True),
        Fault("POST", "/assets", status=502, half=True),
        Fault("POST", "/assets", committed=True),
        Fault("PATCH", "/releases", status=500),
        Fault("PATCH", "/releases", committed=True),
    ],
)
def test_broken_off_anywhere_and_run_again(forge: ForgeDouble, sealed: Callable[..., Workspace], fault: Fault) -> None:
    at = sealed(forge)
    forge.faults.append(fault)
    with pytest.raises(TowpathError):
        gate.act(at, "")
    gate.act(at, "")
    assert names(forge) == ALL


@pytest.mark.parametrize("version", ["1.0.0rc1", "1.0.0.dev1"])
def test_a_prerelease_is_marked_and_never_the_latest(
    forge: ForgeDouble, sealed: Callable[..., Workspace], version: str
) -> None:
    assert not gate.act(sealed(forge, version), "").facts["latest"]
    (release,) = forge.releases
    assert release["prerelease"]
    assert forge.latest is None


def test_an_older_line_does_not_take_the_latest(forge: ForgeDouble, sealed: Callable[..., Workspace]) -> None:
    """Also where this clone knows nothing of the newer one."""
    gate.act(sealed(forge, "2.0.0"), "")
    assert not gate.act(sealed(forge, "1.5.1"), "").facts["latest"]
    assert forge.latest == "v2.0.0"
    gate.act(sealed(forge, "2.0.1"), "")
    assert forge.latest == "v2.0.1"


def make_by_hand(forge: ForgeDouble, **more: Any) -> None:
    requests.post(
        f"{forge.address.api_url}/repos/ada/sample/releases",
        json={"tag_name": "v1.0.0", "name": "By hand", "body": "Written by hand", **more},
        headers={"Authorization": f"Bearer {forge.token}"},
        timeout=10,
    ).raise_for_status()


def test_one_made_by_hand_is_completed_and_not_rewritten(forge: ForgeDouble, sealed: Callable[..., Workspace]) -> None:
    make_by_hand(forge, prerelease=True)
    said = gate.act(sealed(forge), "").notes
    (release,) = forge.releases
    assert (release["name"], release["body"], release["prerelease"]) == ("By hand", "Written by hand", True)
    assert names(forge) == ALL
    assert "it was made as a pre-release before and stays so" in said[1]
    assert said[2] == "its notes were written before and stay as they are"


def test_an_immutable_one_without_files(tmp_path: Path, sealed: Callable[..., Workspace]) -> None:
    with ForgeDouble.serve(tmp_path / "immutable", "ada/sample", immutable=True) as forge:
        make_by_hand(forge)
        with pytest.raises(TowpathError) as caught:
            gate.act(sealed(forge), "")
        assert caught.value.problems[0].id == "forge-release-immutable"


def test_an_immutable_one_that_we_make(tmp_path: Path, sealed: Callable[..., Workspace]) -> None:
    with ForgeDouble.serve(tmp_path / "immutable", "ada/sample", immutable=True) as forge:
        made = gate.act(sealed(forge), "")
        assert names(forge) == ALL
        assert made.facts["immutable"]
        assert "immutable" in made.notes[-1]


@pytest.mark.parametrize(
    ("version", "others", "newest"),
    [
        ("1.0", [], True),
        ("1.0", ["0.9", "1.0"], True),
        ("1.0", ["1.1rc1"], True),
        ("1.0.1", ["2.0"], False),
        ("1.0.post1", ["1.0"], True),
        ("1.4.7.6", ["1.4.7.10"], False),
    ],
)
def test_the_newest(version: str, others: list[str], newest: bool) -> None:  # noqa: FBT001 - a parameter
    assert gate.is_newest(Version(version), map(Version, others)) is newest
