"""Sending one file to an index once, by twine, and taking its answer as it came."""

from __future__ import annotations

import base64
import html
import os
import re
import tarfile
import time
import zipfile
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from towpath import errors, network
from towpath.index.client import seconds_for

if TYPE_CHECKING:
    from pathlib import Path

    import requests
    from twine.repository import Repository
    from twine.settings import Settings

    from towpath.model import IndexAddress, Login

CONNECT_SECONDS = 30.0  # also what sending on may take where nothing moves
SILENCE_SECONDS = 300.0
_BODY = 1 << 16
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What an index said to an upload: the status and its words.

    Status 0 means that no answer came; `reason` says then what came instead. `wait` is for how many seconds the index
    asked to be left alone.
    """

    status: int
    reason: str
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one attempt may last: `silence` while the index says nothing, `seconds` altogether.

    Without `seconds` it is what the file's size needs on a slow line.
    """

    silence: float = SILENCE_SECONDS
    seconds: float | None = None


ORDINARY = Limits()


class _Answered(Exception):  # noqa: N818 - an answer, not a fault
    """Carries the first answer out of twine, which would send again at once, and without asking, after a 5xx."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def upload(
    address: IndexAddress,
    path: Path,
    *,
    login: Login,
    loopback_only: bool,
    limits: Limits = ORDINARY,
) -> Answer:
    """Send one file and return the index's answer, whatever it is.

    The credential goes by value, never by argv; no .pypirc and no keyring is looked
    at, and it is taken out of the index's words. Raises outside-rehearsal, plain-http, and upload-refused for a file
    that twine cannot read.
    """
    import requests
    from twine.commands.upload import upload as send
    from twine.exceptions import TwineException

    require_safe(address, loopback_only=loopback_only)
    seconds = seconds_for(path.stat().st_size) if limits.seconds is None else limits.seconds
    settled = Limits(limits.silence, seconds)
    try:
        with ExitStack() as stack:
            nowhere = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123 - a device
            stack.enter_context(redirect_stdout(nowhere))
            send(_settings(stack, address, login, settled, loopback_only=loopback_only), [str(path)])
    except _Answered as answered:
        return answered.answer
    except requests.RequestException as error:
        return Answer(0, network.in_words(error, address.upload_url))
    except (TwineException, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise errors.UPLOAD_REFUSED.error(index=address.name, file=path.name, status="", reason=error) from None
    except errors.TowpathError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, only the index knows what it has taken; and no text that may hold the credential goes on
        return Answer(0, type(error).__name__)
    return Answer(0, "twine sent nothing")


def require_safe(address: IndexAddress, *, loopback_only: bool) -> None:
    """Raise outside-rehearsal or plain-http where a credential must not be sent."""
    if loopback_only:
        network.require_loopback(address.upload_url)
    elif not address.upload_url.lower().startswith("https://") and not network.is_loopback(address.upload_url):
        raise errors.PLAIN_HTTP.error(index=address.name)


def _settings(
    stack: ExitStack, address: IndexAddress, login: Login, limits: Limits, *, loopback_only: bool
) -> Settings:
    """twine's settings, its connection held to our limits and its first answer taken."""
    from twine.settings import Settings

    def take(response: requests.Response, **_: object) -> None:
        raise _Answered(_answer(response, login))

    class Limited(Settings):
        def create_repository(self) -> Repository:
            repository = super().create_repository()
            stack.callback(repository.close)
            session = repository.session
            network.held(session, loopback_only=loopback_only, connect=CONNECT_SECONDS, read=limits.silence)
            session.hooks["response"] = [take]
            stack.enter_context(network.at_most(session, limits.seconds or 0.0))
            return repository

    return Limited(
        repository_url=address.upload_url,
        username=login.username,
        password=login.password,
        non_interactive=True,
        disable_progress_bar=True,
        config_file=os.devnull,
    )


def _answer(response: requests.Response, login: Login) -> Answer:
    body = response.raw.read(_BODY, decode_content=True).decode("utf-8", "replace")
    response.close()
    words = reason = str(response.reason or "")
    if response.is_redirect:
        words = f"{reason}: the upload was sent on to {response.headers['Location']}, which is not followed"
    elif not response.ok:
        words = said(reason, body)
    return Answer(response.status_code, hidden(words, login), _wait(response.headers))


def said(reason: str, body: str) -> str:
    """The index's words: in the status line, or in the page where a proxy or HTTP/2 has stripped them.

    PyPI says them in the page's title, or as JSON's `code`; others in the page itself.
    """
    if len(reason.split()) > 2:  # noqa: PLR2004 - not "Bad Request" or "Forbidden"
        return reason
    title = re.search(r"<title>\s*(?:\d{3}\s+)?(.*?)\s*</title>", body, re.DOTALL)
    coded = re.search(r'"code":\s*"\d{3}\s+((?:[^"\\]|\\.)*)"', body)
    for found in (title, coded):
        if found and len(found[1].split()) > 2 and not found[1].startswith("Error: "):  # noqa: PLR2004 - as bottle does
            return html.unescape(found[1])
    text = html.unescape(re.sub(r"<(style|script|title).*?</\1>|<[^>]*>", " ", body, flags=re.DOTALL))
    return " ".join(f"{reason} {text}".split())[:_SHOWN]


def hidden(text: str, login: Login) -> str:
    """The text in one line, without the credential in any form in which it was sent, nor what steers a terminal."""
    text = "".join(char if char.isprintable() else " " for char in text)
    pair = f"{login.username}:{login.password}"
    for secret in (login.password, base64.b64encode(pair.encode()).decode()):
        text = text.replace(secret, "[credential]") if secret else text
    return text


def _wait(headers: Any) -> float | None:  # noqa: ANN401 - requests' own mapping
    """Retry-After in either form (RFC 9110), or how long the limit lasts that is used up (header RateLimit)."""
    after = headers.get("Retry-After", "").strip()
    if after.isdecimal():
        return float(after)
    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    except (ValueError, TypeError):
        spent = re.findall(r";r=0;t=(\d+)", headers.get("RateLimit", ""))
        return float(max(map(int, spent))) if spent else None
