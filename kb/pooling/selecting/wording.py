"""What a result of the store is, in the few words that stand in a line."""

from collections.abc import Sequence

from kb.base import Base, Record
from kb.pooling.naming import names, with_article
from kb.pooling.selecting.analyses import is_between_arms, is_interaction
from kb.pooling.selecting.candidates import Candidate, Found, Measured
from kb.pooling.selecting.variances import reported_in_words


class Wording:
    """Puts results into words, with the names of the store's vocabularies."""

    def __init__(self, base: Base, found: Found) -> None:
        self.label = base.vocabulary.label
        self._found = found

    def outcome(self, place: Measured) -> str:
        """Return the name of the outcome."""
        return self.label("outcome", place.outcome)

    def instrument(self, place: Measured) -> str:
        """Return what it was measured with, "" where that is not said."""
        if place.instrument is None:
            return place.detail or ""
        return self.label("instrument", place.instrument)

    def place(self, place: Measured) -> str:
        """Return outcome, instrument and time of a measurement."""
        return _listed([self.outcome(place), self.instrument(place), place.time])

    def where(self, candidate: Candidate) -> str:
        """Return with what and when an effect was measured, or else its outcome."""
        place = candidate.place
        words = _listed([self.instrument(place), place.time, candidate.population])
        return words or self.outcome(place)

    def numbers(self, candidate: Candidate) -> str:
        """Return the numbers of a candidate."""
        if candidate.source == "times":
            people = sum(self._found.times[candidate.place.key].values())
            return f"{people} individual survival times"
        if candidate.is_reported:
            return reported_in_words(candidate.row)
        if candidate.source == "means":
            treated, control = candidate.by_arm
            return f"means {treated['mean']:g} v {control['mean']:g}"
        shown = " v ".join(f"{row['events']}/{row['n']}" for row in candidate.rows)
        return f"{shown} {candidate.row['unit'] or 'with the event'}"

    def candidate(self, candidate: Candidate) -> str:
        """Return the numbers of a candidate and what they are of."""
        analysis = candidate.row.get("analysis")
        place = self.place(candidate.place)
        return _listed([self.numbers(candidate), analysis, place, candidate.population])

    def told_apart(self, several: Sequence[Candidate]) -> list[str]:
        """Return the numbers of each of several candidates with what not all of them share."""
        described = [self._described(candidate) for candidate in several]
        shared = [len(set(column)) == 1 for column in zip(*described, strict=True)]
        return [
            _listed(
                [
                    self.numbers(candidate),
                    *(part for part, same in zip(parts, shared, strict=True) if not same),
                ]
            )
            for candidate, parts in zip(several, described, strict=True)
        ]

    def _described(self, candidate: Candidate) -> tuple[str | None, ...]:
        """Return the arms of a candidate, its analysis, and what, how, when and in whom it is."""
        place = candidate.place
        arms = (candidate.comparison.treated, candidate.comparison.control)
        return (
            " v ".join(arm.label for arm in arms if arm),
            candidate.row.get("analysis"),
            self.outcome(place),
            self.instrument(place),
            place.time,
            candidate.population,
        )

    def without_effect(self, place: Measured) -> str:
        """Return what there is of a measurement that gives no effect at all."""
        contrasts = self._found.contrasts.get(place.key, ())
        results = self._found.arm_results.get(place.key, ())
        parts = [_bare(row) for row in contrasts if not _is_apart(row)]
        parts += _medians(results)
        if any(row["mean"] is not None for row in results):
            parts.append("means without a standard deviation or without numbers of participants")
        if any(row["percent"] is not None or row["events"] is not None for row in results):
            parts.append("counts or percentages of one arm, or without numbers of participants")
        apart = [_bare_apart(row) for row in contrasts if _is_apart(row) and _bare(row)]
        words = " and ".join(dict.fromkeys(part for part in parts if part))
        if words or apart:
            only = [f"only {words}"] if words else []
            return f"no effect with its variance: {'; '.join(dict.fromkeys([*only, *apart]))}"
        said = self._found.findings.get(place.key)
        return "only its direction, in words" if said else "measured, but no result was found"


def _is_apart(row: Record) -> bool:
    """Return whether a contrast is of something else than the effect in the whole trial."""
    return bool(row["population"] or is_interaction(row["analysis"]) or not is_between_arms(row))


def _bare_apart(row: Record) -> str:
    """Return the numbers of a contrast that is not of the whole trial, and what it is of."""
    analysis, population = row["analysis"], row["population"]
    if is_interaction(analysis):
        of = with_article(analysis) + (f" {population}" if population else "")
        return f"{_bare(row)} is of {of} and is not an effect of the trial"
    if population is None and analysis is None:
        return f"{_bare(row)}, of which the arms are not said"
    if population is None:
        return f"{_bare(row)} is of {with_article(analysis)} and is not an effect between two arms"
    of = f"{population} ({analysis})" if analysis else population
    return f"{_bare(row)} is of a subset, {of}"


def _medians(results: Sequence[Record]) -> list[str]:
    populations = [row["population"] for row in results if row["median"] is not None]
    if populations and None not in populations:
        return [f"medians of a subset ({names(list(dict.fromkeys(populations)))})"]
    return ["medians"] if populations else []


def _bare(row: Record) -> str:
    statistic, estimate, p = row["statistic"], row["estimate"], row["p"]
    relation = row["p_relation"]
    tested = f"p {relation} {p:g}" if p is not None else ""
    if statistic == "p" or estimate is None:
        return tested
    return f"{statistic} = {estimate:g}" + (f" with {tested}" if tested else "")


def _listed(parts: Sequence[str | None]) -> str:
    return ", ".join(dict.fromkeys(part for part in parts if part))
