"""Write a figure to a file: the whole of it or nothing, and the same bytes for the same figure."""

import io
import os
from pathlib import Path
from xml.sax.saxutils import escape

from kb.errors import KbError
from kb_cli.figures.drawing import Drawing, styled

_DPI = 300
_MOST_PIXELS = 60_000
"""What matplotlib can draw in one direction is 2^16; a figure beyond it is drawn coarser."""


def write(drawing: Drawing, path: Path) -> None:
    """Write a figure in the form that the file's name says: SVG, PNG or PDF."""
    encode = {".svg": _svg, ".png": _png, ".pdf": _pdf}[path.suffix.lower()]
    with styled():
        content = encode(drawing)
    if path.is_dir():
        raise KbError(f"{path} cannot be written: it is a folder.", "Name a file.")
    if not path.parent.is_dir():
        raise KbError(f"There is no folder {path.parent}.", "Make it, or name another file.")
    try:
        _replace(path.resolve(), content)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise KbError(f"{path} cannot be written: {reason}.", "Name another file.") from error


def _replace(path: Path, content: bytes) -> None:
    """Put a file in the place of another, with the rights that a new file gets."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _svg(drawing: Drawing) -> bytes:
    """Return SVG with real text, and with the title and the description that readers speak."""
    metadata = {"Title": drawing.title, "Date": None, "Creator": None}
    text = _encoded(drawing, "svg", metadata).decode()
    description = f"</title>\n <desc>{escape(drawing.description)}</desc>"
    text = text.replace("</title>", description, 1)
    return text.replace("<svg ", '<svg role="img" ', 1).encode()


def _png(drawing: Drawing) -> bytes:
    metadata = {"Title": drawing.title, "Description": drawing.description, "Software": None}
    return _encoded(drawing, "png", metadata)


def _pdf(drawing: Drawing) -> bytes:
    metadata = {
        "Title": drawing.title,
        "Subject": drawing.description,
        "Creator": None,
        "CreationDate": None,
    }
    return _encoded(drawing, "pdf", metadata)


def _encoded(drawing: Drawing, form: str, metadata: dict[str, str | None]) -> bytes:
    file = io.BytesIO()
    dpi = min(_DPI, _MOST_PIXELS / max(drawing.figure.get_size_inches()))
    drawing.figure.savefig(file, format=form, metadata=metadata, dpi=dpi)
    return file.getvalue()
