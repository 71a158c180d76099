"""Studies of a table without events, or with nothing else: what was added, what they tell."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kb.pooling.corrections import added_to_none, in_sums, of_empty, of_zero
from kb.pooling.evidence import Entry, Selection
from kb.pooling.naming import names
from kb.pooling.options import COUNT_METHODS, RANDOM_MH, PoolOptions

_CORRECTED = {
    "OR": "four counts",
    "RR": "four counts",
    "IRR": "two counts of events",
}
"""Ratios to whose counts metafor's `escalc` adds 1/2 where one of them is 0, and to which."""

_TELLS_NOTHING = "tells nothing of a ratio (Cochrane Handbook 10.4.4)"


@dataclass(frozen=True)
class _Counts:
    """Events and people without them in both arms; None where time at risk was counted."""

    events: tuple[float, float]
    without: tuple[float, float] | None

    @property
    def has_zero(self) -> bool:
        return 0 in self.events or (self.without is not None and 0 in self.without)

    @property
    def is_empty(self) -> bool:
        """Whether the arms do not differ at all: no events in either, or nothing else."""
        return self.events == (0, 0) or self.without == (0, 0)


def with_cautions_on_zeros(selection: Selection, options: PoolOptions) -> Selection:
    """Return the selection with cautions on counts of zero, of ratios alone."""
    assert selection.measure is not None
    counts = _CORRECTED.get(selection.measure.code)
    if counts is None or selection.counts is None or not selection.entries:
        return selection
    studies = list(zip(selection.entries, _counts(selection), strict=True))
    zero = [entry for entry, each in studies if each.has_zero]
    empty = [entry for entry, each in studies if each.is_empty]
    code = selection.measure.code
    told = (
        *_added(zero, of_zero(options, code, counts), options),
        *_empty(empty, selection, options),
    )
    return replace(selection, cautions=(*selection.cautions, *told))


def _counts(selection: Selection) -> list[_Counts]:
    columns = selection.counts or {}
    if "x1i" in columns:
        events = zip(columns["x1i"], columns["x2i"], strict=True)
        return [_Counts(pair, None) for pair in events]
    rows = zip(*(columns[name] for name in ("ai", "bi", "ci", "di")), strict=True)
    return [_Counts((a, c), (b, d)) for a, b, c, d in rows]


def _added(entries: Iterable[Entry], what: str, options: PoolOptions) -> Iterator[str]:
    labels = [entry.label for entry in entries]
    sums_alone = options.method in COUNT_METHODS and options.method != RANDOM_MH
    if not labels or (sums_alone and not in_sums(options)):
        return
    other = "" if options.add or options.to else " --method MH takes the counts as they are."
    yield f"{names(labels)}: an arm has no events or nothing else: {what}.{other}"


def _empty(entries: Iterable[Entry], selection: Selection, options: PoolOptions) -> Iterator[str]:
    labels = [entry.label for entry in entries]
    if not labels:
        return
    if len(labels) == selection.k:
        assert selection.measure is not None
        amount = added_to_none(options, selection.measure.code)
        yield (
            "In every study no arm has an event, or all people have one: each of them "
            f"{_TELLS_NOTHING}. The pooled effect comes from the added {amount} and is no finding."
        )
        return
    yield (
        f"{names(labels)}: a study without events in both arms, or with nothing else, "
        f"{_TELLS_NOTHING}; it {of_empty(options)}."
    )
