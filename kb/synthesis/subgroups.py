"""Subgroup analysis: a pooled effect for each kind of study, and whether the kinds differ.

Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to Meta-Analysis, 2009, chapter 19.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kb.synthesis.distributions import chi2_upper
from kb.synthesis.effects import Effects, LeftOut
from kb.synthesis.errors import BadTable, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate, p_value
from kb.synthesis.heterogeneity import Heterogeneity
from kb.synthesis.metaregression import Omnibus, Regression, regress
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooling import pool


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
            *(f"left out: {study}" for study in self.left_out),
        ]
        return "\n".join(lines)


def subgroup_analysis(
    effects: Effects,
    kinds: Sequence[str | None],
    *,
    common_tau2: bool = False,
    method: str = "REML",
    test: str = "z",
    level: float = DEFAULT_LEVEL,
) -> Subgroups:
    """Return the subgroups of the effects by their kinds, one word per study (None: not known).

    With separate tau² each subgroup is pooled alone, and Q between them is the sum of
    (mean - overall)² / se² over the subgroups. With a common tau² it is a regression on the kinds.
    """
    if len(kinds) != effects.k:
        raise BadTable(f"There are {len(kinds)} kinds for {effects.k} studies. Give one per study.")
    known = np.array([bool(kind) for kind in kinds])
    left_out = effects.left_out + tuple(
        LeftOut(effects.labels[i], "its subgroup is not known")
        for i in np.flatnonzero(~known).tolist()
    )
    used = effects.take(known)
    words = [str(kind) for kind in kinds if kind]
    levels = sorted(set(words))
    if len(levels) < 2:
        raise TooFewStudies("A test between subgroups", needed=2, found=len(levels))
    parts = {word: used.take([kind == word for kind in words]) for word in levels}
    if common_tau2:
        return _with_common_tau2(used, words, parts, left_out, method, test, level)
    pooled = {
        word: pool(part, method=method, test=test, level=level) for word, part in parts.items()
    }
    return Subgroups(
        tuple(
            Subgroup(word, parts[word], each.estimate, each.heterogeneity)
            for word, each in pooled.items()
        ),
        _between(list(pooled.values())),
        None,
        left_out,
        _notes(parts),
    )


def _between(pooled: Sequence[Pooled]) -> Omnibus:
    """Return Cochran's Q of the subgroup means."""
    means = np.array([each.estimate.estimate for each in pooled])
    weights = np.array([each.estimate.se for each in pooled]) ** -2.0
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
        tuple(Subgroup(word, part, estimate, None) for (word, part), estimate in estimates),
        contrasts.omnibus,
        means.heterogeneity,
        left_out,
        _notes(parts),
    )


def _notes(parts: dict[str, Effects]) -> tuple[str, ...]:
    single = [word for word, part in parts.items() if part.k == 1]
    if not single:
        return ()
    return (f"One study alone is not pooled: {', '.join(single)}.",)
