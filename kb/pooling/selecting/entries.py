"""From chosen effects to the entries of a pool: labels, passages, risk of bias and columns."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from kb.base import Base, Record
from kb.order import by_key
from kb.pooling.evidence import Entry
from kb.pooling.selecting.candidates import Candidate
from kb.pooling.selecting.sizes import Sizes
from kb.pooling.selecting.variances import Effect
from kb.store.lists import among
from kb.store.relations import (
    Relation,
    intervention,
    intervention_approach,
    risk_of_bias,
    study_cancer,
    study_country,
)

COLUMNS = (
    "outcome",
    "approach",
    "comparator",
    "cancer",
    "country",
    "delivery",
    "design",
    "instrument",
    "year",
    "n",
)
"""What effects from the store can be grouped by."""

NUMBERS = ("year", "n")
"""What a meta-regression of effects from the store can take as moderator."""


_ARM = 3
"""Where the arm stands among the parts of a label."""


def entries_of(
    base: Base,
    chosen: Sequence[tuple[Effect, Sizes, bool]],
) -> tuple[Entry, ...]:
    """Return the entries of effects with their sizes, and whether their sign is to be turned."""
    candidates = [effect.candidate for effect, _, _ in chosen]
    labels = _labels(base, candidates)
    passages = base.passages(_passage_keys(candidates))
    bias = _bias(base, candidates)
    values = _values(base, candidates)
    return tuple(
        Entry(
            label=labels[i],
            yi=-effect.yi if flipped else effect.yi,
            vi=effect.vi,
            study=effect.candidate.place.study,
            key=effect.candidate.key,
            year=effect.candidate.place.year,
            n=sizes.counted,
            shown=effect.shown,
            basis=effect.basis,
            instrument=instrument_in_words(base, effect.candidate),
            time=effect.candidate.place.time or "",
            flipped=flipped,
            bias=_judged(bias, effect.candidate),
            values={**values[i], "n": _total(effect.candidate, sizes)},
            passages=tuple(
                passages[key] for key in _passage_keys([effect.candidate]) if key in passages
            ),
            notes=effect.candidate.notes,
        )
        for i, (effect, sizes, flipped) in enumerate(chosen)
    )


def instrument_in_words(base: Base, candidate: Candidate) -> str:
    """Return what an outcome was measured with, "" where that is not said."""
    place = candidate.place
    if place.instrument is None:
        return place.detail or ""
    return base.vocabulary.label("instrument", place.instrument)


def _labels(base: Base, candidates: Sequence[Candidate]) -> list[str]:
    """Return labels that are unique: the study's, with what tells its effects apart."""
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.place.label].append(candidate)
    return [_label(base, candidate, groups[candidate.place.label]) for candidate in candidates]


def _label(base: Base, candidate: Candidate, group: Sequence[Candidate]) -> str:
    own = _parts(base, candidate)
    others = [_parts(base, other) for other in group if other is not candidate]
    telling = [
        part
        for place, part in enumerate(own)
        if part and any(other[place] != part for other in others)
    ]
    if candidate.source == "arm" and own[_ARM] not in telling:
        telling.append(own[_ARM])
    if own in others:
        telling.append(candidate.key)
    return ", ".join([candidate.place.label, *telling])


def _parts(base: Base, candidate: Candidate) -> tuple[str, ...]:
    """Return outcome, instrument, time, arm and population of a candidate, in words."""
    place, treated = candidate.place, candidate.comparison.treated
    return (
        base.vocabulary.label("outcome", place.outcome),
        instrument_in_words(base, candidate),
        place.time or "",
        treated.label if treated else "",
        candidate.population or "",
    )


def _passage_keys(candidates: Iterable[Candidate]) -> list[str]:
    keys: dict[str, None] = {}
    for candidate in candidates:
        rows = [row["passage_key"] for row in candidate.rows]
        keys |= dict.fromkeys(rows or [candidate.place.passage])
    return list(keys)


def _total(candidate: Candidate, sizes: Sizes) -> int | None:
    if candidate.is_reported and candidate.row["n"] is not None:
        return int(candidate.row["n"])
    known = [n for n in (sizes.treated, sizes.control) if n is not None]
    return round(sum(known)) if known else None


def _bias(base: Base, candidates: Sequence[Candidate]) -> Mapping[str, list[Record]]:
    columns = ("key", "study_key", "measurement_key", "tool", "domain", "judgement", "assessor")
    query = select(*(risk_of_bias.named(name) for name in columns)).where(
        among(risk_of_bias.study_key, _studies(candidates))
    )
    groups: dict[str, list[Record]] = defaultdict(list)
    for row in sorted(base.all(query), key=lambda row: by_key(row["key"])):
        groups[row["study_key"]].append(row)
    return groups


def _judged(bias: Mapping[str, list[Record]], candidate: Candidate) -> tuple[tuple[str, str], ...]:
    """Return judgements by domain: those on the very result, else those on the study."""
    rows = bias.get(candidate.place.study, [])
    own = [row for row in rows if row["measurement_key"] == candidate.place.key]
    chosen = own or [row for row in rows if row["measurement_key"] is None]
    if not chosen:
        return ()
    first = (chosen[0]["tool"], chosen[0]["assessor"])
    return tuple(
        (row["domain"], row["judgement"])
        for row in chosen
        if (row["tool"], row["assessor"]) == first
    )


def _values(base: Base, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    treated = {
        c.comparison.treated.intervention
        for c in candidates
        if c.comparison.treated and c.comparison.treated.intervention
    }
    approaches = _joined(base, intervention_approach, "intervention", "approach", treated)
    studies = _studies(candidates)
    cancers = _joined(base, study_cancer, "study", "cancer", studies)
    countries = _joined(base, study_country, "study", "country", studies)
    query = select(intervention.key, intervention.delivery).where(
        among(intervention.key, sorted(treated))
    )
    delivery = dict(base.connection.execute(query).all()) if treated else {}
    label = base.vocabulary.label
    return [
        {
            "outcome": label("outcome", c.place.outcome),
            "approach": approaches.get(_intervention(c)),
            "comparator": label("comparator", c.comparison.control.comparator) or None
            if c.comparison.control
            else None,
            "cancer": cancers.get(c.place.study),
            "country": countries.get(c.place.study),
            "delivery": delivery.get(_intervention(c)),
            "design": label("design", c.place.design),
            "instrument": label("instrument", c.place.instrument) or None,
            "year": c.place.year,
        }
        for c in candidates
    ]


def _intervention(candidate: Candidate) -> str:
    treated = candidate.comparison.treated
    return (treated.intervention if treated else None) or ""


def _studies(candidates: Iterable[Candidate]) -> list[str]:
    return sorted({candidate.place.study for candidate in candidates})


def _joined(
    base: Base, relation: Relation, of: str, what: str, keys: Iterable[str]
) -> dict[str, str]:
    """Return the labels of several terms as one text, by what they belong to."""
    wanted = sorted(keys)
    owner, term = relation.named(f"{of}_key"), relation.named(f"{what}_key")
    query = select(owner, term).where(among(owner, wanted))
    groups: dict[str, list[str]] = defaultdict(list)
    for key, value in sorted(base.connection.execute(query).all()) if wanted else ():
        groups[key].append(base.vocabulary.label(what, value))
    return {key: " + ".join(labels) for key, labels in groups.items()}
