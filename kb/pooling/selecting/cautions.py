"""What a reader of a pooled effect must know of the trials behind it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kb.pooling.evidence import Entry
from kb.pooling.naming import names

_ABSTRACT = "an abstract"
_SECOND_HAND = {"mirror-copy": "a mirror copy", "record": "a bibliographic record"}
_DIFFERING = {
    "outcome": "The outcomes differ",
    "approach": "The approaches differ",
    "comparator": "The control conditions differ",
    "cancer": "The cancers differ",
    "instrument": "The instruments differ",
}

_MOST = 6
"""So many of the things that differ are named."""

_Labelled = Sequence[tuple[str, Entry]]
"""Entries, each with the name of its trial."""


def cautions_of(trials: _Labelled, own: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return sentences on entries; `own` are trials, each with what is to be said of it alone."""
    return (
        *_own(own),
        *_seen_second_hand(trials),
        *(
            sentence
            for column, words in _DIFFERING.items()
            for sentence in _differing(
                words, ((label, entry.values.get(column)) for label, entry in trials)
            )
        ),
        *_times(trials),
    )


def _own(own: Iterable[tuple[str, str]]) -> list[str]:
    labels: dict[str, list[str]] = defaultdict(list)
    for label, caution in own:
        labels[caution.rstrip(".")].append(label)
    return [f"{names(found)}: {caution}." for caution, found in labels.items()]


def _seen_second_hand(trials: _Labelled) -> list[str]:
    where: dict[str, list[str]] = defaultdict(list)
    for label, entry in trials:
        places = dict.fromkeys(_place(passage) for passage in entry.passages)
        if places and all(places):
            where[" and ".join(places)].append(label)
    return [f"The numbers of {names(found)} were seen only in {p}." for p, found in where.items()]


def _place(passage: Mapping[str, object]) -> str:
    """Return at what remove a passage was seen, "" where it was read in full."""
    second_hand = _SECOND_HAND.get(str(passage["seen"]), "")
    if "abstract" not in str(passage["locator"]):
        return second_hand
    return f"{_ABSTRACT}, in {second_hand}" if second_hand else _ABSTRACT


def _differing(words: str, values: Iterable[tuple[str, str | None]]) -> list[str]:
    labels: dict[str, list[str]] = defaultdict(list)
    for label, value in values:
        labels[value or "not said"].append(label)
    if len(labels) < 2:
        return []
    parts = [f"{value} ({names(found)})" for value, found in labels.items()]
    more = [f"{len(parts) - _MOST} more"] if len(parts) > _MOST else []
    return [f"{words}: {'; '.join([*parts[:_MOST], *more])}."]


def _times(trials: _Labelled) -> list[str]:
    if any(entry.time for _, entry in trials):
        return _differing("The time points differ", ((label, e.time) for label, e in trials))
    labels = [label for label, _ in trials]
    return [f"When the outcome of {names(labels)} was measured is not said."] if labels else []
