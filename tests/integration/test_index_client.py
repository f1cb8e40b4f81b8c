"""Asking, sending and proving who we are, against the twin: what is there, what is not, and what is unknown."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import socket
import tarfile
import threading
import time
import traceback
import zipfile
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from towpath import network
from towpath.credentials import trusted
from towpath.errors import TowpathError
from towpath.evidence.store import measure
from towpath.index.client import IndexClient, IndexFile
from towpath.index.twin import Fault, Issuer, Twin
from towpath.index.upload import upload
from towpath.model import Distribution, IndexAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

META = "Metadata-Version: 2.1\nName: sample-pkg\nVersion: {version}\nSummary: A sample.\n"


def make_wheel(folder: Path, version: str = "1.0", text: str = "") -> Path:
    """A wheel that PyPI takes, RECORD included."""
    info = f"sample_pkg-{version}.dist-info"
    files = {
        "sample_pkg/__init__.py": text,
        f"{info}/METADATA": META.format(version=version),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_record_hash(body)},{len(body)}\n" for name, body in files.items())
    path = folder / f"sample_pkg-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(name), body)
    return path


def _record_hash(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def make_sdist(folder: Path, version: str = "1.0") -> Path:
    path = folder / f"sample_pkg-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in (("PKG-INFO", META.format(version=version)), ("pyproject.toml", "[build-system]\n")):
            member = tarfile.TarInfo(f"sample_pkg-{version}/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    with Twin.serve(tmp_path / "twin") as running:
        yield running


@pytest.fixture
def client(twin: Twin) -> Iterator[IndexClient]:
    with IndexClient(twin.address, loopback_only=True) as opened:
        yield opened


@pytest.fixture
def sealed(twin: Twin, tmp_path: Path) -> tuple[Distribution, Path]:
    path = make_wheel(tmp_path)
    upload(twin.address, path, token=twin.token(), loopback_only=True)
    return measure(path), path


@contextlib.contextmanager
def serving(status: int, body: bytes, kind: str = "application/json") -> Iterator[str]:
    """A server on loopback that gives the same answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's spelling

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def address(url: str) -> IndexAddress:
    return IndexAddress("odd", f"{url}/legacy/", f"{url}/simple/", "ODD_TOKEN")


def failing(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(TowpathError) as caught:
        call()
    return caught.value.problems[0].id, caught.value.problems[0].cause


class TestFiles:
    def test_an_unknown_project_has_none(self, client: IndexClient) -> None:
        assert client.files("sample-pkg") == {}

    def test_each_by_its_name(self, client: IndexClient, sealed: tuple[Distribution, Path]) -> None:
        file = sealed[0]
        for spelling in ("sample-pkg", "Sample.PKG", "sample__pkg"):
            assert client.files(spelling)[file.filename].sha256 == file.sha256

    @pytest.mark.parametrize("status", [500, 502, 503, 403, 429, 401, 410])
    def test_unknown_is_not_none(self, status: int) -> None:
        with serving(status, b"") as url, IndexClient(address(url), loopback_only=True) as client:
            name, cause = failing(lambda: client.files("x"))
        assert name == "index-unreachable"
        assert str(status) in cause

    @pytest.mark.parametrize(
        "body",
        [b"", b"<html>", b"[]", b"null", b"{}", b'{"files": null}', b'{"files": [1]}', b'{"files": [{}]}', b'"x"', b"3",
         b'{"files": ["a"]}', b'{"files": [{"filename": "a"}]}',
         b'{"files": [{"filename": "a", "url": "b", "hashes": null}]}',
         b'{"files": [{"filename": "a", "url": "b", "hashes": []}]}', b"\xff\xfe"],
    )  # fmt: skip
    def test_what_is_no_answer_is_not_none(self, body: bytes) -> None:
        with serving(200, body) as url, IndexClient(address(url), loopback_only=True) as client:
            assert failing(lambda: client.files("x"))[0] == "index-unreachable"

    def test_nobody_listens(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{taken.getsockname()[1]}"
            with IndexClient(address(url), loopback_only=True) as client:
                assert failing(lambda: client.files("x")) == (
                    "index-unreachable",
                    "The index odd did not answer as one: ConnectionError.",
                )

    @pytest.mark.parametrize("kind", ["error-before-commit", "drop-after-body"])
    def test_the_twin_in_trouble(self, twin: Twin, client: IndexClient, kind: str) -> None:
        twin.faults.add(Fault(kind, on="simple", times=None))
        assert failing(lambda: client.files("sample-pkg"))[0] == "index-unreachable"


class TestPresent:
    def test_byte_for_byte(self, client: IndexClient, sealed: tuple[Distribution, Path]) -> None:
        other = Distribution("sample_pkg-1.0.tar.gz", 1, "0" * 64)
        assert client.present("sample-pkg", (sealed[0], other)) == {sealed[0].filename}

    def test_other_bytes(self, client: IndexClient, sealed: tuple[Distribution, Path]) -> None:
        mine = Distribution(sealed[0].filename, sealed[0].size, "0" * 64)
        name, cause = failing(lambda: client.present("sample-pkg", (mine,)))
        assert name == "index-other-bytes"
        assert f"sha256 {sealed[0].sha256[:12]}…, sealed 000000000000…" in cause

    def test_a_file_without_a_hash_is_not_taken_for_ours(self) -> None:
        body = json.dumps({"files": [{"filename": "a.whl", "url": "a.whl", "hashes": {}}]}).encode()
        with serving(200, body) as url, IndexClient(address(url), loopback_only=True) as client:
            name, cause = failing(lambda: client.present("x", (Distribution("a.whl", 1, "0" * 64),)))
        assert (name, "sha256 unknown" in cause) == ("index-other-bytes", True)


class TestRequireFree:
    def test_nothing_there(self, client: IndexClient) -> None:
        client.require_free("sample-pkg", "1.0", ())

    def test_ours(self, client: IndexClient, sealed: tuple[Distribution, Path]) -> None:
        client.require_free("sample-pkg", "1.0", (sealed[0],))

    @pytest.mark.parametrize("version", ["1.0", "1.0.0", "v1"])
    def test_somebody_elses(self, client: IndexClient, sealed: tuple[Distribution, Path], version: str) -> None:
        assert sealed
        assert failing(lambda: client.require_free("sample-pkg", version, ()))[0] == "version-taken"

    @pytest.mark.usefixtures("sealed")
    def test_another_version(self, client: IndexClient) -> None:
        client.require_free("sample-pkg", "1.0.1", ())

    def test_names_that_are_no_distributions(self) -> None:
        names = ("readme.txt", "x-1.0.exe", "x.whl", "nothing")
        body = json.dumps({"files": [{"filename": name, "url": name} for name in names]}).encode()
        with serving(200, body) as url, IndexClient(address(url), loopback_only=True) as client:
            client.require_free("x", "1.0", ())


class TestDownload:
    def test_the_same_bytes(self, client: IndexClient, sealed: tuple[Distribution, Path], tmp_path: Path) -> None:
        to = tmp_path / "came"
        assert client.download(client.files("sample-pkg")[sealed[0].filename], to) == sealed[0].sha256
        assert to.read_bytes() == sealed[1].read_bytes()

    def test_other_bytes_have_another_sum(self, tmp_path: Path) -> None:
        with serving(200, b"corrupted on the way") as url, IndexClient(address(url), loopback_only=True) as client:
            came = client.download(IndexFile("a", f"{url}/a", "0" * 64), tmp_path / "a")
        assert came == hashlib.sha256(b"corrupted on the way").hexdigest()

    @pytest.mark.parametrize("status", [404, 500, 403])
    def test_an_error_page_is_no_file(self, tmp_path: Path, status: int) -> None:
        with serving(status, b"x") as url, IndexClient(address(url), loopback_only=True) as client:
            file = IndexFile("a", f"{url}/a", "")
            assert failing(lambda: client.download(file, tmp_path / "a"))[0] == "index-unreachable"

    def test_a_connection_that_ends_halfway(
        self, twin: Twin, client: IndexClient, sealed: tuple[Distribution, Path], tmp_path: Path
    ) -> None:
        file = client.files("sample-pkg")[sealed[0].filename]
        twin.faults.add(Fault("drop-after-body", on="file", times=None))
        assert failing(lambda: client.download(file, tmp_path / "a"))[0] == "index-unreachable"


class TestOutside:
    """A rehearsal refuses a foreign host before any connection is made."""

    URLS = ("https://pypi.org", "http://localhost.evil.example", "http://127.0.0.1@evil.example", "http://2130706433")

    @pytest.fixture(autouse=True)
    def no_connection(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            pytest.fail("a connection was tried")

        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        monkeypatch.setattr(socket.socket, "connect", refuse)

    @pytest.mark.parametrize("url", URLS)
    def test_asking(self, url: str) -> None:
        with IndexClient(address(url), loopback_only=True) as client:
            assert failing(lambda: client.files("x"))[0] == "outside-rehearsal"

    @pytest.mark.parametrize("url", URLS)
    def test_downloading(self, url: str, tmp_path: Path) -> None:
        with IndexClient(address("http://127.0.0.1:1"), loopback_only=True) as client:
            assert failing(lambda: client.download(IndexFile("a", url, ""), tmp_path / "a"))[0] == "outside-rehearsal"

    @pytest.mark.parametrize("url", URLS)
    def test_sending(self, url: str, tmp_path: Path) -> None:
        path = make_wheel(tmp_path)
        found = failing(lambda: upload(address(url), path, token="pypi-x", loopback_only=True))
        assert found[0] == "outside-rehearsal"

    @pytest.mark.parametrize("url", URLS)
    def test_proving_who_we_are(self, url: str) -> None:
        environ = {trusted.REQUEST_URL: "http://127.0.0.1:1/", trusted.REQUEST_TOKEN: "x"}
        found = failing(lambda: trusted.token_for(address(url), environ, loopback_only=True))
        assert found[0] == "outside-rehearsal"


def test_a_redirect_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "http://evil.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with IndexClient(address(url), loopback_only=True) as client:
            assert failing(lambda: client.files("x"))[0] == "outside-rehearsal"
            assert failing(lambda: client.download(IndexFile("a", url, ""), tmp_path / "a"))[0] == "outside-rehearsal"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def told(error: BaseException) -> str:
    """Everything that people and logs get to see of an exception."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__)) + repr(error) + str(error.args)


class TestUpload:
    def test_a_file_is_taken(self, twin: Twin, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        path, token = make_sdist(tmp_path), twin.token()
        upload(twin.address, path, token=token, loopback_only=True)
        assert twin.files("sample-pkg") == {path.name: measure(path).sha256}
        assert token not in "".join(capfd.readouterr())

    def test_the_same_bytes_again_are_no_error(self, twin: Twin, sealed: tuple[Distribution, Path]) -> None:
        upload(twin.address, sealed[1], token=twin.token(), loopback_only=True)

    def refused(self, twin: Twin, path: Path, token: str) -> str:
        with pytest.raises(TowpathError) as caught:
            upload(twin.address, path, token=token, loopback_only=True)
        assert token not in told(caught.value)
        problem = caught.value.problems[0]
        assert problem.id == "upload-refused"
        return problem.cause

    @pytest.mark.usefixtures("sealed")
    def test_other_bytes_in_pypis_words(self, twin: Twin, tmp_path: Path) -> None:
        path = make_wheel(tmp_path, text="other = 1\n")
        cause = self.refused(twin, path, twin.token())
        assert "400 File already exists ('sample_pkg-1.0-py3-none-any.whl'" in cause
        twin.faults.add(Fault("strip-reason", times=None))
        assert "400 File already exists" in self.refused(twin, path, twin.token()), "also behind a proxy"

    def test_a_wrong_token(self, twin: Twin, tmp_path: Path) -> None:
        token = twin.token()[:-6] + "AAAAAA"
        cause = self.refused(twin, make_wheel(tmp_path), token)
        assert "403 Invalid API Token: signatures do not match" in cause

    def test_a_revoked_token(self, twin: Twin, tmp_path: Path) -> None:
        token = twin.token()
        twin.revoke(token)
        assert "403" in self.refused(twin, make_wheel(tmp_path), token)

    def test_an_expired_token(self, twin: Twin, tmp_path: Path) -> None:
        assert "403" in self.refused(twin, make_wheel(tmp_path), twin.token(expires=time.time() - 60))

    def test_a_token_of_another_project(self, twin: Twin, tmp_path: Path) -> None:
        assert "403" in self.refused(twin, make_wheel(tmp_path), twin.token(projects=["other"]))

    @pytest.mark.parametrize("kind", ["drop-before-body", "drop-after-body", "drop-after-commit"])
    def test_a_connection_that_breaks(self, twin: Twin, tmp_path: Path, kind: str) -> None:
        twin.faults.add(Fault(kind, times=None))
        token = twin.token()
        with pytest.raises(TowpathError) as caught:
            upload(twin.address, make_wheel(tmp_path), token=token, loopback_only=True)
        assert caught.value.problems[0].id == "upload-broken"
        assert token not in told(caught.value)

    def test_what_twine_itself_refuses(self, twin: Twin, tmp_path: Path) -> None:
        path = tmp_path / "sample_pkg-1.0-py3-none-any.whl"
        path.write_bytes(b"no wheel")
        self.refused(twin, path, twin.token())

    def test_a_proxy_is_not_asked_for_this_machine(
        self, twin: Twin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As in a rehearsal behind a company's proxy: the token must not go there."""
        with serving(502, b"the proxy was asked") as proxy:
            for name, value in network.direct_to_loopback({"HTTP_PROXY": proxy, "http_proxy": proxy}).items():
                monkeypatch.setenv(name, value)
            upload(twin.address, make_wheel(tmp_path), token=twin.token(), loopback_only=True)


class TestTrustedPublishing:
    @pytest.fixture
    def issuer(self) -> Iterator[Issuer]:
        with Issuer.serve() as running:
            yield running

    @pytest.fixture
    def trusting(self, tmp_path: Path, issuer: Issuer) -> Iterator[Twin]:
        with Twin.serve(tmp_path / "trusting", issuer=issuer, publishers=[issuer.publisher("sample-pkg")]) as running:
            yield running

    @pytest.fixture(autouse=True)
    def a_job(self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in issuer.environment.items():
            monkeypatch.setenv(name, value)

    def exchange(self, twin: Twin, issuer: Issuer) -> str:
        return trusted.token_for(twin.address, issuer.environment, loopback_only=True)

    def test_a_token_that_uploads(self, trusting: Twin, issuer: Issuer, tmp_path: Path) -> None:
        token = self.exchange(trusting, issuer)
        upload(trusting.address, make_wheel(tmp_path), token=token, loopback_only=True)
        assert trusting.files("sample-pkg")

    def test_it_expires(self, trusting: Twin, issuer: Issuer, tmp_path: Path) -> None:
        token = self.exchange(trusting, issuer)
        trusting.expire_minted_tokens()
        with pytest.raises(TowpathError) as caught:
            upload(trusting.address, make_wheel(tmp_path), token=token, loopback_only=True)
        assert "403" in caught.value.problems[0].cause
        assert token not in told(caught.value)

    @pytest.mark.parametrize(
        ("claim", "value"),
        [
            ("repository", "mallory/rehearsal"),
            ("job_workflow_ref", "towpath/rehearsal/.github/workflows/other.yml@refs/heads/main"),
            ("repository_owner_id", "666"),
        ],
    )
    def test_another_publisher(self, trusting: Twin, issuer: Issuer, claim: str, value: str) -> None:
        issuer.claims[claim] = value
        with pytest.raises(TowpathError) as caught:
            self.exchange(trusting, issuer)
        assert caught.value.problems[0].id == "exchange-failed"
        assert "invalid-p" in caught.value.problems[0].cause, "in the index's own words"
        assert issuer.request_token not in told(caught.value)

    @pytest.mark.parametrize("on", ["audience", "mint"])
    @pytest.mark.parametrize("kind", ["error-before-commit", "drop-after-body"])
    def test_an_index_in_trouble(self, trusting: Twin, issuer: Issuer, on: str, kind: str) -> None:
        trusting.faults.add(Fault(kind, on=on, times=None))
        assert failing(lambda: self.exchange(trusting, issuer))[0] == "exchange-failed"

    @pytest.mark.parametrize(
        "body",
        [b"", b"<html>", b"[]", b"null", b"{}", b'"x"', b'{"audience": "a"}', b'{"audience": "a", "errors": 3}',
         b'{"audience": "a", "errors": ["x"]}', b'{"audience": "a", "token": null, "errors": null}'],
    )  # fmt: skip
    @pytest.mark.parametrize("status", [200, 404, 422])
    def test_an_answer_that_is_none(self, issuer: Issuer, body: bytes, status: int) -> None:
        with serving(status, body) as url:
            found = failing(lambda: trusted.token_for(address(url), issuer.environment, loopback_only=True))
        assert found[0] == "exchange-failed"

    def test_the_environment_is_left_as_it_was(
        self, trusting: Twin, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
        before = dict(os.environ)
        self.exchange(trusting, issuer)
        assert dict(os.environ) == before

    def test_a_rehearsal_never_uses_the_configured_token(self) -> None:
        environ = {"ODD_TOKEN": "pypi-canary"}
        found = failing(lambda: trusted.token_for(address("http://127.0.0.1:1"), environ, loopback_only=True))
        assert found[0] == "no-credential"
        assert "pypi-canary" not in found[1]

    def test_without_an_identity_the_configured_token_is_used(self) -> None:
        environ = {"ODD_TOKEN": "pypi-canary"}
        assert trusted.token_for(address("https://i.example"), environ, loopback_only=False) == "pypi-canary"

    def test_neither(self) -> None:
        found = failing(lambda: trusted.token_for(address("https://i.example"), {"ODD_TOKEN": ""}, loopback_only=False))
        assert found[0] == "no-credential"
        assert "ODD_TOKEN" in found[1]
