"""The numbers of a map in words, the same on the screen and on a page."""

from kb.gaps.directions import MIXED, NONE_FOUND
from kb.gaps.gap_map import Tally

MARKS = {
    "favours-intervention": "+",
    "favours-control": "-",
    "no-difference": "=",
    MIXED: "~",
    NONE_FOUND: "?",
}
"""A mark for each direction that a study may point."""

_ONE = {
    "favours-intervention": "favours intervention",
    "favours-control": "favours control",
    "no-difference": "no difference",
    MIXED: "mixed or unclear",
    NONE_FOUND: "without a direction",
}
_SEVERAL = {
    **_ONE,
    "favours-intervention": "favour intervention",
    "favours-control": "favour control",
}


def tally_in_words(tally: Tally) -> str:
    """Return "3 studies, 2 randomised, 446 participants"."""
    if not tally.count:
        return "no study"
    return f"{studies(tally)}, {randomised(tally)}, {participants(tally)}"


def studies(tally: Tally) -> str:
    """Return how many studies there are."""
    return f"{tally.count:,} {'study' if tally.count == 1 else 'studies'}"


def randomised(tally: Tally) -> str:
    """Return how many studies are randomised."""
    return f"{tally.randomised or 'none'} randomised"


def participants(tally: Tally) -> str:
    """Return how many participants there are, and in how many studies where not in all."""
    if tally.participants is None:
        return "participants not known"
    known = f"{tally.participants:,} participant{'' if tally.participants == 1 else 's'}"
    return f"{known} (of {tally.count - tally.uncounted})" if tally.uncounted else known


def participants_in_short(tally: Tally) -> str:
    """Return "n=446"; "n=446+?" where the number is not known of some studies, "n=?" of all."""
    if tally.participants is None:
        return "n=?"
    return f"n={tally.participants:,}{'+?' if tally.uncounted else ''}"


def pointing(direction: str, count: int = 1) -> str:
    """Return a direction in words: "favours intervention", of several "favour intervention"."""
    return (_ONE if count == 1 else _SEVERAL)[direction]


def legend() -> str:
    """Return what the marks mean."""
    return "; ".join(f"{mark} {_ONE[name]}" for name, mark in MARKS.items())
