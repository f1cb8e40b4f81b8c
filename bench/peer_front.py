"""A twin as hatch asks an index that is not PyPI: the simple API below the address that files are sent to, as devpi."""

from __future__ import annotations

import http.client
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.index.twin import Twin

PASSED_ON = ("authorization", "content-type", "accept", "user-agent")


@contextmanager
def front(twin: Twin) -> Iterator[str]:
    """Serve the twin's uploads and simple API under one address, which is returned."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.pass_on("GET", unquote(self.path).replace("/+simple/", "/simple/"))

        def do_POST(self) -> None:
            self.pass_on("POST", "/legacy/")

        def pass_on(self, method: str, path: str) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            there = http.client.HTTPConnection(urlsplit(twin.url).netloc)
            there.request(method, path, body, headers)
            answer = there.getresponse()
            content = answer.read()
            there.close()
            self.send_response(answer.status, answer.reason)
            self.send_header("content-type", answer.getheader("content-type", "text/plain"))
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
