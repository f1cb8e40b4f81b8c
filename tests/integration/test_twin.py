"""The twin with real clients, the exchange with its issuer, its folder after a kill, and each of its faults."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from towpath.index.twin import Fault, Issuer, Publisher, Twin
from towpath.index.twin.__main__ import main
from towpath.index.twin.faults import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

JSON = "application/vnd.pypi.simple.v1+json"
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.9\n"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer.serve() as serving:
        yield serving


@pytest.fixture
def twin(tmp_path: Path, issuer: Issuer) -> Iterator[Twin]:
    with Twin.serve(tmp_path / "twin", issuer=issuer, publishers=[issuer.publisher("boat")]) as serving:
        yield serving


# ---- what is sent -------------------------------------------------------------------------------------


def wheel(name: str = "boat", version: str = "1.0", body: str = "") -> tuple[str, bytes]:
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": body,
        f"{info}/METADATA": METADATA.format(name=name, version=version),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: towpath\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_recorded(text)},{len(text)}\n" for path, text in files.items())
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return f"{name}-{version}-py3-none-any.whl", content.getvalue()


def _recorded(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def sdist(name: str = "boat", version: str = "1.0") -> tuple[str, bytes]:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        text = METADATA.format(name=name, version=version).encode()
        for path in ("PKG-INFO", "pyproject.toml"):
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return f"{name}-{version}.tar.gz", content.getvalue()


def form(filename: str, content: bytes) -> dict[str, str]:
    name, version = filename.removesuffix(".tar.gz").split("-")[:2]
    is_wheel = filename.endswith(".whl")
    return {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.1",
        "name": name,
        "version": version,
        "requires_python": ">=3.9",
        "filetype": "bdist_wheel" if is_wheel else "sdist",
        "pyversion": "py3" if is_wheel else "source",
        "sha256_digest": hashlib.sha256(content).hexdigest(),
    }


def send(twin: Twin, token: str, file: tuple[str, bytes], timeout: float = 30) -> requests.Response:
    return requests.post(
        twin.upload_url,
        data=form(*file),
        files={"content": (*file, "application/octet-stream")},
        auth=("__token__", token),
        timeout=timeout,
    )


def identity(issuer: Issuer, audience: str = "pypi") -> str:
    headers = {"Authorization": f"bearer {issuer.request_token}"}
    answer = requests.get(f"{issuer.request_url}&audience={audience}", headers=headers, timeout=30)
    return str(answer.json()["value"])


def mint(twin: Twin, token: str) -> requests.Response:
    return requests.post(f"{twin.url}/_/oidc/mint-token", json={"token": token}, timeout=30)


def minted(twin: Twin, issuer: Issuer) -> str:
    return str(mint(twin, identity(issuer)).json()["token"])


def dist(folder: Path, *files: tuple[str, bytes]) -> list[str]:
    folder.mkdir()
    for name, content in files:
        (folder / name).write_bytes(content)
    return [str(folder / name) for name, _ in files]


def run(*command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "TWINE_"))}
    home = {"HOME": str(folder), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        env={**clean, **home, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# ---- light --------------------------------------------------------------------------------------------


def test_importing_the_twin_costs_nothing() -> None:
    code = (
        "import sys, towpath.index.twin as twin; "
        "print(sorted({'werkzeug', 'jwt', 'requests', 'packaging', 'msgspec'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


# ---- real clients -------------------------------------------------------------------------------------


def test_twine_uploads_a_first_release_with_a_minted_token(twin: Twin, issuer: Issuer, tmp_path: Path) -> None:
    files = dist(tmp_path / "dist", sdist(), wheel())
    for _ in range(2):
        done = twine(twin, minted(twin, issuer), files, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert set(twin.files("boat")) == {"boat-1.0.tar.gz", "boat-1.0-py3-none-any.whl"}


def test_twine_is_told_why_other_bytes_are_refused(twin: Twin, tmp_path: Path) -> None:
    token = twin.token()
    assert send(twin, token, wheel()).status_code == 200
    done = twine(twin, token, dist(tmp_path / "dist", wheel(body="other = 1\n")), tmp_path)
    assert done.returncode == 1
    assert "File already exists" in " ".join(done.stdout.split())


def twine(twin: Twin, token: str, files: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    options = ("--non-interactive", "--disable-progress-bar", "--repository-url", twin.upload_url)
    return run("twine", "upload", *options, *files, folder=folder, TWINE_USERNAME="__token__", TWINE_PASSWORD=token)


def test_uv_publishes_and_knows_what_is_there(twin: Twin, tmp_path: Path) -> None:
    files = dist(tmp_path / "dist", sdist(), wheel())
    token = twin.token()
    assert uv_publish(twin, token, files, tmp_path).returncode == 0
    again = uv_publish(twin, token, files, tmp_path, "--check-url", twin.simple_url)
    assert again.returncode == 0
    assert "already exists" in again.stderr
    other = dist(tmp_path / "other", wheel(body="other = 1\n"))
    refused = uv_publish(twin, token, other, tmp_path)
    assert refused.returncode == 2
    assert "File already exists" in refused.stderr


def uv_publish(
    twin: Twin, token: str, files: Sequence[str], folder: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    fixed = ("--no-config", "--no-cache", "--trusted-publishing", "never", "--publish-url", twin.upload_url)
    return run("uv", "publish", *fixed, *options, *files, folder=folder, UV_PUBLISH_TOKEN=token)


@pytest.mark.parametrize("client", ["pip", "uv pip"])
def test_installing_from_the_twin(client: str, twin: Twin, tmp_path: Path) -> None:
    token = twin.token()
    assert send(twin, token, wheel(body="float = 'yes'\n")).status_code == 200
    assert send(twin, token, sdist()).status_code == 200
    quiet = ("--isolated", "--no-cache-dir") if client == "pip" else ("--no-config", "--no-cache")
    options = (*quiet, "--no-deps", "--index-url", twin.simple_url, "--target", str(tmp_path / "lib"))
    done = run(*client.split(), "install", *options, "boat==1.0", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "lib" / "boat" / "__init__.py").read_text() == "float = 'yes'\n"
    fetched = [exchange.path for exchange in twin.log if exchange.path.startswith("/packages/")]
    assert fetched[-1].endswith(wheel()[0])
    assert not twin.crashes


# ---- reading ------------------------------------------------------------------------------------------


def test_the_simple_api_and_the_json_api_agree(twin: Twin) -> None:
    filename, content = wheel()
    assert send(twin, twin.token(), (filename, content)).status_code == 200
    page = requests.get(f"{twin.simple_url}Boat/", headers={"Accept": JSON}, timeout=30)
    assert page.history[0].status_code == 301
    (entry,) = page.json()["files"]
    assert entry["hashes"] == {"sha256": hashlib.sha256(content).hexdigest()}
    assert entry["requires-python"] == ">=3.9"
    assert requests.get(entry["url"], timeout=30).content == content
    core = requests.get(f"{entry['url']}.metadata", timeout=30).content
    assert entry["core-metadata"] == {"sha256": hashlib.sha256(core).hexdigest()}
    listed = requests.get(f"{twin.simple_url}boat/", timeout=30).text
    assert f"#sha256={entry['hashes']['sha256']}" in listed
    assert 'data-requires-python="&gt;=3.9"' in listed
    release = requests.get(f"{twin.url}/pypi/boat/1.0/json", timeout=30).json()
    assert release["urls"][0]["digests"]["sha256"] == entry["hashes"]["sha256"]
    assert requests.get(f"{twin.url}/pypi/boat/json", timeout=30).json()["info"]["version"] == "1.0"
    assert requests.head(entry["url"], timeout=30).headers["Content-Length"] == str(len(content))


def test_a_reader_that_knows_the_page_already_is_told_so(twin: Twin) -> None:
    send(twin, twin.token(), wheel())
    first = requests.get(f"{twin.simple_url}boat/", timeout=30)
    known = {"If-None-Match": first.headers["ETag"]}
    assert requests.get(f"{twin.simple_url}boat/", headers=known, timeout=30).status_code == 304
    send(twin, twin.token(), sdist())
    assert requests.get(f"{twin.simple_url}boat/", headers=known, timeout=30).status_code == 200


# ---- the exchange -------------------------------------------------------------------------------------


def test_minting_for_a_pending_publisher_makes_the_project(twin: Twin, issuer: Issuer) -> None:
    audience = requests.get(f"{twin.url}/_/oidc/audience", timeout=30).json()["audience"]
    answer = mint(twin, identity(issuer, audience))
    assert answer.status_code == 200
    assert answer.json()["expires"] == pytest.approx(time.time() + 900, abs=30)
    assert requests.get(f"{twin.simple_url}boat/", timeout=30).status_code == 200
    assert send(twin, answer.json()["token"], wheel()).status_code == 200


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        ({"repository": "towpath/other"}, "Publisher with matching claims was not found"),
        ({"repository_owner_id": "2"}, "Publisher with matching claims was not found"),
        ({"event_name": "pull_request_target"}, "invoked via 'pull_request_target' is not supported"),
        ({"job_workflow_ref": "towpath/rehearsal/.github/workflows/release.yml@v1"}, "does not match"),
        ({"ref": None}, "Missing claim 'ref'"),
        ({"exp": 1}, "malformed or invalid token"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_claims_are_refused(claims: dict[str, Any], description: str, twin: Twin, issuer: Issuer) -> None:
    twin.create_project("ship")
    twin.add_publisher(issuer.publisher("ship"))
    answer = mint(twin, issuer.token("pypi", **claims))
    assert answer.status_code == 422
    assert description in answer.json()["errors"][0]["description"]


def test_an_identity_token_is_good_once_and_for_one_index(twin: Twin, issuer: Issuer) -> None:
    token = identity(issuer)
    assert mint(twin, token).status_code == 200
    assert mint(twin, token).json()["errors"][0]["code"] == "invalid-reuse-token"
    assert mint(twin, identity(issuer, "testpypi")).json()["errors"][0]["code"] == "invalid-token"
    assert requests.get(f"{issuer.request_url}&audience=pypi", timeout=30).status_code == 401


def test_a_publisher_with_an_environment_wants_it(tmp_path: Path, issuer: Issuer) -> None:
    wanted = issuer.publisher("boat", environment="pypi")
    with Twin.serve(tmp_path, issuer=issuer, publishers=[wanted]) as twin:
        assert mint(twin, issuer.token("pypi")).status_code == 422
        assert mint(twin, issuer.token("pypi", environment="PyPI")).status_code == 200


def test_a_minted_token_is_for_its_project_only(twin: Twin, issuer: Issuer) -> None:
    assert send(twin, twin.token(), wheel("ship")).status_code == 200
    refused = send(twin, minted(twin, issuer), wheel("ship", "2.0"))
    assert refused.status_code == 403
    assert refused.reason.startswith("Invalid API Token: OIDC scoped token is not valid for project 'ship'")


def test_the_claims_of_an_issuer_are_its_owners_choice(tmp_path: Path) -> None:
    with Issuer.serve(claims={"repository": "them/tool", "sub": "repo:them/tool:ref:x"}) as issuer:
        issuer.claims |= {"repository_owner": "them", "job_workflow_ref": "them/tool/.github/workflows/p.yml@v1"}
        issuer.claims["ref"] = "v1"
        publisher = issuer.publisher("tool")
        assert publisher == Publisher("tool", "them/tool", "p.yml")
        with Twin.serve(tmp_path, "testpypi", issuer=issuer, publishers=[publisher]) as twin:
            assert mint(twin, identity(issuer, "testpypi")).status_code == 200


# ---- the folder ---------------------------------------------------------------------------------------


def test_a_twin_holds_what_its_folder_holds(tmp_path: Path) -> None:
    with Twin.serve(tmp_path) as twin:
        token = twin.token()
        send(twin, token, wheel())
    with Twin.serve(tmp_path) as twin:
        assert twin.files("boat") == {wheel()[0]: hashlib.sha256(wheel()[1]).hexdigest()}
        assert send(twin, token, wheel()).status_code == 200
        assert send(twin, token, wheel(body="x = 1\n")).status_code == 400


def test_a_folder_or_a_port_that_is_taken(tmp_path: Path) -> None:
    with Twin.serve(tmp_path / "one") as twin:
        with pytest.raises(BlockingIOError, match="another twin works in"), Twin.serve(tmp_path / "one"):
            pass
        port = int(twin.url.rpartition(":")[2])
        with pytest.raises(OSError, match=r"in use|permission"), Twin.serve(tmp_path / "two", port=port):
            pass
    with Twin.serve(tmp_path / "two"), Twin.serve(tmp_path / "one"):
        pass


def test_a_kill_in_the_middle_of_an_upload_leaves_nothing_half_done(tmp_path: Path) -> None:
    filename, content = wheel(body="#" * 3_000_000)
    with alone(tmp_path) as (child, where):
        assert post(where, sdist()).status_code == 200
        with half_sent(where, (filename, content)):
            deadline = time.monotonic() + 20
            while not any((tmp_path / "incoming").iterdir()) and time.monotonic() < deadline:
                time.sleep(0.01)
            assert any((tmp_path / "incoming").iterdir())
            child.kill()
            child.wait()
    with alone(tmp_path) as (_, where):
        assert not any((tmp_path / "incoming").iterdir())
        page = requests.get(f"{where['simple_url']}boat/", headers={"Accept": JSON}, timeout=30).json()
        assert [file["filename"] for file in page["files"]] == [sdist()[0]]
        assert post(where, (filename, content)).status_code == 200


def test_a_kill_right_after_the_answer_loses_nothing(tmp_path: Path) -> None:
    with alone(tmp_path) as (child, where):
        assert post(where, wheel()).status_code == 200
        child.kill()
        child.wait()
    with Twin.serve(tmp_path) as twin:
        assert set(twin.files("boat")) == {wheel()[0]}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_started_alone_it_says_where_it_is_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    with alone(tmp_path, "--name", "testpypi", "--trust", "boat") as (child, where):
        assert requests.get(f"{where['url']}/_/oidc/audience", timeout=30).json() == {"audience": "testpypi"}
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 130
        assert child.stderr is not None
        assert child.stderr.read() == ""


@contextmanager
def alone(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "towpath.index.twin", "--folder", str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        try:
            assert child.stdout is not None
            yield child, json.loads(child.stdout.readline())
        finally:
            child.kill()


def post(where: dict[str, str], file: tuple[str, bytes]) -> requests.Response:
    return requests.post(
        where["upload_url"],
        data=form(*file),
        files={"content": (*file, "application/octet-stream")},
        auth=("__token__", where["token"]),
        timeout=30,
    )


@contextmanager
def half_sent(where: dict[str, str], file: tuple[str, bytes]) -> Iterator[None]:
    """An upload of which two thirds have been sent."""
    prepared = requests.Request(
        "POST", where["upload_url"], data=form(*file), files={"content": file}, auth=("__token__", where["token"])
    ).prepare()
    head = "".join(f"{name}: {value}\r\n" for name, value in prepared.headers.items())
    port = int(where["url"].rpartition(":")[2])
    body = prepared.body
    assert isinstance(body, bytes)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"POST /legacy/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode())
        connection.sendall(body[: len(body) * 2 // 3])
        yield


# ---- faults -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("drop-before-body", False),
        ("drop-within-body", False),
        ("drop-after-body", False),
        ("drop-after-commit", True),
    ],
)
def test_a_dropped_connection(kind: str, kept: bool, twin: Twin) -> None:  # noqa: FBT001 - a parameter of pytest
    token = twin.token()
    twin.faults.add(Fault(kind))
    with pytest.raises(requests.ConnectionError):
        send(twin, token, wheel())
    assert bool(twin.files("boat")) is kept
    assert send(twin, token, wheel()).status_code == 200
    assert set(twin.files("boat")) == {wheel()[0]}


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(("kind", "kept"), [("error-before-commit", False), ("error-after-commit", True)])
def test_a_server_error(kind: str, kept: bool, status: int, twin: Twin) -> None:  # noqa: FBT001 - the same
    token = twin.token()
    twin.faults.add(Fault(kind, status=status, times=2))
    assert [send(twin, token, wheel()).status_code for _ in range(3)] == [status, status, 200]
    assert bool(twin.files("boat"))
    twin.faults.add(Fault(kind, status=status))
    assert send(twin, token, sdist()).status_code == status
    assert (sdist()[0] in twin.files("boat")) is kept


@pytest.mark.parametrize(("kind", "kept"), [("silence-before-commit", False), ("silence-after-commit", True)])
def test_an_answer_that_never_comes(kind: str, kept: bool, twin: Twin) -> None:  # noqa: FBT001 - the same
    twin.faults.add(Fault(kind))
    with pytest.raises(requests.ReadTimeout):
        send(twin, twin.token(), wheel(), timeout=0.7)
    assert bool(twin.files("boat")) is kept


def test_a_twin_can_be_closed_while_it_keeps_silent(tmp_path: Path) -> None:
    with Twin.serve(tmp_path) as twin:
        twin.faults.add(Fault("silence-after-commit"))
        failures: list[Exception] = []

        def client(token: str) -> None:
            try:
                send(twin, token, wheel())
            except requests.ConnectionError as error:
                failures.append(error)

        waiting = threading.Thread(target=client, args=(twin.token(),))
        waiting.start()
        while not twin.files("boat"):
            time.sleep(0.01)
        began = time.monotonic()
    waiting.join()
    assert time.monotonic() - began < 5
    assert len(failures) == 1


def test_too_many_requests_with_a_hint(twin: Twin) -> None:
    twin.faults.add(Fault("too-many-requests", seconds=7))
    answer = send(twin, twin.token(), wheel())
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert not twin.files("boat")


def test_the_two_caches_go_stale_apart(twin: Twin) -> None:
    token = twin.token()
    send(twin, token, sdist())
    twin.faults.add(Fault("stale", on="simple-json", times=2))
    send(twin, token, wheel())
    url = f"{twin.simple_url}boat/"
    seen = [len(requests.get(url, headers={"Accept": JSON}, timeout=30).json()["files"]) for _ in range(3)]
    assert seen == [1, 1, 2]
    assert wheel()[0] in requests.get(url, timeout=30).text
    twin.faults.add(Fault("stale", on="simple-html"))
    send(twin, token, wheel(version="2.0"))
    assert "2.0" not in requests.get(url, timeout=30).text
    assert "2.0" in requests.get(url, headers={"Accept": JSON}, timeout=30).text
    assert "2.0" in requests.get(f"{twin.url}/pypi/boat/json", timeout=30).text


def test_a_token_that_expires_between_two_files(twin: Twin, issuer: Issuer) -> None:
    token = minted(twin, issuer)
    twin.faults.add(Fault("expire-tokens", after=1))
    assert send(twin, token, sdist()).status_code == 200
    expired = send(twin, token, wheel())
    assert (expired.status_code, expired.reason) == (403, "Invalid API Token: token is expired, token is expired")
    assert send(twin, minted(twin, issuer), wheel()).status_code == 200


def test_a_reason_that_a_proxy_strips_stands_in_the_title(twin: Twin) -> None:
    send(twin, twin.token(), wheel())
    twin.faults.add(Fault("strip-reason"))
    answer = send(twin, twin.token(), wheel(body="x = 1\n"))
    assert (answer.status_code, answer.reason) == (400, "Bad Request")
    assert "<title>400 File already exists" in answer.text


def test_a_lost_reply_to_a_mint_makes_the_identity_useless(twin: Twin, issuer: Issuer) -> None:
    twin.faults.add(Fault("drop-after-commit", on="mint"))
    token = identity(issuer)
    with pytest.raises(requests.ConnectionError):
        mint(twin, token)
    assert mint(twin, token).json()["errors"][0]["code"] == "invalid-reuse-token"
    assert mint(twin, identity(issuer)).status_code == 200


def test_a_slow_upload_is_judged_first_and_kept_later(twin: Twin) -> None:
    twin.faults.add(Fault("slow", seconds=0.4))
    began = time.monotonic()
    assert send(twin, twin.token(), wheel()).status_code == 200
    assert time.monotonic() - began >= 0.4


def test_a_download_can_fail(twin: Twin) -> None:
    send(twin, twin.token(), wheel())
    (entry,) = requests.get(f"{twin.simple_url}boat/", headers={"Accept": JSON}, timeout=30).json()["files"]
    twin.faults.add(Fault("error-before-commit", on="file", status=502))
    assert requests.get(entry["url"], timeout=30).status_code == 502
    assert requests.get(entry["url"], timeout=30).content == wheel()[1]


def test_a_download_can_be_damaged(twin: Twin) -> None:
    send(twin, twin.token(), wheel())
    (entry,) = requests.get(f"{twin.simple_url}boat/", headers={"Accept": JSON}, timeout=30).json()["files"]
    whole = wheel()[1]
    twin.faults.add(Fault("other-bytes", on="file"))
    assert requests.get(entry["url"], timeout=30).content == whole[:-1] + bytes([whole[-1] ^ 1])
    twin.faults.add(Fault("cut-short", on="file"))
    assert requests.get(entry["url"], timeout=30).content == whole[: len(whole) // 2]
    twin.faults.add(Fault("drop-within-answer", on="file"))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = requests.get(entry["url"], timeout=30).content
    assert requests.get(entry["url"], timeout=30).content == whole


def test_faults_are_ordered_on_the_command_line(tmp_path: Path) -> None:
    faults = ("--fault", "error-after-commit,status=502", "--fault", "too-many-requests,on=upload,after=1,seconds=9")
    with alone(tmp_path, *faults) as (_, where):
        answers = [post(where, wheel()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [502, 429, 200]
    assert answers[1].headers["Retry-After"] == "9"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("slow", Fault("slow")),
        ("slow,seconds=0.5,times=ever", Fault("slow", seconds=0.5, times=None)),
        ("stale,on=simple-json,after=2,times=3", Fault("stale", on="simple-json", after=2, times=3)),
    ],
)
def test_a_fault_as_text(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault


@pytest.mark.parametrize("text", ["", "slowly", "slow,on=upstairs", "slow,much", "slow,after=x", "slow,often=2"])
def test_what_is_no_fault(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from towpath.index.twin.__main__ import main

    with pytest.raises(ValueError, match=r"."):
        Fault.parse(text)
    with pytest.raises(SystemExit) as ended:
        main(["--folder", str(tmp_path), "--fault", text])
    assert ended.value.code == 2
    assert "--fault" in capsys.readouterr().err


def test_every_fault_stands_in_the_docs() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "reference", "twin.md").read_text(encoding="utf-8")
    assert [f"| `{kind}` | {what} |" for kind, what in KINDS.items() if f"| `{kind}` | {what} |" not in page] == []


def test_an_unknown_fault_is_an_error() -> None:
    assert "drop-after-commit" in KINDS
    with pytest.raises(ValueError, match="unknown fault 'drop'"):
        Fault("drop")
    with pytest.raises(ValueError, match="unknown place 'upstairs'"):
        Fault("slow", on="upstairs")


# ---- an administrator ---------------------------------------------------------------------------------


def test_what_an_administrator_does_shows(twin: Twin) -> None:
    token = twin.token()
    send(twin, token, wheel())
    twin.yank("boat", "1.0", "leaks")
    page = requests.get(f"{twin.simple_url}boat/", headers={"Accept": JSON}, timeout=30).json()
    assert page["files"][0]["yanked"] == "leaks"
    twin.unyank("boat", None)
    twin.set_status("boat", "archived")
    refused = send(twin, token, wheel(version="2.0"))
    assert refused.reason.startswith("The user 'owner' isn't allowed to upload to project 'boat'")
    twin.set_status("boat", "")
    twin.delete_release("boat", "1.0")
    assert "previously used by a file that has since been deleted" in send(twin, token, wheel()).reason
    with pytest.raises(LookupError, match="no project 'ship'"):
        twin.yank("ship", None)


def test_a_file_larger_than_memory_should_hold_is_spooled(twin: Twin) -> None:
    twin.create_project("boat")
    content = bytes(101 * 1024 * 1024)
    refused = send(twin, twin.token(), ("boat-1.0.tar.gz", content))
    assert refused.reason.startswith("File too large. Limit for project 'boat' is 100 MB.")
    assert not any((twin.folder / "incoming").iterdir())


def test_alone_on_a_port_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--folder", str(tmp_path / "twin"), "--port", str(port)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"closed: The twin cannot be started on port {port} ")
    assert "fix: Name another port" in said.err
    assert len(said.err.splitlines()) == 2
