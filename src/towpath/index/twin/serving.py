"""A threaded HTTP server on loopback that logs nothing and ends cleanly."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    _Connection = socket.socket | tuple[bytes, socket.socket]

HOST = "127.0.0.1"
_POLL_SECONDS = 0.1  # how often a server looks whether it is to end


class Dropped(ConnectionError):  # noqa: N818 - what happened, on purpose
    """Raised by an application: close the connection without an answer."""


class Serving:
    """A running server. `close` ends every open connection and waits for the threads."""

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        with socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((HOST, port))
            listening.listen(128)
            self._server = _Server(port, app, listening.fileno())
        self.url = f"http://{HOST}:{self._server.port}"
        self._thread = threading.Thread(target=self._serve, name=f"twin {self.url}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving; requests under way lose their connection."""
        stopping = threading.Thread(target=self._server.shutdown)
        stopping.start()
        with contextlib.suppress(OSError), socket.create_connection((HOST, self._server.port), timeout=1):
            stopping.join()  # woken by the connection, it need not wait until it looks again
        self._thread.join()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=_POLL_SECONDS)


class _Server(ThreadedWSGIServer):
    """One thread for each connection, all of them ended with the server."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, port: int, app: WSGIApplication, descriptor: int) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(HOST, port, app, _Quiet, fd=descriptor)

    def process_request(self, request: _Connection, client_address: object) -> None:
        if isinstance(request, socket.socket):
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Connection) -> None:
        super().shutdown_request(request)
        if isinstance(request, socket.socket):
            self._open.discard(request)

    def server_close(self) -> None:
        for connection in list(self._open):
            _hang_up(connection)
        super().server_close()

    def handle_error(self, request: _Connection, client_address: object) -> None:
        """Say nothing: a client that goes away is what the twin is for."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""


class _Quiet(WSGIRequestHandler):
    """A handler that writes no log. A reason may hold line feeds, as PyPI's does."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        """Hang up at once where the twin itself dropped the connection."""
        del environ
        self.close_connection = True
        if isinstance(error, Dropped):
            _hang_up(self.connection)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster
