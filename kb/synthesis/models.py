"""The linear models behind a meta-analysis, at given weights.

A model is fitted by weighted least squares: with W the diagonal matrix of the weights and X the
design, P = W - W X (X'WX)^-1 X'W takes the effects y to their weighted residuals Py. Every
estimator of tau² and every test is made of a few sums of them: y'Py, y'PPy, y'PPPy and the traces
of P, PP and products with V, the diagonal matrix of the sampling variances. A fit gives these sums
without forming P.

`MeanModel` is the meta-analysis proper, X a column of ones; `RegressionModel` has a design. Either
is one model, with one value per study in an array of shape (k,) and sums of shape (), or m of
them side by side, with arrays of shape (k, m) and sums of shape (m,).
"""

from typing import Protocol, TypeGuard, TypeVar

from kb.synthesis.distributions import Array
from kb.synthesis.groups import Index


class Fit(Protocol):
    """A model at given weights."""

    @property
    def q(self) -> Array:
        """The sum y'Py, the weighted sum of squared residuals."""

    @property
    def yppy(self) -> Array:
        """The sum y'PPy."""

    @property
    def ypppy(self) -> Array:
        """The sum y'PPPy."""

    @property
    def trace_w(self) -> Array:
        """The trace of W."""

    @property
    def trace_ww(self) -> Array:
        """The trace of WW."""

    @property
    def trace_p(self) -> Array:
        """The trace of P."""

    @property
    def trace_pp(self) -> Array:
        """The trace of PP."""

    @property
    def trace_pv(self) -> Array:
        """The trace of PV."""

    @property
    def trace_pvp(self) -> Array:
        """The trace of PVP."""

    @property
    def trace_pvpv(self) -> Array:
        """The trace of PVPV."""

    @property
    def log_det_w(self) -> Array:
        """The logarithm of the determinant of W."""

    @property
    def log_det_xwx(self) -> Array:
        """The logarithm of the determinant of X'WX, up to a constant."""


F_co = TypeVar("F_co", bound=Fit, covariant=True)


class Model(Protocol[F_co]):
    """One model, or m of them, that can be fitted at given weights."""

    @property
    def k(self) -> Array:
        """The number of studies, shape () or (m,)."""

    @property
    def p(self) -> int:
        """The number of coefficients."""

    @property
    def total_ss(self) -> Array:
        """The sum of squared deviations of the effects from their plain mean."""

    @property
    def rss(self) -> Array:
        """The residual sum of squares of the fit by ordinary least squares."""

    @property
    def least_vi(self) -> Array:
        """The least sampling variance, shape () or (m,)."""

    @property
    def greatest_vi(self) -> Array:
        """The greatest sampling variance, shape () or (m,)."""

    @property
    def common(self) -> F_co:
        """The fit at the weights 1 / vi, as if there were one effect common to all."""

    @property
    def unweighted(self) -> F_co:
        """The fit by ordinary least squares."""

    def at(self, tau2: Array | float) -> F_co:
        """Fit at the weights 1 / (vi + tau²), tau² of shape () or (m,)."""

    def column(self) -> "Model[F_co]":
        """Return one model as a column, to be fitted at several tau² side by side."""


class Models(Model[F_co], Protocol[F_co]):
    """m models side by side."""

    def take(self, which: Index) -> "Models[F_co]":
        """Return those at these positions, which may repeat."""


def several(model: Model[F_co]) -> TypeGuard[Models[F_co]]:
    """Return whether there are several models, side by side."""
    return model.k.ndim > 0
