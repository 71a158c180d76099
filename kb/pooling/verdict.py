"""Whether effects may be pooled, why, and what would change it: what a reader is told first."""

import math
from collections import Counter
from collections.abc import Iterator

from kb.pooling.analysing.analysis import Analysis
from kb.pooling.evidence import Selection, Verdict
from kb.pooling.naming import names, with_article
from kb.pooling.options import DEPENDENCE, PoolOptions

FEW = 3
"""Up to so many trials tell next to nothing of heterogeneity."""

CONSIDERABLE = 75.0
"""I² in percent from which heterogeneity is considerable (Cochrane Handbook 10.10.2)."""

MANIFOLD = 4.0
"""So many times as large as another, a standard deviation is hardly of the same unit."""

_NUMBERS = {2: "Two", 3: "Three"}


def judge(
    selection: Selection, analysis: Analysis | None, options: PoolOptions, refused: str = ""
) -> Verdict:
    """Return the verdict on effects from the store or from a file.

    `refused` is why effects that are there were not analysed, "" where they were.
    """
    if selection.trials < 2 or refused:
        few = [_too_few(selection, analysis)] if selection.trials < 2 else []
        reasons = (*few, *([refused] if refused else []), *selection.cautions)
        return Verdict("not poolable", reasons, selection.unlock)
    reasons = (
        *_few(selection),
        *selection.cautions,
        *_spreads(selection),
        *(_heterogeneity(analysis) if analysis else ()),
        *_dependence(selection, options),
    )
    status = "poolable with cautions" if reasons else "poolable"
    return Verdict(status, reasons, selection.unlock)


def _too_few(selection: Selection, analysis: Analysis | None) -> str:
    what = with_article(selection.measure.reported if selection.measure else "effect")
    if not selection.entries:
        return f"No trial has {what} with its variance that may enter."
    first = selection.entries[0]
    if selection.k > 1:
        labels = names([entry.label for entry in selection.entries])
        return f"All {selection.k} effects are of one study ({labels}); to pool takes two."
    shown = "; shown is its own effect" if analysis else ""
    return f"Only {first.label} has {what} with its variance{shown}."


def _few(selection: Selection) -> Iterator[str]:
    if selection.trials > FEW:
        return
    each_once = selection.k == selection.trials
    labels = f" ({names([entry.label for entry in selection.entries])})" if each_once else ""
    yield (
        f"{_NUMBERS[selection.trials]} trials{labels}: how much their effects differ can hardly "
        "be estimated."
    )


def _spreads(selection: Selection) -> Iterator[str]:
    """Yield that means are hardly on one scale, where their standard deviations differ greatly.

    The pooled one of a trial is what its variance and the sizes of its arms imply.
    """
    if selection.measure is None or selection.measure.code != "MD":
        return
    spreads = {
        entry.label: math.sqrt(entry.vi / (1 / treated + 1 / control))
        for entry in selection.entries
        for treated, control in (entry.n,)
        if treated and control and entry.vi > 0
    }
    if not spreads:
        return
    least, most = (choose(spreads, key=spreads.__getitem__) for choose in (min, max))
    if spreads[most] > MANIFOLD * spreads[least]:
        yield (
            f"Standard deviations reach from {spreads[least]:.3g} ({least}) to "
            f"{spreads[most]:.3g} ({most}): are all means in one unit (a sum of items, or their "
            "mean)? --measure SMD needs none."
        )


def _heterogeneity(analysis: Analysis) -> Iterator[str]:
    result = analysis.result
    i2 = result["i2"]
    if i2 is not None and i2 >= CONSIDERABLE:
        yield f"Heterogeneity is considerable: I² is {i2:.0f} % (Cochrane Handbook 10.10.2)."
    null = analysis.measure.null
    ends = [result[name] for name in ("ci_low", "ci_high", "pi_low", "pi_high")]
    if null is None or any(end is None for end in ends):
        return
    ci_low, ci_high, pi_low, pi_high = ends
    if not ci_low <= null <= ci_high and pi_low <= null <= pi_high:
        yield (
            "The prediction interval includes no effect although the confidence interval excludes "
            "it: in a new trial the effect may be absent or the opposite."
        )


def _dependence(selection: Selection, options: PoolOptions) -> Iterator[str]:
    if options.dependence == "one" or selection.k == selection.trials:
        return
    effects = Counter(entry.study for entry in selection.entries)
    count = sum(each > 1 for each in effects.values())
    trials = "1 trial has" if count == 1 else f"{count} trials have"
    yield (
        f"{trials} several effects, which depend on each other. Pooled are "
        f"{DEPENDENCE[options.dependence]}; rho = {options.rho:g} is an assumption."
    )
