"""Subgroups: a pooled effect for each kind of study, and whether the kinds differ.

Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis, 2009, chapter 19;
the test is Cochran's Q of the subgroups' pooled effects, with tau² estimated in each alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb.pooling.analysing.engine import NotPooled, Triple, engine_errors, number, triple
from kb.pooling.analysing.fit import Fit, fit
from kb.pooling.analysing.units import Units
from kb.pooling.evidence import Entry
from kb.pooling.options import PoolOptions
from kb.synthesis.design import word
from kb.synthesis.effects import Effects
from kb.synthesis.pooling import pool


@dataclass(frozen=True)
class ModeratorTest:
    """A test that subgroups, or coefficients, do not differ: chi-squared, or F where df2 is one."""

    statistic: float | None
    df1: int
    df2: int | None
    p: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the test as plain data."""
        return {"statistic": self.statistic, "df1": self.df1, "df2": self.df2, "p": self.p}


@dataclass(frozen=True)
class SubgroupRow:
    """The pooled effect of one kind of study, on the scale of analysis.

    `members` are the positions of its entries; `back` are estimate and limits on the reader's
    scale. A number is None where it does not exist, as tau2 in a common-effect model.
    """

    level: str
    members: tuple[int, ...]
    k: int
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    tau2: float | None
    i2: float | None
    q: float | None
    q_df: int | None
    q_p: float | None
    back: Triple

    def as_dict(self, labels: tuple[str, ...]) -> dict[str, Any]:
        """Return the row as plain data; `labels` are those of all entries."""
        names = ("level", "k", "estimate", "se", "ci_low", "ci_high")
        spread = ("tau2", "i2", "q", "q_df", "q_p")
        return {
            **{name: getattr(self, name) for name in (*names, *spread)},
            "back": dict(zip(("estimate", "ci_low", "ci_high"), self.back, strict=True)),
            "studies": [labels[i] for i in self.members],
        }


def subgroups_of(
    units: Units, entries: tuple[Entry, ...], options: PoolOptions
) -> tuple[tuple[SubgroupRow, ...], ModeratorTest | None, tuple[str, ...]]:
    """Return the subgroups in alphabetical order, the test between them, and notes.

    Studies of which the kind is not known are in none, and named in a note.
    """
    if options.subgroup is None:
        return (), None, ()
    kinds = [word(value) for value in units.values(entries, options.subgroup)]
    parts = {
        level: units.take([i for i, kind in enumerate(kinds) if kind == level])
        for level in sorted({kind for kind in kinds if kind})
    }
    fits, notes = _fitted(parts, options)
    unknown = [label for label, kind in zip(units.effects.labels, kinds, strict=True) if not kind]
    if unknown:
        notes.append(f"In no subgroup, for want of one {options.subgroup}: {', '.join(unknown)}.")
    single = [level for level, part in parts.items() if part.k == 1]
    if single:
        notes.append(f"One study alone is not pooled: {', '.join(single)}.")
    test, why_none = _between(fits)
    rows = tuple(_row(level, parts[level], each) for level, each in fits.items())
    return rows, test, (*notes, *why_none)


def _fitted(parts: Mapping[str, Units], options: PoolOptions) -> tuple[dict[str, Fit], list[str]]:
    """Return the pooled effect of each subgroup, and a note on each that has none."""
    fits, notes = {}, []
    for level, part in parts.items():
        try:
            with engine_errors():
                fits[level] = fit(part, options)
        except NotPooled as error:
            notes.append(f"The subgroup {level} is not pooled. {error.problem}")
    return fits, notes


def _row(level: str, part: Units, found: Fit) -> SubgroupRow:
    mean, spread = found.estimate, found.spread
    q_df = spread["q_df"]
    return SubgroupRow(
        level=level,
        members=tuple(sorted(i for members in part.members for i in members)),
        k=part.k,
        estimate=number(mean.estimate),
        se=number(mean.se),
        ci_low=number(mean.ci_low),
        ci_high=number(mean.ci_high),
        tau2=None if found.model == "common" else number(spread["tau2"]),
        i2=number(spread["i2"]),
        q=number(spread["q"]),
        q_df=None if q_df is None else int(q_df),
        q_p=number(spread["q_p"]),
        back=triple(found.effects, mean.estimate, mean.ci_low, mean.ci_high),
    )


def _between(fits: dict[str, Fit]) -> tuple[ModeratorTest | None, tuple[str, ...]]:
    """Return Cochran's Q of the pooled effects, or None and why there is no test."""
    means = [each.estimate for each in fits.values()]
    if len(means) < 2:
        return None, ("There is no test between subgroups: it needs two with a pooled effect.",)
    exact = [level for level, each in fits.items() if each.estimate.se == 0]
    if exact:
        return None, (
            (
                "There is no test between subgroups: the standard error is 0 in "
                f"{', '.join(exact)}. Choose the test z or adhoc."
            ),
        )
    q = pool(
        Effects.of([mean.estimate for mean in means], [mean.se**2 for mean in means]), method="EE"
    ).heterogeneity
    return ModeratorTest(number(q.q), q.q_df, None, number(q.q_p)), ()
