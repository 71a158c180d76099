"""Names and nouns in a sentence."""

from collections.abc import Sequence

_MOST = 6


def names(labels: Sequence[str]) -> str:
    """Return names as a list in a sentence: all of them up to six, else five and how many more."""
    unique = list(dict.fromkeys(labels))
    if len(unique) > _MOST:
        unique = [*unique[: _MOST - 1], f"{len(unique) - _MOST + 1} others"]
    if len(unique) < 2:
        return "".join(unique)
    return f"{', '.join(unique[:-1])} and {unique[-1]}"


def with_article(noun: str) -> str:
    """Return a noun with 'a' or 'an' before it."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
