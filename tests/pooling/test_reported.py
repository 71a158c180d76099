"""Pooled effects that reviews print: shown beside ours, with what they rest on that is not here."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from kb.base import Base, Record
from kb.curation.loading import load
from kb.pooling.options import PoolOptions
from kb.pooling.selecting.reported import reported_pools
from kb.store.engine import open_engine, sqlite_url
from kb.store.opening import open_base


def pools(base: Base, options: dict[str, Any] | None = None, **facets: str) -> tuple[Record, ...]:
    return reported_pools(base, base.question(**facets), PoolOptions.of(**(options or {})))


def test_the_pools_of_a_review_say_what_they_lack_here(base: Base) -> None:
    cochrane = [p for p in pools(base, outcome="survival") if p["review"] == "cochrane-2013"]
    assert {pool["estimate"] for pool in cochrane} == {1.46, 1.03}
    for pool in cochrane:
        assert pool["statistic"] == "OR"
        assert pool["passage"]["quote"]
        assert "events and participants by arm" in pool["lacking"][0]


REVIEW = """# Made up for tests: there is no such review.
reports:
  - {key: yew-2016, kind: article-journal, title: A made-up review, authors: Yew A, year: 2016}
review:
  key: yew-2016
  label: Yew 2016 (made up)
  kind: meta-analysis
  report: yew-2016
  year: 2016
  passage: &made {report: yew-2016, locator: table 1, seen: full-text, quote: made up for tests}
  pooled:
    - {key: pain, outcome: pain, statistic: MD, estimate: -1, studies: STUDIES, passage: *made}
"""
INCLUSION = """
  inclusions:
    - {key: yew-2016, review: yew-2016, status: confirmed, basis: Made up., passage: *made}
"""
SEEDS = Path(__file__).parent / "seeds"


@pytest.mark.parametrize(
    ("studies", "lacking"),
    [
        (2, []),
        (
            3,
            [
                (
                    "Which of the 4 trials known to be in the review it pools is not said; the "
                    "store has means and standard deviations by arm for 2 of them."
                )
            ],
        ),
        (
            4,
            [
                (
                    "Of the trials known to be in the review the store lacks means and standard "
                    "deviations by arm for Alder 1991 (made up) and Hazel 2012 (made up)."
                )
            ],
        ),
    ],
    ids=["all-here", "some", "all-of-the-review"],
)
def test_a_trial_of_another_analysis_is_not_called_lacking(
    tmp_path: Path, pooling_store: Path, studies: int, lacking: list[str]
) -> None:
    store = shutil.copy(pooling_store, tmp_path / "kb.sqlite")
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "yew-2016.yaml").write_text(REVIEW.replace("STUDIES", str(studies)))
    for key in ("alder-1991", "fir-2006", "gorse-2010", "hazel-2012"):
        written = (SEEDS / f"{key}.yaml").read_text(encoding="utf-8")
        (seeds / f"{key}.yaml").write_text(written + INCLUSION, encoding="utf-8")
    engine = open_engine(sqlite_url(Path(store)))
    load(engine, seeds)
    engine.dispose()
    with open_base(str(store)) as made:
        (pool,) = pools(made, outcome="pain")
    assert pool["lacking"] == lacking


def test_studies_that_the_store_does_not_know_are_counted(base: Base) -> None:
    (oldest,) = [p for p in pools(base, outcome="survival") if p["studies"] == 12]
    assert oldest["lacking"] == ["It pools 12 studies; the store knows none of them."]
    fu = [pool for pool in pools(base, outcome="survival") if pool["review"] == "fu-2016"]
    assert all(p["lacking"] == ["The store knows none of the studies that it pools."] for p in fu)


def test_the_newest_review_comes_first_and_none_after_the_year_asked_for(base: Base) -> None:
    everything = pools(base, outcome="survival")
    assert everything[0]["review"] == "mirosevic-2019"
    early = pools(base, {"as_of": 2004}, outcome="survival")
    assert {pool["review"] for pool in early} == {"chow-2004", "smedslund-2004"}


def test_without_an_outcome_there_is_nothing_to_set_beside(base: Base) -> None:
    assert pools(base, instrument="poms") == ()
