"""How what was found in a seed file is told: short, on one line, with what is most like it."""

import difflib
from collections.abc import Iterable, Mapping

_LONGEST = 60
_LISTED = 30


def shown(value: object) -> str:
    """Return a value as a message quotes it: cut where it is long, harmless to a terminal."""
    if isinstance(value, dict):
        return "a record of fields"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value).removesuffix(".0")
    line = " ".join(value.split())
    cut = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
    return "'" + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in cut) + "'"


def nearest(
    found: object, allowed: Iterable[str] | Mapping[str, str], count: int = 1
) -> tuple[str, ...]:
    """Return the allowed values most like the one found.

    `allowed` may map other words for the values, such as synonyms, to them.
    """
    words = allowed if isinstance(allowed, Mapping) else {word: word for word in allowed}
    by_folded = {word.casefold(): value for word, value in words.items()}
    exact = by_folded.get(str(found).casefold())
    if exact is not None:
        return (exact,)
    like = difflib.get_close_matches(str(found).casefold(), by_folded, n=2 * count, cutoff=0.6)
    return tuple(dict.fromkeys(by_folded[word] for word in like))[:count]


def listed(names: Iterable[str]) -> str:
    """Return names as a sentence lists them, cut where they are many."""
    every = sorted(names) or ["none"]
    rest = f" and {len(every) - _LISTED} more" if len(every) > _LISTED else ""
    return ", ".join(every[:_LISTED]) + rest


def counted(number: int, thing: str) -> str:
    """Return a number with what it counts."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
