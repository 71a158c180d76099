"""REML and ML against an oracle that looks everywhere."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.pooling import pool, pool_many

SETS, STUDIES = 10_000, 10
GRID = 400
ORDERS = [0.6, 2, 4, 8]  # of magnitude, that the variances of a set span


@dataclass(frozen=True)
class Sets:
    """Sets of studies side by side, shape (k, m)."""

    yi: Array
    vi: Array

    def fit(self, tau2: Array | float, method: str) -> tuple[Array, Array]:
        """Return the derivative of twice the log-likelihood, and twice itself, shape (m,)."""
        w = 1 / (self.vi + tau2)
        total = w.sum(axis=0)
        residuals = self.yi - (w * self.yi).sum(axis=0) / total
        score = ((w * residuals) ** 2).sum(axis=0) - total
        value = np.log(w).sum(axis=0) - (w * residuals**2).sum(axis=0)
        if method == "ML":
            return score, value
        return score + (w**2).sum(axis=0) / total, value - np.log(total)

    def bisect(self, method: str, low: Array, high: Array) -> Array:
        """Return where the score falls through zero between low and high."""
        for _ in range(90):
            middle = (low + high) / 2
            rising = self.fit(middle, method)[0] > 0
            low, high = np.where(rising, middle, low), np.where(rising, high, middle)
        return (low + high) / 2


@cache
def simulated() -> Sets:
    """Return sets with variances of one size or of very many, and from no tau2 to much."""
    rng = np.random.default_rng(2026)
    spread = rng.choice(ORDERS, SETS) / 2
    vi = 10 ** rng.uniform(-spread, spread, (STUDIES, SETS))
    tau2 = np.where(rng.random(SETS) < 0.25, 0, 10 ** rng.uniform(-4, 3, SETS))
    return Sets(rng.normal(0, np.sqrt(vi + tau2)), vi)


@cache
def oracle(method: str) -> Array:
    """Return the tau2 of the greatest likelihood on a fine grid, polished by bisection."""
    sets = simulated()
    least = sets.vi.min(axis=0)
    bound = 10 * (sets.yi.var(axis=0, ddof=1) + sets.vi.max(axis=0))
    steps = np.linspace(0, 1, GRID)
    grid = least * np.expm1(np.multiply.outer(steps, np.log1p(bound / least)))
    values = np.array([sets.fit(tau2, method)[1] for tau2 in grid])
    best = values.argmax(axis=0)
    everyone = np.arange(SETS)
    low, high = grid[np.maximum(best - 1, 0), everyone], grid[best + 1, everyone]
    falling_from_the_start = (best == 0) & (sets.fit(0, method)[0] <= 0)
    return np.where(falling_from_the_start, 0, sets.bisect(method, low, high))


@cache
def found(method: str) -> Array:
    sets = simulated()
    groups = np.tile(np.arange(SETS), (STUDIES, 1))
    return pool_many(
        sets.yi.T.ravel(), sets.vi.T.ravel(), groups.T.ravel(), method=method
    ).columns.tau2


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_no_simulated_set_ends_at_the_wrong_maximum(method: str) -> None:
    sets = simulated()
    best, own = sets.fit(oracle(method), method)[1], sets.fit(found(method), method)[1]
    worse = own < best - 1e-13 * (np.abs(best) + STUDIES)
    assert np.flatnonzero(worse).tolist() == []


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_every_simulated_set_is_solved_to_the_last_digits(method: str) -> None:
    sets, tau2 = simulated(), found(method)
    off = np.abs(tau2 - oracle(method)) > 1e-10 * (tau2 + sets.vi.min(axis=0))
    higher = sets.fit(tau2, method)[1] > sets.fit(oracle(method), method)[1]
    assert np.flatnonzero(off & ~higher).tolist() == []


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_a_likelihood_that_falls_from_zero_on_has_its_maximum_at_exactly_zero(method: str) -> None:
    at_zero = oracle(method) == 0
    assert SETS / 10 < at_zero.sum() < SETS / 2
    assert found(method)[at_zero].tolist() == [0] * int(at_zero.sum())


@dataclass(frozen=True)
class Hills:
    """Three studies whose likelihood has several maxima: all of them, and the highest."""

    method: str
    yi: list[float]
    vi: list[float]
    maxima: list[float]
    highest: float

    def sets(self) -> Sets:
        return Sets(np.array(self.yi)[:, None], np.array(self.vi)[:, None])


HILLS = {
    "the higher of 0 and one more, REML": Hills(
        "REML", [3.2, -6.6, 2.7], [0.6, 9, 0.5], [0, 20.747376211490952], 20.747376211490952
    ),
    "the higher of 0 and one more, ML": Hills(
        "ML", [0.2, -1.8, -0.3], [0.03, 5, 0.001], [0, 0.041828408412530826], 0.041828408412530826
    ),
    "0 of 0 and one more, REML": Hills(
        "REML", [14.9, -0.2, -0.1], [30, 0.03, 0.009], [0, 40.58718270756424], 0
    ),
    "0 of 0 and one more, ML": Hills(
        "ML", [3.2, -6.6, 2.7], [0.6, 9, 0.5], [0, 8.994642846062735], 0
    ),
    "the first of two above 0, REML": Hills(
        "REML",
        [-1.1, 11, -1.6],
        [0.05, 20, 0.008],
        [0.11231825830950282, 27.796010100348852],
        0.11231825830950282,
    ),
    "the first of two above 0, ML": Hills(
        "ML",
        [3.2, 3, 0],
        [0.01, 0.009, 1],
        [0.0010583856759065072, 0.7598135793957959],
        0.0010583856759065072,
    ),
    "the second of two above 0, REML": Hills(
        "REML",
        [-8.7, 0.6, -0.1],
        [10, 0.001, 0.002],
        [0.37897006376802334, 15.520029514668739],
        15.520029514668739,
    ),
    "the second of two above 0, ML": Hills(
        "ML",
        [2.7, -2.2, -2.6],
        [2, 0.05, 0.03],
        [0.01894920125182093, 3.4842371714275755],
        3.4842371714275755,
    ),
    "the second of three, by a hair": Hills(
        "ML",
        [-1.8, 13.3, -0.3],
        [0.008, 20, 0.2],
        [0, 0.7176970368277882, 20.86550320207099],
        0.7176970368277882,
    ),
}


@pytest.mark.parametrize("hills", HILLS.values(), ids=HILLS.keys())
def test_of_several_maxima_the_highest_is_taken(hills: Hills) -> None:
    tau2 = pool(Effects.of(hills.yi, hills.vi), method=hills.method).heterogeneity.tau2
    assert tau2 == pytest.approx(hills.highest, rel=1e-12, abs=0)


@pytest.mark.parametrize("hills", HILLS.values(), ids=HILLS.keys())
def test_in_a_batch_the_highest_is_taken_too(hills: Hills) -> None:
    yi, vi = [*hills.yi, 1, 2, 4], [*hills.vi, 1, 1, 1]
    batch = pool_many(yi, vi, [1, 1, 1, 2, 2, 2], method=hills.method)
    assert batch.columns.tau2[0] == pytest.approx(hills.highest, rel=1e-12, abs=0)


@pytest.mark.parametrize("hills", HILLS.values(), ids=HILLS.keys())
def test_the_examples_have_the_maxima_they_are_said_to_have(hills: Hills) -> None:
    sets = hills.sets()
    heights = {}
    for tau2 in hills.maxima:
        near = 1e-6 * (tau2 + min(hills.vi))
        heights[tau2] = sets.fit(tau2, hills.method)[1].item()
        assert sets.fit(tau2 + near, hills.method)[0].item() < 0
        assert tau2 == 0 or sets.fit(tau2 - near, hills.method)[0].item() > 0
    assert max(heights, key=heights.__getitem__) == hills.highest


@pytest.mark.parametrize(
    ("method", "yi", "vi", "highest"),
    [
        ("REML", [0.94, 0.25, -4.97], [0.01, 0.3, 6.0], 2.349195890490825),
        ("REML", [-5.62, 0.89, -0.07], [7.0, 0.2, 0.002], 0.6757728771236524),
        ("ML", [-2.12, 1.18, 1.03], [9.0, 0.005, 0.0009], 0.001362310563938833),
    ],
)
def test_a_maximum_in_a_narrow_place_is_found(
    method: str, yi: list[float], vi: list[float], highest: float
) -> None:
    found = pool(Effects.of(yi, vi), method=method).heterogeneity.tau2
    assert found == pytest.approx(highest, rel=1e-10)
