"""Comparisons come to the columns of Metapsy; what does not is told with its reason."""

import csv
import io
import math
from collections import Counter

import pytest

from kb.base import Base
from kb.errors import KbError
from kb.exchange.exporting import Wanted, export
from kb.exchange.writers import metapsy
from kb.exchange.writers.comparisons import comparisons, doubts
from kb.exchange.writers.formats import FORMATS
from kb.pooling.selecting.candidates import find

REQUIRED = [
    *("study", "condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2"),
    *("outcome_type", "instrument", "time", "time_weeks", "rating"),
    *("mean_arm1", "mean_arm2", "sd_arm1", "sd_arm2", "n_arm1", "n_arm2"),
    *("event_arm1", "event_arm2", "totaln_arm1", "totaln_arm2"),
]
NUMBERS = [n for n in metapsy.STANDARD if n.startswith(("time_w", "mean", "sd", "n_", "ev", "to"))]


def rows_of(base: Base, **facets: str) -> dict[str, dict[str, str]]:
    text, _, _ = metapsy.write(base, comparisons(base, base.question("results", **facets)))
    return {row["key"]: row for row in csv.DictReader(io.StringIO(text))}


def test_the_columns_are_those_of_the_standard(made_up: Base) -> None:
    rows = rows_of(made_up)
    header = list(next(iter(rows.values())))

    assert header[: len(REQUIRED)] == REQUIRED
    assert {"precalc_g", "precalc_g_se", "precalc_log_rr", "precalc_log_rr_se"} < set(header)


def test_numbers_are_numbers_or_not_known(made_up: Base) -> None:
    for row in rows_of(made_up).values():
        for name in NUMBERS:
            assert row[name] == "NA" or math.isfinite(float(row[name]))


def test_means_come_with_their_words_and_source(made_up: Base) -> None:
    row = rows_of(made_up)["juniper-2016/mood/segt"]

    assert row["study"] == "Juniper 2016 (made up)"
    assert (row["condition_arm1"], row["condition_arm2"]) == ("segt", "usual-care")
    assert (row["outcome_type"], row["time"], row["time_weeks"]) == (
        "mood-disturbance",
        "12 months",
        "52.2",
    )
    assert (row["mean_arm1"], row["sd_arm1"], row["n_arm1"]) == ("-3.25", "7.1", "41")
    assert row["event_arm1"] == row["totaln_arm1"] == row["rating"] == "NA"
    assert row["sd_computed_from"] == "standard errors"
    assert row["locator"] == "made up"


def test_counts_come_as_events_of_all(made_up: Base) -> None:
    found = comparisons(made_up, made_up.question("results"))
    rows = rows_of(made_up)
    counted = [row for row in found.rows if row.candidate.source == "counts"]
    assert counted
    for compared in counted:
        treated, control = compared.candidate.by_arm
        row = rows[compared.candidate.key]
        assert (row["event_arm1"], row["totaln_arm1"]) == (
            str(treated["events"]),
            str(treated["n"]),
        )
        assert (row["event_arm2"], row["totaln_arm2"]) == (
            str(control["events"]),
            str(control["n"]),
        )


def test_every_result_is_a_row_or_left_out_with_a_reason(any_base: Base) -> None:
    """What is found is what is written and what is left out, each counted once."""
    question = any_base.question("results")
    found = find(any_base, question)
    compared = comparisons(any_base, question)
    from_arms = {row["key"] for c in compared.rows for row in c.candidate.rows}
    reasons = Counter(dict(compared.left_out))
    reported = sum(row.candidate.is_reported for row in compared.rows)
    contrasts = sum(map(len, found.contrasts.values()))
    no_effect = reasons["a test or coefficient and no effect (t, F, b, eta², p alone)"]
    arms = reasons["which arms are compared is not said"]
    impossible = sum(number for reason, number in compared.left_out if "its interval" in reason)

    doubted = doubts(any_base, question)
    of_doubt = sum(reasons[reason] for reason in {*doubted.values()})

    assert of_doubt == len(doubted) > 0
    assert reported + no_effect + arms + impossible + of_doubt == contrasts
    shown = {row["key"] for rows in found.arm_results.values() for row in rows}
    alone = reasons["one arm alone, or without its number or spread"]
    assert len(shown - from_arms) >= alone
    _, number, notes = metapsy.write(any_base, compared)
    no_column = sum(int(n.split()[0]) for n in notes if "no column" in n)
    assert number + no_column == len(compared.rows)


def test_facets_narrow_the_rows_and_their_arms(made_up: Base) -> None:
    every, narrowed = rows_of(made_up), rows_of(made_up, outcome="pain")

    assert {row["outcome_type"] for row in narrowed.values()} == {"pain"}
    assert narrowed == {k: v for k, v in every.items() if v["outcome_type"] == "pain"}
    segt = rows_of(made_up, approach="segt")
    assert segt
    assert all("segt" in (r["condition_arm1"], r["condition_arm2"]) for r in segt.values())


def test_nothing_is_written_where_no_column_fits(base: Base) -> None:
    question = base.question("results", outcome="survival", study="goodwin-2001")
    with pytest.raises(KbError, match="--as metafor takes hazard ratios"):
        export(base, Wanted(FORMATS["metapsy"], question), None)
