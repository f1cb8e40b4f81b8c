"""pypa/gh-action-pypi-publish: twine, with a token that trusted publishing has given, to an index on this machine.

Only loopback is written to: running a workflow here must never publish anything. Attestations are not made.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from towpath import loopback, processes
from towpath.workflow.interpreter.actions.calling import ActionFailed, Call, Done, Handler

if TYPE_CHECKING:
    from pathlib import Path

    import requests

_PYPI = "https://upload.pypi.org/legacy/"
_KNOWS_SKIPPING = ("https://upload.pypi.org/", "https://test.pypi.org/")
_REQUEST_URL, _REQUEST_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
_OK = 200


def act(call: Call) -> Done:
    """Send every distribution of the folder, one after another."""
    url = index(call)
    _require_skippable(call, url)
    files = _files(call)
    if call.flag("verify-metadata"):
        _twine(call, "check", *map(str, files))
    trusted = call.inputs["user"] == "__token__" and not call.inputs["password"]
    password = mint(call, url) if trusted else call.inputs["password"]
    call.log.mask(password)
    sent = [file.name for file in files if _send(call, url, password, file)]
    attested = trusted and call.flag("attestations")
    if attested:
        call.log.annotate("notice", "the files would be attested on GitHub; nothing is signed here")
    facts = {"url": url, "sent": sent, "there": [file.name for file in files if file.name not in sent]}
    return Done(facts={**facts, "trusted": trusted, "attestations": attested})


def index(call: Call) -> str:
    """Where the files go. Raises ActionFailed unless it is on this machine."""
    wanted = call.inputs["repository-url"] or _PYPI
    url = call.machine.indexes.get(wanted, wanted)
    if not loopback.is_loopback(url):
        message = f"{url} is not on this machine; nothing is ever published from here (Machine.indexes maps it)"
        raise ActionFailed(message)
    return url


def _require_skippable(call: Call, url: str) -> None:
    """Raise ActionFailed as twine does where files that are there are to be skipped at an index not PyPI's own."""
    wanted = call.inputs["repository-url"] or _PYPI
    meant = [wanted, *(real for real, here in call.machine.indexes.items() if here == url)]
    if call.flag("skip-existing") and not any(one.startswith(_KNOWS_SKIPPING) for one in meant):
        message = (
            f"UnsupportedConfiguration: The configured repository {wanted!r} does not have support for the following "
            "features: --skip-existing and is an unsupported configuration"
        )
        raise ActionFailed(message)


def mint(call: Call, url: str) -> str:
    """An API token of the index for the job's identity. Raises ActionFailed with the index's words."""
    import requests

    from towpath import network

    if call.permissions.get("id-token") != "write" or not call.environ.get(_REQUEST_URL):
        message = "trusted publishing needs the permission id-token: write, and a token service"
        raise ActionFailed(message)
    with network.session(loopback_only=True) as session:
        try:
            return _exchange(call, session, url)
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            message = f"the exchange for an upload token failed: {error!r}"
            raise ActionFailed(message) from error


def _exchange(call: Call, session: requests.Session, url: str) -> str:
    audience = session.get(urljoin(url, "/_/oidc/audience")).json()["audience"]
    bearer = {"Authorization": f"bearer {call.environ[_REQUEST_TOKEN]}"}
    asked = session.get(call.environ[_REQUEST_URL], params={"audience": audience}, headers=bearer)
    identity = asked.json()["value"]
    call.log.mask(identity)
    answer = session.post(urljoin(url, "/_/oidc/mint-token"), json={"token": identity})
    if answer.status_code != _OK:
        said = [f"{one['code']}: {one['description']}" for one in answer.json().get("errors", [])]
        message = f"the index gives no token: {'; '.join(said) or answer.reason}"
        raise ActionFailed(message)
    return str(answer.json()["token"])


def _files(call: Call) -> list[Path]:
    folder = call.workspace / (call.inputs["packages-dir"] or "dist")
    found = sorted(file for file in folder.glob("*") if file.is_file()) if folder.is_dir() else []
    if not any(file.name.endswith((".whl", ".tar.gz", ".zip")) for file in found):
        message = f"{folder.name} holds no distributions"
        raise ActionFailed(message)
    return found


def _send(call: Call, url: str, password: str, file: Path) -> bool:
    """Whether the index took it; False where it was there already and skip-existing is set."""
    options = ["--non-interactive", "--disable-progress-bar", "--verbose", "--repository-url", url]
    secret = {"TWINE_USERNAME": call.inputs["user"], "TWINE_PASSWORD": password}
    try:
        _twine(call, "upload", *options, str(file), **secret)
    except ActionFailed as failed:
        # twine knows skip-existing for PyPI's own addresses alone; its answer there is the one looked for here.
        there = "File already exists" in str(failed) or "already exist" in str(failed)
        if not (there and call.flag("skip-existing")):
            raise
        call.log.annotate("warning", f"{file.name} is on the index already and was skipped")
        return False
    return True


def _twine(call: Call, *arguments: str, **more: str) -> None:
    # twine is the runner's own here, as it is in the action's container: not one of the job's.
    known = ("PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG")
    environ = {name: call.environ[name] for name in known if name in call.environ}
    environ = loopback.direct_to_loopback({**environ, **more, "PYTHONUTF8": "1"})
    done = processes.capture([sys.executable, "-m", "twine", *arguments], cwd=call.workspace, env=environ)
    printed = call.log.masked(f"{done.stdout}{done.stderr}")
    call.log.write(printed)
    if done.code != 0:
        message = f"twine {arguments[0]} ended with {done.code}: {printed.strip()}"
        raise ActionFailed(message)


HANDLER = Handler(
    {
        "user": "__token__",
        "password": "",
        "repository-url": "",
        "packages-dir": "dist",
        "verify-metadata": "true",
        "skip-existing": "false",
        "verbose": "false",
        "print-hash": "false",
        "attestations": "true",
    },
    (),
    act,
)
