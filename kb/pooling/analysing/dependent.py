"""Several effects of one trial in one pool: three-level models and cluster-robust variances."""

from dataclasses import asdict, replace

import numpy as np

from kb.pooling.analysing.engine import NotPooled
from kb.pooling.analysing.fit import Fit, model_of, spread_of
from kb.pooling.evidence import Selection
from kb.pooling.options import COUNT_METHODS, PoolOptions
from kb.synthesis.dependence.multilevel import Multilevel, three_level
from kb.synthesis.dependence.robust import robust
from kb.synthesis.dependence.working_model import WorkingModel, working_model
from kb.synthesis.effects import Effects
from kb.synthesis.pooled import Pooled
from kb.synthesis.pooling import pool


def fit_dependent(selection: Selection, effects: Effects, options: PoolOptions) -> Fit:
    """Return the pooled effect of effects that depend on each other within trials."""
    _check(options)
    studies = [entry.study for entry in selection.entries]
    if options.dependence == "robust":
        return _robust(effects, studies, options)
    if selection.trials == selection.k:
        raise NotPooled(
            "Every trial has one effect here, so there is nothing for --dependence three-level to "
            "tell apart.",
            "Leave it out.",
        )
    if selection.trials == 1:
        raise NotPooled(
            "All effects are of one trial, and --dependence three-level takes two trials.",
            "Leave it out, or let more trials in.",
        )
    model = three_level(effects, studies, rho=options.rho, test=options.test, level=options.share)
    return _of_levels(model, options)


def _check(options: PoolOptions) -> None:
    asked = f"--dependence {options.dependence}"
    if options.method in COUNT_METHODS:
        raise NotPooled(
            f"--method {options.method} pools counts, and {asked} effects.",
            "Choose another method, or one effect per trial.",
        )
    if options.method != "REML":
        raise NotPooled(
            f"{asked} is estimated by REML alone, not by {options.method}.", "Leave out --method."
        )
    if options.test in {"knha", "adhoc"}:
        raise NotPooled(
            f"{asked} has no test {options.test}: Hartung-Knapp is for independent effects.",
            "Leave out --test.",
        )
    if options.subgroup or options.moderators:
        raise NotPooled(
            f"Subgroups and moderators are not computed with {asked}.",
            "Choose --dependence aggregate, or one effect per trial.",
        )


def _of_levels(model: Multilevel, options: PoolOptions) -> Fit:
    levels = model.levels
    return Fit(
        effects=model.effects,
        model="three-level",
        method="REML",
        test=model.test,
        estimate=model.coefficients[0],
        prediction=model.prediction,
        spread=spread_of(None)
        | {"tau2": levels.total, "i2": levels.i2}
        | {"q": levels.q, "q_df": levels.q_df, "q_p": levels.q_p},
        weights=_weights(model.working),
        notes=(*map(_in_trials, model.notes), _assumed(options)),
        levels={"trials": model.n_clusters, "rho": options.rho, **asdict(levels)},
    )


def _robust(effects: Effects, studies: list[str], options: PoolOptions) -> Fit:
    """Return a fit with the interval and the test by CR2.

    The working model is that of correlated and hierarchical effects (Pustejovsky JE, Tipton E. Prev
    Sci 2022;23:425-438), or where every trial has one effect the random-effects model.
    """
    if len(set(studies)) < 2:
        raise NotPooled(
            "All effects are of one trial, and --dependence robust takes two trials.",
            "Leave it out, or let more trials in.",
        )
    if len(set(studies)) < len(studies):
        model = three_level(effects, studies, rho=options.rho, level=options.share)
        fitted, working = _of_levels(model, options), model.working
    else:
        pooled = pool(effects, level=options.share)
        working = working_model(effects, studies, tau2=pooled.heterogeneity.tau2)
        fitted = _independent(pooled, working)
    result = robust(working, level=options.share)
    return replace(
        fitted,
        test=result.kind,
        estimate=result.coefficients[0],
        prediction=None,
        notes=(*map(_in_trials, result.notes), *fitted.notes),
    )


def _independent(pooled: Pooled, working: WorkingModel) -> Fit:
    """Return the random-effects model of trials with one effect each."""
    return Fit(
        effects=pooled.effects,
        model=model_of(pooled.method),
        method=pooled.method,
        test=pooled.test,
        estimate=pooled.estimate,
        prediction=None,
        spread=spread_of(pooled.heterogeneity) | {"tau2_se": None},
        weights=_weights(working),
        notes=("Every trial has one effect here, so --rho plays no part.",),
    )


def _assumed(options: PoolOptions) -> str:
    return (
        "The sampling errors of the effects of one trial are taken to correlate by "
        f"{options.rho:g}; see what another --rho gives."
    )


def _in_trials(note: str) -> str:
    """Return a note of the engine in the words of pooling: its clusters are trials."""
    return note.replace("cluster-", "\0").replace("cluster", "trial").replace("\0", "cluster-")


def _weights(model: WorkingModel) -> tuple[float | None, ...]:
    """Return what each effect contributes to the mean, in percent."""
    parts = [np.linalg.solve(block, np.ones(len(block))) for block in model.blocks]
    weights = np.empty(model.effects.k)
    weights[model.clusters.order] = np.concatenate(parts)
    return tuple((100 * weights / weights.sum()).tolist())
