"""Several effects of one trial in one pool: three-level models and cluster-robust variances."""

from dataclasses import asdict

import numpy as np

from kb.pooling.analysing.engine import NotPooled
from kb.pooling.analysing.fit import Fit, model_of, spread_of
from kb.pooling.evidence import Selection
from kb.pooling.options import COUNT_METHODS, PoolOptions
from kb.synthesis.dependence.multilevel import three_level
from kb.synthesis.dependence.robust import robust
from kb.synthesis.dependence.working_model import WorkingModel, working_model
from kb.synthesis.effects import Effects
from kb.synthesis.pooling import pool


def fit_dependent(selection: Selection, effects: Effects, options: PoolOptions) -> Fit:
    """Return the pooled effect of effects that depend on each other within trials."""
    _check(options)
    studies = [entry.study for entry in selection.entries]
    compute = _three_level if options.dependence == "three-level" else _robust
    return compute(effects, studies, options)


def _check(options: PoolOptions) -> None:
    asked = f"--dependence {options.dependence}"
    if options.method in COUNT_METHODS:
        raise NotPooled(
            f"--method {options.method} pools counts, and {asked} effects.",
            "Choose another method, or one effect per trial.",
        )
    if options.dependence == "three-level" and options.method != "REML":
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


def _three_level(effects: Effects, studies: list[str], options: PoolOptions) -> Fit:
    model = three_level(effects, studies, rho=options.rho, test=options.test, level=options.share)
    levels = model.levels
    return Fit(
        effects=effects,
        model="three-level",
        method="REML",
        test=model.test,
        estimate=model.coefficients[0],
        prediction=model.prediction,
        spread=spread_of(None)
        | {"tau2": levels.total, "i2": levels.i2}
        | {"q": levels.q, "q_df": levels.q_df, "q_p": levels.q_p},
        weights=_weights(model.working),
        notes=(
            *model.notes,
            (
                f"The sampling errors of the effects of one trial are taken to correlate by "
                f"{options.rho:g}; see what another --rho gives."
            ),
        ),
        levels={"trials": model.n_clusters, "rho": options.rho, **asdict(levels)},
    )


def _robust(effects: Effects, studies: list[str], options: PoolOptions) -> Fit:
    pooled = pool(effects, method=options.method, level=options.share)
    model = working_model(effects, studies, tau2=pooled.heterogeneity.tau2)
    result = robust(model, level=options.share)
    return Fit(
        effects=effects,
        model=model_of(pooled.method),
        method=pooled.method,
        test=result.kind,
        estimate=result.coefficients[0],
        prediction=None,
        spread=spread_of(pooled.heterogeneity) | {"tau2_se": None},
        weights=_weights(model),
        notes=(
            *result.notes,
            (
                "The weights and tau² take all effects for independent; the interval and the test "
                "allow for effects of one trial being alike."
            ),
        ),
    )


def _weights(model: WorkingModel) -> tuple[float | None, ...]:
    """Return what each effect contributes to the mean, in percent."""
    parts = [np.linalg.solve(block, np.ones(len(block))) for block in model.blocks]
    weights = np.empty(model.effects.k)
    weights[model.clusters.order] = np.concatenate(parts)
    return tuple((100 * weights / weights.sum()).tolist())
