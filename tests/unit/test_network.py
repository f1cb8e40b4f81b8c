"""What counts as this machine: anything in doubt does not."""

from __future__ import annotations

import io
import socket
import ssl

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from towpath import network
from towpath.errors import TowpathError

HERE = [
    "http://localhost/", "http://LOCALHOST:8080/x", "https://127.0.0.1", "http://127.0.0.1:1/", "http://127.9.9.9/",
    "http://[::1]/", "http://[::1]:8080/simple/", "http://evil.example@localhost/",
    "http://user:secret@127.0.0.1/",  # pragma: allowlist secret
    "http://[0:0:0:0:0:0:0:1]/",
]  # fmt: skip
ELSEWHERE = [
    "https://pypi.org/", "http://localhost.evil.example/", "http://evil.example/localhost", "http://127.0.0.1.evil.example/",
    "http://127.0.0.1@evil.example/",
    "http://127.0.0.1:80@evil.example/", "http://localhost:pass@evil.example/",  # pragma: allowlist secret
    "http://evil.example#@127.0.0.1/", "http://evil.example?@127.0.0.1/", "http://evil.example\\@127.0.0.1/",
    "http://evil.example\\.127.0.0.1/", "http:\\\\127.0.0.1", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
    "http://127.1/", "http://0.0.0.0/", "http://[::]/", "http://10.0.0.1/", "http://169.254.169.254/", "http://192.168.0.1/",
    "http://localhost./", "http://localhost\t.evil.example/", "http://127.0.0.1\n.evil.example/", " http://127.0.0.1/",
    "http://[::1", "http://[::1]evil.example/", "http://[127.0.0.1]/", "http:///x", "", "127.0.0.1", "localhost:8080",
    "file:///etc/passwd", "http://①27.0.0.1/", "http://localhos\u0442/", "http://127.0.0.1%2eevil.example/", "http://[::1%25]x/",
]  # fmt: skip


@pytest.mark.parametrize("url", HERE)
def test_this_machine(url: str) -> None:
    assert network.is_loopback(url)
    network.require_loopback(url)


@pytest.mark.parametrize("url", ELSEWHERE)
def test_anywhere_else(url: str) -> None:
    assert not network.is_loopback(url)
    with pytest.raises(TowpathError) as caught:
        network.require_loopback(url)
    assert caught.value.problems[0].id == "outside-rehearsal"


@given(st.text(max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    assert network.is_loopback(f"http://{text}") in {True, False}


@given(st.ip_addresses())
def test_an_address_is_loopback_or_not(address: object) -> None:
    text = f"[{address}]" if ":" in str(address) else str(address)
    assert network.is_loopback(f"http://{text}:80/") is bool(getattr(address, "is_loopback", None))


def test_the_error_names_the_host_and_no_password() -> None:
    with pytest.raises(TowpathError) as caught:
        network.require_loopback("https://ada:hunter2@evil.example/x?token=abc")  # pragma: allowlist secret
    assert "evil.example" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://evil.example/", "http://evil.example\\@127.0.0.1/", "http://2130706433/"])
def test_a_session_of_a_rehearsal_opens_no_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(*_: object, **__: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", reached)
    with network.session(loopback_only=True) as session, pytest.raises(TowpathError) as caught:
        session.get(url)
    assert caught.value.problems[0].id == "outside-rehearsal"


@pytest.mark.parametrize("loopback_only", [True, False])
def test_every_request_has_a_time_limit(loopback_only: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - a case
    seen: list[object] = []

    def send(_self: object, request: requests.PreparedRequest, **options: object) -> requests.Response:
        seen.append(options["timeout"])
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 200, request, str(request.url)
        answer.raw = io.BytesIO()
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    with network.session(loopback_only=loopback_only) as session:
        session.get("http://127.0.0.1/")
        session.get("http://127.0.0.1/", timeout=3)
    assert seen == [(network.CONNECT_SECONDS, network.READ_SECONDS), 3]


def test_a_rehearsal_uses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    with network.session(loopback_only=True) as session:
        assert not session.trust_env
    with network.session(loopback_only=False) as session:
        assert session.trust_env


@pytest.mark.parametrize("before", [{}, {"NO_PROXY": "corp.example"}, {"no_proxy": "corp.example"}, {"no_proxy": ""}])
def test_the_environment_that_asks_no_proxy_for_this_machine(before: dict[str, str]) -> None:
    environ = network.direct_to_loopback({**before, "HTTP_PROXY": "http://proxy.example:3128", "PATH": "/bin"})
    assert environ["HTTP_PROXY"] == "http://proxy.example:3128", "what else is needed comes through it"
    assert environ["NO_PROXY"] == environ["no_proxy"]
    kept = ["corp.example"] if "corp.example" in before.values() else []
    assert environ["no_proxy"].split(",") == [*kept, "127.0.0.1", "localhost", "::1"]
    assert network.direct_to_loopback(environ) == environ


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_requests_believe_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in network.direct_to_loopback({"http_proxy": "http://proxy.example:3128"}).items():
        monkeypatch.setenv(key, value)
    assert requests.utils.get_environ_proxies(f"http://{name}:1234/legacy/") == {}
    assert requests.utils.get_environ_proxies("http://pypi.org/")


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (requests.ConnectionError(ConnectionRefusedError(111, "Connection refused")), "connection refused"),
        (requests.ConnectionError("aborted", ConnectionResetError(104, "reset")), "the connection broke off"),
        (requests.ConnectionError(socket.gaierror(-2, "unknown")), "the host's name could not be resolved"),
        (requests.ConnectionError(OSError(101, "Network is unreachable")), "network is unreachable"),
        (requests.exceptions.ProxyError(OSError("Tunnel connection failed: 407 Proxy Authentication Required")),
         "the proxy on the way there did not connect, 407 Proxy Authentication Required"),
        (requests.exceptions.SSLError(ssl.SSLError(1, "wrong version number")), "it does not speak TLS"),
        (requests.ConnectTimeout(), "no connection in time"),
        (requests.ReadTimeout("Read timed out."), "no answer in time"),
        (requests.Timeout("not done after 120 s"), "not done after 120 s"),
        (requests.TooManyRedirects(), "it sends its readers round in circles"),
        (requests.exceptions.ContentDecodingError(), "its answer could not be read"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)  # fmt: skip
def test_why_a_request_failed_without_the_secrets_of_its_url(raised: requests.RequestException, said: str) -> None:
    url = "https://me:canary@index.example/simple/?token=canary"  # pragma: allowlist secret
    assert network.in_words(raised, url) == f"index.example:443: {said}"


def test_a_connection_that_nobody_takes_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with network.session(loopback_only=True) as session, pytest.raises(requests.ConnectionError) as caught:
            session.get(f"http://127.0.0.1:{port}/")
    assert network.in_words(caught.value, "") == f"127.0.0.1:{port}: connection refused"
