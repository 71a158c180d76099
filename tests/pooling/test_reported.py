"""Pooled effects that reviews print: shown beside ours, with what they rest on that is not here."""

from typing import Any

from kb.base import Base, Record
from kb.pooling.options import PoolOptions
from kb.pooling.selecting.reported import reported_pools


def pools(base: Base, options: dict[str, Any] | None = None, **facets: str) -> tuple[Record, ...]:
    return reported_pools(base, base.question(**facets), PoolOptions.of(**(options or {})))


def test_the_pools_of_a_review_say_what_they_lack_here(base: Base) -> None:
    cochrane = [p for p in pools(base, outcome="survival") if p["review"] == "cochrane-2013"]
    assert {pool["estimate"] for pool in cochrane} == {1.46, 1.03}
    for pool in cochrane:
        assert pool["statistic"] == "OR"
        assert pool["passage"]["quote"]
        assert "events and participants by arm" in pool["lacking"][0]


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
