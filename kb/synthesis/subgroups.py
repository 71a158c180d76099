"""Subgroup analysis: a pooled effect for each kind of study, and whether the kinds differ.

Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis, 2009, chapter 19.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb.synthesis.design import word
from kb.synthesis.distributions import chi2_upper
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import BadOption, BadTable, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.metaregression import Omnibus, Regression, regress
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooling import pool
from kb.synthesis.words import p_value, said


@dataclass(frozen=True, slots=True, eq=False)
class Subgroup:
    """The pooled effect of the studies of one kind.

    `heterogeneity` is None where tau² is common to all subgroups: see `Subgroups.residual`.
    """

    level: str
    effects: Effects
    estimate: Estimate
    heterogeneity: Heterogeneity | None

    @property
    def k(self) -> int:
        """The number of studies."""
        return self.effects.k


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """The subgroups, in alphabetical order, and the test that their true mean effects are equal.

    `residual` is the heterogeneity within all subgroups together where tau² is common, otherwise
    None. `left_out` names the studies without a kind.
    """

    subgroups: tuple[Subgroup, ...]
    between: Omnibus
    residual: Heterogeneity | None
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    def summary(self) -> str:
        """Return a line for each subgroup and one for the test between them."""
        width = max(len(each.level) for each in self.subgroups)
        test = self.between
        name = f"Q({test.df1})" if test.df2 is None else f"F({test.df1}, {test.df2})"
        lines = [
            *(
                f"{each.level:<{width}}  k = {each.k}  {each.estimate.summary()}"
                for each in self.subgroups
            ),
            f"between subgroups: {name} = {test.statistic:.2f}, {p_value(test.p)}",
            *self.notes,
            *said(self.left_out),
        ]
        return "\n".join(lines)


def subgroup_analysis(
    effects: Effects,
    kinds: Sequence[object],
    *,
    common_tau2: bool = False,
    method: str = "REML",
    test: str = "z",
    level: float = DEFAULT_LEVEL,
) -> Subgroups:
    """Return the subgroups of the effects by their kinds, one word per study.

    A kind that is None, NaN or blank is not known, and its study is left out by name. With
    separate tau² each subgroup is pooled alone, and Q between them is the sum of
    (mean - overall)² / se² over the subgroups. With a common tau² it is a regression on the kinds.

    Raise TooFewStudies unless there are two subgroups, and BadOption where Hartung-Knapp gives a
    subgroup a standard error of 0, as it does if its effects are identical.
    """
    if len(kinds) != effects.k:
        raise BadTable(f"There are {len(kinds)} kinds for {effects.k} studies. Give one per study.")
    names = [word(kind) for kind in kinds]
    known = np.array([name != "" for name in names], dtype=bool)
    left_out = effects.left_out + tuple(
        LeftOut(effects.labels[i], "its subgroup is not known")
        for i in np.flatnonzero(~known).tolist()
    )
    used = effects.take(known)
    words = [name for name in names if name]
    levels = sorted(set(words))
    if len(levels) < 2:
        raise TooFewStudies(
            "A test between subgroups", needed=2, found=len(levels), noun="subgroups"
        )
    parts = {name: used.take([each == name for each in words]) for name in levels}
    if common_tau2:
        return _with_common_tau2(used, words, parts, left_out, method, test, level)
    pooled = {
        name: pool(part, method=method, test=test, level=level) for name, part in parts.items()
    }
    return Subgroups(
        tuple(
            Subgroup(name, parts[name], each.estimate, each.heterogeneity)
            for name, each in pooled.items()
        ),
        _between(pooled),
        None,
        left_out,
        _notes(parts),
    )


def _between(pooled: Mapping[str, Pooled]) -> Omnibus:
    """Return Cochran's Q of the subgroup means."""
    for name, each in pooled.items():
        if each.estimate.se == 0:
            raise BadOption(
                f"The effects of the subgroup {name} are identical, and its standard error is 0. "
                "Choose the test z or adhoc."
            )
    means = np.array([each.estimate.estimate for each in pooled.values()])
    weights = np.array([each.estimate.se for each in pooled.values()]) ** -2.0
    overall = (weights @ means) / weights.sum()
    q = weights @ (means - overall) ** 2
    df = len(pooled) - 1
    return Omnibus(float(q), df, None, float(chi2_upper(q, df)))


def _with_common_tau2(
    effects: Effects,
    words: Sequence[str],
    parts: dict[str, Effects],
    left_out: tuple[LeftOut, ...],
    method: str,
    test: str,
    level: float,
) -> Subgroups:
    contrasts = regress(effects, {"kind": words}, method=method, test=test, level=level)
    means: Regression = regress(
        effects, {"kind": words}, method=method, test=test, level=level, intercept=False
    )
    assert contrasts.omnibus is not None
    estimates = zip(parts.items(), means.coefficients, strict=True)
    return Subgroups(
        tuple(Subgroup(name, part, estimate, None) for (name, part), estimate in estimates),
        contrasts.omnibus,
        means.heterogeneity,
        left_out,
        _notes(parts),
    )


def _notes(parts: dict[str, Effects]) -> tuple[str, ...]:
    single = [name for name, part in parts.items() if part.k == 1]
    if not single:
        return ()
    return (f"One study alone is not pooled: {', '.join(single)}.",)
