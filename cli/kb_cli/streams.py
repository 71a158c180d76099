"""What the terminal can show: its characters, and whether it takes colour."""

import codecs
import os
import sys

_SPELLED = str.maketrans(
    {
        "·": "-",
        "–": "-",
        "—": "-",
        "‐": "-",
        "−": "-",
        "×": "x",
        "…": "...",
        "→": "->",
        "█": "#",
        "“": "'",
        "”": "'",
        "‘": "'",
        "’": "'",
        "²": "2",
        "⊕": "+",
        "◯": "-",
    }
)
_HANDLER = "kb-spelled"


def prepare() -> None:
    """Let no character stop the program, and keep escape codes from where they are unwelcome."""
    codecs.register_error(_HANDLER, _spell)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_HANDLER)
    if plain():
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"  # of help; read when Typer loads Rich


def plain() -> bool:
    """Return whether standard output takes no escape codes."""
    if os.environ.get("NO_COLOR"):
        return True
    if os.environ.get("FORCE_COLOR"):
        return False
    return not sys.stdout.isatty() or os.environ.get("TERM") in {"dumb", "unknown"}


def speaks_unicode() -> bool:
    """Return whether standard output takes every character."""
    return (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")


def unaltered() -> None:
    """Let standard output take the text of a file as it is: UTF-8, with its own ends of lines."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", newline="")


def _spell(error: UnicodeError) -> tuple[str, int]:
    """Write what an encoding lacks with the characters that it has."""
    assert isinstance(error, UnicodeEncodeError)
    missing = error.object[error.start : error.end].translate(_SPELLED)
    spelled = missing.encode(error.encoding, "replace").decode(error.encoding)
    return spelled, error.end
