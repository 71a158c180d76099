"""Files that come to their place only once they are whole."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from kb.errors import StoreError
from kb.store.engine import Damaged, make_folder, open_engine, sqlite_url, writing

_BESIDE = ("-journal", "-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database while it is written."""

_LEFT_BEHIND = 3600
"""Seconds after which a half-made file is taken for one whose maker was killed."""


@contextmanager
def replacing(path: Path, remedy: str, *, keep: bool = False) -> Iterator[Path]:
    """Yield the path of a new file; it takes the place of the one at `path` if nothing fails.

    With `keep`, a file that another process has put there in the meantime stays instead. Raises
    `StoreError` with the remedy where `path` cannot be written.
    """
    path = path.resolve()
    part = path.with_name(f".{path.name}.{token_hex(4)}.part")
    make_folder(path.parent, remedy)
    try:
        with _refused(path, remedy):
            _remove_old_parts(path)
            part.touch(exist_ok=False)
        yield part
        if not (keep and path.exists()):
            with _refused(path, remedy):
                _make_way(path, part)
                part.replace(path)
    finally:
        _remove(part)


@contextmanager
def _refused(path: Path, remedy: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}.", remedy) from error


def _make_way(path: Path, part: Path) -> None:
    """Have SQLite finish with the old file, so that no journal of it meets the new one."""
    if path.exists():
        engine = open_engine(sqlite_url(path))
        try:
            with suppress(Damaged), writing(engine):
                shutil.copymode(path, part)
        finally:
            engine.dispose()
    for ending in _BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _remove_old_parts(path: Path) -> None:
    for left in path.parent.iterdir():
        if left.name.startswith(f".{path.name}.") and left.name.endswith(".part"):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > _LEFT_BEHIND:
                    _remove(left)


def _remove(part: Path) -> None:
    for ending in ("", *_BESIDE):
        with suppress(OSError):
            part.with_name(part.name + ending).unlink(missing_ok=True)
