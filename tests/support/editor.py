"""An editor on the other side of `runbook lsp`: messages over pipes, as the protocol frames them."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any


class Editor:
    """Starts the server in a folder, and talks to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        argv = [sys.executable, "-c", "from runbook.cli import main; main()", "lsp"]
        self._server = subprocess.Popen(
            argv, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._heard: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._said: list[dict[str, Any]] = []
        self._number = 0
        threading.Thread(target=self._listen, daemon=True).start()
        answer = self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}})
        self.capabilities = answer["capabilities"]
        self.tell("initialized", {})

    def open(self, path: Path, text: str) -> str:
        """Open a text as this file; its URI."""
        item = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})
        return path.as_uri()

    def change(self, uri: str, version: int, text: str) -> None:
        """Type."""
        about = {"uri": uri, "version": version}
        self.tell("textDocument/didChange", {"textDocument": about, "contentChanges": [{"text": text}]})

    def at(self, what: str, uri: str, line: int, column: int) -> Any:
        """Ask something about a position."""
        place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
        return self.ask(f"textDocument/{what}", place)

    def findings(self, uri: str) -> list[dict[str, Any]]:
        """The next diagnostics of a file."""
        while True:
            message = self._next()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                found: list[dict[str, Any]] = message["params"]["diagnostics"]
                return found

    def ask(self, method: str, params: Any) -> Any:
        """Send a request, and wait for its answer; what comes in between is kept."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        kept = []
        while (message := self._next()).get("id") != self._number or "method" in message:
            kept.append(message)
        self._said = kept + self._said
        assert "error" not in message, message
        return message["result"]

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def close(self) -> int:
        """End it as editors do; its exit code."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        try:
            return self._server.wait(20)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it whatever it does."""
        self._server.kill()
        self._server.wait()
        for stream in (self._server.stdin, self._server.stdout):
            assert stream
            stream.close()

    def _next(self) -> dict[str, Any]:
        return self._said.pop(0) if self._said else self._heard.get(timeout=15)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._server.stdin.flush()

    def _listen(self) -> None:
        out = self._server.stdout
        assert out
        while line := out.readline():
            length = int(line.partition(b":")[2])
            while out.readline().strip():
                pass
            self._heard.put(json.loads(out.read(length)))
