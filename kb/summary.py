"""The base at a glance: what it holds, how it is spread, and what it lacks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from kb.base import Base
from kb.store.relations import (
    Relation,
    claim,
    contrast,
    factor,
    finding,
    gap,
    intervention_approach,
    measurement,
    passage,
    published_pool,
    report,
    review,
    risk_of_bias,
    study,
    study_cancer,
    study_country,
    theme_finding,
)


@dataclass(frozen=True)
class Summary:
    """Counts of what the store holds, by table and by what studies share."""

    totals: Mapping[str, int]
    spread: Mapping[str, list[tuple[str, int]]]
    years: tuple[int, int] | None
    gaps: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        return {
            "totals": dict(self.totals),
            "spread": {name: dict(counts) for name, counts in self.spread.items()},
            "years": list(self.years) if self.years else None,
            "gaps": self.gaps,
        }


def summary(base: Base) -> Summary:
    """Return the base at a glance."""
    first, last = base.connection.execute(select(func.min(study.year), func.max(study.year))).one()
    return Summary(
        totals={
            "studies": _count(base, study),
            "reports": _count(base, report),
            "measurements": _count(base, measurement),
            "findings": _count(base, finding),
            "contrasts": _count(base, contrast),
            "barriers and facilitators": _count(base, factor),
            "theme findings": _count(base, theme_finding),
            "reviews": _count(base, review),
            "pooled effects as printed": _count(base, published_pool),
            "claims": _count(base, claim),
            "passages": _count(base, passage),
        },
        spread={
            "design": _spread(base, "design", _studies(study.design_key, study.key)),
            "approach": _spread(base, "approach", _approaches()),
            "cancer": _spread(
                base, "cancer", _studies(study_cancer.cancer_key, study_cancer.study_key)
            ),
            "country": _spread(
                base, "country", _studies(study_country.country_key, study_country.study_key)
            ),
            "outcome": _spread(
                base, "outcome", _studies(measurement.outcome_key, measurement.study_key)
            ),
            "direction": _directions(base),
        },
        years=(first, last) if first is not None else None,
        gaps=_gaps(base),
    )


def table_counts(base: Base) -> dict[str, int]:
    """Return the number of rows of each table."""
    from kb_schema.tables import metadata

    return {
        name: base.connection.scalar(select(func.count()).select_from(table)) or 0
        for name, table in sorted(metadata.tables.items())
    }


def _count(base: Base, relation: Relation) -> int:
    query: Select[Any] = select(func.count()).select_from(relation.table)
    return base.connection.scalar(query) or 0


def _studies(term: ColumnElement[Any], key: ColumnElement[Any]) -> Select[Any]:
    """Return the query for the number of studies of each term."""
    return select(term, func.count(key.distinct())).group_by(term)


def _approaches() -> Select[Any]:
    from kb.selection import experimental
    from kb.store.relations import intervention

    return (
        _studies(intervention_approach.approach_key, intervention.study_key)
        .join_from(
            intervention_approach.table,
            intervention.table,
            intervention_approach.intervention_key == intervention.key,
        )
        .where(experimental())
    )


def _spread(base: Base, vocabulary: str, query: Select[Any]) -> list[tuple[str, int]]:
    rows = base.connection.execute(query)
    return _most_first((base.vocabulary.label(vocabulary, term), count) for term, count in rows)


def _directions(base: Base) -> list[tuple[str, int]]:
    query = select(finding.direction, func.count()).group_by(finding.direction)
    rows = base.connection.execute(query)
    return _most_first((name.replace("-", " "), count) for name, count in rows)


def _most_first(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda pair: (-pair[1], pair[0]))


def _gaps(base: Base) -> list[str]:
    """Return in words what the store has none of."""
    lacking = {
        "risk-of-bias judgements": risk_of_bias,
        "ratings of certainty (GRADE, CERQual)": Relation("certainty"),
    }
    told = [f"no {name} were found" for name, table in lacking.items() if not _count(base, table)]
    with_mean = base.connection.scalar(
        select(func.count()).where(Relation("arm_result").sd.is_not(None))
    )
    if not with_mean:
        told.append("no mean with a standard deviation was found")
    total = _count(base, gap)
    return [*told, f"{total} things were looked for and not found; kb show names them by study"]
