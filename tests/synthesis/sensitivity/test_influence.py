import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effects import Effects
from kb.synthesis.errors import TooFewStudies
from kb.synthesis.pooling import pool
from kb.synthesis.sensitivity.influence import StudyInfluence, influence

STUDIES = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=3, max_size=8)


def effects_of(studies: list[tuple[float, float]]) -> Effects:
    yi, vi = zip(*studies, strict=True)
    return Effects.of(yi, vi)


def numbers(row: StudyInfluence) -> list[float]:
    return [
        row.rstudent,
        row.dffits,
        row.cooks_distance,
        row.covariance_ratio,
        row.tau2,
        row.q,
        row.hat,
        row.weight,
        row.dfbetas,
    ]


def test_random_effects_diagnostics_are_metafors(bcg: Effects) -> None:
    # influence(rma(yi, vi, data=d, method="DL")), studies 4 and 8: rstudent, dffits, cook.d,
    # cov.r, tau2.del, QE.del, hat, weight, dfbs
    rows = influence(bcg, method="DL").studies
    assert numbers(rows[3]) == pytest.approx(
        [
            -1.6024994715479488,
            -0.62910241435116476,
            0.28498917329271306,
            0.84259903841806438,
            0.21673355794581378,
            96.562594971391491,
            0.097176463568142885,
            9.7176463568142921,
            -0.61374737125717393,
        ],
        rel=1e-11,
    )
    assert numbers(rows[7]) == pytest.approx(
        [
            1.6322541129874713,
            0.51277446461350518,
            0.18064397347067279,
            0.83247739351480898,
            0.21088523257486974,
            67.985811499084903,
            0.10216342533284292,
            10.216342533284294,
            0.49382007002378098,
        ],
        rel=1e-11,
    )
    assert not any(row.is_influential for row in rows)


def test_restricted_maximum_likelihood_diagnostics_are_metafors(bcg: Effects) -> None:
    # In R: influence(rma(yi, vi, data=d, method="REML",
    #                     control=list(threshold=1e-14, maxiter=1000))), study 4
    row = influence(bcg, method="REML").studies[3]
    assert numbers(row) == pytest.approx(
        [
            -1.4512006642510211,
            -0.52005098846985121,
            0.22948163911578498,
            0.96512648513591393,
            0.26275814809100206,
            96.562594971391491,
            0.096987470189207059,
            9.6987470189207059,
            -0.51381338731995274,
        ],
        rel=1e-9,
    )


def test_common_effect_diagnostics_and_flags_are_metafors(bcg: Effects) -> None:
    # influence(rma(yi, vi, data=d, method="EE")), study 4; which(is.infl) is 4 6 8
    rows = influence(bcg, method="EE").studies
    assert numbers(rows[3]) == pytest.approx(
        [
            -7.4612608258243993,
            -2.229465026450101,
            4.9705143041641486,
            1.0892846671400682,
            0,
            96.562594971391491,
            0.081966330596103115,
            8.1966330596103116,
            -2.229465026450101,
        ],
        rel=1e-11,
    )
    assert [i for i, row in enumerate(rows, start=1) if row.is_influential] == [4, 6, 8]
    assert rows[3].reasons == ("DFFITS", "Cook's distance", "DFBETAS")
    assert rows[7].reasons == ("weight", "DFFITS", "Cook's distance", "DFBETAS")


@given(STUDIES)
def test_common_effect_dffits_is_dfbetas_and_its_square_cooks_distance(
    studies: list[tuple[float, float]],
) -> None:
    for row in influence(effects_of(studies), method="EE").studies:
        assert row.dffits == pytest.approx(row.dfbetas, rel=1e-7, abs=1e-9)
        assert row.dffits**2 == pytest.approx(row.cooks_distance, rel=1e-7, abs=1e-9)


@given(STUDIES, st.sampled_from(["EE", "DL", "REML"]))
def test_diagnostics_follow_their_definitions(
    studies: list[tuple[float, float]], method: str
) -> None:
    effects = effects_of(studies)
    whole = pool(effects, method=method).estimate
    for i, row in enumerate(influence(effects, method=method).studies):
        others = pool(effects.take(np.arange(effects.k) != i), method=method)
        tau2, change = others.heterogeneity.tau2, whole.estimate - others.estimate.estimate
        se = np.sqrt(1 / np.sum(1 / (effects.vi + tau2)))
        residual = effects.yi[i] - others.estimate.estimate
        spread = np.sqrt(effects.vi[i] + tau2 + others.estimate.se**2)
        assert row.dfbetas == pytest.approx(change / se, rel=1e-6, abs=1e-6)
        assert row.rstudent == pytest.approx(residual / spread, rel=1e-6, abs=1e-6)
        assert row.covariance_ratio == pytest.approx((others.estimate.se / whole.se) ** 2, rel=1e-6)


@given(STUDIES, st.sampled_from(["EE", "DL"]))
def test_diagnostics_do_not_depend_on_the_origin_of_the_scale(
    studies: list[tuple[float, float]], method: str
) -> None:
    effects = effects_of(studies)
    # Multiples of 1/1024 stay exact when they are shifted.
    coarse = Effects.of(np.round(effects.yi * 1024) / 1024, effects.vi)
    shifted = Effects.of(coarse.yi + 4096, coarse.vi)
    for here, there in zip(
        influence(coarse, method=method).studies,
        influence(shifted, method=method).studies,
        strict=True,
    ):
        assert numbers(here) == pytest.approx(numbers(there), rel=1e-6, abs=1e-8)


@given(STUDIES)
def test_hat_values_sum_to_one(studies: list[tuple[float, float]]) -> None:
    rows = influence(effects_of(studies)).studies
    assert sum(row.hat for row in rows) == pytest.approx(1)


def test_an_outlier_is_found_and_few_studies_are_noted() -> None:
    effects = Effects.of(
        [0.1, 0.12, 0.11, 0.09, 2.0, np.nan], [0.01] * 6, ["A", "B", "C", "D", "E", "F"]
    )
    result = influence(effects, method="DL")
    assert [row.label for row in result.studies if row.is_outlier] == ["E"]
    assert [row.label for row in result.studies if row.is_influential] == ["E"]
    summary = result.summary()
    assert "influential by DFFITS, Cook's distance, DFBETAS: E" in summary
    assert "fewer than ten studies" in summary
    assert "left out: F: no effect" in summary


def test_summary_says_that_no_study_is_influential(bcg: Effects) -> None:
    result = influence(bcg, method="DL")
    assert result.notes == ()
    assert "No study is influential." in result.summary()
    assert "beyond 1.96: no study" in result.summary()


@pytest.mark.parametrize(
    ("k", "words"),
    [
        (250, "about 12 of 250"),
        (40, "about 2 of 40"),
        (13, "about 1 of 13"),
        (5, "less than 1 of 5"),
    ],
)
def test_outliers_by_chance_are_whole_studies(k: int, words: str) -> None:
    draw = np.random.default_rng(k)
    summary = influence(Effects.of(draw.normal(size=k), np.ones(k)), method="EE").summary()
    assert f"; {words} by chance alone." in summary


def test_two_studies_are_refused() -> None:
    with pytest.raises(TooFewStudies, match="at least 3 studies"):
        influence(Effects.of([0.1, 0.2], [0.1, 0.1]))
