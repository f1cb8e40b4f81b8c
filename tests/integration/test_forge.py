from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING

import pytest
import requests

from towpath import errors
from towpath.forge import transport
from towpath.forge.actions import Actions
from towpath.forge.client import GitHub
from towpath.forge.double import Fault, ForgeDouble
from towpath.forge.releases import ReleaseFile, Wanted
from towpath.forge.transport import Transport
from towpath.model import ForgeAddress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("pkg-1.0-py3-none-any.whl", "pkg-1.0.tar.gz", "evidence.json")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def double(tmp_path: Path) -> Iterator[ForgeDouble]:
    with ForgeDouble.serve(tmp_path / "forge") as served:
        yield served


@pytest.fixture
def wanted(tmp_path: Path) -> Wanted:
    folder = tmp_path / "dist"
    folder.mkdir()
    files = []
    for name in NAMES:
        content = f"the bytes of {name}".encode() * 1000
        (folder / name).write_bytes(content)
        files.append(ReleaseFile(folder / name, hashlib.sha256(content).hexdigest()))
    return Wanted("v1.0", "1.0", "What changed", prerelease=False, latest=True, files=tuple(files))


def client(double: ForgeDouble, token: str | None = None) -> GitHub:
    return GitHub(double.address, double.token if token is None else token, loopback_only=True)


def ensure(double: ForgeDouble, wanted: Wanted) -> None:
    with client(double) as forge:
        forge.ensure_release(wanted)


def problem(double: ForgeDouble, wanted: Wanted, token: str | None = None) -> errors.Problem:
    with client(double, token) as forge, pytest.raises(errors.TowpathError) as raised:
        forge.ensure_release(wanted)
    return raised.value.problems[0]


def require_finished(double: ForgeDouble, wanted: Wanted) -> None:
    published = [release for release in double.releases if not release["draft"]]
    assert [release["tag_name"] for release in published] == ["v1.0"]
    assets = {asset["name"]: asset for asset in published[0]["assets"]}
    assert sorted(assets) == sorted(NAMES)
    for file in wanted.files:
        assert double.file(assets[file.path.name]) == file.path.read_bytes()
        assert assets[file.path.name]["state"] == "uploaded"


def writes(double: ForgeDouble) -> list[str]:
    return [f"{seen.method} {seen.path}" for seen in double.requests if seen.method != "GET"]


def test_a_release_is_drafted_filled_and_only_then_published(double: ForgeDouble, wanted: Wanted) -> None:
    with client(double) as forge:
        assert forge.release("v1.0") is None
        release = forge.ensure_release(wanted)
    require_finished(double, wanted)
    assert release.notes == "What changed"
    assert release.title == "1.0"
    assert not release.is_draft
    assert {asset.name: asset.sha256 for asset in release.assets} == {
        file.path.name: file.sha256 for file in wanted.files
    }
    assert double.latest == "v1.0"
    made = writes(double)
    assert made[0] == "POST /repos/owner/name/releases"
    assert [one for one in made if one.startswith("PATCH")] == made[-1:]
    assert len(made) == 5


def test_running_it_again_changes_nothing(double: ForgeDouble, wanted: Wanted) -> None:
    ensure(double, wanted)
    before, made = double.releases, writes(double)
    ensure(double, wanted)
    assert double.releases == before
    assert writes(double) == made


def _faults() -> list[tuple[str, str]]:
    return [
        ("GET", "/releases/tags/"),
        ("GET", "/releases?per_page"),
        ("POST", "/repos/owner/name/releases"),
        ("POST", NAMES[0]),
        ("POST", NAMES[1]),
        ("POST", NAMES[2]),
        ("GET", "/assets?per_page"),
        ("PATCH", "/releases/"),
    ]


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("status", [None, 502], ids=["dropped", "502"])
@pytest.mark.parametrize(("method", "part"), _faults(), ids=[f"{how} {what}" for how, what in _faults()])
def test_after_a_fault_the_next_run_finishes_the_same_release(
    double: ForgeDouble, wanted: Wanted, method: str, part: str, status: int | None, *, committed: bool
) -> None:
    fault = Fault(method, part, status, committed=committed, times=2 if method == "GET" else 1)
    double.faults.append(fault)
    found = problem(double, wanted)
    assert fault.times == 0
    assert found.id == ("forge-out-of-reach" if status is None else "forge-broken")
    ensure(double, wanted)
    require_finished(double, wanted)
    assert len(double.releases) == 1


@pytest.mark.parametrize("status", [None, 502])
@pytest.mark.parametrize("part", [part for method, part in _faults() if method == "GET"])
def test_a_question_whose_answer_is_lost_is_asked_once_more(
    double: ForgeDouble, wanted: Wanted, part: str, status: int | None
) -> None:
    double.faults.append(Fault("GET", part, status))
    ensure(double, wanted)
    require_finished(double, wanted)


def test_a_change_whose_answer_is_lost_is_not_sent_again(double: ForgeDouble, wanted: Wanted) -> None:
    """It may have been carried out: what is there then is read by the next run."""
    double.faults.append(Fault("POST", "/repos/owner/name/releases", committed=True))
    assert problem(double, wanted).id == "forge-out-of-reach"
    assert writes(double) == ["POST /repos/owner/name/releases"]


@pytest.mark.parametrize("body", ["[]", '["x"]', '"x"', "{}", '{"id": 1, "message": "hello"}', "null", "7"])
@pytest.mark.parametrize("part", ["/releases/tags/", "/releases?", "/releases/latest", "/actions/runs"])
def test_json_of_another_shape_has_its_own_error(double: ForgeDouble, part: str, body: str) -> None:
    with client(double) as forge, Actions(double.address, double.token, loopback_only=True) as actions:
        double.faults.append(Fault("GET", part, 200, body=body))
        ask = {"/releases/latest": forge.latest, "/actions/runs": lambda: actions.runs("0" * 40)}
        if (part, body) == ("/releases?", "[]"):
            assert forge.release("v1.0") is None
            return
        with pytest.raises(errors.TowpathError) as raised:
            ask.get(part, lambda: forge.release("v1.0"))()
    assert raised.value.problems[0].id == "forge-other-shape"


def test_the_servers_own_words_are_kept(double: ForgeDouble, wanted: Wanted) -> None:
    double.faults.append(Fault("POST", "/releases", 503, body='{"message": "We are down for maintenance"}'))
    assert problem(double, wanted).detail == "We are down for maintenance"


@pytest.mark.parametrize("status", [None, 502])
def test_half_a_file_is_deleted_and_sent_again(double: ForgeDouble, wanted: Wanted, status: int | None) -> None:
    double.faults.append(Fault("POST", NAMES[1], status, half=True))
    problem(double, wanted)
    halves = [asset["state"] for asset in double.releases[0]["assets"]]
    assert "starter" in halves
    ensure(double, wanted)
    require_finished(double, wanted)


def test_without_digests_the_bytes_are_downloaded_and_compared(tmp_path: Path, wanted: Wanted) -> None:
    with ForgeDouble.serve(tmp_path / "old", digests=False) as double:
        ensure(double, wanted)
        require_finished(double, wanted)
        asset = double.releases[0]["assets"][0]
        (double.folder / "files" / str(asset["id"])).write_bytes(b"exchanged")
        assert problem(double, wanted).id == "forge-file-differs"


@pytest.mark.parametrize("is_draft", [True, False])
def test_other_bytes_under_a_name_are_neither_kept_nor_overwritten(
    double: ForgeDouble, wanted: Wanted, *, is_draft: bool
) -> None:
    headers = {"Authorization": f"Bearer {double.token}"}
    address = f"{double.address.api_url}/repos/owner/name/releases"
    data = {"tag_name": "v1.0", "draft": is_draft}
    made = requests.post(address, json=data, headers=headers, timeout=5).json()
    upload = made["upload_url"].partition("{")[0]
    requests.post(upload, params={"name": NAMES[0]}, data=b"other", headers=headers, timeout=5)
    before = double.releases
    found = problem(double, wanted)
    assert found.id == "forge-file-differs"
    assert NAMES[0] in found.cause
    assert double.releases == before


@pytest.mark.parametrize("is_draft", [True, False])
def test_a_release_written_by_hand_keeps_its_notes_and_gets_its_files(
    double: ForgeDouble, wanted: Wanted, *, is_draft: bool
) -> None:
    headers = {"Authorization": f"Bearer {double.token}"}
    address = f"{double.address.api_url}/repos/owner/name/releases"
    data = {"tag_name": "v1.0", "name": "One", "body": "By hand", "draft": is_draft}
    requests.post(address, json=data, headers=headers, timeout=5).raise_for_status()
    ensure(double, wanted)
    require_finished(double, wanted)
    assert double.releases[0]["body"] == "By hand"
    assert double.releases[0]["name"] == "One"


def test_an_immutable_release_is_made_whole_and_a_lacking_one_is_reported(tmp_path: Path, wanted: Wanted) -> None:
    with ForgeDouble.serve(tmp_path / "immutable", immutable=True) as double:
        ensure(double, wanted)
        require_finished(double, wanted)
        ensure(double, wanted)
        more = tmp_path / "more.txt"
        more.write_bytes(b"late")
        late = ReleaseFile(more, hashlib.sha256(b"late").hexdigest())
        changed = Wanted("v1.0", "1.0", "", prerelease=False, latest=True, files=(*wanted.files, late))
        found = problem(double, changed)
        assert found.id == "forge-release-immutable"
        assert found.cause.endswith("it lacks: more.txt.")


@pytest.mark.parametrize(("prerelease", "latest"), [(True, True), (False, False)])
def test_a_prerelease_or_an_older_line_never_becomes_the_latest(
    double: ForgeDouble, wanted: Wanted, *, prerelease: bool, latest: bool
) -> None:
    ensure(double, wanted)
    other = Wanted("v0.9", "0.9", "", prerelease=prerelease, latest=latest, commit="c" * 40)
    ensure(double, other)
    assert double.latest == "v1.0"
    assert double.releases[1]["prerelease"] is prerelease
    assert double.releases[1]["target_commitish"] == "c" * 40


def test_a_draft_is_found_on_a_later_page(double: ForgeDouble, wanted: Wanted) -> None:
    headers = {"Authorization": f"Bearer {double.token}"}
    address = f"{double.address.api_url}/repos/owner/name/releases"
    with requests.Session() as session:
        for tag in ["v1.0", *(f"v0.{number}" for number in range(120))]:
            session.post(address, json={"tag_name": tag, "draft": True}, headers=headers, timeout=5)
    ensure(double, wanted)
    require_finished(double, wanted)
    assert len([release for release in double.releases if release["tag_name"] == "v1.0"]) == 1


def test_a_tag_with_a_slash(double: ForgeDouble) -> None:
    wanted = Wanted("pkg/v1.0", "1.0", "", prerelease=False, latest=True)
    ensure(double, wanted)
    ensure(double, wanted)
    assert [release["draft"] for release in double.releases] == [False]


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (401, {}, "forge-unauthorized"),
        (403, {}, "forge-forbidden"),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767225600"}, "forge-rate-limited"),
        (403, {"retry-after": "60"}, "forge-rate-limited"),
        (429, {}, "forge-rate-limited"),
        (404, {}, "forge-not-found"),
        (422, {}, "forge-refused"),
        (307, {"location": "http://127.0.0.1:1/"}, "forge-moved"),
        (500, {}, "forge-broken"),
        (None, {}, "forge-out-of-reach"),
    ],
)
def test_each_bad_answer_has_its_error_and_none_tells_the_token(
    double: ForgeDouble, wanted: Wanted, status: int | None, headers: dict[str, str], expected: str
) -> None:
    double.faults.append(Fault("POST", "/releases", status, headers=headers))
    found = problem(double, wanted)
    assert found.id == expected
    assert found.cause
    assert found.fix
    assert double.token not in repr(found)


def test_a_rate_limit_says_when_to_come_back(double: ForgeDouble, wanted: Wanted) -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767225600"}
    double.faults.append(Fault("GET", "/releases", 403, headers=headers))
    assert "at 00:00 UTC" in problem(double, wanted).fix


def test_a_wrong_token_and_none(double: ForgeDouble, wanted: Wanted) -> None:
    assert problem(double, wanted, token="canary-wrong").id == "forge-unauthorized"
    assert problem(double, wanted, token="").id == "forge-unauthorized"
    assert double.releases == []


def test_a_repository_that_is_not_there(double: ForgeDouble) -> None:
    address = ForgeAddress(double.address.api_url, "owner/other")
    with (
        GitHub(address, double.token, loopback_only=True) as forge,
        pytest.raises(errors.TowpathError) as raised,
    ):
        forge.release("v1.0")
    assert raised.value.problems[0].id == "forge-not-found"


def test_nothing_is_sent_if_a_local_file_is_not_the_sealed_one(double: ForgeDouble, wanted: Wanted) -> None:
    wanted.files[1].path.write_bytes(b"altered")
    assert problem(double, wanted).id == "file-altered"
    assert double.requests == []


def test_held_to_loopback_it_never_reaches_github(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        pytest.fail("a connection was made")

    monkeypatch.setattr("socket.socket.connect", forbidden)
    monkeypatch.setattr("socket.getaddrinfo", forbidden)
    with pytest.raises(errors.TowpathError) as raised:
        GitHub(ForgeAddress("https://api.github.com", "owner/name"), "canary", loopback_only=True)
    assert raised.value.problems[0].id == "outside-rehearsal"


def test_a_redirect_to_another_machine_is_not_followed(double: ForgeDouble) -> None:
    double.faults.append(Fault("GET", "/releases/tags/", 302, headers={"location": "https://example.org/"}))
    with client(double) as forge, pytest.raises(errors.TowpathError) as raised:
        forge.release("v1.0")
    assert raised.value.problems[0].id == "outside-rehearsal"


def test_the_token_is_sent_to_no_other_host(double: ForgeDouble) -> None:
    with (
        Transport(double.address, double.token, loopback_only=False) as opened,
        pytest.raises(errors.TowpathError) as raised,
    ):
        opened.upload("https://uploads.example.org/x", "x", io.BytesIO(b"x"))
    assert raised.value.problems[0].id == "forge-other-host"


def test_the_double_shows_drafts_only_to_its_token_and_records_no_header_value(
    double: ForgeDouble, wanted: Wanted
) -> None:
    double.faults.append(Fault("PATCH", "/releases", 502))
    problem(double, wanted)
    address = f"{double.address.api_url}/repos/owner/name/releases"
    assert requests.get(address, timeout=5).json() == []
    assert requests.get(f"{address}/tags/v1.0", timeout=5).status_code == 404
    headers = {"Authorization": f"Bearer {double.token}"}
    (draft,) = requests.get(address, headers=headers, timeout=5).json()
    assert draft["draft"]
    assert requests.get(f"{address}/tags/v1.0", headers=headers, timeout=5).status_code == 404
    assert double.token not in repr(double.requests)
    assert any("authorization" in seen.headers for seen in double.requests)


def test_the_double_refuses_a_name_twice(double: ForgeDouble) -> None:
    headers = {"Authorization": f"Bearer {double.token}"}
    address = f"{double.address.api_url}/repos/owner/name/releases"
    made = requests.post(address, json={"tag_name": "v1", "draft": True}, headers=headers, timeout=5).json()
    upload = made["upload_url"].partition("{")[0]
    for expected in (201, 422):
        answer = requests.post(upload, params={"name": "a.txt"}, data=b"a", headers=headers, timeout=5)
        assert answer.status_code == expected
    assert answer.json()["errors"][0]["code"] == "already_exists"


def test_the_state_can_be_read_after_the_double_has_gone(tmp_path: Path, wanted: Wanted) -> None:
    with ForgeDouble.serve(tmp_path / "gone") as double:
        ensure(double, wanted)
    state = json.loads((tmp_path / "gone" / "state.json").read_text())
    assert [release["tag_name"] for release in state["releases"]] == ["v1.0"]
    with ForgeDouble.serve(tmp_path / "gone") as again:
        require_finished(again, wanted)
