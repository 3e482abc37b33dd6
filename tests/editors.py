"""A real YAML language server, as editors run it: installed from the npm registry, spoken to over its own protocol.

    with opened_on(folder, installed(home), settings) as editor:
        file = editor.open("packs/shop.yaml", text)
        assert "结果" in file.completions("        结")

Without Node.js the tests fail with the line that installs it; where nothing may be installed, DUNNING_NO_SERVERS=1
leaves them out (never under CI), as in tests/servers.py.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any

import pytest

SERVER = "yaml-language-server@1.25.0"
APT = "apt-get install -y --no-install-recommends nodejs npm"
SECONDS = 30  # a machine with all its cores busy


@dataclass(slots=True)
class Editor:
    """A running language server on a folder. `settings` are what a workspace's settings.json would say of `yaml`."""

    folder: Path
    process: subprocess.Popen[bytes]
    settings: Mapping[str, Any]
    heard: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    ids: Iterator[int] = field(default_factory=lambda: count(1))
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def start(self) -> None:
        threading.Thread(target=self._hear, daemon=True).start()
        able = {"workspace": {"configuration": True}, "textDocument": {"publishDiagnostics": {}}}
        home = self.folder.as_uri()
        folders = [{"uri": home, "name": "rules"}]
        self.ask("initialize", processId=None, rootUri=home, workspaceFolders=folders, capabilities=able)
        self.tell("initialized")
        self.tell("workspace/didChangeConfiguration", settings={"yaml": self.settings})
        while self.next().get("method") != "workspace/configuration":
            pass  # it asks for the settings when it comes to them

    def open(self, name: str, text: str) -> File:
        """A file of the folder as if an editor had it open; it need not exist."""
        uri = (self.folder / name).as_uri()
        self.tell("textDocument/didOpen", textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text})
        return File(self, uri, text.split("\n"))

    def tell(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        """The server's answer; what it asks or tells meanwhile is seen to."""
        number = next(self.ids)
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self.next()
            if "method" not in message and message["id"] == number:
                assert "error" not in message, message
                return message["result"]

    def next(self) -> dict[str, Any]:
        """The next message, once it is there."""
        message = self.heard.get(timeout=SECONDS)
        if message.get("method") == "textDocument/publishDiagnostics":
            self.told[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            wanted = [self.settings if item.get("section") == "yaml" else {} for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": wanted})
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        return message

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        pipe = self.process.stdin
        assert pipe is not None
        pipe.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        pipe.flush()

    def _hear(self) -> None:
        pipe = self.process.stdout
        assert pipe is not None
        while (size := _size(pipe)) is not None:
            self.heard.put(json.loads(pipe.read(size)))


def _size(pipe: IO[bytes]) -> int | None:
    """The length of the message that begins here; None at the end."""
    size = None
    while line := pipe.readline().strip():
        name, _, value = line.partition(b":")
        size = int(value) if name.lower() == b"content-length" else size
    return size


@dataclass(frozen=True, slots=True)
class File:
    """An open file. Places are given by a text that stands in it once: the place is behind its last character."""

    editor: Editor
    uri: str
    lines: list[str]

    def completions(self, behind: str) -> dict[str, str]:
        """What is offered, with what is said of it."""
        answer = self._at("completion", behind)
        items = answer["items"] if isinstance(answer, dict) else answer
        return {item["label"]: _plain(item.get("documentation", "")) for item in items}

    def hover(self, on: str) -> str:
        """What is said of the word that ends there."""
        answer = self._at("hover", on, back=1)
        return _plain(answer["contents"]) if answer else ""

    def mistakes(self) -> list[tuple[int, str]]:
        """Lines (from 1) and what is wrong there, once the server has looked."""
        while self.uri not in self.editor.told:
            self.editor.next()
        return [(each["range"]["start"]["line"] + 1, each["message"]) for each in self.editor.told[self.uri]]

    def _at(self, what: str, text: str, back: int = 0) -> Any:
        places = [(number, line) for number, line in enumerate(self.lines) if text in line]
        assert len(places) == 1, f"{text} stands in {len(places)} lines"
        number, line = places[0]
        position = {"line": number, "character": line.index(text) + len(text) - back}
        return self.editor.ask(f"textDocument/{what}", textDocument={"uri": self.uri}, position=position)


def _plain(told: Any) -> str:
    return str(told["value"] if isinstance(told, dict) else told)


def installed(home: Path) -> list[str]:
    """The command that runs the server, once it is installed in `home`."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing and os.environ.get("DUNNING_NO_SERVERS") == "1" and not os.environ.get("CI"):
        pytest.skip(f"DUNNING_NO_SERVERS=1 and no {' and '.join(missing)}")
    if missing:
        pytest.fail(f"{' and '.join(missing)} not installed; run: {APT}", pytrace=False)
    install = ["npm", "install", "--prefix", str(home), "--no-audit", "--no-fund", "--ignore-scripts", SERVER]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"{' '.join(install)}\n{done.stderr}", pytrace=False)
    return ["node", str(home / "node_modules" / SERVER.partition("@")[0] / "bin" / "yaml-language-server"), "--stdio"]


@contextmanager
def opened_on(folder: Path, command: Sequence[str], settings: Mapping[str, Any]) -> Iterator[Editor]:
    """An editor on a folder, until the tests are done with it."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    editor = Editor(folder, process, settings)
    try:
        editor.start()
        yield editor
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)
