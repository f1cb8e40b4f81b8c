"""Requests to GitHub's REST API, and what each bad answer means."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, BinaryIO, TypedDict, TypeVar
from urllib.parse import urlsplit

import requests

from towpath import errors, network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from towpath.model import ForgeAddress

T = TypeVar("T")
PAGE_SIZE = 100
PAUSE_SECONDS = 0.5  # before a question is asked once more
_LOST = {errors.FORGE_OUT_OF_REACH.id, errors.FORGE_GARBLED.id, errors.FORGE_BROKEN.id}
_REDIRECTS = range(300, 400)
_READ = frozenset({200, 201, 422})  # what has JSON that we read; 204 has nothing, the others are shown as they came


class _Options(TypedDict, total=False):
    params: dict[str, str]
    headers: dict[str, str]
    json: dict[str, object] | None
    data: BinaryIO
    stream: bool


class Transport:
    """Authenticated requests to one repository. The token is in no text that it gives away."""

    def __init__(self, address: ForgeAddress, token: str | None, *, loopback_only: bool) -> None:
        if loopback_only:
            network.require_loopback(address.api_url)
        self.host = urlsplit(address.api_url).hostname or address.api_url
        self.repository = address.repository
        self._base = f"{address.api_url.rstrip('/')}/repos/{address.repository}"
        self._token = token
        self._session = network.session(loopback_only=loopback_only)
        self._session.headers["Accept"] = "application/vnd.github+json"
        self._session.headers["X-GitHub-Api-Version"] = "2022-11-28"
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def get(self, path: str) -> dict[str, Any] | None:
        """The JSON at a path below the repository, or None where there is none (404)."""
        answer = self.send("GET", self._base + path)
        if answer.status_code == requests.codes.not_found:
            return None
        return self.read(_an_object, self._checked(answer).json())

    def listed(self, path: str) -> Iterator[dict[str, Any]]:
        """Every entry of a list, page after page."""
        url: str | None = f"{self._base}{path}?per_page={PAGE_SIZE}"
        while url:
            answer = self._checked(self.send("GET", url))
            yield from self.read(_objects, answer.json())
            url = answer.links.get("next", {}).get("url")
            self._require_own_host(url)

    def listed_under(self, key: str, path: str, **params: str) -> Iterator[dict[str, Any]]:
        """Every entry of a list that the answer has under a key, page after page; nothing where there is none (404)."""
        url: str | None = self._base + path
        given: _Options = {"params": {"per_page": str(PAGE_SIZE), **params}}
        while url:
            answer = self.send("GET", url, **given)
            if answer.status_code == requests.codes.not_found:
                return
            yield from self.read(lambda found: _objects(found[key]), self._checked(answer).json())
            url, given = answer.links.get("next", {}).get("url"), {}
            self._require_own_host(url)

    def read(self, reader: Callable[[Any], T], found: Any) -> T:  # noqa: ANN401 - JSON holds anything
        """What a reader of ours makes of an answer. Raises `forge-other-shape` where it lacks what GitHub's has."""
        try:
            return reader(found)
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            detail = self._redacted(f"{type(error).__name__}: {error}\n{str(found)[:200]}")
            raise errors.FORGE_OTHER_SHAPE.error(host=self.host, detail=detail) from None

    def change(self, method: str, path: str, data: dict[str, object] | None = None) -> requests.Response:
        """A request that changes something; the answer may be a refusal, to be read by the caller."""
        return self.send(method, self._base + path, json=data)

    def upload(self, url: str, name: str, body: BinaryIO) -> requests.Response:
        """Send a file; the forge names the host itself, which must be its own."""
        self._require_own_host(url)
        headers = {"Content-Type": "application/octet-stream"}
        return self.send("POST", url, params={"name": name}, data=body, headers=headers)

    def content(self, path: str, accept: str = "application/octet-stream") -> requests.Response:
        """The bytes at a path, to be read as a stream and closed; a redirect elsewhere loses the token."""
        headers = {"Accept": accept}
        return self._checked(self.send("GET", self._base + path, headers=headers, stream=True))

    def send(self, method: str, url: str, **options: Unpack[_Options]) -> requests.Response:
        """One request; what only reads is asked once more where the answer was lost on the way.

        Raises `forge-out-of-reach`, `forge-garbled` and what an answer means for any request.
        """
        try:
            return self._once(method, url, **options)
        except errors.TowpathError as error:
            if method != "GET" or error.problems[0].id not in _LOST:
                raise
        time.sleep(PAUSE_SECONDS)
        return self._once(method, url, **options)

    def _once(self, method: str, url: str, **options: Unpack[_Options]) -> requests.Response:
        reading = method == "GET"
        try:
            # A redirected POST would become a GET: a write is never led elsewhere.
            answer = self._session.request(method, url, allow_redirects=reading, **options)
        except requests.RequestException as error:
            raise errors.FORGE_OUT_OF_REACH.error(host=self.host, why=self._redacted(_reason(error))) from None
        general = self._general(answer) or (None if options.get("stream") else self._garbled(answer))
        if general is not None:
            answer.close()
            raise general
        return answer

    def refused(self, answer: requests.Response) -> errors.TowpathError:
        """The error for an answer for which the caller has no use."""
        detail = self._redacted(_message(answer))
        if answer.status_code == requests.codes.not_found:
            return errors.FORGE_NOT_FOUND.error(host=self.host, repository=self.repository, detail=detail)
        return errors.FORGE_REFUSED.error(host=self.host, status=answer.status_code, detail=detail)

    def _checked(self, answer: requests.Response) -> requests.Response:
        if not answer.ok:
            with answer:
                raise self.refused(answer)
        return answer

    def _general(self, answer: requests.Response) -> errors.TowpathError | None:
        status, facts = answer.status_code, {"host": self.host}
        if status in _REDIRECTS:
            return errors.FORGE_MOVED.error(repository=self.repository, **facts)
        if status == requests.codes.unauthorized:
            return errors.FORGE_UNAUTHORIZED.error(**facts)
        if status == requests.codes.too_many_requests or _is_rate_limit(answer):
            return errors.FORGE_RATE_LIMITED.error(again=_when(answer), **facts)
        if status == requests.codes.forbidden:
            detail = self._redacted(_message(answer))
            return errors.FORGE_FORBIDDEN.error(repository=self.repository, detail=detail, **facts)
        if status >= requests.codes.internal_server_error:
            return errors.FORGE_BROKEN.error(status=status, detail=self._redacted(_message(answer)), **facts)
        return None

    def _garbled(self, answer: requests.Response) -> errors.TowpathError | None:
        """The error for an answer that is to be read and cannot be: cut short on the way, or another server's."""
        if answer.status_code not in _READ:
            return None
        try:
            answer.json()
        except ValueError:
            return errors.FORGE_GARBLED.error(host=self.host, status=answer.status_code)
        return None

    def _require_own_host(self, url: str | None) -> None:
        """The token goes to no host but the forge's: github.com has its uploads on uploads.github.com."""
        if url is None:
            return
        host = urlsplit(url).hostname or ""
        if host not in {self.host, re.sub(r"^api\.", "uploads.", self.host)}:
            raise errors.FORGE_OTHER_HOST.error(host=self.host, other=host)

    def _redacted(self, text: str) -> str:
        return text.replace(self._token, "***") if self._token else text


def _an_object(found: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON holds anything
    if not isinstance(found, dict):
        message = f"an object was expected, not {type(found).__name__}"
        raise TypeError(message)
    return found


def _objects(found: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
    if not isinstance(found, list):
        message = f"a list was expected, not {type(found).__name__}"
        raise TypeError(message)
    return [_an_object(one) for one in found]


def _is_rate_limit(answer: requests.Response) -> bool:
    # By https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api it is 403 or 429.
    limited = answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers
    return answer.status_code == requests.codes.forbidden and limited


def _when(answer: requests.Response) -> str:
    wait = answer.headers.get("retry-after", "")
    if wait.isdigit():
        return f"in {wait} seconds"
    reset = answer.headers.get("x-ratelimit-reset", "")
    return time.strftime("at %H:%M UTC", time.gmtime(int(reset))) if reset.isdigit() else "in a minute"


def _message(answer: requests.Response) -> str:
    """What the forge says, with the codes of its validation errors."""
    try:
        data = answer.json()
        lines = [str(data.get("message", "")).strip()]
        lines += [" ".join(map(str, item.values())) for item in data.get("errors", ()) if isinstance(item, dict)]
    except (ValueError, AttributeError):
        lines = answer.text[:500].splitlines()
    return "\n".join(filter(None, lines))


def _reason(error: requests.RequestException) -> str:
    """Why in a few words: the texts of requests repeat URL and object addresses."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate was not accepted"
    if isinstance(error, requests.Timeout):
        return "it did not answer in time"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not let the request through"
    return (
        "the connection could not be made or broke off" if isinstance(error, requests.ConnectionError) else str(error)
    )
