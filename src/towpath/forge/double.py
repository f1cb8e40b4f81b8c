"""A forge on loopback that answers as GitHub does, for rehearsals and tests.

It keeps to what https://docs.github.com/en/rest/releases documents for: list, get, get by tag, latest,
create, update and delete of releases; upload, list, get, download (by redirect) and delete of their files.
So: drafts are listed only to a token and are not found by tag; a tag has one published release but any number
of drafts; files go to the `upload_url` and have a `digest`; a name that is taken is refused (422,
`already_exists`); `make_latest`; immutable releases; pages with a `Link` header; 401 for a wrong token and
for a write without one.

Of Actions it answers what `actions_answers` has; `runs` says what the runs are, and `hooks` are called after every
request that has changed something, so that something may run for real. Of the repository's settings it answers what
`settings_answers` has, to be read and set up by `set_up` only.

Left out: generated notes, discussions, reactions, labels of files, conditional requests, permissions finer
than one token that may do everything, rate limits (a `Fault` stands for one), and the check that a tag is
there: publishing a release notes its tag as made.

State lies in the folder (`state.json`, `files/`), so that it can be read afterwards.
"""

from __future__ import annotations

import copy
import json
import secrets
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from towpath.model import ForgeAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from werkzeug.wrappers import Request, Response

    from towpath.forge.actions_answers import RunsDouble

Json = dict[str, Any]
BAD_REQUEST = HTTPStatus.BAD_REQUEST


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that was made, without the values of its headers."""

    method: str
    path: str
    headers: frozenset[str]


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next requests that match, in order.

    `status` None drops the connection. With `committed` the request is carried out first. With `half` an
    upload leaves a file in state "starter" behind, as GitHub does after a 502. `body` is what is answered with a
    status.
    """

    method: str
    part: str
    status: int | None = None
    committed: bool = False
    half: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    body: str = "{}"

    def takes(self, method: str, path: str) -> bool:
        """Whether it strikes this request; counts down."""
        if self.times < 1 or method != self.method or self.part not in path:
            return False
        self.times -= 1
        return True


class ForgeDouble:
    """A double of one repository's releases; made by `serve`."""

    def __init__(self, folder: Path, repository: str, *, immutable: bool, digests: bool) -> None:
        self.folder = folder
        self.token = f"double-{secrets.token_hex(16)}"
        self.requests: list[Seen] = []
        self.faults: list[Fault] = []
        self.hooks: list[Callable[[Seen, bytes], None]] = []
        self._repository = repository
        self._immutable = immutable
        self._digests = digests
        self._lock = threading.Lock()
        self._base = ""
        (folder / "files").mkdir(parents=True, exist_ok=True)
        if not self._state_file.exists():
            self._write({"next": 1, "latest": None, "tags": {}, "releases": []})

    @classmethod
    @contextmanager
    def serve(
        cls, folder: Path, repository: str = "owner/name", *, immutable: bool = False, digests: bool = True
    ) -> Iterator[ForgeDouble]:
        """Serve on a free port of 127.0.0.1 while the `with` lasts.

        `immutable` makes every published release immutable; without `digests` files have none, as on older
        GitHub Enterprise servers.
        """
        from werkzeug.serving import WSGIRequestHandler, make_server
        from werkzeug.wrappers import Request

        class Quiet(WSGIRequestHandler):
            def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's own name
                """Say nothing: what was asked stands in `requests`."""

        double = cls(folder, repository, immutable=immutable, digests=digests)
        application = Request.application(double._answer)
        server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
        double._base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    @property
    def address(self) -> ForgeAddress:
        """Where it answers."""
        return ForgeAddress(self._base, self._repository)

    @property
    def releases(self) -> list[Json]:
        """The releases as they stand, oldest first; each file under "assets" with its sha256."""
        with self._lock:
            releases: list[Json] = self._read()["releases"]
            return releases

    def set_up(self, **settings: Any) -> None:  # noqa: ANN401 - whatever `settings_answers.FRESH` has
        """Set what the repository's settings say; what is not named is as in a new repository."""
        with self._lock:
            self._write({**self._read(), "settings": settings})

    @property
    def runs(self) -> RunsDouble:
        """The runs of Actions, to be put there and changed."""
        from towpath.forge.actions_answers import RunsDouble

        return RunsDouble(self._changing_runs, self.folder / "files")

    @contextmanager
    def _changing_runs(self) -> Iterator[Json]:
        from towpath.forge.actions_answers import FRESH

        with self._lock:
            state = self._read()
            held: Json = state.setdefault("actions", copy.deepcopy(FRESH))
            yield held
            self._write(state)

    @property
    def latest(self) -> str | None:
        """The tag of the release that is shown as the latest."""
        with self._lock:
            state = self._read()
            return next((one["tag_name"] for one in state["releases"] if one["id"] == state["latest"]), None)

    def file(self, asset: Mapping[str, Any]) -> bytes:
        """The bytes of a file of a release."""
        return (self.folder / "files" / str(asset["id"])).read_bytes()

    @property
    def _state_file(self) -> Path:
        return self.folder / "state.json"

    def _read(self) -> Json:
        state: Json = json.loads(self._state_file.read_text(encoding="utf-8"))
        return state

    def _write(self, state: Json) -> None:
        fresh = self._state_file.with_suffix(".new")
        fresh.write_text(json.dumps(state, indent=1), encoding="utf-8")
        fresh.replace(self._state_file)

    def _answer(self, request: Request) -> Response:
        path = request.full_path.rstrip("?")
        seen = Seen(request.method, path, frozenset(name.lower() for name, _ in request.headers))
        body = request.get_data()
        with self._lock:
            self.requests.append(seen)
            fault = next((fault for fault in self.faults if fault.takes(request.method, path)), None)
            given = self._carried_out(request, body) if fault is None else self._failed(request, body, fault)
        if given.status_code < BAD_REQUEST and request.method != "GET":
            for hook in self.hooks:
                hook(seen, body)
        return given

    def _failed(self, request: Request, body: bytes, fault: Fault) -> Response:
        from werkzeug.wrappers import Response

        if fault.committed:
            self._carried_out(request, body)
        if fault.half:
            self._carried_out(request, b"", state="starter")
        if fault.status is not None:
            return Response(fault.body, fault.status, dict(fault.headers), content_type="application/json")
        connection = request.environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
        return Response(status=500)

    def _carried_out(self, request: Request, body: bytes, state: str = "uploaded") -> Response:
        from towpath.forge.answers import Call, answer

        held = self._read()
        before = json.dumps(held)
        given = answer(
            Call(
                request=request,
                body=body,
                held=held,
                state=state,
                files=self.folder / "files",
                base=self._base,
                repository=self._repository,
                token=self.token,
                immutable=self._immutable,
                digests=self._digests,
            )
        )
        if given.status_code < BAD_REQUEST and json.dumps(held) != before:
            self._write(held)
        return given
