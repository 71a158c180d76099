"""Summaries of findings and evidence profiles as flat rows, for CSV and data frames."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kb.base import Record
from kb.certainty.ratings import COMPONENTS
from kb.flat import Flat

if TYPE_CHECKING:
    from kb.certainty.evidence_profile import EvidenceProfile, ThemeRow
    from kb.certainty.summary_of_findings import OutcomeRow, SummaryOfFindings

_ABSOLUTE = (
    "event",
    "control_per_1000",
    "intervention_per_1000",
    "ci_low_per_1000",
    "ci_high_per_1000",
    "difference_per_1000",
    "difference_ci_low",
    "difference_ci_high",
    "formula",
)
_SUMMARY = (
    *("outcome", "outcome_name", "trials", "participants", "trials_of_known_participants"),
    *("times", "verdict", "measure", "estimate", "ci_low", "ci_high", "level", "favours"),
    *("baseline", *_ABSOLUTE),
    *("not_pooled", "certainty", "certainty_reasons", "suggestions", "command"),
)
_PROFILE = (
    *("theme", "theme_name", "definition", "studies", "study_keys", "reports", "reviews"),
    *("voices", "countries", "delivery", "statements", "confidence", "review", "explanation"),
    *COMPONENTS,
)


def flat_summary(found: "SummaryOfFindings") -> Flat:
    """Return headers and a row for each outcome and each risk without the intervention."""
    return _SUMMARY, [line for row in found.rows for line in _summary(row)]


def flat_profile(found: "EvidenceProfile") -> Flat:
    """Return headers and a row for each theme and each rating of it."""
    return _PROFILE, [line for row in found.rows for line in _profile(row)]


def rating_in_words(rating: Record) -> str:
    """Return a rating with whose it is, and of which approach."""
    scope = rating["of_approach_name"]
    with_approach = f", with {scope}" if scope else ""
    return f"{rating['level']} ({rating['approach']}, {rating['review_label']}{with_approach})"


def domain_in_words(domain: Record) -> str:
    """Return what a domain did to a rating, and why."""
    if domain["concern"]:
        did = f"{domain['concern']} concerns"
    else:
        did = f"{domain['steps']:+d}" if domain["steps"] else "no step"
    return f"{domain['domain']}, {did}: {domain['reason']}"


def reasons_in_words(rating: Record) -> list[str]:
    """Return the reasons of a rating: one for each domain, and those that are of none."""
    overall = [rating["reasons"]] if rating["reasons"] else []
    return [*map(domain_in_words, rating["domains"]), *overall]


def directions_in_words(row: "OutcomeRow") -> list[str]:
    """Return which trials that are not pooled point which way."""
    return [direction_in_words(*item) for item in row.directions.items()]


def direction_in_words(direction: str, trials: Iterable[Record]) -> str:
    """Return which trials point one way, each with what its findings are of."""
    return f"{direction.replace('-', ' ')}: {'; '.join(map(_trial, trials))}"


def _trial(trial: Record) -> str:
    of = f" [{', '.join(trial['of'])}]" if trial["of"] else ""
    return f"{trial['label']}{of}"


def _summary(row: "OutcomeRow") -> Iterator[list[Any]]:
    data = row.as_dict()
    relative = data["relative"] or {}
    own = [
        *(row.key, row.name, len(row.trials), *row.participants, "; ".join(row.times) or None),
        row.answer.verdict.status,
        *(relative.get(name) for name in ("measure", "estimate", "ci_low", "ci_high")),
        *(relative.get(name) for name in ("level", "favours")),
    ]
    rest = [
        _joined(directions_in_words(row)),
        _joined(f"{each['outcome_name']}: {rating_in_words(each)}" for each in row.ratings)
        or "not yet rated",
        _joined(reason for rating in row.ratings for reason in reasons_in_words(rating)),
        _joined(f"{s.domain}: {s.suggests}. {s.because}" for s in row.suggestions),
        row.answer.command(),
    ]
    for absolute in data["absolute"] or [{}]:
        yield [
            *own,
            absolute.get("source"),
            *(absolute.get(name) for name in _ABSOLUTE),
            *rest,
        ]


def _profile(row: "ThemeRow") -> Iterator[list[Any]]:
    own = [
        *(row.key, row.name, row.definition, len(row.studies), _joined(row.studies)),
        _joined(citation for citations in row.reports.values() for citation in citations),
        _joined(f"{label}: {' '.join(said)}" for label, said in row.reviews.items()),
        *(_tallied(row.voices), _tallied(row.countries), _tallied(row.deliveries)),
        _joined(f"{each['label']}: {each['statement']}" for each in row.findings if each["study"]),
    ]
    for rating in row.ratings or [None]:
        components = row.components(rating).values()
        yield [
            *own,
            *(rating[name] if rating else None for name in ("level", "review", "reasons")),
            *(f"{each['concern']}: {each['reason']}" if each else None for each in components),
        ]


def _tallied(tally: Any) -> str | None:
    return _joined(f"{name} {count}" for name, count in tally.items())


def _joined(parts: Iterable[str]) -> str | None:
    return "; ".join(parts) or None
