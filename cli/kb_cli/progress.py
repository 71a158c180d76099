"""How far long work has come, for a person who waits at a terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counting(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """Yield what takes how much is done; a bar is drawn on standard error where that is a terminal.

    It goes away when the work is done.
    """
    if not _is_seen():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(
        *columns, console=Console(stderr=True), transient=True, auto_refresh=False
    ) as bar:  # by itself it would take a thread, with which no second process can begin
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=min(done, total), refresh=True)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show that work of unknown length goes on, and for how long, as `counting` does."""
    if not _is_seen():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        bar.add_task(what, total=None)
        yield


def _is_seen() -> bool:
    """Return whether standard error is a terminal that can draw over itself."""
    return sys.stderr.isatty() and os.environ.get("TERM") not in {"dumb", "unknown"}
