"""What would let more trials into a pool, in sentences that name the trials."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kb.order import by_key
from kb.pooling.naming import names
from kb.pooling.selecting.candidates import REPORTED, Candidate, Measured
from kb.pooling.selecting.direction import EVENTS
from kb.pooling.selecting.eligibility import Obstacle, Rules
from kb.pooling.selecting.measure_choice import SINGLE_ARM
from kb.pooling.selecting.wording import Wording
from kb.synthesis.measures import MEASURES

_MEANS = "means and standard deviations by arm"
_EVENTS = "events and participants by arm"
_WANTED = {
    "HR": "a hazard ratio with its interval",
    **dict.fromkeys(EVENTS, _EVENTS),
    **dict.fromkeys(("MD", "SMD", "SMDH", "ROM"), _MEANS),
    **dict.fromkeys(SINGLE_ARM, "events and participants of the intervention arm"),
}
"""What each measure is had from."""

_EFFECT = "the interval or standard error of the effect"

_Barred = Sequence[tuple[Candidate, Obstacle]]


def unlocks(
    rules: Rules,
    wording: Wording,
    outcome: str | None,
    measure: str | None,
    entered: Iterable[str],
    barred: _Barred,
) -> tuple[str, ...]:
    """Return what is missing from each randomised trial that measured the outcome.

    It is what the measure needs; of a measure that no trial in the store can give, nothing.
    `outcome` is the one that is asked for, where it is one; `entered` are the keys of the studies
    in the pool; `barred` the effects set aside. Trials that lack the same are named together.
    """
    if measure is not None and measure not in _WANTED:
        return ()
    inside = set(entered)
    by_study: dict[str, list[tuple[Candidate, Obstacle]]] = defaultdict(list)
    for candidate, obstacle in barred:
        by_study[candidate.place.study].append((candidate, obstacle))
    lacking: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for study, places in _measured(rules).items():
        place = min(places, key=lambda place: (not place.primary, by_key(place.key)))
        found = None if study in inside else _missing(place, by_study[study], rules, measure)
        if found is not None:
            about = wording.label("outcome", outcome or place.outcome)
            lacking[about, *found].append(place.label)
    return tuple(
        f"{about}: {what} from {names(labels)}{f'; or {ask}' if ask else ''}."
        for (about, what, ask), labels in lacking.items()
    )


def _measured(rules: Rules) -> dict[str, list[Measured]]:
    """Return the measurements that may enter, by study, oldest first."""
    places: dict[str, list[Measured]] = defaultdict(list)
    for place in rules.found.places.values():
        if rules.is_randomised(place) and not rules.place_obstacle(place):
            places[place.study].append(place)

    def oldest_first(study: str) -> tuple[bool, int, list[str | int]]:
        year = places[study][0].named
        return year is None, year or 0, by_key(study)

    return {study: places[study] for study in sorted(places, key=oldest_first)}


def _missing(
    place: Measured, barred: _Barred, rules: Rules, measure: str | None
) -> tuple[str, str] | None:
    """Return what a trial lacks and the words that would let it in as it is.

    None is said of a trial whose numbers are there and cannot enter whatever is asked.
    """
    wanted = measure or ("HR" if place.outcome in rules.ends.survival else "SMD")
    giving = [
        (candidate, obstacle)
        for candidate, obstacle in barred
        if (measure is None or measure in candidate.measures)
        and not rules.place_obstacle(candidate.place)
    ]
    liftable = [o for _, o in giving if o.ask]
    if liftable:
        nearest = min(liftable, key=lambda obstacle: (len(obstacle.ask), obstacle.ask))
        return _instead(nearest, wanted, adjusted=rules.options.adjusted), nearest.ask
    if any("numbers" in obstacle.kinds for _, obstacle in giving):
        return _EFFECT, ""
    unadjusted = any("adjustment" in obstacle.kinds for _, obstacle in giving)
    if giving and not unadjusted:
        return None
    return _numbers(wanted, adjusted=rules.options.adjusted), ""


def _instead(obstacle: Obstacle, measure: str, *, adjusted: bool) -> str:
    if "numbers" in obstacle.kinds:
        return _EFFECT
    if "scale" in obstacle.kinds:
        return f"{_MEANS} on the scale of the other trials"
    if "subset" in obstacle.kinds:
        return f"{_numbers(measure, adjusted=adjusted)}, of the whole trial,"
    if "adjustment" in obstacle.kinds:
        return _numbers(measure, adjusted=adjusted).replace("a hazard", "an unadjusted hazard")
    return _numbers(measure, adjusted=adjusted)


def _numbers(measure: str, *, adjusted: bool) -> str:
    if adjusted:
        return f"an adjusted {_adjusted(measure)} with its interval"
    return _WANTED[measure]


def _adjusted(measure: str) -> str:
    return MEASURES[measure].reported if measure in REPORTED.values() else "estimate"
