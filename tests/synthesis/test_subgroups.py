import numpy as np
import pytest

from kb.synthesis.effects import Effects
from kb.synthesis.errors import BadOption, BadTable, TooFewStudies
from kb.synthesis.metaregression import regress
from kb.synthesis.pooling import pool
from kb.synthesis.subgroups import subgroup_analysis

# Thirteen trials of the BCG vaccine, metadat's dat.bcg: tuberculosis and none among the vaccinated
# and the others; how they were allocated
COUNTS = [
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]
A, B, C, D = np.array(COUNTS, dtype=float).T
BCG = Effects.of(
    np.log(A / (A + B)) - np.log(C / (C + D)), 1 / A - 1 / (A + B) + 1 / C - 1 / (C + D)
)
KINDS = ["random"] * 4 + ["alternate"] * 2 + ["random"] * 3 + ["systematic"] * 4


def test_subgroups_of_their_own_tau2_are_metafors() -> None:
    # d <- escalc("RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg), metafor 3.8-1
    # r <- rma(yi, vi, data=d, subset=alloc==..., method="DL"): r$beta, r$se, r$tau2, r$QE
    expected = {
        "alternate": (
            2,
            -0.54079296184934533,
            0.28160161310388798,
            0.13257703987809291,
            5.5625135079838497,
        ),
        "random": (
            7,
            -1.004161353998235,
            0.36210679874100876,
            0.76306275437095272,
            110.21326117518791,
        ),
        "systematic": (
            4,
            -0.43934657999800086,
            0.31333791363802971,
            0.28497068180746316,
            16.591863579535822,
        ),
    }
    result = subgroup_analysis(BCG, KINDS, method="DL")
    assert [each.level for each in result.subgroups] == list(expected)
    for each in result.subgroups:
        assert each.heterogeneity is not None
        numbers = [each.k, each.estimate.estimate, each.estimate.se]
        numbers += [each.heterogeneity.tau2, each.heterogeneity.q]
        assert numbers == pytest.approx(expected[each.level], rel=1e-10)
    assert result.residual is None
    # rma(beta, se^2, method="EE") of the three: QE, QEp
    assert result.between.statistic == pytest.approx(1.5367688720627526, rel=1e-10)
    assert result.between.p == pytest.approx(0.46376170010984308, rel=1e-10)
    assert (result.between.df1, result.between.df2) == (2, None)


def test_the_test_between_takes_the_standard_errors_of_the_test_chosen() -> None:
    # rma(beta, se^2, method="EE") of the three by test="knha": QE, QEp
    result = subgroup_analysis(BCG, KINDS, method="DL", test="knha")
    assert result.between.statistic == pytest.approx(2.3421929805209043, rel=1e-10)
    assert result.between.p == pytest.approx(0.31002681344472016, rel=1e-10)


def test_subgroups_of_a_common_tau2_are_metafors() -> None:
    # r <- rma(yi, vi, mods=~0+alloc, data=d, method="DL"): r$beta, r$se, r$tau2
    result = subgroup_analysis(BCG, KINDS, method="DL", common_tau2=True)
    assert [each.estimate.estimate for each in result.subgroups] == pytest.approx(
        [-0.51253015554772552, -0.99052549506652343, -0.40829934245916089], rel=1e-10
    )
    assert [each.estimate.se for each in result.subgroups] == pytest.approx(
        [0.54212220502083841, 0.31810127677675998, 0.41417029290179114], rel=1e-10
    )
    assert result.residual is not None
    assert result.residual.tau2 == pytest.approx(0.55956875012770313, rel=1e-10)
    assert [each.heterogeneity for each in result.subgroups] == [None] * 3
    # rma(yi, vi, mods=~alloc, data=d, method="DL"): QM, QMp, and with test="knha"
    assert result.between.statistic == pytest.approx(1.4349124519223539, rel=1e-10)
    assert result.between.p == pytest.approx(0.48799201988314167, rel=1e-10)
    f = subgroup_analysis(BCG, KINDS, method="DL", common_tau2=True, test="knha").between
    assert f.statistic == pytest.approx(1.1290889089142331, rel=1e-10)
    assert (f.df1, f.df2) == (2, 10)
    assert f.p == pytest.approx(0.36130204123119525, rel=1e-10)


@pytest.mark.parametrize("method", ["EE", "DL", "REML", "PM"])
@pytest.mark.parametrize("test", ["z", "t", "knha", "adhoc"])
def test_a_common_tau2_is_a_regression_on_the_kinds(method: str, test: str) -> None:
    result = subgroup_analysis(BCG, KINDS, common_tau2=True, method=method, test=test)
    contrasts = regress(BCG, {"kind": KINDS}, method=method, test=test)
    assert result.between == contrasts.omnibus
    assert result.residual is not None
    assert result.residual.tau2 == pytest.approx(contrasts.heterogeneity.tau2, rel=1e-10)
    first, *others = result.subgroups
    for each in others:
        difference = contrasts.coefficient(f"kind: {each.level}").estimate
        assert each.estimate.estimate - first.estimate.estimate == pytest.approx(
            difference, rel=1e-9
        )
    assert first.estimate.estimate == pytest.approx(
        contrasts.coefficient("intercept").estimate, rel=1e-9
    )


@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
def test_each_subgroup_of_its_own_tau2_is_pooled_alone(method: str) -> None:
    result = subgroup_analysis(BCG, KINDS, method=method, test="adhoc", level=0.9)
    for each in result.subgroups:
        own = BCG.take([kind == each.level for kind in KINDS])
        assert each.estimate == pool(own, method=method, test="adhoc", level=0.9).estimate
        assert each.effects.rows.tolist() == own.rows.tolist()


def test_q_between_and_within_add_up_to_the_whole_in_a_common_effect_model() -> None:
    result = subgroup_analysis(BCG, KINDS, method="EE")
    within = sum(each.heterogeneity.q for each in result.subgroups if each.heterogeneity)
    total = pool(BCG, method="EE").heterogeneity.q
    assert result.between.statistic + within == pytest.approx(total, rel=1e-12)


def test_studies_of_no_known_kind_are_left_out_by_name() -> None:
    effects = Effects.of([0.1, 0.5, 0.3, 0.9, np.nan], [0.1] * 5, list("ABCDE"))
    result = subgroup_analysis(effects, ["x", None, "y", ""])
    assert [str(study) for study in result.left_out] == [
        "E: no effect",
        "B: its subgroup is not known",
        "D: its subgroup is not known",
    ]
    assert [each.k for each in result.subgroups] == [1, 1]
    assert result.summary().splitlines()[-1] == "left out: D: its subgroup is not known"


def test_a_study_alone_in_its_subgroup_is_said_to_be_alone() -> None:
    effects = Effects.of([0.1, 0.5, 0.3], [0.1, 0.2, 0.3])
    result = subgroup_analysis(effects, ["x", "x", "y"])
    assert result.notes == ("One study alone is not pooled: y.",)
    assert result.subgroups[1].estimate.estimate == 0.3


def test_one_kind_is_no_comparison() -> None:
    with pytest.raises(TooFewStudies, match="needs at least 2 subgroups; there is 1"):
        subgroup_analysis(BCG, ["all"] * 13)


def test_no_study_is_no_comparison() -> None:
    with pytest.raises(TooFewStudies, match="needs at least 2 subgroups; there are none"):
        subgroup_analysis(Effects.of([], []), [])


@pytest.mark.parametrize("common_tau2", [False, True])
@pytest.mark.parametrize("missing", [None, np.nan, "", "  "])
def test_a_kind_that_is_missing_is_no_subgroup(
    missing: object,
    common_tau2: bool,  # noqa: FBT001 - pytest names it
) -> None:
    effects = Effects.of([0.1, 0.5, 0.3, 0.9], [0.1] * 4, list("ABCD"))
    result = subgroup_analysis(effects, ["x", missing, " y", "y"], common_tau2=common_tau2)
    assert [(each.level, each.k) for each in result.subgroups] == [("x", 1), ("y", 2)]
    assert [str(study) for study in result.left_out] == ["B: its subgroup is not known"]


def test_identical_effects_of_a_subgroup_leave_hartung_knapp_no_standard_error() -> None:
    effects = Effects.of([0.3, 0.3, 0.1, 0.9], [0.1, 0.2, 0.1, 0.3])
    kinds = ["same", "same", "other", "other"]
    words = r"subgroup same are identical.*standard error is 0\. Choose the test z or adhoc"
    with pytest.raises(BadOption, match=words):
        subgroup_analysis(effects, kinds, test="knha")
    for test in ("z", "adhoc"):
        assert np.isfinite(subgroup_analysis(effects, kinds, test=test).between.statistic)


def test_identical_effects_of_all_subgroups_leave_hartung_knapp_no_standard_error() -> None:
    effects = Effects.of([0.3, 0.3, 0.1, 0.1], [0.1, 0.2, 0.1, 0.3])
    kinds = ["a", "a", "b", "b"]
    with pytest.raises(BadOption, match=r"exactly on the model.*Choose the test z or adhoc"):
        subgroup_analysis(effects, kinds, test="knha", common_tau2=True)
    result = subgroup_analysis(effects, kinds, test="adhoc", common_tau2=True)
    assert np.isfinite(result.between.statistic)


def test_kinds_must_be_one_per_study() -> None:
    with pytest.raises(BadTable, match="There are 2 kinds for 13 studies"):
        subgroup_analysis(BCG, ["x", "y"])


@pytest.mark.parametrize("common_tau2", [False, True])
def test_bad_options_are_refused(common_tau2: bool) -> None:  # noqa: FBT001 - pytest names it
    with pytest.raises(BadOption, match="There is no method"):
        subgroup_analysis(BCG, KINDS, method="none", common_tau2=common_tau2)


def test_summary_has_a_line_for_each_subgroup_and_one_for_the_test() -> None:
    assert subgroup_analysis(BCG, KINDS, method="DL").summary().splitlines() == [
        "alternate   k = 2  -0.5408 (95% CI -1.0927 to 0.0111); SE 0.2816, z = -1.92, p = 0.055",
        "random      k = 7  -1.0042 (95% CI -1.7139 to -0.2944); SE 0.3621, z = -2.77, p = 0.006",
        "systematic  k = 4  -0.4393 (95% CI -1.0535 to 0.1748); SE 0.3133, z = -1.40, p = 0.161",
        "between subgroups: Q(2) = 1.54, p = 0.464",
    ]
    common = subgroup_analysis(BCG, KINDS, method="DL", common_tau2=True, test="t")
    assert "between subgroups: F(2, 10) = 0.72" in common.summary()
