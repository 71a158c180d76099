import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, TooFewStudies
from kb.synthesis.pooling import pool
from kb.synthesis.sensitivity.gosh import Gosh, gosh

STUDIES = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=2, max_size=6)


def effects_of(studies: list[tuple[float, float]]) -> Effects:
    yi, vi = zip(*studies, strict=True)
    return Effects.of(yi, vi)


def held(result: Gosh) -> list[tuple[int, ...]]:
    """The positions of the studies of each subset."""
    masks = np.column_stack([result.holding(i) for i in range(result.effects.k)])
    return [tuple(np.flatnonzero(mask).tolist()) for mask in masks]


def test_all_subsets_are_metafors(bcg: Effects) -> None:
    # In R: gosh(rma(yi, vi, data=d[4:7,], method="DL"))
    result = gosh(bcg.take(np.arange(3, 7)), method="DL")
    found = dict(
        zip(
            held(result),
            zip(result.estimate, result.i2, result.tau2, strict=True),
            strict=True,
        )
    )
    assert len(found) == len(result) == 15
    assert found[3,] == pytest.approx((-1.6208982235983918, 0, 0), rel=1e-11)
    assert found[0, 3] == pytest.approx((-1.4563180090846222, 0, 0), rel=1e-11)
    assert found[1, 2] == pytest.approx(
        (-0.54079296184934522, 82.022515566664168, 0.13257703987809294), rel=1e-11
    )
    assert found[0, 2, 3] == pytest.approx(
        (-1.2068099538621977, 88.83216692470161, 0.19543638001588787), rel=1e-11
    )
    assert found[0, 1, 2, 3] == pytest.approx(
        (-0.96048700860069436, 89.269854959826148, 0.22750766403676936), rel=1e-11
    )


@given(STUDIES, st.sampled_from(["EE", "DL", "REML"]))
def test_full_subset_is_the_pooled_effect(studies: list[tuple[float, float]], method: str) -> None:
    effects = effects_of(studies)
    result, whole = gosh(effects, method=method), pool(effects, method=method)
    full = int(np.argmax(result.sizes))
    assert result.sizes[full] == effects.k
    assert result.estimate[full] == pytest.approx(whole.estimate.estimate, rel=1e-8, abs=1e-8)
    assert result.i2[full] == pytest.approx(whole.heterogeneity.i2, rel=1e-7, abs=1e-6)
    assert result.tau2[full] == pytest.approx(whole.heterogeneity.tau2, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("k", [2, 8, 9, 15])
def test_every_subset_but_the_empty_one_comes_once(k: int) -> None:
    result = gosh(Effects.of(np.arange(k, dtype=float), np.ones(k)), method="EE")
    subsets = held(result)
    assert len(subsets) == len(set(subsets)) == 2**k - 1
    assert [len(subset) for subset in subsets] == result.sizes.tolist()
    assert result.estimate.tolist() == pytest.approx([np.mean(subset) for subset in subsets])
    assert result.complete


def test_random_subsets_are_those_they_are_said_to_be() -> None:
    generator = np.random.default_rng(1)
    effects = Effects.of(generator.normal(size=21), generator.uniform(0.1, 1, 21))
    result = gosh(effects, method="DL", sets=4000, seed=7)
    assert len(result) == 4000
    assert not result.complete
    subsets = held(result)
    for i in (0, 1500, 3999):
        alone = pool(effects.take(np.array(subsets[i])), method="DL")
        assert result.sizes[i] == alone.k
        assert result.estimate[i] == pytest.approx(alone.estimate.estimate, rel=1e-11)
        assert result.tau2[i] == pytest.approx(alone.heterogeneity.tau2, rel=1e-11)


def test_random_subsets_hold_each_study_half_of_the_time() -> None:
    result = gosh(Effects.of(np.zeros(20), np.ones(20)), method="EE", sets=4000, seed=3)
    shares = [result.holding(i).mean() for i in range(20)]
    # Five standard errors of a share of 4000.
    assert shares == pytest.approx([0.5] * 20, abs=0.04)


def test_random_subsets_are_never_empty() -> None:
    result = gosh(Effects.of([0.0, 1.0], [1.0, 1.0]), method="EE", sets=2000, seed=5)
    assert result.sizes.min() == 1
    assert set(held(result)) == {(0,), (1,), (0, 1)}


def test_the_same_seed_draws_the_same_subsets(bcg: Effects) -> None:
    first = gosh(bcg, method="EE", sets=50, seed=11)
    same = gosh(bcg, method="EE", sets=50, seed=np.random.default_rng(11))
    other = gosh(bcg, method="EE", sets=50, seed=12)
    assert (first.included == same.included).all()
    assert (first.included != other.included).any()


def test_too_many_subsets_are_refused_with_a_way_out() -> None:
    effects = Effects.of(np.zeros(16), np.ones(16))
    with pytest.raises(BadOption, match=r"16 studies have 2\^16 - 1 subsets.*random subsets"):
        gosh(effects)
    with pytest.raises(BadOption, match="between 1 and 1,000,000, not 1,000,001"):
        gosh(effects, sets=1_000_001, seed=1)
    with pytest.raises(BadOption, match="between 1 and 1,000,000, not 0"):
        gosh(effects, sets=0, seed=1)


def test_random_subsets_need_a_seed(bcg: Effects) -> None:
    with pytest.raises(BadOption, match="need a seed"):
        gosh(bcg, sets=100)


def test_one_study_is_refused() -> None:
    with pytest.raises(TooFewStudies, match="GOSH needs at least 2 studies"):
        gosh(Effects.of([0.1], [0.1]))


def test_summary_names_the_study_that_parts_the_subsets() -> None:
    effects = Effects.of(
        [0.1, 0.12, 0.11, 2.0, np.nan], [0.01] * 5, ["A", "B", "C", "Outlier", "E"]
    )
    summary = gosh(effects, method="FE").summary()
    assert "GOSH of 4 studies: all 15 subsets, common effect" in summary
    assert "The study that parts the subsets most is Outlier" in summary
    assert "left out: E: no effect" in summary


def test_summary_of_a_single_random_subset_parts_nothing(bcg: Effects) -> None:
    summary = gosh(bcg, sets=1, seed=1).summary()
    assert "random 1 subset" in summary
    assert "parts" not in summary
