from typing import Any

import numpy as np
import pytest

from kb.synthesis.effect_sizes import columns_of, escalc
from tests.synthesis.reference import TOLERANCES, Case, cases, close, numbers

COMPUTED = [
    (case, variant)
    for case in cases()
    if "escalc" in case.blocks
    for variant in case.block("escalc")
]


def options_of(variant: str) -> tuple[str, dict[str, Any]]:
    """Split "OR:to=all" into the measure and its options."""
    measure, _, option = variant.partition(":")
    name, _, value = option.partition("=")
    if not name:
        return measure, {}
    return measure, {name: value or True}


@pytest.mark.parametrize(("case", "variant"), COMPUTED, ids=str)
def test_effect_sizes_and_variances_are_those_of_metafor(case: Case, variant: str) -> None:
    measure, options = options_of(variant)
    table = {name: case.column(name) for name in columns_of(measure)[0]}
    expected = case.block("escalc", variant)
    yi, vi = numbers(expected["yi"]), numbers(expected["vi"])

    effects = escalc(measure, table, case.labels, **options)

    # metafor keeps an effect with a variance of zero, which no analysis can weigh
    assert effects.rows.tolist() == np.flatnonzero(np.isfinite(yi) & (vi > 0)).tolist()
    rel, where = TOLERANCES["effect size"], f"{case} {variant}"
    close(effects.yi, yi[effects.rows], rel=rel, floor=effects.sei, where=f"{where} yi")
    close(effects.vi, vi[effects.rows], rel=rel, where=f"{where} vi")


@pytest.mark.parametrize(("case", "variant"), COMPUTED, ids=str)
def test_every_study_without_an_effect_is_named_with_a_reason(case: Case, variant: str) -> None:
    measure, options = options_of(variant)
    table = {name: case.column(name) for name in columns_of(measure)[0]}

    effects = escalc(measure, table, case.labels, **options)

    assert sorted((*effects.labels, *(each.label for each in effects.left_out))) == sorted(
        case.labels
    )
    assert all(each.reason for each in effects.left_out)
