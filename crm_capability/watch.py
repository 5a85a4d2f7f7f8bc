"""`watch PLAN`: on every save the plan is checked, scored and shown again in the browser.

A small server on this machine alone holds one page: the report, or the report as it last was with
the problems over it. The page listens for the next one. What is costly and has not changed is kept:
evidence is collected again only when a source, its definition or what is asked of it changed.
"""

from __future__ import annotations

import hashlib
import html
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .analysis.result import Result
from .assess import assess
from .definition.loaded import LoadedPlan, load_plan
from .errors import CapabilityError, Problem
from .evidence.readings import Evidence, collect
from .report.write import report_page

LOCAL = "127.0.0.1"
# what a plan says that no source of evidence hears of
_DEAF = {
    "title", "weights", "targets", "compare", "report", "benchmark", "sensitivity", "links", "roadmap",
    "smallest_change", "comparison", "uncertainty", "fitted",
}  # fmt: skip
_DEAF_NODES = {"title", "definition", "note", "weight", "weights", "aggregate", "min_share", "children"}
_DEAF_MEASURES = {"normalise", "transform", "outliers", "impute"}

_SCRIPT = """
<script>
(() => {
  const source = new EventSource('/events?after=%d');
  source.onmessage = () => { source.close(); location.reload(); };
})();
</script>
"""
_OVERLAY = """
<div role="alert" style="position:fixed;inset:0 0 auto 0;z-index:9999;max-height:60vh;overflow:auto;padding:1rem 1.5rem;background:#B3261E;color:#fff;font:14px/1.5 ui-monospace,Consolas,monospace;box-shadow:0 2px 12px #0006">
<strong>%s</strong>
<ol style="margin:.4rem 0 0;padding:0 0 0 2rem;list-style:decimal">%s</ol>
</div>
"""


@dataclass
class Watched:
    """A plan, the page it last gave, and what can be kept for the next."""

    plan: Path
    allow: tuple[str | Path, ...] = ()
    language: str | None = None
    page: str = "<!DOCTYPE html><html><head><title>…</title></head><body></body></html>"
    version: int = 0
    problems: tuple[Problem, ...] = ()
    files: set[Path] = field(default_factory=set)
    read: dict[Path, Any] = field(default_factory=dict)  # each file's state when it was last read
    evidence: Evidence | None = None
    _heard: str = ""
    _turn: threading.Condition = field(default_factory=threading.Condition)

    def refresh(self) -> None:
        """Check, score and render once more; the page that was stays where that fails."""
        problems: tuple[Problem, ...] = ()
        page = None
        before = {path: _stamp(path) for path in self.files}
        try:
            loaded = load_plan(self.plan, self.allow)
            self.files = watched_files(loaded)
            page = self._render(loaded)
        except CapabilityError as error:
            problems = error.problems
            self.files |= {self.plan.resolve()}
            self.files |= {Path(one.where.file).resolve() for one in problems if one.where.file}
        self.read = {path: before.get(path) or _stamp(path) for path in self.files}
        with self._turn:
            self.page = page or self.page
            self.problems = problems
            self.version += 1
            self._turn.notify_all()

    def _render(self, loaded: LoadedPlan) -> str:
        heard = _heard(loaded)
        if self.evidence is None or heard != self._heard:
            self.evidence, self._heard = collect(loaded), heard
        # an analysis of thousands of runs is no matter of a blink
        plan = loaded.plan.model_copy(update={"sensitivity": None})
        definition = replace(loaded.definition, value=plan)
        result: Result = assess(replace(loaded, definition=definition), evidence=self.evidence)
        return report_page(result, self.language or plan.report.languages[0])

    def shown(self) -> str:
        """The page with its listener, and problems over it."""
        with self._turn:
            page, version, problems = self.page, self.version, self.problems
        extra = _SCRIPT % version
        if problems:
            items = "".join(f"<li>{html.escape(str(problem))}</li>" for problem in problems)
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            extra = _OVERLAY % (f"{count}; the page below is as it last was", items) + extra
        return page.replace("</body>", extra + "</body>", 1)

    @property
    def saved(self) -> bool:
        """Whether a file is no longer as it was read."""
        return any(_stamp(path) != state for path, state in self.read.items())

    def wait(self, after: int, seconds: float) -> int | None:
        """The version of the next page, or None where none came in time."""
        with self._turn:
            came = self._turn.wait_for(lambda: self.version > after, seconds)
            return self.version if came else None


def watched_files(loaded: LoadedPlan) -> set[Path]:
    """Every file that the page rests on."""
    found = {loaded.definition.path, loaded.framework_definition.path, *loaded.framework_definition.parts}
    for source in loaded.sources:
        found |= {source.definition.path} if source.definition else set()
        found |= {path for many in source.files.values() for path in many}
    found |= {path for path in (loaded.units_file, loaded.fitted_file) if path}
    found |= {loaded.pool_definition.path} if loaded.pool_definition else set()
    return {path.resolve() for path in found}


def _heard(loaded: LoadedPlan) -> str:
    """A fingerprint of all that evidence depends on."""
    plan, framework = loaded.plan, loaded.framework
    nodes = [
        node.model_dump(mode="json", exclude=_DEAF_NODES | _DEAF_MEASURES) for _, node, _ in framework.walk()
    ]
    said = {
        "plan": plan.model_dump(mode="json", exclude=_DEAF),
        "nodes": nodes,
        "graded": sorted(framework.graded_measures),
        "sheets": [
            source.definition.value.model_dump(mode="json") for source in loaded.sources if source.definition
        ],
        "files": [
            _stamp(path) for source in loaded.sources for many in source.files.values() for path in many
        ],
        "units": [_stamp(path) for path in (loaded.units_file,) if path],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        state = path.stat()
    except OSError:  # gone for the moment, or a folder that may not be read
        return str(path), 0, 0
    return str(path), state.st_mtime_ns, state.st_size


# ---------------------------------------------------------------------- server


class Server(ThreadingHTTPServer):
    """Serves one page to this machine alone."""

    daemon_threads = True

    def __init__(self, watched: Watched, port: int = 0):
        super().__init__((LOCAL, port), _Handler)
        self.watched = watched

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{LOCAL}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        # a page elsewhere may point a name of its own at this machine: only our own names are served
        if self.headers.get("Host", "") not in {
            f"{name}:{self.server.server_port}" for name in (LOCAL, "localhost")
        }:
            self.send_error(403)
            return
        path, _, query = self.path.partition("?")
        if path == "/":
            self._send(self.server.watched.shown())
        elif path == "/events":
            self._events(
                int(query.removeprefix("after=") or 0) if query.removeprefix("after=").isdigit() else 0
            )
        else:
            self.send_error(404)

    def _send(self, page: str) -> None:
        body = page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _events(self, after: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        try:
            while (version := self.server.watched.wait(after, 15.0)) is None:
                self.wfile.write(b": still here\n\n")
                self.wfile.flush()
            self.wfile.write(f"data: {version}\n\n".encode())
        except OSError:  # the reader has gone
            return

    def log_message(self, *_: Any) -> None:
        """Requests are nobody's business."""


def watch(
    plan: Path,
    allow: tuple[str | Path, ...] = (),
    language: str | None = None,
    port: int = 0,
    tell: Callable[[str], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> None:
    """Serve the plan's page and refresh it on every save, until interrupted or `stop` is set.

    `tell` is told the address, and after each refresh how it went.
    """
    watched = Watched(plan, allow, language)
    watched.refresh()
    with Server(watched, port) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        tell(server.address)
        tell(_outcome(watched))
        try:
            for _ in _saves(watched, stop):
                watched.refresh()
                tell(_outcome(watched))
        finally:
            server.shutdown()


def _saves(watched: Watched, stop: threading.Event | None) -> Iterator[None]:
    """A moment after each save of a file that the page rests on.

    The system tells of changes at once; a look at the files every now and then catches what fell
    between a reading and the start of listening.
    """
    from watchfiles import watch as changes

    while stop is None or not stop.is_set():
        folders = {file.parent for file in watched.files if file.parent.is_dir()}
        for _ in changes(
            *folders,
            watch_filter=lambda _, path: Path(path).resolve() in watched.files,
            debounce=60,
            step=15,
            rust_timeout=500,
            yield_on_timeout=True,
            stop_event=stop,
            recursive=False,
        ):
            if watched.saved:
                yield
            if {file.parent for file in watched.files if file.parent.is_dir()} != folders:
                break  # another folder came into play
        else:
            return


def _outcome(watched: Watched) -> str:
    if not watched.problems:
        return "ok"
    return "\n".join(str(problem) for problem in watched.problems)
