"""ty over texts held in memory: one `ty server`, asked by the language server protocol, the whole project in scope.

A text is opened at its host's real path, judged and closed again, so that the server sees the disk in between. The
first question costs what reading the project costs, each further one 1-4 ms. Protocol: Language Server Protocol 3.17,
base protocol, `textDocument/diagnostic`.
"""

import json
import os
import selectors
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Self
from urllib.parse import quote

from jiti_bot import process
from jiti_bot.errors import ToolError
from jiti_bot.validation.model import Diagnostic, Tool

if TYPE_CHECKING:
    from subprocess import Popen

TIMEOUT = 120.0
WARNING = 2  # DiagnosticSeverity: 1 error, 2 warning; what is above is for editors


class _Broken(Exception):  # noqa: N818 - never leaves this module; `Ty` answers it with a restart
    """The server ended, hung or spoke nonsense."""


_ALONE: Mapping[str, str] = MappingProxyType({})


class Ty:
    """A `ty server` that is started on first use and again when it breaks. Thread-safe: one question at a time."""

    def __init__(self, program: str, root: Path, python: str, env: Mapping[str, str]) -> None:
        self._start = (program, root, python, dict(env))
        self._lock = threading.Lock()
        self._closed = False
        self._server: _Server | None = None
        self._running: Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server, whatever it is doing: a question that is under way raises `ToolError`."""
        self._closed = True
        if self._running is not None:
            self._running.kill()
        with self._lock:
            self._drop()

    def check(self, text: str, path: str, beside: Mapping[str, str] = _ALONE) -> tuple[Diagnostic, ...]:
        """What ty finds in ``text`` standing at ``path`` relative to the project root: errors and warnings of rules.

        ``beside`` are texts of other files, by path, to be taken for what is on the disk.

        Raises:
            ToolError: ty is missing, or breaks twice on the same text.

        """
        with self._lock:
            reason = ""
            for _ in range(2):
                try:
                    if self._server is None:
                        self._server = _Server(*self._start, self._note)
                    return self._server.diagnose(text, path, beside)
                except _Broken as error:
                    reason = str(error)
                    self._drop()
                    if self._closed:
                        break
                except BaseException:
                    self._drop()
                    raise
        raise ToolError(f"ty failed: {reason}.", remedy="Run `ty check` in the project to see the same.")

    def _note(self, running: "Popen[bytes]") -> None:
        """Keep the process at hand from its start, so that closing need not wait for an answer."""
        self._running = running

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


@dataclass(slots=True)
class _Server:
    """One running server."""

    program: str
    root: Path
    python: str
    env: Mapping[str, str]
    started: Callable[["Popen[bytes]"], None]

    _process: "Popen[bytes] | None" = None
    _buffer: bytes = b""
    _number: int = 0

    def __post_init__(self) -> None:
        self._process = process.start([self.program, "server"], env=self.env, cwd=self.root)
        self.started(self._process)
        # Nobody reads what the server logs; a full pipe would stop it.
        threading.Thread(target=_drain, args=(self._process.stderr,), daemon=True).start()
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    def _greet(self) -> None:
        uri = _uri(self.root)
        self._ask(
            "initialize",
            {
                "processId": None,
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": self.root.name or "project"}],
                "capabilities": {
                    "workspace": {"configuration": True},
                    "textDocument": {"diagnostic": {"dynamicRegistration": False}},
                },
            },
        )
        self._tell("initialized", {})

    def diagnose(self, text: str, path: str, beside: Mapping[str, str]) -> tuple[Diagnostic, ...]:
        uri = _uri(self.root / path)
        texts = {**{_uri(self.root / other): there for other, there in beside.items()}, uri: text}
        for one, shown in texts.items():
            document = {"uri": one, "languageId": "python", "version": self._number + 1, "text": shown}
            self._tell("textDocument/didOpen", {"textDocument": document})
        try:
            answer = self._ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        finally:
            for one in texts:
                self._tell("textDocument/didClose", {"textDocument": {"uri": one}})
        return tuple(
            Diagnostic(
                Tool.TY,
                str(item["code"]),
                item["message"].split("\n")[0],
                item["range"]["start"]["line"] + 1,
                item["range"]["end"]["line"] + 1,
            )
            for item in answer["items"]
            if item.get("code") and item.get("severity", 1) <= WARNING
        )

    def close(self) -> None:
        if self._process is not None:
            process.end(self._process)

    def _ask(self, method: str, params: object) -> dict[str, Any]:
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        deadline = time.monotonic() + TIMEOUT
        while True:
            message = self._receive(deadline)
            if "method" in message:
                self._serve(message)
            elif message.get("id") == number:
                if "error" in message:
                    raise _Broken(str(message["error"].get("message", "it answered with an error")))
                return message["result"]

    def _serve(self, message: Mapping[str, Any]) -> None:
        """Answer what the server asks; its notifications need no answer."""
        if "id" not in message:
            return
        result: object = None
        if message["method"] == "workspace/configuration":
            setting = {"configuration": {"environment": {"python": self.python}}}
            result = [setting for _ in message["params"]["items"]]
        self._send({"id": message["id"], "result": result})

    def _tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Mapping[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        data = memoryview(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        try:
            # Past Python's buffer: what stays in it when the server ends would come up again on closing.
            while data:
                data = data[os.write(self._pipe("stdin").fileno(), data) :]
        except (OSError, ValueError) as error:
            raise _Broken("its server ended") from error

    def _receive(self, deadline: float) -> dict[str, Any]:
        while b"\r\n\r\n" not in self._buffer:
            self._fill(deadline)
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n") if b":" in line)
        try:
            length = int(fields[b"content-length"])
        except (KeyError, ValueError) as error:
            raise _Broken("its server spoke nonsense") from error
        self._buffer = rest
        while len(self._buffer) < length:
            self._fill(deadline)
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        try:
            return json.loads(body)
        except ValueError as error:
            raise _Broken("its server spoke nonsense") from error

    def _fill(self, deadline: float) -> None:
        handle = self._pipe("stdout").fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            ready = selector.select(max(deadline - time.monotonic(), 0))
        if not ready:
            raise _Broken(f"its server did not answer within {TIMEOUT:g} seconds")
        data = os.read(handle, 1 << 16)
        if not data:
            raise _Broken("its server ended")
        self._buffer += data

    def _pipe(self, name: str) -> IO[bytes]:
        pipe = getattr(self._process, name)
        assert pipe is not None
        return pipe


def _drain(stream: IO[bytes]) -> None:
    try:
        while os.read(stream.fileno(), 1 << 16):
            pass
    except (OSError, ValueError):
        return


def _uri(path: Path) -> str:
    return f"file://{quote(str(path))}"
