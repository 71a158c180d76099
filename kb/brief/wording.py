"""Words that the parts of a brief share."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import select

from kb.base import Base, Record
from kb.brief.brief import Statement
from kb.order import by_key
from kb.store.relations import study

VOICES = (
    "patients",
    "members",
    "caregivers",
    "deliverers",
    "professionals",
    "service",
    "authors",
    "reviewers",
)
"""Who speaks, those whom a group is for first."""

WORDS = (
    "GRADE: how sure one may be of an effect; CERQual: of a theme. CFIR: a list of what gets in "
    "the way or helps. ERIC: a list of strategies. Inferred: concluded by the curators, said by no "
    "source."
)
"""What the field's short names stand for."""

MEMBERS = VOICES[:3]
"""Those whom a group is for."""

_NEAR_ZERO = 0.1
_MOST_DECIMALS = 8


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: "1 study", "3 studies"."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def joined(parts: Iterable[str]) -> str:
    """Return parts as a list in a sentence, each once: "a, b and c"."""
    listed = list(dict.fromkeys(parts))
    return f"{', '.join(listed[:-1])} and {listed[-1]}" if len(listed) > 1 else "".join(listed)


def upper(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return a text that ends as a sentence does."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def number(value: float, null: float | None = None) -> str:
    """Return a number with two decimals, with more where these would show it as no effect."""
    text = f"{value:.2f}" if value == 0 or abs(value) >= _NEAR_ZERO else f"{value:.2g}"
    decimals = 2
    while float(text) == null != value and decimals < _MOST_DECIMALS:
        decimals += 1
        text = f"{value:.{decimals}f}"
    return text


def voiced_first(row: Record) -> tuple[bool, int, list[str | int]]:
    """Return what to sort statements by: those of studies, then by who speaks."""
    return row["study"] is None, VOICES.index(row["voice"]), by_key(row["key"])


def of_studies(rows: Iterable[Record]) -> set[str]:
    """Return the studies among those who state rows."""
    return {row["study"] for row in rows if row["study"]}


def of_how_many(rows: Iterable[Record], heading: str) -> str:
    """Return that a statement is one of several under its heading; "" where it stands alone."""
    count = len(of_studies(rows))
    return f"an example; {count} studies come under this {heading}" if count > 1 else ""


def label_of(names: Mapping[str, str], row: Record) -> str:
    """Return the short name of the study that states a row, or the label of the review."""
    return names[row["study"]] if row["study"] else str(row["label"])


def the_rest(count: int, noun: str, command: str) -> Iterator[Statement]:
    """Yield how many more there are, where there are any, and what lists them with their counts."""
    if count > 0:
        yield Statement(f"And {counted(count, f'more {noun}')}.", command=command, how="all")


def short_names(base: Base) -> Mapping[str, str]:
    """Return studies by key without what stands in brackets, where that tells them apart."""
    labels = dict(base.connection.execute(select(study.key, study.label)).all())
    short = {key: label.partition(" (")[0] for key, label in labels.items()}
    times = Counter(short.values())
    return {key: name if times[name] == 1 else labels[key] for key, name in short.items()}
