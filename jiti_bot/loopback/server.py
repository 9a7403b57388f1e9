"""The server: sockets, headers, faults on demand. Every connection has a thread of its own."""

import gzip
import json
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self, cast

from jiti_bot.loopback import cache, catalogue, rules, wire
from jiti_bot.loopback.faults import Broken, Dropped, Fault, Refused
from jiti_bot.loopback.replies import Reply
from jiti_bot.loopback.rules import RefusedError
from jiti_bot.loopback.state import Conversation, NoReplyError, read

# Google Cloud names the model in the path and the version in the body.
_VERTEX = re.compile(r"/publishers/anthropic/models/(?P<model>[^/:]+):(?P<how>rawPredict|streamRawPredict)$")
MAX_BODY = 32 * 1024 * 1024
Script = Callable[[Conversation], Reply]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the words come, in seconds; nothing waits unless told to. Waits end when the server stops."""

    before_reply: float = 0.0
    between_deltas: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that arrived: what tests and curious people look at."""

    path: str
    headers: dict[str, str]
    body: dict[str, object]


@dataclass(slots=True)
class _Planned:
    fault: Fault
    times: int
    key: str | None


@dataclass(slots=True)
class Loopback:
    """A Messages API server; a context manager.

    ``script`` answers conversations; ``key`` is the only key accepted, None accepts any; ``models`` are the models by
    id, to play a server that has others than the service.
    """

    script: Script
    key: str | None = None
    models: Mapping[str, catalogue.Model] = field(default_factory=lambda: catalogue.MODELS)
    pace: Pace = field(default_factory=Pace)
    clock: Callable[[], float] = time.monotonic
    seen: list[Seen] = field(init=False, default_factory=list)
    _planned: list[_Planned] = field(init=False, default_factory=list)
    _issued: dict[str, bool] = field(init=False, default_factory=dict)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)
    _stopping: threading.Event = field(init=False, default_factory=threading.Event)
    _server: "_Server | None" = field(init=False, default=None)
    _thread: threading.Thread | None = field(init=False, default=None)
    _cache: cache.PromptCache | None = field(init=False, default=None)

    def __enter__(self) -> Self:
        self._cache = cache.PromptCache(self.clock)
        self._server = _Server(self)
        # The poll bounds how long stopping takes; requests do not wait for it.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    @property
    def url(self) -> str:
        """What ``ANTHROPIC_BASE_URL`` is set to."""
        assert self._server is not None, "the server runs inside its `with` block"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, fault: Fault, *, times: int = 1, key: str | None = None) -> None:
        """Let the next ``times`` requests fail; with ``key`` only those of that conversation."""
        with self._lock:
            self._planned.append(_Planned(fault, times, key))

    def take_fault(self, key: str) -> Fault | None:
        """The failure planned for this request, if any."""
        with self._lock:
            for planned in self._planned:
                if planned.times and planned.key in {None, key}:
                    planned.times -= 1
                    return planned.fault
        return None

    def answer(self, body: dict[str, object], model: catalogue.Model, conversation: Conversation) -> wire.Served:
        """The reply to a request that is in order.

        Raises `RefusedError`: the script has no answer.
        """
        try:
            reply = self.script(conversation)
        except NoReplyError as error:
            raise RefusedError(Refused(400, str(error))) from error  # ends this conversation, not the run
        assert self._cache is not None
        served = wire.serve(reply, body, self._cache.use(body, model.min_cache))
        thought = any(block["type"] == "thinking" for block in served.blocks)
        with self._lock:
            self._issued.update({str(block["id"]): thought for block in served.blocks if block["type"] == "tool_use"})
        return served

    def checked(self, body: object, *, counting: bool) -> catalogue.Model:
        """The model that a request asks for, when the request is in order."""
        return rules.check(body, self._issued, models=self.models, counting=counting)

    def note(self, seen: Seen) -> None:
        """Remember a request."""
        with self._lock:
            self.seen.append(seen)

    def wait(self, seconds: float) -> None:
        """Keep the pace."""
        if seconds > 0:
            self._stopping.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, loopback: Loopback) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.loopback = loopback

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def loopback(self) -> Loopback:
        return cast("_Server", self.server).loopback

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: the terminal belongs to whoever runs this."""

    def do_GET(self) -> None:
        """List or describe models."""
        try:
            self._authenticate()
            self._json(200, self._models())
        except RefusedError as error:
            self._refuse(error.refused)

    def do_POST(self) -> None:
        """Answer a message, or count its tokens."""
        try:
            raw = self._read()
            self._authenticate()
            self._post(raw)
        except RefusedError as error:
            self._refuse(error.refused)

    def _models(self) -> dict[str, object]:
        path = self.path.partition("?")[0]
        if not path.startswith("/v1/models"):
            raise RefusedError(Refused(404, "Not found"))
        name = path.removeprefix("/v1/models").strip("/")
        models = self.loopback.models
        if name and name not in models:
            raise RefusedError(Refused(404, f"model: {name}"))
        return catalogue.describe(models[name]) if name else catalogue.listing(models)

    def _post(self, raw: bytes) -> None:
        path = self.path.partition("?")[0]
        vertex = _VERTEX.search(path)
        if vertex is None and path not in {"/v1/messages", "/v1/messages/count_tokens"}:
            raise RefusedError(Refused(404, "Not found"))
        body = self._parse(raw)
        if vertex is not None:
            body.pop("anthropic_version", None)
            body.update(model=vertex["model"], stream=vertex["how"] == "streamRawPredict")
        self.loopback.note(Seen(path, dict(self.headers.items()), body))
        self._answer(body, counting=path.endswith("count_tokens"))

    def _answer(self, body: dict[str, object], *, counting: bool) -> None:
        messages = body.get("messages")
        told = read([m for m in messages if isinstance(m, dict)] if isinstance(messages, list) else [])
        fault = self.loopback.take_fault(told.key)
        if isinstance(fault, Refused) and fault.in_stream is None:
            raise RefusedError(fault)
        if isinstance(fault, Dropped) and fault.after is None:
            return self._drop()
        if isinstance(fault, Broken):
            return self._send(fault.status, fault.body, fault.content_type)
        model = self.loopback.checked(body, counting=counting)
        if counting:
            return self._json(200, {"input_tokens": cache.count(body)})
        self.loopback.wait(self.loopback.pace.before_reply)
        served = self.loopback.answer(body, model, told)
        if body.get("stream"):
            return self._stream(served.events(), fault)
        return self._json(200, served.whole())

    def _read(self) -> bytes:
        size = int(self.headers.get("content-length") or 0)
        if size > MAX_BODY:
            self.close_connection = True
            raise RefusedError(Refused(413, "Request exceeds the maximum size"))
        raw = self.rfile.read(size)
        return gzip.decompress(raw) if self.headers.get("content-encoding") == "gzip" else raw

    def _authenticate(self) -> None:
        bearer = self.headers.get("authorization", "")
        given = self.headers.get("x-api-key") or bearer.removeprefix("Bearer ").strip()
        if not given:
            raise RefusedError(Refused(401, "x-api-key header is required"))
        if self.loopback.key is not None and given != self.loopback.key:
            raise RefusedError(Refused(401, "invalid x-api-key"))
        if not self.headers.get("anthropic-version") and not _VERTEX.search(self.path):
            raise RefusedError(Refused(400, "anthropic-version: header is required"))

    def _parse(self, raw: bytes) -> dict[str, object]:
        try:
            body = json.loads(raw)
        except ValueError as error:
            raise RefusedError(Refused(400, f"The request body is not valid JSON: {error}")) from error
        if not isinstance(body, dict):
            raise RefusedError(Refused(400, "The request body is not valid JSON: expected an object"))
        return body

    def _stream(self, events: Iterable[tuple[str, dict[str, object]]], fault: Fault | None) -> None:
        self.send_response(200)
        self._headers({"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"})
        for number, (name, data) in enumerate(events):
            if isinstance(fault, Dropped) and fault.after == number:
                return self._drop()
            if isinstance(fault, Refused) and fault.in_stream == number:
                self._chunk(wire.sse("error", fault.body(self._request_id())))
                break
            self._chunk(wire.sse(name, data))
            if name == "content_block_delta":
                self.loopback.wait(self.loopback.pace.between_deltas)
        if isinstance(fault, Dropped):
            return self._drop()
        self.wfile.write(b"0\r\n\r\n")
        return None

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _refuse(self, refused: Refused) -> None:
        request_id = self._request_id()
        body = json.dumps(refused.body(request_id)).encode()
        headers = {"x-should-retry": "true" if refused.status in {408, 409, 529} else "", **refused.headers}
        self._send(refused.status, body, "application/json", {**headers, "request-id": request_id})

    def _json(self, status: int, body: dict[str, object]) -> None:
        self._send(status, json.dumps(body, ensure_ascii=False).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self._headers({"content-type": kind, "content-length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def _headers(self, headers: dict[str, str]) -> None:
        limits = {
            f"anthropic-ratelimit-{what}-{part}": value
            for what, limit in (("requests", "4000"), ("input-tokens", "2000000"), ("output-tokens", "400000"))
            for part, value in (("limit", limit), ("remaining", limit), ("reset", "2026-11-23T00:00:00Z"))
        }
        shared = {"request-id": self._request_id(), "anthropic-organization-id": "loopback", **limits}
        for name, value in {**shared, **headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def _request_id(self) -> str:
        return f"req_011{secrets.token_hex(10)}"
