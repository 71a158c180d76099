"""The columns of a Metapsy database that are read; databases differ in what else they have.

Source: the Metapsy data standard, docs.metapsy.org/data-preparation/format.
"""

from itertools import chain

from kb.exchange.comparisons import ARMS
from kb.exchange.tabular.columns import Columns

ROB_DOMAINS = {
    "rob_d1": "Randomisation process",
    "rob_d2": "Deviations from intended interventions",
    "rob_d3": "Missing outcome data",
    "rob_d4": "Measurement of the outcome",
    "rob_d5": "Selection of the reported result",
}
"""Columns of five judgements, which are those of RoB 2 in their order."""
ROB_OVERALL = "rob"

_BY_ARM = {
    "mean": ("mean_arm{}",),
    "sd": ("sd_arm{}",),
    "n": ("n_arm{}",),
    "mean_change": ("mean_change_arm{}", "m_change_arm{}"),
    "sd_change": ("sd_change_arm{}",),
    "n_change": ("n_change_arm{}",),
    "event": ("event_arm{}",),
    "totaln": ("totaln_arm{}",),
    "randomised": ("n_randomized_arm{}", "n_randomised_arm{}"),
}


def _by_arm(spellings: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {
        f"{name}_arm{arm}": tuple(each.format(arm) for each in known)
        for name, known in spellings.items()
        for arm in ARMS
    }


COLUMNS = Columns(
    texts={
        "study": ("study",),
        "condition_arm1": ("condition_arm1",),
        "condition_arm2": ("condition_arm2",),
        "multi_arm1": ("multi_arm1",),
        "multi_arm2": ("multi_arm2",),
        "outcome": ("outcome", "outcome_domain", "target"),
        "outcome_type": ("outcome_type",),
        "event": ("dich_type",),
        "instrument": ("instrument",),
        "rating": ("rating",),
        "time": ("time",),
        "analysed": ("completer",),
        "effect_source": ("g_data_source",),
        "detail_arm1": ("condition_arm1.detail", "condition_arm1_detail"),
        "detail_arm2": ("condition_arm2.detail", "condition_arm2_detail"),
        "country": ("country",),
        "format": ("format",),
        "reference": ("full_ref", "full_reference", "reference"),
        **{name: (name, name.removeprefix("rob_")) for name in ROB_DOMAINS},
        ROB_OVERALL: ("rob", "rob_overall"),
    },
    numbers={
        "time_weeks": ("time_weeks",),
        **_by_arm(_BY_ARM),
        "g": ("g",),
        "g_se": ("g_se",),
        "precalc_g": ("precalc_g",),
        "precalc_g_se": ("precalc_g_se",),
        "log_rr": ("log_rr",),
        "log_rr_se": ("log_rr_se",),
        "precalc_log_rr": ("precalc_log_rr",),
        "precalc_log_rr_se": ("precalc_log_rr_se",),
        "year": ("year",),
        "sessions": ("n_sessions", "n_sessions_arm1"),
        "randomised": ("n_randomized", "n_randomised", "total_n_randomized"),
    },
    wholes=frozenset(
        (
            "year",
            "randomised",
            *chain.from_iterable(
                (f"{name}_arm{arm}" for name in ("n", "n_change", "event", "totaln", "randomised"))
                for arm in ARMS
            ),
        )
    ),
    constants=frozenset(
        (
            "better",
            "cancer",
            "condition_arm1",
            "condition_arm2",
            "country",
            "design",
            "event",
            "instrument",
            "outcome",
            "rating",
            "sheet",
            "sign",
            "time",
        )
    ),
    quiet=frozenset(
        (
            *("detail_arm1", "detail_arm2", "reference", "country", "format", "sessions"),
            *ROB_DOMAINS,
            ROB_OVERALL,
        )
    ),
)

NEEDED = ("study", "condition_arm1", "condition_arm2")
SIGNS = {"arm1-arm2": 1, "arm2-arm1": -1}
