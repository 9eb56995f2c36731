"""A small HTTP server that answers as a router would: the CLI is tested over real connections."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, str, bytes]
"""Status, content type, body."""


class RouterDouble:
    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.bodies: list[Any] = []
        self.authorizations: list[str | None] = []
        self.base_url = ""


def as_json(value: Any, status: int = 200) -> Answer:
    return status, "application/json", json.dumps(value).encode()


def as_events(*events: bytes) -> Answer:
    return 200, "text/event-stream", b"".join(events)


@contextmanager
def serving(answers: Mapping[str, Answer]) -> Iterator[RouterDouble]:
    double = RouterDouble(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            double.authorizations.append(self.headers["Authorization"])
            status, content_type, body = double.answers.get(self.path, as_json({}, 404))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            double.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Stay silent: the test says what failed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            double.base_url = f"http://127.0.0.1:{server.server_port}/v1"
            yield double
        finally:
            server.shutdown()
            thread.join()
