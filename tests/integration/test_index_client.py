"""Asking, sending and proving who we are, against the twin: what is there, what is not, and what is unknown."""

from __future__ import annotations

import base64
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
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from faults.faulty import FaultyIssuer, Ordered, Orders

from towpath import network
from towpath.credentials import trusted
from towpath.credentials.logins import Authorized, log_in, require_possible
from towpath.errors import TowpathError
from towpath.evidence.store import measure
from towpath.index.client import HTML, IndexClient, IndexFile
from towpath.index.twin import Fault, Issuer, Twin
from towpath.index.upload import Answer, Limits, said, upload
from towpath.model import Distribution, IndexAddress, Login

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
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def make_sdist(folder: Path, version: str = "1.0") -> Path:
    path = folder / f"sample_pkg-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in (("PKG-INFO", META.format(version=version)), ("pyproject.toml", "[build-system]\n")):
            member = tarfile.TarInfo(f"sample_pkg-{version}/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def token(twin: Twin, **narrowed: Any) -> Login:
    return Login("__token__", twin.token(**narrowed))


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
    assert upload(twin.address, path, login=token(twin), loopback_only=True) == Answer(200, "OK")
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
            place = f"127.0.0.1:{taken.getsockname()[1]}"
            with IndexClient(address(f"http://{place}"), loopback_only=True) as client:
                assert failing(lambda: client.files("x")) == (
                    "index-unreachable",
                    f"The index odd gave no answer that can be used: {place}: connection refused.",
                )

    @pytest.mark.parametrize("kind", ["error-before-commit", "drop-after-body"])
    def test_the_twin_in_trouble(self, twin: Twin, client: IndexClient, kind: str) -> None:
        twin.faults.add(Fault(kind, on="simple", times=None))
        assert failing(lambda: client.files("sample-pkg"))[0] == "index-unreachable"


PAGE = """<!DOCTYPE html><html><head>{head}</head><body>
<a href="../../files/a-1.0.tar.gz#sha256={digest}" data-yanked="broken &amp; bad">a-1.0.tar.gz</a>
<a href="https://elsewhere.example/a%2B1-1.0-py3-none-any.whl">a wheel</a>
</body></html>"""


class TestHtml:
    """As pypiserver has nothing else, and an older devpi."""

    @pytest.mark.parametrize(
        "head", ["<title>Links for a</title>", '<meta name="pypi:repository-version" content="1.0">']
    )
    def test_a_list_of_links(self, head: str) -> None:
        body = PAGE.format(head=head, digest="ab" * 32).encode()
        with serving(200, body, "text/html") as url, IndexClient(address(url), loopback_only=True) as client:
            first, second = client.files("a").values()
        assert first == IndexFile(
            "a-1.0.tar.gz", f"{url}/files/a-1.0.tar.gz", "ab" * 32, yanked=True, yank_reason="broken & bad"
        )
        assert (second.filename, second.sha256) == ("a+1-1.0-py3-none-any.whl", "")

    def test_a_base_and_a_status(self) -> None:
        head = (
            '<title>Links for a</title><base href="https://files.example/x/y/"><meta name="pypi:project-status" '
            'content="archived"><meta name="pypi:project-status-reason" content="no time">'
        )
        body = PAGE.format(head=head, digest="").encode()
        with serving(200, body, "text/html") as url, IndexClient(address(url), loopback_only=True) as client:
            page = client.listing("a").page
        assert page.files["a-1.0.tar.gz"].url == "https://files.example/files/a-1.0.tar.gz"
        assert (page.status, page.status_reason) == ("archived", "no time")

    @pytest.mark.parametrize("head", ["", "<title>Sign in</title>", "<title>503</title>", "<h1>Links for a</h1>"])
    def test_a_page_of_something_else_is_not_an_empty_project(self, head: str) -> None:
        body = f"<html><head>{head}</head><body>Please sign in.</body></html>".encode()
        with serving(200, body, "text/html") as url, IndexClient(address(url), loopback_only=True) as client:
            assert failing(lambda: client.files("a"))[0] == "index-unreachable"

    def test_json_and_html_of_the_twin_say_the_same(self, twin: Twin, client: IndexClient, tmp_path: Path) -> None:
        for path in (make_wheel(tmp_path), make_sdist(tmp_path)):
            upload(twin.address, path, login=token(twin), loopback_only=True)
        twin.yank("sample-pkg", "1.0", "a reason")
        as_json, as_html = client.listing("sample-pkg"), client.listing("sample-pkg", accept=HTML)
        assert len(as_json.files) == 2
        assert {name: replace(file, uploaded=None) for name, file in as_json.files.items()} == as_html.files
        assert as_json.serial == as_html.serial == twin.state.projects["sample-pkg"].serial


def test_an_index_that_sends_its_readers_to_another_host_has_nothing_of_its_own() -> None:
    """pypiserver sends them to PyPI: what lies there under the same name is somebody else's."""
    with redirecting("https://pypi.example/simple/a/") as url:
        with IndexClient(address(url), loopback_only=False) as client:
            assert client.listing("a").known is False
        with IndexClient(address(url), loopback_only=True) as client:
            assert failing(lambda: client.files("a"))[0] == "outside-rehearsal"


def test_an_index_that_sends_its_readers_round_in_circles() -> None:
    with redirecting("/simple/a/") as url, IndexClient(address(url), loopback_only=True) as client:
        assert failing(lambda: client.files("a"))[0] == "index-unreachable"


class TestPresent:
    def test_byte_for_byte(self, client: IndexClient, sealed: tuple[Distribution, Path]) -> None:
        other = Distribution("sample_pkg-1.0.tar.gz", 1, "0" * 64)
        assert client.present("sample-pkg", (sealed[0], other)) == {sealed[0].filename}

    def test_other_bytes(self, client: IndexClient, sealed: tuple[Distribution, Path]) -> None:
        mine = Distribution(sealed[0].filename, sealed[0].size, "0" * 64)
        name, cause = failing(lambda: client.present("sample-pkg", (mine,)))
        assert name == "index-other-bytes"
        assert f"sha256 {sealed[0].sha256[:12]}…, sealed 000000000000…" in cause

    def test_a_file_without_a_hash_is_downloaded_and_measured(self, tmp_path: Path) -> None:
        body = json.dumps({"files": [{"filename": "a.whl", "url": "a.whl", "hashes": {}}]}).encode()
        (tmp_path / "a").write_bytes(body)  # the server gives the same answer to everything
        same = replace(measure(tmp_path / "a"), filename="a.whl")
        with serving(200, body) as url, IndexClient(address(url), loopback_only=True) as client:
            assert client.present("x", (same,)) == {"a.whl"}
            assert failing(lambda: client.present("x", (replace(same, sha256="0" * 64),)))[0] == "index-other-bytes"


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
        found = failing(lambda: upload(address(url), path, login=Login("__token__", "x"), loopback_only=True))
        assert found[0] == "outside-rehearsal"

    @pytest.mark.parametrize("url", URLS)
    def test_proving_who_we_are(self, url: str) -> None:
        environ = {trusted.REQUEST_URL: "http://127.0.0.1:1/", trusted.REQUEST_TOKEN: "x"}
        found = failing(lambda: log_in(address(url), environ, loopback_only=True))
        assert found[0] == "outside-rehearsal"


@contextlib.contextmanager
def redirecting(to: str) -> Iterator[str]:
    """A server on loopback that sends everything elsewhere."""

    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(307)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the server's name for it

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_redirect_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    with (
        redirecting("http://evil.example/") as url,
        IndexClient(address(url), loopback_only=True) as client,
    ):
        assert failing(lambda: client.files("x"))[0] == "outside-rehearsal"
        assert failing(lambda: client.download(IndexFile("a", url, ""), tmp_path / "a"))[0] == "outside-rehearsal"


def test_an_upload_that_is_sent_on_is_not_followed(tmp_path: Path) -> None:
    """With it the credential would go along."""
    with redirecting("https://elsewhere.example/legacy/") as url:
        answer = upload(address(url), make_wheel(tmp_path), login=Login("__token__", "canary"), loopback_only=True)
    assert answer == Answer(
        307, "Temporary Redirect: the upload was sent on to https://elsewhere.example/legacy/, which is not followed"
    )


def told(error: BaseException) -> str:
    """Everything that people and logs get to see of an exception."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__)) + repr(error) + str(error.args)


class TestUpload:
    def test_a_file_is_taken(self, twin: Twin, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        path, login = make_sdist(tmp_path), token(twin)
        assert upload(twin.address, path, login=login, loopback_only=True) == Answer(200, "OK")
        assert twin.files("sample-pkg") == {path.name: measure(path).sha256}
        assert login.password not in "".join(capfd.readouterr())
        assert login.password not in repr(login)

    def test_the_same_bytes_again_are_no_error(self, twin: Twin, sealed: tuple[Distribution, Path]) -> None:
        assert upload(twin.address, sealed[1], login=token(twin), loopback_only=True).status == 200

    @pytest.mark.parametrize("stripped", [False, True], ids=["in the reason", "in the page alone"])
    @pytest.mark.usefixtures("sealed")
    def test_other_bytes_in_pypis_words(self, twin: Twin, tmp_path: Path, *, stripped: bool) -> None:
        path = make_wheel(tmp_path, text="other = 1\n")
        if stripped:
            twin.faults.add(Fault("strip-reason"))
        answer = upload(twin.address, path, login=token(twin), loopback_only=True)
        assert answer.status == 400
        assert answer.reason.startswith("File already exists ('sample_pkg-1.0-py3-none-any.whl'")

    def test_each_answer_is_the_first_one(self, twin: Twin, tmp_path: Path) -> None:
        """twine alone would send five times after a 503, with no pause, and report the last answer."""
        twin.faults.add(Fault("error-before-commit", times=None, status=503))
        answer = upload(twin.address, make_wheel(tmp_path), login=token(twin), loopback_only=True)
        assert answer.status == 503
        assert [exchange.path for exchange in twin.log] == ["/legacy/"]

    @pytest.mark.parametrize(("seconds", "wait"), [(7, 7.0), (0, None)], ids=["with a hint", "without"])
    def test_how_long_the_index_wants_to_be_left_alone(
        self, twin: Twin, tmp_path: Path, seconds: int, wait: float | None
    ) -> None:
        twin.faults.add(Fault("too-many-requests", seconds=seconds))
        answer = upload(twin.address, make_wheel(tmp_path), login=token(twin), loopback_only=True)
        assert (answer.status, answer.wait) == (429, wait)

    @pytest.mark.parametrize("kind", ["drop-before-body", "drop-within-body", "drop-after-body", "drop-after-commit"])
    def test_a_connection_that_breaks(self, twin: Twin, tmp_path: Path, kind: str) -> None:
        twin.faults.add(Fault(kind, times=None))
        answer = upload(twin.address, make_wheel(tmp_path), login=token(twin), loopback_only=True)
        assert answer == Answer(0, f"{twin.url.removeprefix('http://')}: the connection broke off")

    def test_an_index_that_never_answers(self, twin: Twin, tmp_path: Path) -> None:
        twin.faults.add(Fault("silence-after-commit"))
        began = time.monotonic()
        limits = Limits(silence=0.5)
        answer = upload(twin.address, make_wheel(tmp_path), login=token(twin), loopback_only=True, limits=limits)
        assert answer == Answer(0, f"{twin.url.removeprefix('http://')}: no answer in time")
        assert time.monotonic() - began < 5

    @pytest.mark.parametrize("way", ["taking", "answering"])
    def test_one_that_moves_a_byte_now_and_then_passes_no_limit_of_a_step(self, tmp_path: Path, way: str) -> None:
        """So the whole has a limit too, by the clock."""
        path = tmp_path / "sample_pkg-1.0.tar.gz"
        make_sdist(tmp_path).replace(path)
        with trickling(answering=way == "answering") as url:
            began = time.monotonic()
            limits = Limits(silence=30, seconds=1.0)
            login = Login("__token__", "canary")
            if way == "taking":
                path.write_bytes(path.read_bytes() + bytes(50_000_000))
            answer = upload(address(url), path, login=login, loopback_only=True, limits=limits)
        assert answer == Answer(0, f"{url.removeprefix('http://').partition('/')[0]}: not done after 1 s")
        assert time.monotonic() - began < 10

    def test_what_twine_itself_refuses(self, twin: Twin, tmp_path: Path) -> None:
        path = tmp_path / "sample_pkg-1.0-py3-none-any.whl"
        path.write_bytes(b"no wheel")
        login = token(twin)
        with pytest.raises(TowpathError) as caught:
            upload(twin.address, path, login=login, loopback_only=True)
        assert caught.value.problems[0].id == "upload-refused"
        assert login.password not in told(caught.value)

    def test_an_index_that_repeats_the_credential(self, tmp_path: Path) -> None:
        login = Login("__token__", "pypi-canary")
        sent = base64.b64encode(b"__token__:pypi-canary")
        with serving(400, b"<title>400 You sent pypi-canary, as " + sent + b"</title>", "text/html") as url:
            answer = upload(address(url), make_wheel(tmp_path), login=login, loopback_only=True)
        assert answer == Answer(400, "You sent [credential], as [credential]")

    def test_an_index_that_would_steer_the_terminal(self, tmp_path: Path) -> None:
        with serving(400, b"<title>400 One \x1b[2J two\n three</title>", "text/html") as url:
            login = Login("__token__", "pypi-canary")
            answer = upload(address(url), make_wheel(tmp_path), login=login, loopback_only=True)
        assert answer.reason == "One  [2J two  three"

    def test_plain_http_is_for_this_machine_only(self, tmp_path: Path) -> None:
        found = failing(
            lambda: upload(
                address("http://index.example"),
                make_wheel(tmp_path),
                login=Login("__token__", "x"),
                loopback_only=False,
            )
        )
        assert found[0] == "plain-http"

    def test_a_proxy_is_not_asked_for_this_machine(
        self, twin: Twin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As in a rehearsal behind a company's proxy: the token must not go there."""
        with serving(502, b"the proxy was asked") as proxy:
            for name, value in network.direct_to_loopback({"HTTP_PROXY": proxy, "http_proxy": proxy}).items():
                monkeypatch.setenv(name, value)
            path = make_wheel(tmp_path)
            assert upload(twin.address, path, login=token(twin), loopback_only=True).status == 200


@pytest.mark.parametrize(
    ("reason", "body", "words"),
    [
        ("Invalid API Token: token is expired", "", "Invalid API Token: token is expired"),
        ("Bad Request", "<title>400 File already exists (&#39;a&#39;)</title>", "File already exists ('a')"),
        ("", '{"code": "400 The name x isn\'t allowed.", "message": ""}', "The name x isn't allowed."),
        ("Conflict", "409 Conflict\n\nboat-1.0.tar.gz already exists in non-volatile index", None),
        ("Bad Gateway", "<html><title>Bad Gateway</title><style>x</style><h1>nginx</h1></html>", "Bad Gateway nginx"),
        ("", "", ""),
    ],
)
def test_the_words_of_an_index(reason: str, body: str, words: str | None) -> None:
    assert said(reason, body) == (f"{reason} {' '.join(body.split())}" if words is None else words)


@contextlib.contextmanager
def trickling(*, answering: bool) -> Iterator[str]:
    """A server that takes, or says, a byte now and then."""
    over = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
                if answering:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not over.wait(0.1):
                    connection.sendall(b"X") if answering else connection.recv(1)

    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


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

    @pytest.fixture(autouse=True)
    def hurried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        usual = trusted.exchange.__kwdefaults__ or {}
        monkeypatch.setattr(trusted.exchange, "__kwdefaults__", {**usual, "pauses": (0.01, 0.02)})

    def exchange(self, twin: Twin, issuer: Issuer, **more: str) -> Authorized:
        return log_in(twin.address, {**issuer.environment, **more}, loopback_only=True)

    def test_a_token_that_uploads(self, trusting: Twin, issuer: Issuer, tmp_path: Path) -> None:
        login = self.exchange(trusting, issuer).login
        assert upload(trusting.address, make_wheel(tmp_path), login=login, loopback_only=True).status == 200
        assert trusting.files("sample-pkg")
        assert login.expires is not None
        assert 870 < login.expires - time.time() < 930, "by our clock"

    def test_it_expires_and_is_minted_anew(self, trusting: Twin, issuer: Issuer, tmp_path: Path) -> None:
        authorized = self.exchange(trusting, issuer)
        trusting.expire_minted_tokens()
        path = make_wheel(tmp_path)
        answer = upload(trusting.address, path, login=authorized.login, loopback_only=True)
        assert (answer.status, "token is expired" in answer.reason) == (403, True)
        assert authorized.renew is not None
        assert upload(trusting.address, path, login=authorized.renew(), loopback_only=True).status == 200

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
            self.exchange(trusting, issuer, ODD_TOKEN="left-over")
        assert caught.value.problems[0].id == "wrong-publisher"
        assert "invalid-publisher: valid token" in caught.value.problems[0].cause, "in the index's own words"
        assert issuer.request_token not in told(caught.value)

    def test_an_identity_for_another_index(self, tmp_path: Path, issuer: Issuer) -> None:
        environ = {"GITLAB_CI": "true", "PYPI_ID_TOKEN": issuer.token("testpypi")}
        with Twin.serve(tmp_path / "other", issuer=issuer, publishers=[issuer.publisher("sample-pkg")]) as twin:
            found = failing(lambda: log_in(twin.address, environ, loopback_only=False))
        assert found[0] == "no-identity", "the library sees it before the index would"

    def test_a_gitlab_job_shows_what_its_variable_holds(
        self, trusting: Twin, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in issuer.environment:
            monkeypatch.delenv(name)
        environ = {"GITLAB_CI": "true", "PYPI_ID_TOKEN": issuer.token("pypi")}
        assert log_in(trusting.address, environ, loopback_only=False).login.password.startswith("pypi-")
        assert failing(lambda: log_in(trusting.address, environ, loopback_only=False))[0] == "identity-refused"

    def test_a_job_that_may_not_ask(self, trusting: Twin, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(trusted.REQUEST_TOKEN)
        environ = {trusted.REQUEST_URL: issuer.request_url}
        assert failing(lambda: log_in(trusting.address, environ, loopback_only=True))[0] == "no-identity"

    def test_each_secret_is_told_to_be_hidden(self, trusting: Twin, issuer: Issuer) -> None:
        hidden: list[str] = []
        authorized = log_in(trusting.address, issuer.environment, loopback_only=True, hide=hidden.append)
        identity, token = hidden
        assert identity.count(".") == 2
        assert token == authorized.login.password
        assert authorized.renew is not None
        assert authorized.renew().password == hidden[-1] != token
        assert len(hidden) == 4

    @pytest.mark.parametrize("kind", ["error-before-commit", "too-many-requests", "drop-before-body", "cut-short"])
    def test_a_token_service_in_trouble_is_asked_anew(
        self, trusting: Twin, monkeypatch: pytest.MonkeyPatch, kind: str
    ) -> None:
        with FaultyIssuer.serve() as issuer:
            assert isinstance(issuer, FaultyIssuer)
            issuer.orders = Orders()
            for name, value in issuer.environment.items():
                monkeypatch.setenv(name, value)
            with Twin.serve(
                trusting.folder.parent / "other", issuer=issuer, publishers=[issuer.publisher("sample-pkg")]
            ) as twin:
                issuer.orders.add(Ordered(kind, "GET /_apis", times=1))
                assert self.exchange(twin, issuer).login.password.startswith("pypi-")
                issuer.orders.add(Ordered(kind, "GET /_apis", times=None))
                found = failing(lambda: self.exchange(twin, issuer))
        assert found[0] == "identity-out-of-reach"

    @pytest.mark.parametrize("status", [400, 401, 403, 404])
    def test_a_token_service_that_says_no_is_asked_once(self, trusting: Twin, status: int) -> None:
        with serving(status, b'{"message": "no"}') as url:
            environ = {trusted.REQUEST_URL: f"{url}?x=1", trusted.REQUEST_TOKEN: "canary-token"}
            found = failing(lambda: log_in(trusting.address, environ, loopback_only=True))
        assert found[0] == "no-identity"
        assert "canary" not in found[1]

    def test_a_pending_publisher_that_came_too_late(self, issuer: Issuer) -> None:
        said = {"code": "invalid-pending-publisher", "description": "valid token, but project already exists"}
        body = json.dumps({"audience": "a", "message": "Token request failed", "errors": [said]}).encode()
        with serving(422, body) as url:
            found = failing(lambda: log_in(address(url), issuer.environment, loopback_only=True))
        assert found[0] == "pending-publisher-late"
        assert said["description"] in found[1]

    def test_a_pending_publisher_of_a_name_that_nobody_can_have(self, tmp_path: Path, issuer: Issuer) -> None:
        with Twin.serve(tmp_path / "other", issuer=issuer, publishers=[issuer.publisher("json")]) as twin:
            found = failing(lambda: self.exchange(twin, issuer))
        assert found[0] == "name-refused"
        assert "does not take json as a name" in found[1]
        assert "conflict with Python Standard Library" in found[1]

    @pytest.mark.parametrize("on", ["audience", "mint"])
    @pytest.mark.parametrize("kind", ["error-before-commit", "drop-after-body", "drop-after-commit"])
    def test_an_index_in_trouble_is_asked_anew(self, trusting: Twin, issuer: Issuer, on: str, kind: str) -> None:
        """Also where only the reply was lost: an identity token is good once, so another one is fetched."""
        trusting.faults.add(Fault(kind, on=on, times=2))
        assert self.exchange(trusting, issuer).login.password.startswith("pypi-")
        trusting.faults.add(Fault(kind, on=on, times=None))
        assert failing(lambda: self.exchange(trusting, issuer))[0] == "exchange-failed"

    @pytest.mark.parametrize(
        "body",
        [b"", b"<html>", b"[]", b"null", b"{}", b'"x"', b'{"audience": "a"}', b'{"audience": "a", "errors": 3}',
         b'{"audience": "a", "errors": ["x"]}', b'{"audience": "a", "token": null, "errors": null}'],
    )  # fmt: skip
    @pytest.mark.parametrize("status", [200, 422])
    def test_an_answer_that_is_none(self, issuer: Issuer, body: bytes, status: int) -> None:
        with serving(status, body) as url:
            found = failing(lambda: log_in(address(url), issuer.environment, loopback_only=True))
        assert found[0] == "exchange-failed"

    def test_an_index_without_trusted_publishing(self, issuer: Issuer) -> None:
        environ = {**issuer.environment, "ODD_TOKEN": "pypi-canary"}
        with serving(404, b"") as url:
            assert log_in(address(url), environ, loopback_only=False).login.password == "pypi-canary"
            found = failing(lambda: log_in(address(url), environ, loopback_only=True))
            assert found[0] == "no-credential", "in a rehearsal no token of the user's is touched"
            only = replace(address(url), credentials="trusted")
            assert failing(lambda: log_in(only, environ, loopback_only=False))[0] == "no-credential"

    def test_trusted_publishing_switched_off(self, trusting: Twin, issuer: Issuer) -> None:
        trusting.set_flag("disallow-oidc")
        assert failing(lambda: self.exchange(trusting, issuer))[0] == "index-closed"

    def test_a_token_left_beside_it_is_told_and_not_used(self, trusting: Twin, issuer: Issuer) -> None:
        own = replace(trusting.address, token_variable="ODD_TOKEN")
        environ = {**issuer.environment, "ODD_TOKEN": "pypi-canary", "TWINE_PASSWORD": "pypi-canary"}
        authorized = log_in(own, environ, loopback_only=False)
        assert authorized.login.password != "pypi-canary"
        assert [note.partition(" ")[0] for note in authorized.notes] == ["ODD_TOKEN", "TWINE_PASSWORD"]
        assert "pypi-canary" not in str(authorized.notes)

    def test_the_environment_is_left_as_it_was(
        self, trusting: Twin, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
        before = dict(os.environ)
        self.exchange(trusting, issuer)
        assert dict(os.environ) == before


class TestKeptCredentials:
    WHERE = replace(address("https://i.example"), username="ada")

    def test_without_an_identity_the_configured_variable_is_used(self) -> None:
        environ = {"ODD_TOKEN": " pypi-canary\n"}
        login = log_in(address("https://i.example"), environ, loopback_only=False).login
        assert (login.username, login.password) == ("__token__", "pypi-canary")

    def test_a_user_with_a_password(self) -> None:
        login = log_in(self.WHERE, {"ODD_TOKEN": "one two"}, loopback_only=False).login
        assert (login.username, login.password) == ("ada", "one two")

    def test_neither(self) -> None:
        found = failing(lambda: log_in(address("https://i.example"), {"ODD_TOKEN": ""}, loopback_only=False))
        assert found[0] == "no-own-credential", "an index of one's own: no word of trusted publishing"
        assert "ODD_TOKEN" in found[1]

    def test_a_rehearsal_never_uses_it(self) -> None:
        environ = {"ODD_TOKEN": "pypi-canary"}
        found = failing(lambda: log_in(address("http://127.0.0.1:1"), environ, loopback_only=True))
        assert found[0] == "no-credential"
        assert "pypi-canary" not in found[1]

    @pytest.mark.parametrize("token", ["pypi-a b", "pypi-\N{HORIZONTAL ELLIPSIS}", "pypi-a\nb", "\x07"])
    def test_what_no_request_can_carry(self, token: str) -> None:
        with pytest.raises(TowpathError) as caught:
            log_in(address("https://i.example"), {"ODD_TOKEN": token}, loopback_only=False)
        assert caught.value.problems[0].id == "malformed-credential"
        assert token not in told(caught.value)

    def test_the_keyring_only_where_it_is_configured(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []

        def get_password(service: str, username: str) -> str:
            asked.append((service, username))
            return "from the ring"

        monkeypatch.setattr("keyring.get_password", get_password)
        assert failing(lambda: log_in(self.WHERE, {}, loopback_only=False))[0] == "no-own-credential"
        assert asked == []
        found = log_in(replace(self.WHERE, credentials="keyring"), {"ODD_TOKEN": "x"}, loopback_only=False)
        assert found.login.password == "from the ring"
        assert asked == [("https://i.example/legacy/", "ada")]

    def test_an_empty_keyring(self) -> None:
        where = replace(self.WHERE, credentials="keyring")
        assert failing(lambda: log_in(where, {"ODD_TOKEN": "x"}, loopback_only=False))[0] == "no-stored-credential"
        assert failing(lambda: require_possible(where, {"ODD_TOKEN": "x"}))[0] == "no-stored-credential"

    @pytest.mark.parametrize("url", ["https://i.example/legacy/", "https://i.example/legacy"])
    def test_pypirc_by_the_very_url(self, tmp_path: Path, url: str) -> None:
        where = replace(self.WHERE, credentials="pypirc")
        config = f"[distutils]\nindex-servers = a\n[a]\nrepository = {url}\nusername = bob\npassword = canary\n"
        (tmp_path / "home" / ".pypirc").write_text(config, encoding="utf-8")
        login = log_in(where, {}, loopback_only=False).login
        assert (login.username, login.password) == ("bob", "canary")
        elsewhere = replace(where, upload_url="https://mallory.example/legacy/")
        found = failing(lambda: log_in(elsewhere, {}, loopback_only=False))
        assert found[0] == "no-stored-credential", "a password never goes to another URL than its own"

    def test_a_pypirc_that_cannot_be_read_does_not_show_itself(self, tmp_path: Path) -> None:
        (tmp_path / "home" / ".pypirc").write_text("password pypi-canary\n", encoding="utf-8")
        with pytest.raises(TowpathError) as caught:
            log_in(replace(self.WHERE, credentials="pypirc"), {}, loopback_only=False)
        assert caught.value.problems[0].id == "no-stored-credential"
        assert "pypi-canary" not in told(caught.value)
