"""What a command is at: shown on a terminal, silent anywhere else."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in typing, which would double the time that --help takes
if TYPE_CHECKING:
    from typing import Any


class Progress:
    """Names each step on a terminal, and how far it is where that is known; silent anywhere else."""

    def __enter__(self) -> Progress:
        self._bar: Any = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        return self

    def __call__(self, step: str, done: int = 0, of: int | None = None) -> None:
        if self._bar is not None:
            self._bar.update(self._task, description=step, completed=done, total=of)

    def __exit__(self, *_: Any) -> None:
        if self._bar is not None:
            self._bar.stop()
