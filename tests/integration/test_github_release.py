"""The forge's release, as the gate makes it: a draft first, completed by running it again, and never rewritten."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from packaging.version import Version
from strangers import verify_as_documented
from universe import PYPROJECT, Project

from towpath.errors import TowpathError
from towpath.evidence.pack import collected, packed
from towpath.evidence.record import Record, digest_of
from towpath.evidence.store import measure
from towpath.forge.client import GitHub
from towpath.forge.double import Fault, ForgeDouble
from towpath.gates import github_release as gate
from towpath.gates.evidence_pack import EvidencePack, files_block
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.gates.gate import Workspace
    from towpath.model import Distribution


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
        return proven(replace(at, target=replace(at.target, forge=forge.address)))

    return make


def proven(at: Workspace, note: str = "12 rules") -> Workspace:
    """The same, opened by a chain of three records, the first of which says what it found."""
    project = Path(at.root)
    files = tuple(sorted(map(measure, (project / "dist").iterdir())))
    blank = Record("lint", "", passed=True, project="sample-pkg", version=at.subject.version, tree=at.subject.tree,
                   commit=at.repository.head, configuration=digest_of({}))  # fmt: skip
    at.store.keep([project / "dist" / file.filename for file in files], at.repository.head)
    # Its tools make it another record than that of a run before.
    lint = at.store.seal(replace(blank, notes=(note,), tools={"ruff": note}))
    relied = {lint.path: lint.digest, "distributions.json": at.store.digest("distributions.json")}
    build = at.store.seal(replace(blank, gate="build", distributions=files, relied_on=relied))
    last = replace(blank, gate="verify-published", distributions=files, relied_on={build.path: build.digest})
    verified = at.store.seal(replace(last, target=at.target.id), at.target.name)
    return replace(at, relied_on={verified.path: verified.digest})


def names(forge: ForgeDouble, tag: str = "v1.0.0") -> list[str]:
    (release,) = [one for one in forge.releases if one["tag_name"] == tag]
    assert not release["draft"]
    return sorted(asset["name"] for asset in release["assets"])


PACK = "sample_pkg-1.0.0.evidence.zip"
ALL = ["sample_pkg-1.0.0-py3-none-any.whl", PACK, "sample_pkg-1.0.0.tar.gz"]
RECORDS = ["build.json", "distributions.json", "lint.json", "pypi/verify-published.json"]


def content(forge: ForgeDouble, name: str) -> bytes:
    (release,) = forge.releases
    (asset,) = [one for one in release["assets"] if one["name"] == name]
    return forge.file(asset)


def put(forge: ForgeDouble, name: str, body: bytes) -> None:
    """A file of the only release, put there in place of what has its name."""
    (release,) = forge.releases
    api = f"{forge.address.api_url}/repos/ada/sample"
    allowed = {"Authorization": f"Bearer {forge.token}"}
    for asset in release["assets"]:
        if asset["name"] == name:
            requests.delete(f"{api}/releases/assets/{asset['id']}", headers=allowed, timeout=10).raise_for_status()
    sent = f"{forge.address.api_url}/uploads/repos/ada/sample/releases/{release['id']}/assets"
    requests.post(sent, params={"name": name}, data=body, headers=allowed, timeout=10).raise_for_status()


def test_made_and_the_same_again(forge: ForgeDouble, sealed: Callable[..., Workspace]) -> None:
    at = sealed(forge)
    made = gate.act(at, "")
    assert names(forge) == ALL
    assert forge.latest == "v1.0.0"
    assert made.facts["latest"]
    methods = [seen.method for seen in forge.requests]
    assert methods.count("POST") == 4, "the draft and three files"
    before = len(methods)
    assert gate.act(at, "").notes == made.notes
    assert {seen.method for seen in forge.requests[before:]} == {"GET"}, "nothing is changed"


def test_notes_and_files_together_are_not_longer_than_the_forge_takes(
    forge: ForgeDouble, sealed: Callable[..., Workspace]
) -> None:
    """The forge would refuse them when everything else is public."""
    at = sealed(forge)
    changes = "\n".join(f"- change number {number:06}" for number in range(6_000))
    Path(at.root, "CHANGES.md").write_text(f"# Changes\n\n## [1.0.0]\n\n{changes}\n", encoding="utf-8")
    files = [f"sample_pkg-1.0.0-cp3{minor}-cp3{minor}-manylinux_2_{glibc}_x86_64.whl"
             for minor in range(10, 15) for glibc in range(17, 29)]  # fmt: skip
    for name in files:
        Path(at.root, "dist", name).write_bytes(name.encode())
    gate.act(proven(at), "")
    (release,) = forge.releases
    body = release["body"]
    assert 100_000 < len(body) <= 125_000
    assert "change number 000000" in body
    assert "(shortened; the rest is in the changelog)" in body
    assert all(f"| `{name}` |" in body for name in files)


def test_a_release_of_hundreds_of_files_has_notes_without_their_table(
    forge: ForgeDouble, sealed: Callable[..., Workspace]
) -> None:
    at = sealed(forge)
    files = [replace(one, filename=f"{number}-{one.filename}") for one in measured(at) for number in range(400)]
    block = files_block(files, EvidencePack("pack.zip"))
    assert len(block) < 1_000
    assert "800 files, too many for a table here" in block


def measured(at: Workspace) -> list[Distribution]:
    return sorted(map(measure, Path(at.root, "dist").iterdir()))


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
    assert "it was made as a pre-release before and stays so" in said[2]
    assert said[3] == "its notes were written before and stay as they are"


def test_an_immutable_one_without_files(tmp_path: Path, sealed: Callable[..., Workspace]) -> None:
    with ForgeDouble.serve(tmp_path / "immutable", "ada/sample", immutable=True) as forge:
        make_by_hand(forge)
        with pytest.raises(TowpathError) as caught:
            gate.act(sealed(forge), "")
        assert caught.value.problems[0].id == "forge-release-immutable"
        assert PACK in caught.value.problems[0].cause


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


def test_the_digests_stand_below_the_notes(forge: ForgeDouble, sealed: Callable[..., Workspace]) -> None:
    at = sealed(forge)
    gate.act(at, "")
    (release,) = forge.releases
    notes, _, block = release["body"].partition("<!-- towpath: files -->")
    assert "the first one" in notes
    for file in at.store.manifest()[1]:
        assert f"| `{file.filename}` | {file.size} | `{file.sha256}` |" in block
    assert PACK in block


def test_the_pack_holds_what_opened_the_gate_and_nothing_else(
    forge: ForgeDouble, sealed: Callable[..., Workspace]
) -> None:
    at = sealed(forge)
    foreign = Record("test", "", passed=True, project="sample-pkg", version="1.0.0", tree="0" * 40, commit="",
                     configuration="")  # fmt: skip
    at.store.seal(foreign)
    at.store.seal(replace(foreign, gate="publish"), "testpypi")
    (at.store.folder / "1.0.0" / "logs").mkdir()
    (at.store.folder / "1.0.0" / "logs" / "lint.log").write_text("what a session printed", encoding="utf-8")
    made = gate.act(at, "")
    with zipfile.ZipFile(io.BytesIO(content(forge, PACK))) as archive:
        assert archive.namelist() == RECORDS
        for name in RECORDS:
            assert archive.read(name) == at.store.read(name)
    assert made.facts["evidence"] == {
        "file": PACK,
        "sha256": hashlib.sha256(content(forge, PACK)).hexdigest(),
        "kept": False,
    }


def test_a_stranger_verifies_what_was_downloaded(
    forge: ForgeDouble, sealed: Callable[..., Workspace], tmp_path: Path
) -> None:
    at = sealed(forge)
    gate.act(at, "")
    folder = tmp_path / "downloaded"
    folder.mkdir()
    with GitHub(forge.address, None, loopback_only=True) as public:
        release = public.release("v1.0.0")
        assert release is not None
        for asset in release.assets:
            public.download(asset, folder / asset.name)
    wheel, sdist = ALL[0], ALL[2]
    fine = verify_as_documented(folder, PACK, wheel, sdist)
    assert fine.returncode == 0, fine.stderr
    assert "lint: proven, 12 rules" in fine.stdout
    assert f"{wheel}: as sealed, built from commit {at.repository.head}" in fine.stdout

    (folder / wheel).write_bytes(b"other bytes")
    assert "has other bytes" in verify_as_documented(folder, PACK, wheel).stderr
    with zipfile.ZipFile(folder / PACK) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    tampered = {
        "another lint.json": {**entries, "lint.json": entries["lint.json"].replace(b"12 rules", b"13 rules")},
        "relied on another build.json": {name: text for name, text in entries.items() if name != "build.json"},
    }
    for number, (complaint, changed) in enumerate(tampered.items()):
        (folder / f"{number}.zip").write_bytes(packed(changed))
        ended = verify_as_documented(folder, f"{number}.zip", sdist)
        assert ended.returncode == 1
        assert complaint in ended.stderr


def test_the_pack_of_an_earlier_run_stays(forge: ForgeDouble, sealed: Callable[..., Workspace]) -> None:
    at = sealed(forge)
    gate.act(at, "")
    first = content(forge, PACK)
    again = gate.act(proven(at, "13 rules"), "")
    assert content(forge, PACK) == first
    assert names(forge) == ALL
    assert again.facts["evidence"] == {"file": PACK, "sha256": hashlib.sha256(first).hexdigest(), "kept": True}
    assert "of an earlier run stays" in again.notes[1]


@pytest.mark.parametrize("how", ["no archive", "of other files", "of another target", "with a gap", "with more"])
def test_a_pack_that_is_not_ours_closes_the_gate(
    forge: ForgeDouble, sealed: Callable[..., Workspace], how: str
) -> None:
    at = sealed(forge)
    gate.act(at, "")
    entries = collected(at.store, at.relied_on)
    if how == "no archive":
        body = b"PK, as it were"
    elif how == "of another target":
        (path,) = at.relied_on
        body = packed({name.replace("pypi/", "testpypi/"): text for name, text in entries.items()})
        assert path not in zipfile.ZipFile(io.BytesIO(body)).namelist()
    elif how == "with a gap":
        body = packed({name: text for name, text in entries.items() if name != "lint.json"})
    elif how == "with more":
        body = packed({**entries, "notes.txt": b"trust me"})
    else:
        wheel = at.root / "dist" / ALL[0]
        kept = wheel.read_bytes()
        wheel.write_bytes(b"other bytes")
        body = packed(collected(at.store, proven(at).relied_on))
        wheel.write_bytes(kept)
        at = proven(at)
    put(forge, PACK, body)
    with pytest.raises(TowpathError) as caught:
        gate.act(at, "")
    (problem,) = caught.value.problems
    assert problem.id == "forge-file-differs"
    assert problem.detail
    assert content(forge, PACK) == body, "nothing is changed"


def test_half_a_pack_is_sent_again(forge: ForgeDouble, sealed: Callable[..., Workspace]) -> None:
    at = sealed(forge)
    forge.faults.append(Fault("POST", PACK, status=502, half=True))
    with pytest.raises(TowpathError):
        gate.act(at, "")
    assert forge.releases[0]["draft"]
    gate.act(at, "")
    assert names(forge) == ALL
    assert zipfile.ZipFile(io.BytesIO(content(forge, PACK))).testzip() is None


@pytest.mark.parametrize(
    "canary",
    ["pypi-AgEIcHlwaS5vcmcCJ" + "a" * 60, "hunter2-hunter2"],  # by its form; as the value of a variable
)
def test_no_secret_becomes_public(forge: ForgeDouble, sealed: Callable[..., Workspace], canary: str) -> None:
    at = sealed(forge)
    at = replace(at, environ={**at.environ, "DEPLOY_PASSWORD": "hunter2-hunter2"})
    with pytest.raises(TowpathError) as caught:
        gate.act(proven(at, f"logged in with {canary}"), "")
    (problem,) = caught.value.problems
    assert problem.id == "evidence-secret"
    assert "lint.json" in problem.cause
    assert canary not in repr(caught.value.problems)
    assert forge.releases == [], "found out before anything was sent"


def test_a_gate_that_nothing_opened_says_that_it_has_no_pack(
    forge: ForgeDouble, sealed: Callable[..., Workspace]
) -> None:
    made = gate.act(replace(sealed(forge), relied_on={}), "")
    assert PACK not in names(forge)
    assert made.notes[1].startswith("no evidence pack")


def test_the_chain_is_asked_once_more(forge: ForgeDouble, sealed: Callable[..., Workspace]) -> None:
    at = sealed(forge)
    (at.store.folder / "1.0.0" / "lint.json").unlink()
    with pytest.raises(TowpathError) as caught:
        gate.act(at, "")
    assert caught.value.problems[0].id == "evidence-chain"
    assert forge.releases == []
