import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effect_sizes.correlations import fisher_z
from kb.synthesis.errors import BadStudy, BadTable


# metafor 3.8-1: escalc("ZCOR", ri=c(.5, -.3, 0, .999), ni=c(28, 103, 4, 12))
def test_effects_are_those_of_metafor() -> None:
    effects = fisher_z([0.5, -0.3, 0, 0.999], [28, 103, 4, 12])
    assert effects.yi == pytest.approx(
        [0.54930614433405489, -0.30951960420311175, 0, 3.8002011672501999], rel=1e-12
    )
    assert effects.vi == pytest.approx([0.04, 0.01, 1, 1 / 9], rel=1e-14)
    assert effects.measure.code == "ZCOR"
    assert effects.ni is not None
    assert effects.ni.tolist() == [28, 103, 4, 12]


@given(st.floats(-0.999999, 0.999999), st.integers(4, 10_000))
def test_the_way_back_gives_the_correlation(r: float, n: int) -> None:
    effects = fisher_z([r], [n])
    assert effects.measure.back(effects.yi) == pytest.approx(r, rel=1e-9, abs=1e-15)
    assert fisher_z([-r], [n]).yi == -effects.yi


@pytest.mark.parametrize(
    ("r", "n", "why"),
    [
        (1, 20, "the correlation is perfect: its Fisher's z is infinite"),
        (-1, 20, "the correlation is perfect: its Fisher's z is infinite"),
        (0.2, 3, "Fisher's z has a variance only with more than 3 people"),
        (0.2, 2, "Fisher's z has a variance only with more than 3 people"),
        (math.nan, 20, "ri is missing"),
        (0.2, math.nan, "ni is missing"),
    ],
)
def test_a_study_without_an_effect_is_set_aside_with_the_reason(
    r: float, n: float, why: str
) -> None:
    effects = fisher_z([r, 0.1], [n, 10], ["Ade 1999", "Bo 2001"])
    assert list(effects.labels) == ["Bo 2001"]
    assert effects.rows.tolist() == [1]
    assert list(map(str, effects.left_out)) == [f"Ade 1999: {why}"]


@pytest.mark.parametrize(
    ("r", "n", "message"),
    [
        (1.01, 9, "Ade 1999: the correlation is 1.01. It lies between -1 and 1; correct it."),
        (-2, 9, "Ade 1999: the correlation is -2. It lies between -1 and 1; correct it."),
        (0.1, 0, "Ade 1999: the group has 0 people. A correlation is of somebody; correct it."),
        (np.inf, 9, "Ade 1999: ri is infinite. Leave it empty, or correct it."),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_name(r: float, n: float, message: str) -> None:
    with pytest.raises(BadStudy) as caught:
        fisher_z([r], [n], ["Ade 1999"])
    assert str(caught.value) == message


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(BadTable, match="The column ni has 2 values for 1 studies"):
        fisher_z([0.1], [20, 30])
