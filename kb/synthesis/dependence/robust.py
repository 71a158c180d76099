"""Cluster-robust standard errors: right in large samples whatever the true covariance in a cluster.

With W the inverse of the working covariance, M_i its block of cluster i, e_i the residuals, and
B = (X'WX)^-1, the sandwich estimator is B (sum of X_i'W_i A_i e_i e_i'A_i'W_i X_i) B. Its kinds are

- CR0: A = I. Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models.
  Biometrika 1986;73:13-22; for meta-analysis Hedges LV, Tipton E, Johnson MC. Robust variance
  estimation in meta-regression with dependent effect size estimates. Res Synth Methods
  2010;1:39-65. Too small with few clusters.
- CR1: CR0 times n / (n - p) for n clusters and p coefficients; both with t of n - p degrees of
  freedom, as metafor's `robust`.
- CR2: A_i makes the estimator unbiased if the working covariance is right. Bell RM, McCaffrey DF.
  Bias reduction in standard errors for linear regression with multi-stage samples. Surv Methodol
  2002;28:169-181; Pustejovsky JE, Tipton E. Small-sample methods for cluster-robust variance
  estimation and hypothesis testing in fixed effects models. J Bus Econ Stat 2018;36:672-683. The
  degrees of freedom are Satterthwaite's, one number for each coefficient, as clubSandwich's.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kb.synthesis.dependence.clusters import Index
from kb.synthesis.dependence.multilevel import Multilevel
from kb.synthesis.dependence.working_model import WorkingModel
from kb.synthesis.distributions import Array
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.estimates import DEFAULT_LEVEL, Estimate, check_level, wald
from kb.synthesis.words import said

KINDS = {
    "CR0": "large-sample cluster-robust (CR0)",
    "CR1": "cluster-robust, n / (n - p) (CR1)",
    "CR2": "bias-reduced cluster-robust (CR2), Satterthwaite degrees of freedom",
}

# Tipton E. Small sample adjustments for robust variance estimation with meta-regression. Psychol
# Methods 2015;20:375-393: with fewer degrees of freedom the t approximation fails, and with fewer
# clusters the large-sample kinds need an adjustment.
FEWEST_DF = 4
MANY_CLUSTERS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Robust:
    """Coefficients with cluster-robust standard errors, on the scale of analysis.

    Attributes:
        model: the working model.
        kind: CR0, CR1 or CR2.
        coefficients: the p estimates, in the order of `model.design.names`.
        covariance: their robust covariance, shape (p, p).
        notes: what a reader must know of this result beyond its numbers.
    """

    model: WorkingModel
    kind: str
    coefficients: tuple[Estimate, ...]
    covariance: Array
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """The number of effects."""
        return self.model.effects.k

    @property
    def n_clusters(self) -> int:
        """The number of clusters."""
        return self.model.clusters.n

    def summary(self) -> str:
        """Return the result in the field's words, a line for each part."""
        names = self.model.design.names
        width = max(map(len, names))
        lines = [
            f"{self.k} effects in {self.n_clusters} clusters; standard errors: {KINDS[self.kind]}",
            *(
                f"{name:<{width}}  {estimate.summary()}"
                for name, estimate in zip(names, self.coefficients, strict=True)
            ),
            *self.notes,
            *said(self.model.effects.left_out),
        ]
        return "\n".join(lines)


def robust(
    fit: Multilevel | WorkingModel, *, kind: str = "CR2", level: float = DEFAULT_LEVEL
) -> Robust:
    """Return the coefficients of a fit with cluster-robust standard errors, tests and intervals.

    A common-effect or a random-effects model is given as a working model, which estimates tau²:
    `working_model(effects, cluster, method="REML")`.
    """
    model = fit.working if isinstance(fit, Multilevel) else fit
    _check(model, kind, level)
    regression = _Regression(model)
    stacks = tuple(_stacks(model))
    unbiased = [_adjusted(regression, stack, "CR2") for stack in stacks]
    reduced = kind == "CR2"
    parts = unbiased if reduced else [_adjusted(regression, stack, kind) for stack in stacks]
    scores = np.concatenate([part.scores for part in parts])
    covariance = scores.T @ scores
    n, p = scores.shape
    if kind == "CR1":
        covariance *= n / (n - p)
    captured, satterthwaite = _moments(unbiased)
    captured /= regression.variances
    _refuse_uncaptured(model.design.names, captured)
    degrees = satterthwaite if reduced else np.full(p, float(n - p))
    coefficients = tuple(
        wald(estimate, se, df=df, level=level)
        for estimate, se, df in zip(
            regression.beta, np.sqrt(np.diag(covariance)), degrees, strict=True
        )
    )
    notes = _notes(model, kind, degrees, captured)
    return Robust(model, kind, coefficients, covariance, notes)


def _check(model: WorkingModel, kind: str, level: float) -> None:
    check_level(level)
    if kind not in KINDS:
        raise BadOption(f"There is no robust variance {kind!r}. Choose one of {', '.join(KINDS)}.")
    p, n = len(model.design.names), model.clusters.n
    needed = 2 if kind == "CR2" else p + 1
    if n < needed:
        what = f"A robust variance ({kind}) of {p} coefficient{'s' if p > 1 else ''}"
        raise TooFewStudies(what, needed, n, noun="clusters")


@dataclass(frozen=True, slots=True, eq=False)
class _Stack:
    """The m clusters of n effects each: positions of the effects and covariance blocks."""

    rows: Index
    blocks: Array


def _stacks(model: WorkingModel) -> Iterator[_Stack]:
    """Yield the clusters of each size together, so that their matrices are handled at once."""
    clusters = model.clusters
    for n in np.unique(clusters.sizes).tolist():
        which = np.flatnonzero(clusters.sizes == n)
        rows = clusters.order[clusters.starts[which][:, None] + np.arange(n)]
        yield _Stack(rows, np.stack([model.blocks[i] for i in which.tolist()]))


class _Regression:
    """Generalised least squares with the working covariance.

    It is done with orthonormal columns Q in place of the design, X = Q R. `root` is r of
    (Q'WQ)^-1 = r r', and `contrast` takes coefficients of Q to those of X;
    `variances` are those of the coefficients under the working covariance.
    """

    def __init__(self, model: WorkingModel) -> None:
        self.basis, triangle = np.linalg.qr(model.design.matrix)
        columns = np.column_stack([self.basis, model.effects.yi])
        whitened = [
            np.linalg.solve(np.linalg.cholesky(stack.blocks), columns[stack.rows])
            for stack in _stacks(model)
        ]
        flat = np.concatenate([part.reshape(-1, columns.shape[1]) for part in whitened])
        span, inner = np.linalg.qr(flat[:, :-1])
        self.root = np.linalg.inv(inner)
        self.contrast = np.linalg.inv(triangle)
        self.variances = ((self.contrast @ self.root) ** 2).sum(axis=1)
        gamma = self.root @ (span.T @ flat[:, -1])
        self.beta = self.contrast @ gamma
        self.residuals = model.effects.yi - self.basis @ gamma


@dataclass(frozen=True, slots=True, eq=False)
class _Adjusted:
    """What m clusters contribute to the p coefficients.

    With a = A'WXBc for a coefficient c'b, `scores` are a'e, `variances` a'Ma, both shape (m, p),
    and `fitted` is r'Q'a, shape (m, p, p), coefficients last.
    """

    scores: Array
    variances: Array
    fitted: Array


def _adjusted(regression: _Regression, stack: _Stack, kind: str) -> _Adjusted:
    z, m = regression.basis[stack.rows], stack.blocks
    a = np.linalg.solve(m, z) @ (regression.root @ regression.root.T @ regression.contrast.T)
    if kind == "CR2":
        a = _bell_mccaffrey(m, z @ regression.root) @ a
    return _Adjusted(
        np.einsum("mnp,mn->mp", a, regression.residuals[stack.rows]),
        (a * (m @ a)).sum(axis=1),
        np.swapaxes(z @ regression.root, 1, 2) @ a,
    )


def _bell_mccaffrey(m: Array, h: Array) -> Array:
    """Return A = L (L'CL)^(-1/2) L', where M = LL' and C = M - hh' is the residuals' covariance.

    It is the symmetric A with A C A = M. Where the cluster determines a coefficient by itself C is
    singular, and the root is that of the Moore-Penrose inverse.
    """
    lower = np.linalg.cholesky(m)
    upper = np.swapaxes(lower, 1, 2)
    projected = upper @ h
    values, vectors = np.linalg.eigh(upper @ m @ lower - projected @ np.swapaxes(projected, 1, 2))
    real = values > 1e-12 * (upper @ m @ lower).trace(axis1=1, axis2=2)[:, None]
    roots = np.where(real, 1 / np.sqrt(np.where(real, values, 1)), 0)
    turned = lower @ vectors
    return np.asarray((turned * roots[:, None, :]) @ np.swapaxes(turned, 1, 2))


def _moments(parts: list[_Adjusted]) -> tuple[Array, Array]:
    """Return tr G and (tr G)² / tr G² for each coefficient, both shape (p,).

    The robust variance of c'b is a quadratic form of the effects, and under the working covariance
    G is the n x n matrix of elements g_ij = a_i'(M_i 1(i = j) - X_i B X_j') a_j: its trace is the
    expectation, the ratio Satterthwaite's degrees of freedom (Pustejovsky & Tipton 2018). Neither
    needs G: a_i'X_i B X_j'a_j is f_i'f_j with f_i = r'Q_i'a_i, and the sum of (f_i'f_j)² over all
    pairs is that of the squared elements of the p x p matrix sum of f_i f_i'.
    """
    variances = np.concatenate([part.variances for part in parts])
    fitted = np.concatenate([part.fitted for part in parts])
    explained = (fitted**2).sum(axis=1)
    trace = (variances - explained).sum(axis=0)
    products = np.einsum("mpc,mqc->cpq", fitted, fitted)
    squares = (variances * (variances - 2 * explained)).sum(axis=0)
    squares += (products**2).sum(axis=(1, 2))
    return trace, trace**2 / np.where(squares > 0, squares, 1)


def _refuse_uncaptured(names: tuple[str, ...], captured: Array) -> None:
    """Raise if a robust variance is zero whatever the effects; `captured` is its expected share."""
    for i in np.flatnonzero(captured <= 1e-8).tolist():
        raise BadOption(
            f"The coefficient {names[i]} rests on single clusters, whose residuals say nothing of "
            "its variance: there is no robust standard error. Leave out the column."
        )


def _notes(model: WorkingModel, kind: str, degrees: Array, captured: Array) -> tuple[str, ...]:
    n, names = model.clusters.n, model.design.names
    notes = [*model.design.notes]
    notes += [
        f"{name}: {df:.2g} degrees of freedom; below {FEWEST_DF} the interval and the p-value "
        "cannot be relied upon."
        for name, df in zip(names, degrees.tolist(), strict=True)
        if df < FEWEST_DF
    ]
    notes += [
        f"{name} rests in part on a single cluster, which cannot tell of its own variance: the "
        "standard error is too small."
        for name, share in zip(names, captured.tolist(), strict=True)
        if share < 1 - 1e-6
    ]
    if kind != "CR2" and n < MANY_CLUSTERS:
        notes.append(
            f"{n} clusters are few for {kind}, which then tends to be too small. Choose CR2."
        )
    return tuple(notes)
