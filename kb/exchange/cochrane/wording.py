"""The words of RevMan's files on their way to drafts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kb.exchange.files import FileProblem, cut, printable, quoted

_TAG = re.compile(r"<[^<>]{1,200}>")
LONGEST_STATEMENT = 2_000


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of all studies of a review, which no file of RevMan tells."""

    design: str | None = None
    favours_low: bool | None = None


def constants(given: Mapping[str, str]) -> Given:
    """Return the design, and which end of the outcomes is better; refuse any other constant."""
    if others := sorted(set(given) - {"design", "better"}):
        raise FileProblem(
            f"A review of RevMan takes no value for {', '.join(others)}.",
            "Give one for design or better, or none.",
        )
    better = given.get("better", "")
    if better not in {"", "lower", "higher"}:
        raise FileProblem(f"better cannot be {quoted(better)}.", "Set it to lower or higher.")
    design = printable(given.get("design", "")) or None
    return Given(design, better == "lower" if better else None)


def statement(text: str) -> str:
    """Return a text in one line, without the tags of HTML."""
    return cut(printable(_TAG.sub(" ", text)), LONGEST_STATEMENT)


def words(pairs: Mapping[str, str | None]) -> str:
    """Return `column=value` pairs for those that say something, blanks as underscores."""
    return " ".join(
        f"{_joined(column)}={_joined(cut(value, 200))}"
        for column, value in pairs.items()
        if value and value.strip()
    )


def _joined(text: str) -> str:
    return printable(text).replace(" ", "_")
