"""What a file means by the sign and the standard error of its effects is said once."""

from math import sqrt

from kb.exchange.drafts import StatedSize
from kb.exchange.stated_sizes import restate_sizes

MEANS = {"m1i": 12.0, "sd1i": 4.0, "n1i": 20.0, "m2i": 10.0, "sd2i": 4.0, "n2i": 20.0}
"""Hedges' g is 0.49 of these (0.5 times J(38) = 0.98010)."""
LARGE = MEANS | {"m1i": 24.0, "n1i": 5.0, "n2i": 5.0}
"""The difference is 3.5 standard deviations, and J(8) = 0.90316."""


def size(row: int, estimate: float, se: float | None = None, **data: float) -> StatedSize:
    return StatedSize(row, f"Madeup {row}", "SMD", data or MEANS, estimate, se)


def test_a_sign_that_is_the_other_one_throughout_is_a_convention() -> None:
    found = restate_sizes([*(size(row, -0.49) for row in range(2, 22)), size(22, 0.49)])
    assert (found.agree, found.turned) == (20, {"SMD"})
    assert [each.size.row for each in found.flipped] == [22]
    assert found.as_dict()["sign_turned"] == ["SMD"]


def test_signs_that_are_mixed_are_no_convention() -> None:
    found = restate_sizes([*(size(row, -0.49) for row in range(2, 7)), size(7, 0.49)])
    assert (found.agree, found.turned, len(found.flipped)) == (1, set(), 5)


def test_one_effect_alone_is_no_convention() -> None:
    assert restate_sizes([size(2, -0.49)]).turned == set()


def test_what_differs_under_a_convention_is_told_and_not_as_another_sign() -> None:
    found = restate_sizes([*(size(row, -0.49) for row in range(2, 22)), size(22, -0.8)])
    assert [each.size.row for each in found.differ] == [22]
    assert found.flipped == []


def test_a_standard_error_before_hedges_correction_is_explained() -> None:
    before = sqrt(1 / 5 + 1 / 5 + 3.5**2 / 20)
    g = 3.5 * 0.90316
    found = restate_sizes([size(2, g, before, **LARGE), size(3, g, 1.2, **LARGE)])
    assert (found.agree, found.before_correction) == (2, 1)
    assert [each.size.row for each in found.differ_in_se] == [3]
