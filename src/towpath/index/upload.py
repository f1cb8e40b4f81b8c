"""Sending one file to an index, by twine."""

from __future__ import annotations

import os
import re
import tarfile
import zipfile
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from towpath import errors, network

if TYPE_CHECKING:
    from pathlib import Path

    import requests

    from towpath.model import IndexAddress


def upload(address: IndexAddress, path: Path, *, token: str, loopback_only: bool) -> None:
    """Send one file with an API token. Raises upload-refused, upload-broken and outside-rehearsal.

    One file a call: twine stops at the first that fails and does not say which were taken before. The token goes
    by value, never by argv; no .pypirc and no keyring is looked at.
    """
    import requests
    from twine.commands.upload import upload as send
    from twine.exceptions import TwineException
    from twine.settings import Settings

    if loopback_only:
        network.require_loopback(address.upload_url)
    settings = Settings(
        repository_url=address.upload_url,
        username="__token__",
        password=token,
        non_interactive=True,
        disable_progress_bar=True,
        config_file=os.devnull,
    )
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):  # noqa: PTH123 - a device
            send(settings, [str(path)])
    except requests.HTTPError as error:
        answer = error.response
        raise errors.UPLOAD_REFUSED.error(
            index=address.name, file=path.name, status=answer.status_code, reason=_reason(answer)
        ) from None
    except requests.RequestException as error:
        why = type(error).__name__
        raise errors.UPLOAD_BROKEN.error(index=address.name, file=path.name, why=why) from None
    except (TwineException, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise errors.UPLOAD_REFUSED.error(index=address.name, file=path.name, status="", reason=error) from None


def _reason(answer: requests.Response) -> str:
    """The index's words: in the status line, or in the title of the page where a proxy stripped them."""
    said = str(answer.reason or "")
    title = re.search(r"<title>\s*(?:\d+\s+)?(.*?)\s*</title>", answer.text, re.DOTALL)
    generic = not said or len(said.split()) <= 2  # noqa: PLR2004 - "Bad Request", "Forbidden"
    return title[1] if generic and title else said
