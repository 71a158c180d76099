"""All that is written to standard output or to a file: tables, JSON, CSV, Markdown."""

import csv
import io
import json
import os
import re
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import KbError
from kb_cli.streams import plain, speaks_unicode

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class Format(StrEnum):
    """Form in which an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How text begins that acts in a spreadsheet; the last four are the wide forms of the first."""

_NUMBER = re.compile(r"-\d+(\.\d+)?(e[-+]?\d+)?")
_SUFFIXES = {".json": Format.JSON, ".csv": Format.CSV, ".md": Format.MARKDOWN}


def chosen(form: Format | None, output: Path | None) -> Format:
    """Return the form asked for, or the one that the file's name says, or a table."""
    if form is not None:
        return form
    return _SUFFIXES.get(output.suffix.lower(), Format.TABLE) if output else Format.TABLE


def screen(stream: io.StringIO | None = None) -> "Console":
    """Return a console that prints data as it is: no markup, no guessed colours."""
    from rich.console import Console

    return Console(
        file=stream or sys.stdout,
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=stream is None,
    )


def draw(renderables: Sequence["RenderableType"], output: Path | None = None) -> None:
    """Draw on the screen; or as plain text, without spaces at the ends of lines."""
    plainly = output is not None or plain()
    stream = io.StringIO() if plainly else None
    console = screen(stream)
    for renderable in renderables:
        console.print(renderable)
    if stream is not None:
        lines = (line.rstrip() for line in stream.getvalue().splitlines())
        write("\n".join(lines), output)


def write(text: str, output: Path | None = None) -> None:
    """Write text to standard output, or to a file: the whole of it or nothing."""
    text = text if text.endswith("\n") else f"{text}\n"
    if output is None:
        _say(text)
        return
    try:
        if output.exists() and not (output.is_file() or output.is_dir()):
            output.write_text(text, encoding="utf-8")  # a device or a pipe
        else:
            _replace(output.resolve(), text)
    except OSError as error:
        reason = "it is a folder" if output.is_dir() else (error.strerror or str(error)).lower()
        raise KbError(f"{output} cannot be written: {reason}.", "Name another file.") from error


def _say(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _replace(path: Path, text: str) -> None:
    """Put a file in the place of another, with the rights that a new file gets."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def as_json(data: Any) -> str:
    """Return data as indented JSON."""
    return json.dumps(data, indent=2, ensure_ascii=not speaks_unicode(), allow_nan=False)


def as_csv(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows as CSV in which no cell can act as a formula of a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows([_harmless(_cell(value)) for value in row] for row in rows)
    return text.getvalue()


def as_markdown(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows as a Markdown table."""
    lines = [headers, ["---"] * len(headers), *([_escaped(_cell(v)) for v in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: Any) -> str:
    """Return a value as text; whole numbers without a point."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _harmless(text: str) -> str:
    """Return text that a spreadsheet takes as text; negative numbers stay numbers."""
    text = "\n".join(text.splitlines())  # a bare carriage return would end the row for some readers
    if text.startswith(_ACTIVE) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _escaped(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())
