"""Random effects about the Mantel-Haenszel estimate: R's numbers, and what must hold of any tables.

`random_mantel_haenszel.R` beside this file makes the numbers, also those of Peto's corrected sums.
"""

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis import mantel_haenszel, peto
from kb.synthesis.errors import BadOption, SynthesisError
from kb.synthesis.mantel_haenszel_random import MEASURES, RandomMantelHaenszel, pool
from kb.synthesis.pooling import pool as inverse_variance
from kb.synthesis.prediction import Prediction

HERE = Path(__file__).parent
REFERENCE: dict[str, Any] = json.loads((HERE / "random_mantel_haenszel.json").read_text())
VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "revman": {"add": (0.5, 0.5), "to": ("only0", "only0"), "drop00": (True, True)},
    "all": {"add": (0.25, 1), "to": ("all", "all"), "drop00": (False, False)},
    "kept": {"drop00": (False, False)},
    "nothing": {"add": (0, 0), "to": ("none", "none")},
}
REVMAN = VARIANTS["revman"]
CELLS = ("ai", "bi", "ci", "di")
Cells = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

cells = st.lists(st.tuples(*[st.integers(1, 200)] * 4), min_size=1, max_size=8).map(
    lambda rows: np.array(rows, dtype=float).T
)
sparse = st.lists(st.tuples(*[st.integers(0, 30)] * 4), min_size=2, max_size=8).map(
    lambda rows: np.array(rows, dtype=float).T
)


def columns_of(table: str) -> Cells:
    path = HERE.parent / "reference" / "data" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    a, b, c, d = (np.array([float(row[name]) for row in rows]) for name in CELLS)
    return a, b, c, d


def named(case: dict[str, Any]) -> str:
    return " ".join(case[name] for name in ("table", "measure", "variant") if name in case)


def limits(prediction: Prediction | None) -> tuple[float, float]:
    assert prediction is not None
    return prediction.low, prediction.high


@pytest.mark.parametrize("case", REFERENCE["mh"], ids=named)
def test_every_number_as_metafor_by_parts(case: dict[str, Any]) -> None:
    columns = columns_of(case["table"])
    found = pool(case["measure"], *columns, **VARIANTS[case["variant"]])
    by_t = pool(case["measure"], *columns, **VARIANTS[case["variant"]], prediction="HTS")
    mean, spread = found.estimate, found.heterogeneity
    assert found.k == case["k"]
    numbers = {
        **{name: getattr(mean, name) for name in ("estimate", "se", "ci_low", "ci_high")},
        **{name: getattr(mean, name) for name in ("statistic", "p")},
        **{name: getattr(spread, name) for name in ("tau2", "i2", "h2", "q", "q_p")},
        **dict(zip(("pi_low", "pi_high"), limits(found.prediction), strict=True)),
        **dict(zip(("hts_low", "hts_high"), limits(by_t.prediction), strict=True)),
    }
    assert numbers == {name: pytest.approx(case[name], rel=1e-8, abs=1e-12) for name in numbers}
    assert found.weights == pytest.approx(case["weights"], rel=1e-8)


@pytest.mark.parametrize("case", REFERENCE["peto"], ids=named)
def test_petos_corrected_sums_as_metafor(case: dict[str, Any]) -> None:
    found = peto.pool(*columns_of(case["table"]), **VARIANTS[case["variant"]])
    mean, spread = found.estimate, found.heterogeneity
    assert (found.k, found.k_yi) == (case["k"], case["k_yi"])
    numbers = (mean.estimate, mean.se, mean.ci_low, mean.ci_high, spread.q, spread.q_p)
    names = ("estimate", "se", "ci_low", "ci_high", "q", "q_p")
    assert numbers == pytest.approx([case[name] for name in names], rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
@given(columns=cells)
def test_without_a_zero_the_corrections_change_nothing(measure: str, columns: np.ndarray) -> None:
    plain, corrected = pool(measure, *columns), pool(measure, *columns, **REVMAN)
    assert corrected.estimate == plain.estimate
    assert corrected.heterogeneity == plain.heterogeneity
    for method in (MEASURES[measure], peto.pool):
        assert method(*columns, **REVMAN).estimate == method(*columns).estimate


@pytest.mark.parametrize("measure", MEASURES)
@given(columns=cells)
def test_exchanged_arms_change_the_sign_alone(measure: str, columns: np.ndarray) -> None:
    a, b, c, d = columns
    one, other = pool(measure, a, b, c, d), pool(measure, c, d, a, b)
    assert other.estimate.estimate == pytest.approx(-one.estimate.estimate, abs=1e-9)
    assert other.estimate.se == pytest.approx(one.estimate.se, rel=1e-7)
    assert other.heterogeneity.tau2 == pytest.approx(one.heterogeneity.tau2, rel=1e-6, abs=1e-9)


@given(columns=sparse)
def test_exchanged_arms_invert_a_corrected_odds_ratio(columns: np.ndarray) -> None:
    a, b, c, d = columns
    one, other = poolable((a, b, c, d)), poolable((c, d, a, b))
    assert (one is None) is (other is None)
    if one and other:
        product = math.exp(one.estimate.estimate) * math.exp(other.estimate.estimate)
        assert product == pytest.approx(1, rel=1e-8)


def poolable(columns: Cells) -> RandomMantelHaenszel | None:
    try:
        return pool("OR", *columns, **REVMAN)
    except SynthesisError:
        return None


@pytest.mark.parametrize("measure", MEASURES)
@given(columns=cells)
def test_tau2_is_at_least_that_of_dersimonian_and_laird(measure: str, columns: np.ndarray) -> None:
    """Q is least about the inverse-variance mean."""
    found = pool(measure, *columns)
    usual = inverse_variance(found.effects, method="DL").heterogeneity
    assert found.heterogeneity.q >= usual.q * (1 - 1e-9) - 1e-9
    assert found.heterogeneity.tau2 >= usual.tau2 * (1 - 1e-9) - 1e-12
    assert found.weights.sum() == pytest.approx(100)


@given(columns=cells, times=st.integers(2, 4))
def test_without_heterogeneity_it_is_the_common_effect(columns: np.ndarray, times: int) -> None:
    found = pool("OR", *np.repeat(columns[:, :1], times, axis=1))
    common = mantel_haenszel.odds_ratio(*np.repeat(columns[:, :1], times, axis=1)).estimate
    assert common is not None
    assert found.heterogeneity.tau2 == 0
    assert found.estimate.estimate == pytest.approx(common.estimate, abs=1e-10)


def test_one_study_gives_its_own_effect_and_no_prediction() -> None:
    found = pool("RR", [4], [119], [11], [128], ["Alder (made up)"])
    assert found.estimate.estimate == pytest.approx(math.log(4 / 123 * 139 / 11), rel=1e-12)
    assert (found.prediction, found.heterogeneity.tau2, found.heterogeneity.q_df) == (None, 0, 0)
    assert found.notes == (
        "One study: this is its own effect, and its heterogeneity cannot be known.",
    )


def test_a_study_without_an_effect_is_named() -> None:
    labels = ["Alder (made up)", "Beech (made up)", "Cedar (made up)"]
    found = pool("OR", [4, 0, 9], [119, 17, 31], [11, 0, 8], [128, 19, 35], labels)
    assert found.k == 2
    assert found.effects.rows.tolist() == [0, 2]
    assert found.notes == ("Not pooled: Beech (made up): no event, or nothing else, in both arms.",)
    assert "2 studies, random effects about the Mantel-Haenszel estimate" in found.summary()


def test_sums_without_an_estimate_are_refused() -> None:
    with pytest.raises(SynthesisError, match="There is no pooled odds ratio"):
        pool("OR", [0, 0], [25, 30], [3, 4], [24, 26])


@pytest.mark.parametrize("measure", ["IRR", "SMD", ""])
def test_other_measures_are_refused(measure: str) -> None:
    with pytest.raises(BadOption, match="They are of OR, RR, RD"):
        pool(measure, [4, 5], [119, 90], [11, 9], [128, 99])


def test_a_prediction_interval_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadOption, match="no prediction interval 'wide'"):
        pool("OR", [4, 5], [119, 90], [11, 9], [128, 99], prediction="wide")
