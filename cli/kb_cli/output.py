"""All that is written to standard output or to a file: tables, JSON, CSV, Markdown."""

import csv
import io
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import KbError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class Format(StrEnum):
    """Form in which an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


_SUFFIXES = {".json": Format.JSON, ".csv": Format.CSV, ".md": Format.MARKDOWN}


def chosen(form: Format | None, output: Path | None) -> Format:
    """Return the form asked for, or the one that the file's name says, or a table."""
    if form is not None:
        return form
    return _SUFFIXES.get(output.suffix.lower(), Format.TABLE) if output else Format.TABLE


def screen(stream: io.StringIO | None = None) -> "Console":
    """Return a console that prints data as it is: no markup, no guessed colours."""
    from rich.console import Console

    plain = stream is not None or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb"
    return Console(
        file=stream or sys.stdout,
        markup=False,
        emoji=False,
        highlight=False,
        no_color=True if plain else None,
        force_terminal=False if plain else None,
        soft_wrap=False,
    )


def draw(renderables: Sequence["RenderableType"], output: Path | None = None) -> None:
    """Draw on the screen, or as plain text into a file."""
    console = screen()
    if console.is_terminal and output is None:
        for renderable in renderables:
            console.print(renderable)
        return
    stream = io.StringIO()
    console = screen(stream)
    for renderable in renderables:
        console.print(renderable)
    write("\n".join(line.rstrip() for line in stream.getvalue().splitlines()), output)


def write(text: str, output: Path | None = None) -> None:
    """Write text to standard output, or to a file: the whole of it or nothing."""
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        return
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=output.parent, delete=False, prefix=".kb-"
        ) as part:
            part.write(text if text.endswith("\n") else f"{text}\n")
        Path(part.name).replace(output)
    except OSError as error:
        raise KbError(
            f"{output} cannot be written: {error.strerror}.", "Name another file with --output."
        ) from error


def as_json(data: Any) -> str:
    """Return data as indented JSON."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)


def as_csv(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows as CSV in which no cell can act as a formula of a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def as_markdown(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows as a Markdown table."""
    lines = [
        list(headers),
        ["---"] * len(headers),
        *([_cell(cell) for cell in row] for row in rows),
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _harmless(value: Any) -> Any:
    text = "" if value is None else value
    if isinstance(text, str) and text[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{text}"
    return text
