"""The studies, reviews and claims that are promised are there, and no surer than they are."""

import pytest
from sqlalchemy import Connection, text

from kb.base import Base

TRIALS_OF_COCHRANE = {
    "aranda-2006",
    "classen-2001",
    "cunningham-1998",
    "edelman-1999",
    "goodwin-2001",
    "kissane-2007",
    "low-2010",
    "savard-2006",
    "spiegel-1981",
}
TRIALS_BESIDE_IT = {
    "breitbart-2010",
    "breitbart-2012",
    "breitbart-2015",
    "calm-spi-2020",
    "kissane-2003",
    "mosher-2012",
    "rodin-2018",
    "ye-2017",
}
CANDIDATES = {
    "baker-2019",
    "bell-2010",
    "cunningham-psychological-work",
    "dying-patients-group",
    "horowitz-1996",
    "kissane-2004",
    "mallya-2020",
    "mesothelioma-survivor-project",
    "moore-2008",
    "obrien-2008",
    "ovarian-segt",
    "primeau-2017",
    "sivesind-1997",
    "street-2012",
    "together-apart-2013",
    "vilhauer-2011",
}
"""Studies that may be among the eleven of Li 2024 that are no randomised trials."""

REVIEWS = {"cochrane-2004", "cochrane-2007", "cochrane-2013", "cosa-2022", "li-2024", "li-zhicheng"}
UNDER_PAIN = (
    "WITH RECURSIVE pain (key) AS (SELECT 'pain' UNION "
    "SELECT outcome.key FROM outcome JOIN pain ON outcome.parent_key = pain.key) "
)


@pytest.fixture
def store(base_on_sqlite: Base) -> Connection:
    return base_on_sqlite.connection


def test_trials_are_there(store: Connection) -> None:
    trials = column(store, "SELECT key FROM study WHERE design_key = 'rct'")

    assert len(TRIALS_OF_COCHRANE | TRIALS_BESIDE_IT) == 17
    assert trials >= TRIALS_OF_COCHRANE | TRIALS_BESIDE_IT


def test_every_trial_has_two_arms_and_says_how_many_took_part(store: Connection) -> None:
    for trial in TRIALS_OF_COCHRANE | TRIALS_BESIDE_IT:
        roles = store.scalars(
            text("SELECT role FROM arm WHERE study_key = :key"), {"key": trial}
        ).all()
        participants = text("SELECT count(*) FROM participants WHERE study_key = :key")

        assert len(roles) >= 2, trial
        assert "intervention" in roles, trial
        assert (store.scalar(participants, {"key": trial}) or 0) > 0, trial


def test_reviews_are_there(store: Connection) -> None:
    assert column(store, "SELECT key FROM review") >= REVIEWS


def test_candidates_are_included_and_never_surely(store: Connection) -> None:
    found = store.execute(
        text("SELECT study_key, status, basis, against FROM inclusion WHERE review_key = 'li-2024'")
    ).all()
    others = {
        row.study_key for row in found if row.study_key not in TRIALS_OF_COCHRANE | TRIALS_BESIDE_IT
    }

    assert others == CANDIDATES
    assert {row.status for row in found} <= {"probable", "inferred"}
    assert all(row.basis for row in found)


def test_three_inclusions_of_cochrane_2013_are_confirmed(store: Connection) -> None:
    found = {
        row.study_key: row.status
        for row in store.execute(
            text("SELECT study_key, status FROM inclusion WHERE review_key = 'cochrane-2013'")
        )
    }

    assert found.keys() == TRIALS_OF_COCHRANE
    assert {key for key, status in found.items() if status == "confirmed"} == {
        "aranda-2006",
        "classen-2001",
        "cunningham-1998",
    }


def test_what_is_not_confirmed_says_why_or_what_speaks_against_it(store: Connection) -> None:
    silent = "SELECT key FROM inclusion WHERE status <> 'confirmed' AND against IS NULL"

    assert column(store, silent) == set()


def test_trial_that_nobody_can_name_is_a_gap(store: Connection) -> None:
    gaps = column(store, "SELECT missing FROM gap WHERE review_key = 'cochrane-2013'")

    assert any("tenth" in gap.lower() for gap in gaps)
    assert any(
        "eight" in gap
        for gap in column(store, "SELECT missing FROM gap WHERE review_key = 'li-2024'")
    )


def test_claims_are_there(store: Connection) -> None:
    kinds = {
        row.kind: row.n
        for row in store.execute(text("SELECT kind, count(*) AS n FROM claim GROUP BY kind"))
    }

    assert sum(kinds[kind] for kind in ("number", "finding", "inconsistency")) >= 287
    assert kinds["inconsistency"] >= 20


def test_claims_with_numbers_hold_them_as_values(store: Connection) -> None:
    with_values = "SELECT DISTINCT claim_key FROM claim_value"
    numbers = "SELECT key FROM claim WHERE kind = 'number'"
    without = column(store, f"{numbers} AND key NOT IN ({with_values})")

    assert len(without) <= len(column(store, numbers)) // 20


def test_survival_times_are_complete_and_carry_their_warning(store: Connection) -> None:
    arms = {
        row.arm_key: (row.n, row.alive)
        for row in store.execute(
            text(
                "SELECT arm_key, count(*) AS n, sum(CASE WHEN died THEN 0 ELSE 1 END) AS alive "
                "FROM survival_time GROUP BY arm_key"
            )
        )
    }
    note = str(store.scalar(text("SELECT note FROM study WHERE key = 'spiegel-1981'")))
    detail = store.scalars(
        text(
            "SELECT DISTINCT instrument_detail FROM measurement JOIN survival_time "
            "ON survival_time.measurement_key = measurement.key"
        )
    ).all()

    assert arms == {"spiegel-1981/control": (24, 0), "spiegel-1981/segt": (34, 3)}
    assert "Warning" in note
    assert "58 of the 86" in note
    assert "differ from the paper" in note
    assert all("58 of the 86" in words for words in detail)
    assert len(detail) == 1


def test_survival_times_agree_with_the_means_told_of_them(store: Connection) -> None:
    for arm, mean in (("spiegel-1981/segt", 39.47), ("spiegel-1981/control", 20.0)):
        months = store.scalars(
            text("SELECT months FROM survival_time WHERE arm_key = :arm"), {"arm": arm}
        ).all()

        assert sum(months) / len(months) == pytest.approx(mean, abs=0.005)


def test_trials_that_measured_pain_tell_what_came_of_it(store: Connection) -> None:
    """With what, by which report, on what passage, and in which direction: numbers or not."""
    found = store.execute(
        text(
            f"{UNDER_PAIN} SELECT m.key, m.study_key, m.instrument_key, m.instrument_detail, "
            "report.key AS report, passage.quote, (SELECT count(*) FROM finding "
            "WHERE finding.measurement_key = m.key AND direction IS NOT NULL) AS findings "
            "FROM measurement AS m LEFT JOIN report ON m.report_key = report.key "
            "LEFT JOIN passage ON m.passage_key = passage.key "
            "WHERE m.outcome_key IN (SELECT key FROM pain)"
        )
    ).all()

    assert {row.study_key for row in found} >= {"classen-2001", "goodwin-2001", "spiegel-1981"}
    for row in found:
        assert row.instrument_key or row.instrument_detail, row.key
        assert row.report, row.key
        assert row.quote, row.key
        assert row.findings, row.key


def test_published_pools_are_apart_from_own_results(store: Connection) -> None:
    pooled = store.execute(
        text(
            "SELECT estimate, ci_low, ci_high, studies FROM published_pool "
            "WHERE review_key = 'cochrane-2013' AND statistic = 'OR' AND estimate = 1.46"
        )
    ).all()

    assert [(row.ci_low, row.ci_high, row.studies) for row in pooled] == [(1.07, 1.99, 6)]


def test_every_study_has_a_report_that_names_it(store: Connection) -> None:
    studies = column(store, "SELECT key FROM study")
    primary = column(store, "SELECT study_key FROM study_report WHERE role = 'primary'")

    assert len(studies) >= 40
    assert studies - primary == set()


def test_a_report_is_primary_for_one_study(store: Connection) -> None:
    """A trial that is stored twice would be counted twice."""
    shared = (
        "SELECT report_key FROM study_report WHERE role = 'primary' "
        "GROUP BY report_key HAVING count(*) > 1"
    )

    assert column(store, shared) == set()


def test_estimates_lie_within_their_intervals(store: Connection) -> None:
    for table in ("contrast", "published_pool"):
        outside = f"SELECT key FROM {table} WHERE estimate < ci_low OR estimate > ci_high"

        assert column(store, outside) == set()


def test_computed_values_name_how(store: Connection) -> None:
    """What the curators computed says so by its derivation."""
    silent = (
        "SELECT key FROM contrast WHERE derivation_key IS NULL "
        "AND (analysis LIKE '%by the curators%' OR note LIKE 'Computed%')"
    )

    assert column(store, silent) == set()
    assert len(column(store, "SELECT key FROM contrast WHERE derivation_key IS NOT NULL")) > 0


def column(store: Connection, query: str) -> set[str]:
    return set(store.scalars(text(query)))
