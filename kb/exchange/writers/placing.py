"""What is written comes to its place only once it is whole, and replaces nothing unasked."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path
from secrets import token_hex

from kb.errors import KbError

_REPLACE = "Say --force to replace it, or name another place with --output."
_ELSEWHERE = "Name another place with --output."


@contextmanager
def placed_file(path: Path, *, force: bool) -> Iterator[Path]:
    """Yield the path of a new file that comes to `path` if nothing fails.

    Raises `KbError` where a file is there and `force` does not say to replace it.
    """
    if path.is_dir():
        raise KbError(f"{path} is a folder.", "Name a file with --output.")
    if path.exists() and not force:
        raise KbError(f"{path} exists.", _REPLACE)
    part = _beside(path)
    try:
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield part
            part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def placed_folder(path: Path, leaves: Sequence[str], *, force: bool) -> Iterator[Path]:
    """Yield a new folder that comes to `path` if nothing fails.

    An empty folder is taken for none. Raises `KbError` where something is there and `force` does
    not say to replace it, and where a file in it is none of the `leaves` that such a folder holds.
    """
    _check_folder(path, leaves, force=force)
    part = _beside(path)
    try:
        with _explained(path):
            part.mkdir(parents=True)
            yield part
            _exchange(path, part)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _check_folder(path: Path, leaves: Sequence[str], *, force: bool) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise KbError(f"{path} is a file.", "Name a folder with --output.")
    if not any(path.iterdir()):
        return
    if not force:
        raise KbError(f"The folder {path} is not empty.", _REPLACE)
    others = (f for f in path.rglob("*") if f.is_symlink() or not (f.is_dir() or _is(f, leaves)))
    foreign = next(others, None)
    if path.is_symlink() or foreign is not None:
        what = f"holds {foreign.relative_to(path)}, which" if foreign else "is a link, which"
        raise KbError(f"The folder {path} {what} no such export wrote.", _ELSEWHERE)


def _is(file: Path, leaves: Sequence[str]) -> bool:
    return any(fnmatch(file.name, leaf) for leaf in leaves)


def _exchange(path: Path, part: Path) -> None:
    """Put a folder in the place of another, which comes back where that fails."""
    if not path.exists():
        part.replace(path)
        return
    old = _beside(path)
    path.replace(old)
    try:
        part.replace(path)
    except OSError:
        with suppress(OSError):
            old.replace(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _beside(path: Path) -> Path:
    return path.resolve().with_name(f".{path.resolve().name}.{token_hex(4)}.part")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise KbError(f"{path} cannot be written: {reason}.", _ELSEWHERE) from error
