"""Text in figures: numbers as they are printed, and lines that fit a width."""

from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

_POINTS_PER_INCH = 72


def cleaned(text: str) -> str:
    """Return text on one line, without characters that cannot be printed."""
    printable = (c if c.isprintable() else " " for c in text)
    return " ".join("".join(printable).split())


def minus(text: str) -> str:
    """Return a number with a minus sign in place of a hyphen."""
    return text.replace("-", "−")


@lru_cache(maxsize=4096)
def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide text is, in inches; `size` in points."""
    if not text:
        return 0.0
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    points, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(points) / _POINTS_PER_INCH


def wrapped(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """Return text as lines that are no wider than the room, in inches; long words are cut."""
    lines = [""]
    for word in cleaned(text).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size, bold=bold) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if lines[-1] and width(lines[-1] + character, size, bold=bold) > room:
                lines.append("")
            lines[-1] += character
    return lines


def sentence(text: str) -> str:
    """Return text with a capital at its start."""
    return text[:1].upper() + text[1:]
