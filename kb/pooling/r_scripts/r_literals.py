"""Values written as R reads them; no text can be anything but text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any

_WIDTH = 100
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RESERVED = {"TRUE", "FALSE", "NULL", "NA", "NaN", "Inf", "if", "else", "repeat", "while"}
_RESERVED |= {"function", "for", "next", "break", "in", "T", "F"}
_ESCAPED = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"}


def text(value: str) -> str:
    """Return a string in double quotes, in ASCII, without what R has no character for."""
    return f'"{"".join(map(_character, value))}"'


def number(value: float | None) -> str:
    """Return a number with all its digits, and NA for none."""
    return "NA" if value is None else f"{value:.17g}"


def constant(value: float | str) -> str:
    """Return a truth value, a number or a string."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return text(value) if isinstance(value, str) else number(value)


def constants(values: Iterable[float | str]) -> str:
    """Return c(...) of truth values, numbers or strings."""
    return f"c({', '.join(map(constant, values))})"


def vector(values: Iterable[Any]) -> str:
    """Return c(...) of numbers, or of texts where not all values are numbers."""
    given = list(values)
    numeric = all(value is None or _is_number(value) for value in given)
    return f"c({_listed(_written(value, numeric=numeric) for value in given)})"


def data_frame(columns: Mapping[str, Sequence[Any]]) -> str:
    """Return data.frame(...) with a line for each column; the names are R's already."""
    lines = [f"  {name} = {vector(values)}" for name, values in columns.items()]
    return "data.frame(\n" + ",\n".join(lines) + "\n)"


def comment(told: str, indent: str = "") -> str:
    """Return text as comment lines, from which nothing can break out."""
    plain = "".join(c if c.isprintable() else " " for c in told)
    return "\n".join(
        wrap(
            plain,
            width=_WIDTH,
            initial_indent=f"# {indent}",
            subsequent_indent=f"# {indent}",
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def column_name(name: str, taken: Iterable[str]) -> str:
    """Return a name that R takes for a column and that is not taken yet."""
    used = set(taken)
    plain = name if _NAME.fullmatch(name) and name not in _RESERVED else "column"
    candidates = (plain, *(f"{plain}_{i}" for i in range(2, len(used) + 3)))
    return next(candidate for candidate in candidates if candidate not in used)


def _character(character: str) -> str:
    code = ord(character)
    if character in _ESCAPED:
        return _ESCAPED[character]
    if 0x20 <= code < 0x7F:
        return character
    if code == 0 or 0xD800 <= code < 0xE000:
        return ""
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _listed(items: Iterable[str]) -> str:
    """Return items with commas between them, broken into lines."""
    lines = [""]
    for item in items:
        if len(lines[-1]) + len(item) > _WIDTH - 20 and lines[-1]:
            lines.append("")
        lines[-1] += f"{item}, "
    return "\n    ".join(line.rstrip() for line in lines).removesuffix(",")


def _written(value: Any, *, numeric: bool) -> str:
    if value is None:
        return "NA"
    return number(value) if numeric else text(str(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
