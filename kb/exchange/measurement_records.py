"""What a file says was measured and what came out, as records of a study."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from kb.curation.given import Given
from kb.exchange.drafts import (
    ArmResultDraft,
    ContrastDraft,
    DerivationDraft,
    MeasurementDraft,
)
from kb.exchange.naming import digest, slug
from kb.exchange.plausibility import against_the_vocabulary
from kb.exchange.records import Composed, Merged, Passages, Record, Source
from kb.exchange.words import Kind, Words

_OF_ARM = (
    "population",
    "n",
    "events",
    "mean",
    "sd",
    "se",
    "median",
    "ci_low",
    "ci_high",
    "ci_level",
    "unit",
    "note",
)
_OF_CONTRAST = (
    "statistic",
    "estimate",
    "ci_low",
    "ci_high",
    "ci_level",
    "se",
    "p",
    "n",
    "adjusted",
    "analysis",
    "population",
    "note",
)
_VALUES = ("events", "mean", "median")


class Place(NamedTuple):
    """What tells a measurement of a study from another."""

    outcome: str
    instrument: str | None
    detail: str | None
    time: str | None
    months: float | None

    @property
    def slug(self) -> str:
        """The place as a part of a key."""
        at = f"{self.months:g}m" if self.months is not None else ""
        return slug(" ".join(filter(None, (*self[:4], at))))


@dataclass
class MeasurementRecords:
    """Composes the measurements of one study.

    Attributes:
        arms: the keys of its arms by the file's names for them.
        dropped: the rows that are not taken.
        ends: which end is better, by key, for outcomes and instruments that say.
        derivations: how values were computed, by key; filled on the way.
    """

    source: Source
    composed: Composed
    passages: Passages
    words: Words
    prefix: str
    arms: Mapping[str, str]
    dropped: set[int]
    ends: Mapping[tuple[Kind, str], str]
    derivations: dict[str, Given] = field(default_factory=dict)

    def compose(self, drafts: Iterable[tuple[MeasurementDraft, str]]) -> Iterator[Given]:
        """Yield the records of measurements that are given with the keys of their outcomes."""
        places: dict[Place, list[MeasurementDraft]] = {}
        for draft, outcome in drafts:
            self._direct(draft)
            places.setdefault(self._place(draft, outcome), []).append(draft)
        for place, same in places.items():
            yield self._measurement(place, same)

    def _direct(self, draft: MeasurementDraft) -> None:
        """Take which end is better from what a person said of the outcome, if anything."""
        said = self.words.better(draft.outcome)
        if said:
            draft.favours_low = said == "lower"

    def _measurement(self, place: Place, same: list[MeasurementDraft]) -> Given:
        rows = [draft.row for draft in same if draft.row not in self.dropped]
        first = rows[0] if rows else same[0].row
        self.composed.rows.update(rows)
        undirected = (draft.outcome for draft in same if self._is_undirected(place, draft))
        self.composed.undirected.update(islice(undirected, 1))
        record = {
            "key": f"{self.prefix}{place.slug}",
            "report": self.passages.report(first),
            "outcome": place.outcome,
            "instrument": place.instrument,
            "instrument_detail": place.detail,
            "time": place.time,
            "months": place.months,
            "passage": self.passages.of(first),
            "arm_results": list(self._arm_results(place, same)),
            "contrasts": list(self._contrasts(place, same)),
        }
        return Given(record, same[0].row)

    def _place(self, draft: MeasurementDraft, outcome: str) -> Place:
        detail, key = draft.instrument_detail, None
        if draft.instrument:
            key = self.words.term(Kind.INSTRUMENT, draft.instrument, draft.row).key
            if key is None:
                detail = ", ".join(filter(None, (draft.instrument, detail)))
        place = Place(outcome, key, detail or None, draft.time or None, draft.months)
        name, end = self._end(place)
        doubt = against_the_vocabulary(draft, better=end, name=name)
        self.composed.notes += [doubt] if doubt else []
        return place

    def _end(self, place: Place) -> tuple[str, str | None]:
        """Return what says which end of a measurement is better, and which it is."""
        if place.instrument and (Kind.INSTRUMENT, place.instrument) in self.ends:
            return place.instrument, self.ends[Kind.INSTRUMENT, place.instrument]
        return place.outcome, self.ends.get((Kind.OUTCOME, place.outcome))

    def _is_undirected(self, place: Place, draft: MeasurementDraft) -> bool:
        has_values = bool(draft.arm_results or draft.contrasts)
        return has_values and draft.favours_low is None and self._end(place)[1] is None

    def _better(self, place: Place, draft: MeasurementDraft) -> str | None:
        """Return which end is better where the file says so and the vocabulary does not."""
        if draft.favours_low is None:
            return None
        said = "lower" if draft.favours_low else "higher"
        return None if self._end(place)[1] == said else said

    def _arm_results(self, place: Place, same: Iterable[MeasurementDraft]) -> Iterator[Given]:
        merged = Merged(self.passages, self.composed.rows)
        for measurement in same:
            better = self._better(place, measurement)
            for draft in measurement.arm_results:
                if self._is_taken(draft, "arm_result") and self._has_value(draft):
                    own: Record = {name: getattr(draft, name) for name in _OF_ARM}
                    record = {"arm": self._arm(draft.arm), **own, "better": better}
                    merged.add(_slug(draft.arm, draft.population), record, draft.row)
        yield from merged.records()

    def _has_value(self, draft: ArmResultDraft) -> bool:
        if any(getattr(draft, value) is not None for value in _VALUES):
            return True
        message = f"{draft.arm}: tells how many there were and nothing that came out"
        self.composed.warn(draft.row, "arm", "no value", message)
        self.composed.rows.add(draft.row)
        self.composed.left_out["arm_result"] += 1
        return False

    def _contrasts(self, place: Place, same: Iterable[MeasurementDraft]) -> Iterator[Given]:
        merged = Merged(self.passages, self.composed.rows)
        for measurement in same:
            better = self._better(place, measurement)
            for draft in measurement.contrasts:
                if self._is_taken(draft, "contrast"):
                    own = _slug(
                        draft.statistic,
                        draft.arm,
                        draft.comparator,
                        draft.analysis,
                        draft.population,
                    )
                    merged.add(own, self._contrast(draft, better), draft.row)
        yield from merged.records()

    def _contrast(self, draft: ContrastDraft, better: str | None) -> Record:
        own: Record = {name: getattr(draft, name) for name in _OF_CONTRAST}
        return {
            **own,
            "arm": self._arm(draft.arm),
            "comparator_arm": self._arm(draft.comparator),
            "p_relation": draft.p_relation or ("=" if draft.p is not None else None),
            "better": better,
            "derivation": self._derivation(draft.derivation, draft.row),
        }

    def _is_taken(self, draft: ArmResultDraft | ContrastDraft, table: str) -> bool:
        taken = draft.row not in self.dropped
        if not taken:
            self.composed.left_out[table] += 1
        return taken

    def _arm(self, name: str | None) -> str | None:
        return None if name is None else self.arms.get(name, slug(name))

    def _derivation(self, draft: DerivationDraft | None, row: int) -> str | None:
        if draft is None:
            return None
        told = digest(draft.formula, draft.inputs)
        key = f"{self.source.slug}.{self.composed.key}.{told}"
        record = {
            "key": key,
            "formula": draft.formula,
            "inputs": draft.inputs,
            "software": draft.software,
        }
        self.derivations.setdefault(key, Given(record, row))
        return key


def _slug(*parts: Any) -> str:
    return slug(" ".join(filter(None, parts)))
