"""Effect sizes from what studies report: a measure and a table in, effects out.

`escalc` chooses by the code of the measure among the functions of this package's modules: counts,
rates, proportions, correlations, means, change and hazards. Measures, columns and options are named
as in R's metafor, whose `escalc` gives the same numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import Parameter, signature

import numpy as np
from numpy.typing import ArrayLike

from kb.synthesis.effect_sizes import (
    change,
    correlations,
    counts,
    hazards,
    means,
    proportions,
    rates,
)
from kb.synthesis.effect_sizes.rows import Rows
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import BadOption, BadTable
from kb.synthesis.measures import MEASURES, measure_of

__all__ = ["columns_of", "escalc"]


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to a measure: the columns it starts from, and the function that takes them.

    `completed` turns the columns of a table that come under other names into those.
    """

    compute: Callable[..., Effects]
    columns: tuple[str, ...]
    completed: Callable[..., tuple[ArrayLike, ...]] | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The names of the function's options."""
        parameters = signature(self.compute).parameters.values()
        return tuple(each.name for each in parameters if each.kind is Parameter.KEYWORD_ONLY)

    def effects(
        self,
        table: Mapping[str, ArrayLike],
        labels: Sequence[str] | None,
        options: Mapping[str, object],
    ) -> Effects:
        """Compute the effects of the studies in the table."""
        values = tuple(table[name] for name in self.columns)
        if self.completed is None:
            return self.compute(*values, labels, **options)
        effects = self.compute(*self.completed(*values, labels), labels, **options)
        return _missing_as_given(effects, table, labels) if effects.left_out else effects


def escalc(
    measure: str,
    table: Mapping[str, ArrayLike],
    labels: Sequence[str] | None = None,
    **options: object,
) -> Effects:
    """Return the effects of the studies in a table, by the code of a measure ("OR", "SMD").

    The table has one column per number that the measure needs (see `columns_of`), each of shape
    (k,) with NaN where a value is missing, and no other. `options` are those of the function that
    computes the measure: `add`, `to` and `drop00` for counts, `vtype` for means, `level` for hazard
    ratios. Raise BadTable for missing or surplus columns, BadOption for a measure or option that
    does not exist, and BadStudy for numbers that cannot be right.
    """
    code = measure_of(measure).code
    for way in _WAYS[code]:
        if set(way.columns) == set(table):
            _check_options(code, way, options)
            return way.effects(table, labels, options)
    raise BadTable(
        f"{code} is computed from the columns {' or from '.join(map(_listed, columns_of(code)))}; "
        f"the table has {_listed(tuple(table)) if table else 'none'}. Give exactly those needed."
    )


def columns_of(measure: str) -> tuple[tuple[str, ...], ...]:
    """Return the sets of columns from which a measure can be computed, the usual one first."""
    return tuple(way.columns for way in _WAYS[measure_of(measure).code])


def _missing_as_given(
    effects: Effects, table: Mapping[str, ArrayLike], labels: Sequence[str] | None
) -> Effects:
    """Let the reasons of the studies left out name the columns of the table."""
    given = Rows.of(labels, **table)
    missing = given.missing()
    rows = np.setdiff1d(np.arange(len(given.labels)), effects.rows).tolist()
    left_out = tuple(
        LeftOut(study.label, missing.get(row, study.reason))
        for row, study in zip(rows, effects.left_out, strict=True)
    )
    return replace(effects, left_out=left_out)


def _check_options(code: str, way: _Way, options: Mapping[str, object]) -> None:
    for name in options:
        if name not in way.options:
            raise BadOption(
                f"{code} from {_listed(way.columns)} has no option {name!r}. "
                f"It has {_listed(way.options) if way.options else 'none'}."
            )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _cells(
    ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike, labels: Sequence[str] | None
) -> tuple[ArrayLike, ...]:
    bi, di = counts.non_events(ai, n1i, ci, n2i, labels)
    return ai, bi, ci, di


def _group(xi: ArrayLike, mi: ArrayLike, labels: Sequence[str] | None) -> tuple[ArrayLike, ...]:
    return xi, proportions.group_sizes(xi, mi, labels)


def _generic(yi: ArrayLike, vi: ArrayLike, labels: Sequence[str] | None) -> Effects:
    return Effects.of(yi, vi, labels)


def _log_hazard_ratio(yi: ArrayLike, vi: ArrayLike, labels: Sequence[str] | None) -> Effects:
    return Effects.of(yi, vi, labels, measure=MEASURES["HR"])


def _variance(yi: ArrayLike, sei: ArrayLike, labels: Sequence[str] | None) -> tuple[ArrayLike, ...]:
    rows = Rows.of(labels, yi=yi, sei=sei)
    rows.refuse(
        rows["sei"] <= 0,
        "the standard error is {sei:g}",
        "A standard error is above zero; correct it.",
    )
    return rows["yi"], np.square(rows["sei"])


def _of_tables(compute: Callable[..., Effects]) -> tuple[_Way, ...]:
    return (
        _Way(compute, ("ai", "bi", "ci", "di")),
        _Way(compute, ("ai", "n1i", "ci", "n2i"), _cells),
    )


def _of_rates(compute: Callable[..., Effects]) -> tuple[_Way, ...]:
    return (_Way(compute, ("x1i", "t1i", "x2i", "t2i")),)


def _of_means(compute: Callable[..., Effects]) -> tuple[_Way, ...]:
    return (_Way(compute, ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")),)


def _of_proportions(compute: Callable[..., Effects]) -> tuple[_Way, ...]:
    return _Way(compute, ("xi", "ni")), _Way(compute, ("xi", "mi"), _group)


_CHANGE = ("m1i", "m2i", "sd1i", "sd2i", "ri", "ni")

_WAYS: dict[str, tuple[_Way, ...]] = {
    "GEN": (_Way(_generic, ("yi", "vi")), _Way(_generic, ("yi", "sei"), _variance)),
    "OR": _of_tables(counts.odds_ratio),
    "RR": _of_tables(counts.risk_ratio),
    "RD": _of_tables(counts.risk_difference),
    "PETO": _of_tables(counts.peto),
    "AS": _of_tables(counts.arcsine),
    "IRR": _of_rates(rates.rate_ratio),
    "IRD": _of_rates(rates.rate_difference),
    "HR": (
        _Way(hazards.from_interval, ("hr", "ci_low", "ci_high")),
        _Way(hazards.from_p_value, ("hr", "p")),
        _Way(hazards.from_observed_minus_expected, ("o_minus_e", "v")),
        _Way(_log_hazard_ratio, ("yi", "vi")),
        _Way(_log_hazard_ratio, ("yi", "sei"), _variance),
    ),
    "MD": _of_means(means.mean_difference),
    "SMD": _of_means(means.standardised_mean_difference),
    "SMDH": _of_means(means.standardised_mean_difference_unequal),
    "ROM": _of_means(means.log_ratio_of_means),
    "MC": (_Way(change.mean_change, _CHANGE),),
    "SMCC": (_Way(change.standardised_by_change, _CHANGE),),
    "SMCR": (_Way(change.standardised_by_start, ("m1i", "m2i", "sd1i", "ri", "ni")),),
    "PR": _of_proportions(proportions.raw),
    "PLO": _of_proportions(proportions.logit),
    "PAS": _of_proportions(proportions.arcsine),
    "PFT": _of_proportions(proportions.double_arcsine),
    "ZCOR": (_Way(correlations.fisher_z, ("ri", "ni")),),
}
