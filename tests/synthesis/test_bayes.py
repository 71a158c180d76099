import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from kb.synthesis.bayes import (
    NormalPrior,
    Posterior,
    TauPrior,
    bayes,
    flat,
    half_cauchy,
    half_normal,
    uniform,
)
from kb.synthesis.bayes.quadrature import normalise
from kb.synthesis.bayes.roots import increasing_root, sign_change
from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.measures import MEASURES

# Rubin DB. Estimation in parallel randomized experiments. J Educ Stat 1981;6:377-401.
SCHOOLS = Effects.of(
    [28, 8, -3, 7, -1, 1, 18, 12], np.square([15, 10, 16, 11, 9, 11, 10, 18]), list("ABCDEFGH")
)
TWO = Effects.of([0.3, -0.5], [0.04, 0.1])
ALIKE = Effects.of([0.4, 0.4, 0.4], [0.1, 0.2, 0.3])
APART = Effects.of([0.0, 9.0, 4.0], [0.2, 0.5, 0.1])
ONE = Effects.of([0.3], [0.04])

CASES = [
    (SCHOOLS, half_normal(25), NormalPrior(0, 50)),
    (SCHOOLS, half_cauchy(5), NormalPrior(5, 10)),
    (SCHOOLS, uniform(20), NormalPrior(0, 20)),
    (TWO, half_normal(0.5), NormalPrior(0, 2)),
    (TWO, uniform(0.1), NormalPrior(0, 2)),
    (ALIKE, half_normal(0.5), NormalPrior(0, 1)),
    (ALIKE, half_cauchy(0.5), NormalPrior(0, 1)),
    (APART, half_normal(0.5), NormalPrior(-1, 2)),
    (ONE, half_normal(0.5), NormalPrior(0, 1)),
    (ONE, half_cauchy(0.5), NormalPrior(0, 1)),
]


class Brute:
    """The same posterior by adaptive quadrature over tau of multivariate normal densities."""

    def __init__(self, effects: Effects, tau_prior: TauPrior, mu_prior: NormalPrior) -> None:
        self.effects, self.tau_prior, self.mu_prior = effects, tau_prior, mu_prior
        self.likelihood = cache(self._likelihood)
        self.given = cache(self._given)
        self.whole = self.integral(lambda _: 1.0)

    def covariance(self, tau: float) -> Array:
        return np.asarray(np.diag(self.effects.vi + tau**2) + self.mu_prior.sd**2)

    def _likelihood(self, tau: float) -> float:
        mean = np.full(self.effects.k, self.mu_prior.mean)
        normal = stats.multivariate_normal(mean, self.covariance(tau))
        return float(normal.pdf(self.effects.yi) * self.tau_prior.density(np.array(tau)))

    def integral(self, function: Callable[[float], float], upper: float = math.inf) -> float:
        """Integrate over tau from 0 to `upper`, piece by piece on a logarithmic scale."""
        end = min(upper, self.tau_prior.upper)
        bounds = [0.0, *np.geomspace(0.01, 1e7, 31)]
        bounds = [bound for bound in bounds if bound < end] + ([end] if end < 1e7 else [])
        return math.fsum(
            integrate.quad(
                lambda tau: self.likelihood(tau) * function(tau), low, high, epsrel=1e-12
            )[0]
            for low, high in pairwise(bounds)
        )

    def expected(self, function: Callable[[float], float]) -> float:
        return self.integral(function) / self.whole

    def _given(self, tau: float) -> tuple[float, float]:
        """Regress mu on the effects, all of them being jointly normal."""
        gain = np.linalg.solve(self.covariance(tau), np.full(self.effects.k, self.mu_prior.sd**2))
        mean = self.mu_prior.mean + gain @ (self.effects.yi - self.mu_prior.mean)
        return float(mean), float(self.mu_prior.sd**2 * (1 - gain.sum()))


@pytest.fixture(scope="module", params=CASES, ids=range(len(CASES)))
def pair(request: pytest.FixtureRequest) -> tuple[Posterior, Brute]:
    effects, tau_prior, mu_prior = request.param
    found = bayes(effects, tau_prior=tau_prior, mu_prior=mu_prior)
    return found, Brute(effects, tau_prior, mu_prior)


def test_the_marginal_likelihood_is_that_of_brute_force(pair: tuple[Posterior, Brute]) -> None:
    found, brute = pair
    assert found.log_marginal_likelihood == pytest.approx(math.log(brute.whole), abs=1e-9)


def test_mean_and_sd_of_mu_are_those_of_brute_force(pair: tuple[Posterior, Brute]) -> None:
    found, brute = pair
    mean = brute.expected(lambda tau: brute.given(tau)[0])
    square = brute.expected(lambda tau: brute.given(tau)[1] + (brute.given(tau)[0] - mean) ** 2)
    assert found.mu.sd == pytest.approx(math.sqrt(square), rel=1e-9)
    assert found.mu.mean == pytest.approx(mean, abs=1e-9 * math.sqrt(square))


def test_the_intervals_of_mu_hold_their_probability_by_brute_force(
    pair: tuple[Posterior, Brute],
) -> None:
    found, brute = pair
    for limit, share in ((found.mu.low, 0.025), (found.mu.median, 0.5), (found.mu.high, 0.975)):

        def below(tau: float, limit: float = limit) -> float:
            mean, variance = brute.given(tau)
            return float(stats.norm.cdf(limit, mean, math.sqrt(variance)))

        assert brute.expected(below) == pytest.approx(share, abs=1e-9)
        assert found.mu.probability_below(limit) == pytest.approx(share, abs=1e-12)


def test_the_prediction_holds_its_probability_by_brute_force(pair: tuple[Posterior, Brute]) -> None:
    found, brute = pair
    for limit, share in ((found.new.low, 0.025), (found.new.median, 0.5), (found.new.high, 0.975)):

        def below(tau: float, limit: float = limit) -> float:
            mean, variance = brute.given(tau)
            return float(stats.norm.cdf(limit, mean, math.sqrt(variance + tau**2)))

        assert brute.expected(below) == pytest.approx(share, abs=1e-9)


def test_the_intervals_of_tau_hold_their_probability_by_brute_force(
    pair: tuple[Posterior, Brute],
) -> None:
    found, brute = pair
    limits = (found.tau.low, found.tau.median, found.tau.high)
    shares = [brute.integral(lambda _: 1.0, upper=limit) / brute.whole for limit in limits]
    assert shares == pytest.approx([0.025, 0.5, 0.975], abs=1e-9)


def test_the_shortest_interval_of_tau_ends_where_the_density_is_the_same(
    pair: tuple[Posterior, Brute],
) -> None:
    found, brute = pair
    low, high = found.tau.shortest_low, found.tau.shortest_high
    shares = [brute.integral(lambda _: 1.0, upper=limit) if limit else 0.0 for limit in (low, high)]
    assert (shares[1] - shares[0]) / brute.whole == pytest.approx(0.95, abs=1e-9)
    if low == 0:
        assert brute.likelihood(0) >= brute.likelihood(high) * (1 - 1e-9)
    elif high == brute.tau_prior.upper:
        assert brute.likelihood(low) <= brute.likelihood(high)
    else:
        assert brute.likelihood(low) == pytest.approx(brute.likelihood(high), rel=1e-8)
    assert high - low <= found.tau.high - found.tau.low


def test_the_mode_of_tau_is_where_the_density_is_highest(pair: tuple[Posterior, Brute]) -> None:
    found, brute = pair
    highest = brute.likelihood(found.tau.mode)
    end = min(3 * found.tau.high, brute.tau_prior.upper)
    grid = np.linspace(0, end, 400)
    assert highest >= max(map(brute.likelihood, grid)) * (1 - 1e-12)


def test_the_moments_of_tau_are_those_of_brute_force(pair: tuple[Posterior, Brute]) -> None:
    found, brute = pair
    mean, sd = found.tau.mean, found.tau.sd
    if mean is not None:
        assert mean == pytest.approx(brute.expected(lambda tau: tau), rel=1e-6)
    if mean is not None and sd is not None:
        assert sd**2 == pytest.approx(brute.expected(lambda tau: (tau - mean) ** 2), rel=1e-6)


def test_the_studies_effects_are_those_of_brute_force(pair: tuple[Posterior, Brute]) -> None:
    found, brute = pair
    yi, vi = float(brute.effects.yi[0]), float(brute.effects.vi[0])

    def own(tau: float) -> tuple[float, float]:
        mean, variance = brute.given(tau)
        drawn = vi / (vi + tau**2)
        return drawn * mean + (1 - drawn) * yi, drawn * tau**2 + drawn**2 * variance

    mean = brute.expected(lambda tau: own(tau)[0])
    square = brute.expected(lambda tau: own(tau)[1] + (own(tau)[0] - mean) ** 2)
    high = float(found.studies.high[0])
    above = brute.expected(lambda tau: float(stats.norm.sf(high, own(tau)[0], own(tau)[1] ** 0.5)))
    assert found.studies.sd[0] == pytest.approx(math.sqrt(square), rel=1e-9)
    assert found.studies.mean[0] == pytest.approx(mean, abs=1e-9 * math.sqrt(square))
    assert above == pytest.approx(0.025, abs=1e-9)


def test_a_joint_density_of_mu_and_tau_gives_the_same_answer_for_eight_schools() -> None:
    found = bayes(SCHOOLS, tau_prior=half_cauchy(25))
    mu, log_tau = np.linspace(-150, 170, 2001)[:, None], np.linspace(-30, 12, 1201)
    tau = np.exp(log_tau)
    logs = half_cauchy(25).log_density(tau) + log_tau
    for yi, vi in zip(SCHOOLS.yi, SCHOOLS.vi, strict=True):
        logs = logs + stats.norm.logpdf(yi, mu, np.sqrt(vi + tau**2))
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    mean, mean_tau = float((weights * mu).sum()), float((weights * tau).sum())
    assert found.mu.mean == pytest.approx(mean, rel=1e-6)
    assert found.mu.sd == pytest.approx(math.sqrt((weights * (mu - mean) ** 2).sum()), rel=1e-5)
    assert found.tau.mean == pytest.approx(mean_tau, rel=1e-6)
    assert found.mu.probability_below(0) == pytest.approx(weights[mu[:, 0] < 0].sum(), abs=2e-3)


def test_without_heterogeneity_it_is_the_common_effect_model() -> None:
    found = bayes(SCHOOLS, tau_prior=half_normal(1e-6))
    weight = 1 / SCHOOLS.vi
    mean, sd = weight @ SCHOOLS.yi / weight.sum(), weight.sum() ** -0.5
    for effect in (found.mu, found.new):
        assert (effect.mean, effect.sd) == pytest.approx((mean, sd), rel=1e-10)
        assert (effect.low, effect.high) == pytest.approx(
            stats.norm.interval(0.95, mean, sd), rel=1e-10
        )
    np.testing.assert_allclose(found.studies.mean, mean, rtol=1e-10)


def test_without_heterogeneity_a_normal_prior_is_one_more_study() -> None:
    found = bayes(SCHOOLS, tau_prior=uniform(1e-7), mu_prior=NormalPrior(-4, 3))
    weight = np.append(1 / SCHOOLS.vi, 1 / 9)
    mean = weight @ np.append(SCHOOLS.yi, -4) / weight.sum()
    assert (found.mu.mean, found.mu.sd) == pytest.approx((mean, weight.sum() ** -0.5), rel=1e-10)


def test_with_boundless_heterogeneity_studies_keep_their_own_effects() -> None:
    apart = Effects.of([-1e5, 1e5, 3e5], [1, 2, 3])
    free = bayes(apart, tau_prior=half_cauchy(1e6))
    np.testing.assert_allclose(free.studies.mean, apart.yi, rtol=1e-6)
    np.testing.assert_allclose(free.studies.sd, apart.sei, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-6, 0.5, 1e6])
def test_one_study_leaves_a_half_normal_prior_of_tau_as_it_was(scale: float) -> None:
    tau = bayes(ONE, tau_prior=half_normal(scale)).tau
    prior = stats.halfnorm(scale=scale)
    assert (tau.mean, tau.sd, tau.median) == pytest.approx(
        (prior.mean(), prior.std(), prior.median()), rel=1e-11
    )
    assert (tau.low, tau.high) == pytest.approx(prior.interval(0.95), rel=1e-10)
    assert (tau.mode, tau.shortest_low) == (0, 0)
    assert tau.shortest_high == pytest.approx(prior.ppf(0.95), rel=1e-11)


@pytest.mark.parametrize("scale", [1e-6, 0.5, 1e6])
def test_one_study_leaves_a_half_cauchy_prior_of_tau_as_it_was(scale: float) -> None:
    found = bayes(ONE, tau_prior=half_cauchy(scale))
    assert (found.tau.mean, found.tau.sd) == (None, None)
    assert (found.tau.low, found.tau.median, found.tau.high) == pytest.approx(
        [scale * math.tan(math.pi / 2 * share) for share in (0.025, 0.5, 0.975)], rel=1e-10
    )
    assert (found.mu.mean, found.mu.sd, found.new.mean) == (None, None, None)
    assert found.mu.median == pytest.approx(0.3, rel=1e-12)


@pytest.mark.parametrize("upper", [1e-6, 2.0, 1e6])
def test_one_study_leaves_a_uniform_prior_of_tau_as_it_was(upper: float) -> None:
    tau = bayes(ONE, tau_prior=uniform(upper)).tau
    assert (tau.mean, tau.sd, tau.median) == pytest.approx(
        (upper / 2, upper / math.sqrt(12), upper / 2), rel=1e-11
    )
    assert (tau.low, tau.high) == pytest.approx((0.025 * upper, 0.975 * upper), rel=1e-10)
    assert (tau.mode, tau.shortest_low) == (0, 0)
    assert tau.shortest_high == pytest.approx(0.95 * upper, rel=1e-11)


@pytest.mark.parametrize("prior", [half_normal(0.5), half_cauchy(0.5), uniform(3)])
def test_one_study_says_of_itself_what_it_says_alone(prior: TauPrior) -> None:
    studies = bayes(ONE, tau_prior=prior).studies
    assert (studies.mean[0], studies.sd[0]) == pytest.approx((0.3, 0.2), rel=1e-11)
    assert (studies.low[0], studies.high[0]) == pytest.approx(
        stats.norm.interval(0.95, 0.3, 0.2), rel=1e-10
    )


def test_the_mean_of_one_study_is_a_normal_of_uncertain_variance() -> None:
    found = bayes(ONE, tau_prior=half_normal(0.5), level=0.9)
    assert found.mu.sd == pytest.approx(math.sqrt(0.04 + 0.25), rel=1e-11)
    assert found.new.sd == pytest.approx(math.sqrt(0.04 + 2 * 0.25), rel=1e-11)

    def above(x: float) -> float:
        tail, _ = integrate.quad(
            lambda tau: (
                stats.norm.sf(x, 0.3, math.sqrt(0.04 + tau**2)) * stats.halfnorm.pdf(tau, scale=0.5)
            ),
            0,
            6,
            epsabs=1e-13,
            epsrel=1e-13,
        )
        return float(tail)

    high = optimize.brentq(lambda x: above(x) - 0.05, 0.3, 5, xtol=1e-13)
    assert (found.mu.low, found.mu.high) == pytest.approx((0.6 - high, high), rel=1e-10)


@pytest.mark.parametrize(
    ("k", "prior", "mu_prior", "exist"),
    [
        (1, half_cauchy(1), None, (False, False)),
        (2, half_cauchy(1), None, (True, False)),
        (3, half_cauchy(1), None, (True, True)),
        (1, half_cauchy(1), NormalPrior(0, 1), (True, False)),
        (2, half_cauchy(1), NormalPrior(0, 1), (True, True)),
        (3, flat(), None, (False, False)),
        (4, flat(), None, (True, False)),
        (5, flat(), None, (True, True)),
        (3, flat(), NormalPrior(0, 1), (True, False)),
        (1, half_normal(1), None, (True, True)),
        (1, uniform(1), None, (True, True)),
    ],
)
def test_moments_that_do_not_exist_are_none(
    k: int, prior: TauPrior, mu_prior: NormalPrior | None, exist: tuple[bool, bool]
) -> None:
    found = bayes(SCHOOLS.take(range(k)), tau_prior=prior, mu_prior=mu_prior)
    for part in (found.tau, found.new):
        assert (part.mean is not None, part.sd is not None) == exist
    assert (found.mu.sd is not None) == (exist[1] or mu_prior is not None)
    assert np.isfinite(found.studies.sd).all()


@pytest.mark.parametrize("prior", [half_normal(0.5), half_cauchy(2), uniform(1.5)])
def test_a_proper_prior_integrates_to_one_and_knows_its_slope(prior: TauPrior) -> None:
    end = min(prior.upper, math.inf)
    whole, _ = integrate.quad(lambda tau: float(prior.density(np.array(tau))), 0, end)
    assert whole == pytest.approx(1, rel=1e-7)
    tau, step = 0.7, 1e-5
    near = prior.log_density(np.sqrt(np.array([tau**2 - step, tau**2 + step])))
    assert float(prior.slope(np.array(tau))) == pytest.approx(
        (near[1] - near[0]) / (2 * step), abs=1e-8
    )
    assert prior.density(np.array([0.1, 0.2])).shape == (2,)


def test_a_half_cauchy_of_vast_scale_is_the_flat_prior() -> None:
    vast, none = bayes(SCHOOLS, tau_prior=half_cauchy(1e6)), bayes(SCHOOLS, tau_prior=flat())
    assert (vast.mu.mean, vast.tau.median, vast.tau.sd) == pytest.approx(
        (none.mu.mean, none.tau.median, none.tau.sd), rel=1e-8
    )


def restricted_score(effects: Effects, tau2: float) -> float:
    w = 1 / (effects.vi + tau2)
    around = effects.yi - np.average(effects.yi, weights=w)
    return float((w**2 * around**2).sum() - w.sum() + (w**2).sum() / w.sum())


def test_five_hundred_studies_pin_the_parameters_down() -> None:
    random = np.random.default_rng(20)
    vi = random.uniform(0.01, 0.3, 500)
    effects = Effects.of(0.2 + random.normal(size=500) * np.sqrt(vi + 0.09), vi)
    found = bayes(effects, tau_prior=half_normal(0.5))
    tau2 = optimize.brentq(lambda t: restricted_score(effects, t), 1e-6, 1.0)
    assert found.tau.mode == pytest.approx(math.sqrt(tau2), rel=0.01)
    assert found.mu.mean == pytest.approx(np.average(effects.yi, weights=1 / (vi + tau2)), abs=1e-3)


def test_studies_that_contradict_a_uniform_prior_push_tau_to_its_end() -> None:
    # Two effects 1000 apart under a prior of tau below 2 push tau against its end.
    found = bayes(Effects.of([0, 1000], [1, 1]), tau_prior=uniform(2))
    assert found.tau.mode == 2
    assert found.tau.shortest_high == 2
    rate = 2 * restricted_score(Effects.of([0, 1000], [1, 1]), 4)  # by which it falls below 2
    assert 2 - found.tau.median == pytest.approx(math.log(2) / rate, rel=1e-3)


def test_probabilities_are_complementary_and_the_summary_has_that_of_a_benefit() -> None:
    found = bayes(SCHOOLS, tau_prior=half_normal(10))
    for effect in (found.mu, found.new):
        for x in (-40.0, 0.0, 7.9, 1e6):
            whole = effect.probability_below(x) + effect.probability_above(x)
            assert whole == pytest.approx(1, abs=1e-14)
        assert effect.probability_above(-1e9) == pytest.approx(1, abs=1e-14)
    words = found.summary()
    assert f"below 0: {found.mu.probability_below(0):.3f} on average" in words
    assert "half-normal with scale 10; mean effect uniform (improper)" in words
    assert words.startswith("Bayesian random-effects meta-analysis of 8 studies (effect).")
    assert found.studies.summary().startswith("A: ")


def test_the_summary_says_what_does_not_exist_and_needs_no_null() -> None:
    effects = replace(ONE, measure=MEASURES["PR"])
    words = bayes(effects, tau_prior=half_cauchy(1)).summary()
    assert "of 1 study (proportion)" in words
    assert "its mean does not exist" in words
    assert "Probability" not in words
    assert "SD does not exist" in bayes(TWO, tau_prior=half_cauchy(1)).summary()
    with_prior = bayes(ONE, tau_prior=uniform(1), mu_prior=NormalPrior(0, 2)).summary()
    assert "uniform from 0 to 1; mean effect normal with mean 0 and SD 2" in with_prior


def test_improper_priors_have_no_marginal_likelihood() -> None:
    assert bayes(SCHOOLS, tau_prior=half_normal(1)).log_marginal_likelihood is None
    improper = bayes(SCHOOLS, tau_prior=flat(), mu_prior=NormalPrior(0, 10))
    assert improper.log_marginal_likelihood is None
    assert improper.tau_prior == "flat (improper)"


def test_the_flat_prior_is_refused_for_two_studies() -> None:
    with pytest.raises(TooFewStudies, match=r"flat \(improper\) prior of tau needs at least 3"):
        bayes(TWO, tau_prior=flat())


def test_priors_in_quite_another_unit_are_refused() -> None:
    with pytest.raises(BadOption, match=r"half-normal with scale 1e-08.*scale of the effects"):
        bayes(
            Effects.of([1e6, 2e6], [0.1, 0.1]),
            tau_prior=half_normal(1e-8),
            mu_prior=NormalPrior(0, 1),
        )


def test_no_study_at_all_is_refused() -> None:
    with pytest.raises(TooFewStudies, match="at least 1 study"):
        bayes(Effects.of([], []), tau_prior=half_normal(1))


@pytest.mark.parametrize("scale", [0, -1, math.inf, math.nan])
@pytest.mark.parametrize("prior", [half_normal, half_cauchy, uniform])
def test_a_prior_of_no_or_endless_spread_is_refused(
    prior: Callable[[float], TauPrior], scale: float
) -> None:
    with pytest.raises(BadOption, match="finite number above zero"):
        prior(scale)


def test_a_prior_of_the_mean_needs_numbers() -> None:
    with pytest.raises(BadOption, match="centred at nan"):
        NormalPrior(math.nan, 1)
    with pytest.raises(BadOption, match="normal with mean 0 and SD 0"):
        NormalPrior(0, 0)


def test_a_level_is_a_share() -> None:
    with pytest.raises(BadOption, match="between 0 and 1"):
        bayes(TWO, tau_prior=half_normal(1), level=95)


@pytest.mark.parametrize(
    ("function", "root"),
    [
        (lambda x: x, 0.0),
        (lambda x: x**3 - 2.0, 2 ** (1 / 3)),
        (lambda x: math.tanh(50 * (x - 2.9)), 2.9),
        (lambda x: 1.0 if x > 1.75 else -1e15, 1.75),
        (lambda x: x + 10, -1.0),
        (lambda x: x - 10, 3.0),
    ],
)
def test_a_change_of_sign_is_found_or_else_the_end_beyond_which_it_lies(
    function: Callable[[float], float], root: float
) -> None:
    assert sign_change(function, -1.0, 3.0) == pytest.approx(root, abs=1e-12)


def test_newtons_steps_are_kept_within_their_bracket() -> None:
    def excess(x: Array) -> tuple[Array, Array]:
        return np.arctan(x - 1), 1 / (1 + (x - 1) ** 2)

    low, high = np.array([-50.0, -1e6]), np.array([90.0, 1e6])
    found = increasing_root(excess, low, high, start=high, tolerance=np.full(2, 1e-9))
    assert found == pytest.approx([1, 1], abs=1e-12)


def test_a_density_known_up_to_a_constant_is_normalised() -> None:
    def logs(x: Array) -> Array:
        return -1000 - ((x - 2) / 1e-3) ** 2 / 2

    found = normalise(logs, np.array([0.0, 10.0]), moment=2)
    normal = stats.norm(2, 1e-3)
    shares = np.array([0.001, 0.5, 0.975])
    np.testing.assert_allclose(found.quantile(shares), normal.ppf(shares), rtol=1e-13)
    assert found.log_integral == pytest.approx(-1000 + math.log(1e-3 * math.sqrt(2 * math.pi)))
    assert found.nodes @ found.weights == pytest.approx(2, rel=1e-13)


numbers = st.floats(-5, 5)
variances = st.floats(1e-3, 10)
studies = st.lists(st.tuples(numbers, variances), min_size=1, max_size=6)
priors = st.one_of(
    st.builds(half_normal, st.floats(1e-3, 1e3)),
    st.builds(half_cauchy, st.floats(1e-3, 1e3)),
    st.builds(uniform, st.floats(1e-3, 1e3)),
)


def effects_of(rows: list[tuple[float, float]]) -> Effects:
    return Effects.of([yi for yi, _ in rows], [vi for _, vi in rows])


@given(studies, priors)
def test_turning_the_signs_turns_the_answer(
    rows: list[tuple[float, float]], prior: TauPrior
) -> None:
    effects = effects_of(rows)
    found = bayes(effects, tau_prior=prior)
    turned = bayes(replace(effects, yi=-effects.yi), tau_prior=prior)
    size = found.new.high - found.new.low
    assert (-turned.mu.high, -turned.mu.median, -turned.mu.low) == pytest.approx(
        (found.mu.low, found.mu.median, found.mu.high), rel=1e-9, abs=1e-9 * size
    )
    assert turned.mu.probability_above(0) == pytest.approx(found.mu.probability_below(0), abs=1e-9)
    assert turned.tau.median == pytest.approx(found.tau.median, rel=1e-9)


@given(studies, priors, st.randoms(use_true_random=False))
def test_the_order_of_the_studies_does_not_matter(
    rows: list[tuple[float, float]],
    prior: TauPrior,
    random: Random,
) -> None:
    mixed = rows.copy()
    random.shuffle(mixed)
    found, other = (bayes(effects_of(each), tau_prior=prior) for each in (rows, mixed))
    size = found.new.high - found.new.low
    assert (other.mu.low, other.mu.high) == pytest.approx(
        (found.mu.low, found.mu.high), rel=1e-9, abs=1e-9 * size
    )
    assert other.tau.high == pytest.approx(found.tau.high, rel=1e-9)


@given(studies, priors, st.floats(1e-4, 1e4))
def test_the_unit_of_measurement_does_not_matter(
    rows: list[tuple[float, float]], prior: TauPrior, unit: float
) -> None:
    found = bayes(effects_of(rows), tau_prior=prior)
    scaled = bayes(
        effects_of([(yi * unit, vi * unit**2) for yi, vi in rows]),
        tau_prior=replace(prior, scale=prior.scale * unit),
    )
    size = unit * (found.new.high - found.new.low)
    assert (scaled.new.low, scaled.new.high) == pytest.approx(
        (unit * found.new.low, unit * found.new.high), rel=1e-8, abs=1e-8 * size
    )
    assert (scaled.tau.median, scaled.tau.high) == pytest.approx(
        (unit * found.tau.median, unit * found.tau.high), rel=1e-8
    )


@given(studies, priors)
def test_intervals_widen_with_their_level_and_studies_stay_within_the_range_of_effects(
    rows: list[tuple[float, float]], prior: TauPrior
) -> None:
    effects = effects_of(rows)
    narrow, wide = (bayes(effects, tau_prior=prior, level=level) for level in (0.8, 0.99))
    for inner, outer in ((narrow.mu, wide.mu), (narrow.new, wide.new), (narrow.tau, wide.tau)):
        assert outer.low <= inner.low <= inner.median <= inner.high <= outer.high
    tau = narrow.tau
    assert 0 <= tau.shortest_low <= tau.shortest_high <= prior.upper
    assert 0 <= tau.mode <= prior.upper
    assert tau.shortest_high - tau.shortest_low <= (tau.high - tau.low) * (1 + 1e-9)
    size = 1e-9 * (1 + np.abs(effects.yi).max())
    assert (narrow.studies.mean >= effects.yi.min() - size).all()
    assert (narrow.studies.mean <= effects.yi.max() + size).all()
    assert (narrow.studies.low >= wide.studies.low - size).all()


def test_the_posterior_has_its_effects_and_names_what_was_left_out() -> None:
    effects = Effects.of([0.1, np.nan, 0.4], [0.1, 0.1, 0.2], ["A", "B", "C"])
    found = bayes(effects, tau_prior=half_normal(1), level=0.975)
    assert found.effects is effects
    assert found.k == 2
    assert found.summary().splitlines()[-1] == "left out: B: no effect"
    assert "97.5% credible interval" in found.summary()
