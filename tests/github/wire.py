"""Sockets: every connection has a thread of its own and stays open until one side ends it."""

import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, cast

from tests.github.exchange import Incoming, Outgoing, answer

if TYPE_CHECKING:
    from tests.github.hub import GitHub


class Server(ThreadingHTTPServer):
    """Listens on a free port of the loopback until closed."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, hub: "GitHub") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        # The poll bounds how long stopping takes; requests do not wait for it.
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        """Take no more connections and end those that are open."""
        self.shutdown()
        self.server_close()
        self._thread.join()
        with self._guard:
            connections = list(self._open)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, to end it when stopping."""
        with self._guard:
            self._open.add(connection)

    def ended(self, connection: socket.socket) -> None:
        """Forget it."""
        with self._guard:
            self._open.discard(connection)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        cast("Server", self.server).opened(self.connection)

    def finish(self) -> None:
        cast("Server", self.server).ended(self.connection)
        with suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def _any(self) -> None:
        path, _, query = self.path.partition("?")
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        hub = cast("Server", self.server).hub
        try:
            outgoing = answer(hub, Incoming(self.command, path, query, headers, data))
        except Exception as error:
            # A hook or a handler has failed: the test must see it, and the client must not wait.
            hub.violate(f"{self.command} {self.path}: the server failed: {error!r}")
            self.close_connection = True
            raise
        if outgoing is None:
            self.close_connection = True
            return
        self._send(outgoing)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any  # noqa: N815 - http.server calls them so

    def _send(self, outgoing: Outgoing) -> None:
        self.send_response_only(outgoing.status)
        self.send_header("Date", self.date_time_string(int(cast("Server", self.server).hub.clock())))
        for name, value in outgoing.headers.items():
            self.send_header(name, value)
        if outgoing.status not in {204, 304}:
            self.send_header("Content-Length", str(len(outgoing.data)))
        self.end_headers()
        self.wfile.write(outgoing.data)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass
