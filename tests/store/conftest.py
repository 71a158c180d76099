"""Rights to take away, and crashes to suffer."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

Crash = Callable[[str], AbstractContextManager[None]]


class Crashed(BaseException):
    """The program stops here."""


@pytest.fixture
def crashing() -> Crash:
    """Return a context in which the program stops at the first SQL statement that starts so."""

    @contextmanager
    def crash_at(statement: str) -> Iterator[None]:
        def stop(_c: Any, _cursor: Any, sql: str, *_more: Any) -> None:
            if sql.strip().startswith(statement):
                raise Crashed

        event.listen(Engine, "before_cursor_execute", stop)
        try:
            with pytest.raises(Crashed):
                yield
        finally:
            event.remove(Engine, "before_cursor_execute", stop)

    return crash_at


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Return a folder that every user of the machine can reach."""
    folder = Path(tempfile.mkdtemp(prefix="kb-public-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def powerless() -> Callable[[], AbstractContextManager[None]]:
    """Return a context without root's right to write everywhere."""

    @contextmanager
    def without_rights() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
        try:
            yield
        finally:
            os.seteuid(0)

    return without_rights
