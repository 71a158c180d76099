from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effect_sizes import proportions
from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadStudy, BadTable

XI, NI = [11, 0, 24, 20, 2.5], [29, 15, 33, 20, 10]
NAN = float("nan")

TRANSFORMS: dict[str, Callable[..., Effects]] = {
    "PR": proportions.raw,
    "PLO": proportions.logit,
    "PAS": proportions.arcsine,
    "PFT": proportions.double_arcsine,
}
every = pytest.mark.parametrize("compute", TRANSFORMS.values(), ids=TRANSFORMS)
group = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


# metafor 3.8-1: escalc(measure=, xi=c(11, 0, 24, 20, 2.5), ni=c(29, 15, 33, 20, 10))
@pytest.mark.parametrize(
    ("code", "yi", "vi"),
    [
        (
            "PR",
            [0.37931034482758619, 0.03125, 0.72727272727272729, 0.97619047619047616, 0.25],
            [
                0.0081184140391159943,
                0.00189208984375,
                0.0060105184072126215,
                0.0011067919231184549,
                0.01875,
            ],
        ),
        (
            "PLO",
            [
                -0.49247648509779424,
                -3.4339872044851463,
                0.9808292530117263,
                3.7135720667043066,
                -1.0986122886681098,
            ],
            [
                0.14646464646464646,
                2.064516129032258,
                0.15277777777777776,
                2.0487804878048781,
                0.53333333333333333,
            ],
        ),
        (
            "PAS",
            [0.66350469416328051, 0, 1.0213290820372694, 1.5707963267948966, 0.52359877559829893],
            [0.0086206896551724137, 1 / 60, 0.007575757575757576, 0.0125, 0.025],
        ),
        (
            "PFT",
            [
                0.66757548424151469,
                0.12634012757103932,
                1.013984922109177,
                1.4608023380971669,
                0.54812319359825268,
            ],
            [
                0.0084745762711864406,
                0.016129032258064516,
                0.007462686567164179,
                0.012195121951219513,
                0.023809523809523808,
            ],
        ),
    ],
)
def test_effects_are_those_of_metafor(code: str, yi: list[float], vi: list[float]) -> None:
    effects = TRANSFORMS[code](XI, NI)
    assert effects.yi == pytest.approx(yi, rel=1e-12, abs=1e-15)
    assert effects.vi == pytest.approx(vi, rel=1e-12)
    assert effects.measure.code == code
    assert effects.ni is not None
    assert effects.ni.tolist() == NI


# metafor 3.8-1: escalc("PLO", to="all", add=.25) and escalc("PFT", to="only0", add=.5), as above
def test_corrections_are_those_of_metafor() -> None:
    logits = proportions.logit(XI, NI, to="all", add=0.25)
    assert logits.yi == pytest.approx(
        [
            -0.48379695137807149,
            -4.1108738641733114,
            0.96379306585915836,
            4.3944491546724382,
            -1.0360919316867756,
        ],
        rel=1e-12,
    )
    assert logits.vi[1] == pytest.approx(4.0655737704918034, rel=1e-12)
    arcsines = proportions.double_arcsine(XI, NI, add=0.5)
    assert arcsines.yi[[1, 3]] == pytest.approx(
        [0.23697314635207892, 1.3630406922337261], rel=1e-12
    )
    assert arcsines.vi[[1, 3]] == pytest.approx([0.015151515151515152, 0.011627906976744186])


@pytest.mark.parametrize(
    ("code", "centre"), [("PR", 0.5), ("PLO", 0.0), ("PAS", np.pi / 4), ("PFT", np.pi / 4)]
)
@given(group=group)
def test_events_and_their_absence_lie_opposite_each_other(
    code: str, centre: float, group: tuple[int, int]
) -> None:
    x, n = group
    event, absence = TRANSFORMS[code]([x], [n]), TRANSFORMS[code]([n - x], [n])
    assert event.yi - centre == pytest.approx(centre - absence.yi, abs=1e-12)
    assert event.vi == pytest.approx(absence.vi, rel=1e-12)


@every
@given(st.integers(2, 300))
def test_more_events_are_a_larger_effect(compute: Callable[..., Effects], n: int) -> None:
    effects = compute(np.arange(n + 1), np.full(n + 1, n))
    assert (np.diff(effects.yi) > 0).all()


@pytest.mark.parametrize(
    ("code", "x", "why"),
    [
        ("PR", 0, "a count is zero: the variance of the proportion is zero"),
        ("PR", 8, "a count is zero: the variance of the proportion is zero"),
        ("PLO", 0, "a count is zero: the logit of the proportion is not defined"),
        ("PLO", 8, "a count is zero: the logit of the proportion is not defined"),
        ("PAS", NAN, "xi is missing"),
    ],
)
def test_a_study_without_an_effect_is_set_aside_with_the_reason(
    code: str, x: float, why: str
) -> None:
    effects = TRANSFORMS[code]([x, 3], [8, 9], ["Ade 1999", "Bo 2001"], to="none")
    assert list(effects.labels) == ["Bo 2001"]
    assert list(map(str, effects.left_out)) == [f"Ade 1999: {why}"]


@every
@pytest.mark.parametrize(
    ("x", "n", "message"),
    [
        (-1, 9, "Ade 1999: xi is -1. A count is not negative; correct it."),
        (
            10,
            9,
            (
                "Ade 1999: there are 10 events in a group of 9. "
                "There cannot be more events than people; correct one of them."
            ),
        ),
        (0, 0, "Ade 1999: the group has 0 people. A proportion is of somebody; correct it."),
        (1, np.inf, "Ade 1999: ni is infinite. Leave it empty, or correct it."),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_name(
    compute: Callable[..., Effects], x: float, n: float, message: str
) -> None:
    with pytest.raises(BadStudy) as caught:
        compute([x], [n], ["Ade 1999"])
    assert str(caught.value) == message


@every
def test_columns_and_options_that_do_not_fit_are_refused(compute: Callable[..., Effects]) -> None:
    with pytest.raises(BadTable, match="The column ni has 2 values for 1 studies"):
        compute([1], [2, 3])
    with pytest.raises(BadOption, match="only0, all, if0all, none"):
        compute([1], [2], to="treatment")
    with pytest.raises(BadOption, match=r"not -1\. Try 0\.5"):
        compute([1], [2], add=-1)
