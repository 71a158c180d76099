"""The words of RevMan's files on their way to drafts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kb.exchange.citations.numbering import EARLIEST, LATEST
from kb.exchange.drafts import Fate, Note
from kb.exchange.files import FileProblem, cut, printable, quoted

_TAG = re.compile(r"<(?:/?[A-Za-z]|!--)[^<>]{0,200}>")
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
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


def one_line(text: str) -> str:
    """Return a text in one line, without the tags of HTML."""
    return printable(_TAG.sub(" ", text))


def statement(text: str) -> str:
    """Return a text as `one_line` does, a long one cut."""
    return cut(one_line(text), LONGEST_STATEMENT)


def cut_short(row: int, field: str, text: str | None, of: str) -> Iterator[Note]:
    """Yield a note where a statement `of` a study was cut."""
    if text is not None and len(text) == LONGEST_STATEMENT and text.endswith("…"):
        message = f"{of}: it is longer than {LONGEST_STATEMENT:,} characters and was cut."
        yield Note(row, field, Fate.WARNED, "long text", message)


def year_of(text: str) -> int | None:
    """Return the year of a study in the words of a review, such as 2001a; None but for one."""
    years = {int(digits) for digits in _YEAR.findall(text)}
    year = years.pop() if len(years) == 1 else 0
    return year if EARLIEST <= year <= LATEST else None


def without_year(row: int, text: str, of: str) -> Iterator[Note]:
    """Yield a note where what stands for the year of a study names none, or several."""
    if text and year_of(text) is None:
        message = f"{of}: {quoted(text)} is not one year; none is stored."
        yield Note(row, "year", Fate.WARNED, "no year", message)


def words(pairs: Mapping[str, str | None]) -> str:
    """Return `column=value` pairs for those that say something, blanks as underscores."""
    return " ".join(
        f"{_joined(column)}={_joined(cut(value, 200))}"
        for column, value in pairs.items()
        if value and value.strip()
    )


def _joined(text: str) -> str:
    return printable(text).replace(" ", "_")
