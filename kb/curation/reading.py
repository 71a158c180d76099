"""Find and read seed files, and say what is wrong with them."""

from dataclasses import dataclass
from pathlib import Path

from kb.curation.parsing import Located, Unreadable, parse, refuse_control
from kb.errors import KbError

SIZE_LIMIT = 4_000_000
"""Bytes that one seed file may hold; the largest shipped is a thirtieth of it."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a seed file: where, what was found, what is allowed."""

    file: str
    line: int
    field: str
    message: str
    nearest: str = ""

    def __str__(self) -> str:
        nearest = f" Nearest: {self.nearest}." if self.nearest else ""
        return f"{self.file}:{self.line}: {self.field}: {self.message}{nearest}"


def seed_files(path: Path) -> list[Path]:
    """Return the seed files at `path`: itself, or every YAML file below it, in order.

    Raises `KbError` where there are none.
    """
    if not path.exists():
        raise KbError(f"There is nothing at {path}.", "Name a seed file or a folder of them.")
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.rglob("*") if _is_seed_file(p.relative_to(path)))
    if not found:
        raise KbError(f"There are no seed files in {path}.", "Their names end in .yaml.")
    return found


def read_file(path: Path, name: str, problems: list[Problem]) -> Located | None:
    """Read one file. Appends to `problems`; returns None where it cannot be read."""

    def note(line: int, field: str, message: str) -> None:
        problems.append(Problem(name, line, field, message))

    try:
        return parse(_text(path), note)
    except Unreadable as error:
        note(error.line, "file", error.message)
        return None


def _is_seed_file(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return path.suffix in {".yaml", ".yml"} and not hidden


def _text(path: Path) -> str:
    content = _content(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x}"
        raise Unreadable(line, f"is not UTF-8 text ({found}); save it as UTF-8.") from error
    refuse_control(text, 1)
    return text


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise Unreadable(1, "is not a file.")
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise Unreadable(1, f"cannot be read: {error.strerror}.") from error
    if len(content) > SIZE_LIMIT:
        size = path.stat().st_size
        raise Unreadable(1, f"has {size:,} bytes; at most {SIZE_LIMIT:,} are read. Split it.")
    return content
