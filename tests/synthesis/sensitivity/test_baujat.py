import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effects import Effects
from kb.synthesis.errors import TooFewStudies
from kb.synthesis.pooling import pool
from kb.synthesis.sensitivity.baujat import baujat
from kb.synthesis.sensitivity.influence import influence

STUDIES = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=3, max_size=8)


def effects_of(studies: list[tuple[float, float]]) -> Effects:
    yi, vi = zip(*studies, strict=True)
    return Effects.of(yi, vi)


def test_common_effect_points_are_metafors(bcg: Effects) -> None:
    # In R: baujat(rma(yi, vi, data=d, method="EE"))
    points = baujat(bcg).points
    assert [point.heterogeneity for point in points] == pytest.approx(
        [
            0.64715873602566243,
            6.8571096271726848,
            2.0279242863941866,
            51.107313625505419,
            0.88375780170836626,
            18.335112220053642,
            6.3562772563152361,
            49.367686270456474,
            0.027135161035898685,
            12.127295427750221,
            0.66608571789745463,
            1.441719242841758,
            2.3884327092162456,
        ],
        rel=1e-11,
    )
    assert [point.influence for point in points] == pytest.approx(
        [
            0.0032765992389969727,
            0.058290784991750569,
            0.0080393380264576209,
            4.5630994854763731,
            0.029241349544062094,
            5.7112311794131987,
            0.047092680992819054,
            34.879510312831869,
            0.00081223590620959187,
            0.27863933782140715,
            0.10141785652879599,
            0.0044542983893560992,
            0.05615154772268996,
        ],
        rel=1e-11,
    )


def test_random_effects_points_are_metafors(bcg: Effects) -> None:
    # In R: baujat(rma(yi, vi, data=d, method="DL")), studies 1, 2, 6 and 8
    points = [baujat(bcg, method="DL").points[i] for i in (0, 1, 5, 7)]
    assert [point.heterogeneity for point in points] == pytest.approx(
        [0.048385303703080217, 1.5081492152400817, 0.016421680925415856, 1.685769679288577],
        rel=1e-11,
    )
    assert [point.influence for point in points] == pytest.approx(
        [0.0023817686274418401, 0.1066114861851008, 4.5799499775433183e-05, 0.21699565042598284],
        rel=1e-11,
    )


@given(STUDIES)
def test_contributions_of_the_common_effect_model_sum_to_q(
    studies: list[tuple[float, float]],
) -> None:
    effects = effects_of(studies)
    total = sum(point.heterogeneity for point in baujat(effects).points)
    assert total == pytest.approx(pool(effects, method="EE").heterogeneity.q, rel=1e-9, abs=1e-12)


@given(STUDIES, st.sampled_from(["EE", "DL"]))
def test_influence_is_cooks_distance_over_the_covariance_ratio(
    studies: list[tuple[float, float]], method: str
) -> None:
    effects = effects_of(studies)
    for point, row in zip(
        baujat(effects, method=method).points,
        influence(effects, method=method).studies,
        strict=True,
    ):
        assert point.influence == pytest.approx(
            row.cooks_distance / row.covariance_ratio, rel=1e-9, abs=1e-12
        )


def test_identical_effects_lie_at_the_origin() -> None:
    result = baujat(Effects.of([0.5, 0.5, 0.5], [0.25, 0.5, 1]))
    assert [(point.heterogeneity, point.influence) for point in result.points] == [(0, 0)] * 3
    assert "of the sum" not in result.summary()


def test_summary_names_the_studies_that_stand_out(bcg: Effects) -> None:
    summary = baujat(bcg).summary()
    assert "largest contribution to Q: Hart & Sutherland, 51.1 (34% of the sum)" in summary
    assert "largest influence on the mean: TPT Madras, 34.9" in summary
    assert "squared Pearson residual" in baujat(bcg, method="DL").summary()


def test_summary_names_what_was_left_out() -> None:
    effects = Effects.of([0.5, 0.4, np.nan], [0.03, 0.09, 0.1], ["A", "B", "C"])
    assert "left out: C: no effect" in baujat(effects).summary()


def test_one_study_is_refused() -> None:
    with pytest.raises(TooFewStudies, match="at least 2 studies"):
        baujat(Effects.of([0.1], [0.04]))


def test_no_study_is_refused_without_a_warning() -> None:
    with pytest.raises(TooFewStudies, match="at least 2 studies"):
        baujat(Effects.of([], []))
