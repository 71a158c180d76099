"""Stated results, computed again: those of made-up reviews, whose results are R's."""

from dataclasses import replace
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.exchange.drafts import StatedEffect, StatedPool, StatedSize
from kb.exchange.readers import cochrane_package, revman5
from kb.exchange.restating import Verdict, restate, restate_sizes
from kb.exchange.review_methods import revman_smd
from kb.synthesis import mantel_haenszel_random
from tests.exchange.revman_files import MADE_UP, analysis, package, rm5, saved


def pools_of(content: bytes, folder: Path) -> dict[str, StatedPool]:
    """Return the stated pools of a review in either format by number, or number and subgroup."""
    is_zip = content.startswith(b"PK")
    file = saved(folder, "made-up.zip" if is_zip else "made-up.rm5", content)
    review = (cochrane_package if is_zip else revman5).read(file, {}).review
    assert review is not None
    return {
        " ".join(filter(None, (pool.name.split(" ")[0], pool.subgroup))): pool
        for pool in review.pools
    }


NUMBERS = [
    " ".join(filter(None, (each["number"], subgroup)))
    for each in MADE_UP
    for subgroup in ("", *each.get("subgroups", {}))
]
ADDED = "--add 0.5,0.5 --to only0,only0"
"""What RevMan does about zeros, in the sums of Mantel and Haenszel too."""

IN_RM5 = [number for number in NUMBERS if number != "2.2"]
"""RevMan 5 has no restricted likelihood."""


@pytest.mark.parametrize("number", IN_RM5)
def test_what_a_revman_5_file_states_is_what_its_data_give(number: str, tmp_path: Path) -> None:
    found = restate(pools_of(rm5(), tmp_path)[number])
    assert found.verdict == Verdict.AGREES, found.sentence


@pytest.mark.parametrize("number", NUMBERS)
def test_what_a_data_package_states_is_what_its_data_give(number: str, tmp_path: Path) -> None:
    found = restate(pools_of(package(), tmp_path)[number])
    assert found.verdict == Verdict.AGREES, found.sentence


def test_every_printed_number_is_compared_with_weights_and_single_effects(tmp_path: Path) -> None:
    found = restate(pools_of(rm5(), tmp_path)["1.7"])
    whats = [value.what for value in found.values]
    assert whats[:7] == ["estimate", "lower limit", "upper limit", "p", "tau²", "I²", "Q"]
    assert "effect of Ash 2001" in whats
    assert "weight of Ash 2001" in whats


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("estimate", "estimate"),
        ("ci_low", "lower limit"),
        ("ci_high", "upper limit"),
        ("p", "p"),
        ("tau2", "tau²"),
        ("i2", "I²"),
        ("q", "Q"),
    ],
)
def test_a_number_that_is_off_is_named(field: str, what: str, tmp_path: Path) -> None:
    pool = pools_of(rm5(), tmp_path)["1.7"]
    found = restate(replace(pool, **{field: getattr(pool, field) * 1.001}))
    assert found.verdict == Verdict.DIFFERS
    assert [value.what for value in found.differing] == [what]
    assert what in found.sentence


def test_a_weight_that_is_off_is_named_with_its_study(tmp_path: Path) -> None:
    pool = pools_of(rm5(), tmp_path)["1.6"]
    first, *others = pool.members
    assert first.weight is not None
    found = restate(replace(pool, members=(replace(first, weight=first.weight + 1), *others)))
    assert "weight of Ash 2001" in [value.what for value in found.differing]


@pytest.mark.parametrize(
    ("number", "estimate", "ci_low", "ci_high"),
    [
        ("1.1", 0.782557158879, 0.546181205312, 1.121231746822),
        ("1.4", -0.0365891887603, -0.1097718505313, 0.0365934730106),
    ],
)
def test_a_result_as_metafor_has_it_is_known_too(
    number: str, estimate: float, ci_low: float, ci_high: float, tmp_path: Path
) -> None:
    """R: rma.mh(measure="OR", ai, n1i, ci, n2i), exp() of it; "RD" without the zeros."""
    pool = pools_of(rm5(), tmp_path)[number]
    members = tuple(replace(each, weight=None) for each in pool.members)
    bare = replace(pool, estimate=estimate, ci_low=ci_low, ci_high=ci_high, members=members)
    found = restate(replace(bare, p=None, i2=None, q=None))
    assert found.verdict == Verdict.AGREES, found.sentence
    assert "0.5 added" not in found.way
    assert (found.flags[3], "--add" in found.flags) == ("MH", False)


def test_revmans_standardised_mean_difference() -> None:
    """g = 0.5 (1 - 3/(4·40 - 9)); its variance 40/400 + g²/(2 (40 - 3.94)), by hand."""
    table = {
        name: np.array([value])
        for name, value in {
            "m1i": 12.0,
            "sd1i": 4.0,
            "n1i": 20.0,
            "m2i": 10.0,
            "sd2i": 4.0,
            "n2i": 20.0,
        }.items()
    }
    found = revman_smd(table, ["made up"])
    g = 0.5 * (1 - 3 / 151)
    assert found.yi[0] == pytest.approx(g, rel=1e-12)
    assert found.vi[0] == pytest.approx(0.1 + g**2 / 72.12, rel=1e-12)


def lone(data: dict[str, float], **fields: object) -> StatedPool:
    member = StatedEffect(1, "Ash 2001", data)
    pool = StatedPool(1, "1.1 Made up", "made up", "OR", "common", "MH", 1.0, members=(member,))
    return replace(pool, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pool", "reason"),
    [
        (lone({}, members=()), "No study with data"),
        (lone({"ai": 5, "n1i": 4, "ci": 1, "n2i": 9}), "more events than people"),
        (lone({"ai": 0, "n1i": 4, "ci": 0, "n2i": 9}), "Mantel-Haenszel method needs"),
        (lone({"yi": 0.1, "sei": -1.0}, method="IV"), "standard error"),
        (lone({"yi": 0.1}, method="IV"), "computed from the columns"),
    ],
    ids=["no members", "too many events", "no events", "negative", "no standard error"],
)
def test_what_cannot_be_computed_says_why(pool: StatedPool, reason: str) -> None:
    found = restate(pool)
    assert found.verdict == Verdict.NOT_COMPUTED
    assert reason in str(found.reason)
    assert found.as_dict()["values"] == []


@pytest.mark.parametrize(
    ("number", "level", "flags"),
    [
        ("1.6", 95.0, "--measure MD --method EE"),
        ("1.6", 90.0, "--measure MD --method EE --level 90"),
        ("1.3", 95.0, "--measure PETO --method PETO"),
        ("1.9", 95.0, "--measure HR --method EE"),
        ("2.2", 95.0, "--measure HR --test knha"),
        ("3.10", 95.0, "--measure OR --method MH-DL"),
        ("3.11", 95.0, "--measure RD --method MH-DL"),
        ("1.1", 95.0, f"--measure OR --method MH {ADDED}"),
        ("1.2", 95.0, f"--measure RR --method MH-DL {ADDED}"),
    ],
)
def test_the_options_of_kb_pool_are_those_of_the_review(
    number: str, level: float, flags: str, tmp_path: Path
) -> None:
    pool = replace(pools_of(package(), tmp_path)[number], ci_level=level)
    assert " ".join(restate(pool).flags) == flags


def test_random_effects_of_differences_keep_studies_without_events() -> None:
    table = {
        "ai": [4, 0, 9, 12],
        "n1i": [40, 17, 31, 60],
        "ci": [9, 0, 8, 5],
        "n2i": [41, 19, 35, 62],
    }
    a, n1, c, n2 = (np.array(values, dtype=float) for values in table.values())
    made = mantel_haenszel_random.pool(
        "RD", a, n1 - a, c, n2 - c, drop00=(False, False), level=0.95
    )
    mean, spread = made.estimate, made.heterogeneity
    members = tuple(
        StatedEffect(row, f"study {row}", {name: float(table[name][row]) for name in table})
        for row in range(4)
    )
    pool = StatedPool(1, "1.1", "made up", "RD", "random", "MH", mean.estimate, members=members)
    found = restate(replace(pool, ci_low=mean.ci_low, ci_high=mean.ci_high, tau2=spread.tau2))
    assert found.verdict == Verdict.AGREES, found.sentence
    flags = "--measure RD --method MH-DL --drop00 false,false"
    assert (" ".join(found.flags), found.apart) == (flags, "")


def test_what_kb_pool_cannot_pool_has_no_options() -> None:
    found = restate(lone({"ai": 0, "n1i": 4, "ci": 0, "n2i": 9}))
    assert (found.flags, found.apart) == ((), "")


def test_a_file_that_contradicts_its_data_is_not_explained_by_a_formula(tmp_path: Path) -> None:
    pool = pools_of(rm5(), tmp_path)["1.1"]
    found = restate(replace(pool, estimate=pool.estimate + 0.3))
    assert (found.verdict, found.apart) == (Verdict.DIFFERS, "")


def test_data_of_different_kinds_are_not_pooled(tmp_path: Path) -> None:
    pool = pools_of(rm5(), tmp_path)["1.8"]
    other = replace(pool.members[0], data={"ai": 1, "n1i": 2, "ci": 1, "n2i": 2})
    found = restate(replace(pool, members=(*pool.members, other)))
    assert found.reason == "The studies give data of different kinds."


def test_a_study_without_an_effect_is_named() -> None:
    made = analysis("1.1")["data"]
    members = tuple(
        StatedEffect(row, study, {name: made[name][row] for name in ("ai", "n1i", "ci", "n2i")})
        for row, study in enumerate(made["study"])
    )
    found = restate(StatedPool(1, "1.1", "made up", "OR", "common", "MH", 0.7836, members=members))
    assert len(found.left_out) == 1
    assert found.left_out[0].startswith("Elm 2005: ")


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)),
        max_size=6,
    ),
    st.sampled_from(["OR", "RR", "RD"]),
    st.sampled_from(["MH", "IV", "PETO"]),
    st.sampled_from(["common", "random"]),
)
def test_any_tables_are_compared_or_say_why_not(
    tables: list[tuple[int, int, int, int]], statistic: str, method: str, model: str
) -> None:
    members = tuple(
        StatedEffect(row, f"study {row}", {"ai": a, "n1i": a + b, "ci": c, "n2i": c + d}, 1.0)
        for row, (a, b, c, d) in enumerate(tables)
    )
    pool = StatedPool(1, "1.1", "made up", statistic, model, method, 1.0, 0.5, 2.0, members=members)
    found = restate(pool)
    assert (found.verdict == Verdict.NOT_COMPUTED) == (found.reason is not None)
    assert all(value.computed is None or np.isfinite(value.computed) for value in found.values)


def size(row: int, estimate: float, se: float | None = None, **data: float) -> StatedSize:
    return StatedSize(row, f"study {row}", "SMD", data, estimate, se)


MEANS = {"m1i": 12.0, "sd1i": 4.0, "n1i": 20.0, "m2i": 10.0, "sd2i": 4.0, "n2i": 20.0}
"""Hedges' g is 0.49 of these (0.5 times J(38) = 0.98010)."""


def test_effect_sizes_of_a_file_are_told_apart() -> None:
    found = restate_sizes(
        [
            size(2, 0.4900, 0.321, **MEANS),
            size(3, -0.4900, **MEANS),
            size(4, 0.9, **MEANS),
            size(5, 0.49, 0.5, **MEANS),
            size(6, 0.49, **MEANS | {"sd1i": -4.0}),
            size(7, 0.49, **MEANS | {"sd1i": 0.0, "sd2i": 0.0}),
            size(8, 0.49, m1i=1.0),
        ]
    )
    assert found.count == 7
    assert found.agree == 2
    assert [each.size.row for each in found.flipped] == [3]
    assert [each.size.row for each in found.differ] == [4]
    assert [each.size.row for each in found.differ_in_se] == [5]
    assert sorted(row for row, _, _ in found.not_computed) == [6, 7, 8]
    assert found.as_dict()["stated"] == 7


def test_thousands_of_effect_sizes_keep_their_rows() -> None:
    many = [size(row, 0.49 if row % 2 else 5.0, **MEANS) for row in range(45_000)]
    found = restate_sizes(iter(many))
    assert found.agree == 22_500
    assert [each.size.row for each in found.differ] == list(range(0, 45_000, 2))


def test_ratios_are_compared_on_the_scale_of_analysis() -> None:
    data = {"ai": 10, "n1i": 40, "ci": 20, "n2i": 40}
    odds = log(10 * 20 / (30 * 20))
    found = restate_sizes([StatedSize(1, "made up", "OR", data, odds)])
    assert found.agree == 1
    assert exp(odds) == pytest.approx(1 / 3)
