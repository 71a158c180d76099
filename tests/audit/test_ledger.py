"""The ledger of the evidence shipped: what is found by rule, and what is confirmed."""

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from kb.audit.facts import Facts
from kb.audit.findings import Entry, Finding, Rule
from kb.audit.ledger import NOTHING_STORED, Ledger, audit
from kb.audit.rules import findings_of
from kb.audit.verdicts import Verdict
from kb.base import Base
from kb.errors import UnknownValue
from kb_schema.codes import ClaimKind

BY_RULE = {
    "x001": [("18", "19")],
    "x002": [("19", "17")],
    "x003": [("20", "17")],
    "x006": [("4", "3")],
    "x007": [("6", "6")],
    "x011": [("14", "12")],
    "x013": [("2006", "2005")],
    "x016": [("8", "7")],
    "x019": [("1690", "1691"), ("22", "19"), ("10", "8")],
    "x020": [("0", "1")],
    "x021": [("22", "21")],
    "x022": [("2", "3")],
}
"""The recorded inconsistencies that a rule finds: claimed and recomputed."""


@pytest.fixture(scope="session")
def ledger(base: Base) -> Ledger:
    return audit(base)


@pytest.fixture(scope="session")
def entry(ledger: Ledger) -> Callable[[str], Entry]:
    by_key = {entry.key: entry for entry in ledger.entries}
    return by_key.__getitem__


def numbers(entry: Entry, verdict: Verdict) -> list[tuple[str, str]]:
    return [(f.claimed, f.recomputed) for f in entry.of(verdict)]


def test_every_claim_and_every_published_pool_is_in_the_ledger(base: Base, ledger: Ledger) -> None:
    for table in ("claim", "published_pool"):
        keys = base.connection.scalars(text(f"SELECT key FROM {table}"))
        assert sorted(keys) == sorted(e.key for e in ledger.entries if e.table == table)


def test_the_results_of_studies_can_be_left_out(base: Base, ledger: Ledger) -> None:
    of_reviews = [e for e in ledger.entries if e.table in {"claim", "published_pool"}]
    assert list(audit(base, of_studies=False).entries) == of_reviews
    assert len(of_reviews) < len(ledger.entries)


@pytest.mark.parametrize("key", BY_RULE)
def test_inconsistencies_that_a_rule_finds(key: str, entry: Callable[[str], Entry]) -> None:
    found = entry(key)

    assert found.verdict == Verdict.DISAGREES
    assert numbers(found, Verdict.DISAGREES) == BY_RULE[key]
    assert all(finding.passages for finding in found.of(Verdict.DISAGREES))


def test_inconsistencies_are_found_by_rule_or_shown_as_recorded(ledger: Ledger) -> None:
    recorded = [e for e in ledger.entries if e.kind == ClaimKind.INCONSISTENCY]

    assert len(recorded) == 27
    assert {e.key for e in recorded if e.verdict == Verdict.DISAGREES} == set(BY_RULE)
    assert {e.verdict for e in recorded} == {Verdict.DISAGREES, Verdict.RECORDED}
    assert not [e.key for e in ledger.of(Verdict.RECORDED) if e.findings]


def test_the_sums_are_confirmed(entry: Callable[[str], Entry]) -> None:
    assert numbers(entry("x028"), Verdict.AGREES) == [
        ("19", "19"),
        ("19", "19"),
        ("1841", "1841"),
        ("68", "68.42"),
        ("63", "63.16"),
        ("5", "5.26"),
    ]


def test_percentages_are_recomputed_without_a_check(entry: Callable[[str], Entry]) -> None:
    (found,) = entry("cosa-2022/k006").of(Verdict.AGREES)

    assert (found.rule, found.claimed, found.recomputed) == (Rule.PERCENTAGE, "73", "72.73")


@pytest.mark.parametrize(
    ("key", "recomputed"),
    [
        ("cochrane-2013/survival-1y", "middle 1.46, implied p = 0.017"),
        ("cochrane-2013/survival-5y", "middle 1.03, implied p = 0.95"),
    ],
)
def test_the_cochrane_intervals_are_confirmed(
    key: str, recomputed: str, entry: Callable[[str], Entry]
) -> None:
    (found,) = entry(key).of(Verdict.AGREES)

    assert (found.rule, found.recomputed) == (Rule.INTERVAL, recomputed)


def test_an_interval_that_does_not_fit_its_estimate_is_found(
    ledger: Ledger, entry: Callable[[str], Entry]
) -> None:
    wrong = [e.key for e in ledger.of(Verdict.DISAGREES) if e.table != "claim"]

    assert wrong == ["oh-2016/survival", "spiegel-1981/suffering-12m/t"]
    assert numbers(entry("oh-2016/survival"), Verdict.DISAGREES) == [
        ("HR 0.83 [0.68, 1.10]", "middle 0.86, implied p = 0.13"),
        ("p = 0.06", "implied p = 0.13"),
    ]
    assert numbers(entry("spiegel-1981/suffering-12m/t"), Verdict.DISAGREES) == [
        ("p < 0.03", "implied p = 0.035"),
    ]


def test_counts_of_arms_are_confirmed(entry: Callable[[str], Entry]) -> None:
    assert numbers(entry("goodwin-2001/randomised"), Verdict.AGREES) == [("235", "77 + 158 = 235")]


def test_part_of_the_participants_is_not_taken_for_an_arm(ledger: Ledger) -> None:
    assert "mallya-2020/patients" not in {e.key for e in ledger.entries}


def test_what_a_base_does_not_know_for_sure_never_disagrees(ledger: Ledger) -> None:
    counted = [(e, f) for e in ledger.entries for f in e.findings if f.rule == Rule.QUESTION]

    assert len(counted) == 27
    assert {f.verdict for _, f in counted} == {Verdict.UNCHECKED}
    assert all("for sure" in f.missing for _, f in counted)
    told = {e.key: (f.claimed, f.recomputed) for e, f in counted}
    assert told["li-zhicheng/r018"] == ("8", "5")
    assert told["cochrane-2013/b017"] == ("10", "9")


def test_published_pools_say_what_pooling_them_again_lacks(ledger: Ledger) -> None:
    pools = [e for e in ledger.entries if e.table == "published_pool"]

    for pool in pools:
        (again,) = [f for f in pool.findings if f.rule == Rule.POOLED_AGAIN]
        assert again.verdict == Verdict.UNCHECKED
        assert again.missing


def test_every_claim_without_a_finding_says_why(ledger: Ledger) -> None:
    silent = [e for e in ledger.entries if not e.findings]

    assert silent
    assert [e.key for e in silent if not e.missing] == []
    assert set(NOTHING_STORED) == set(ClaimKind)
    told = sum(map(len, ledger.why_unchecked.values()))
    assert told == len([e for e in ledger.of(Verdict.UNCHECKED) if not e.findings])


def test_the_counts_are_those_of_the_entries(ledger: Ledger) -> None:
    data = ledger.as_dict()

    assert sum(sum(of.values()) for of in data["summary"].values()) == data["count"]
    assert data["count"] == len(ledger.entries)
    json.dumps(data, allow_nan=False)


def test_a_claim_brings_those_that_compare_it(base: Base) -> None:
    found = audit(base, claim="li-zhicheng/r032")

    assert [e.key for e in found.entries] == ["li-zhicheng/r032", "x001"]


def test_a_review_has_its_claims_its_pools_and_what_compares_them(base: Base) -> None:
    found = audit(base, review="cochrane-2013")
    keys = {e.key for e in found.entries}

    assert {"cochrane-2013/b024", "cochrane-2013/survival-1y", "x016"} <= keys
    assert not {"x001", "li-2024/l010", "fu-2016/survival-1y"} & keys


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_keeps_its_entries_alone(verdict: Verdict, base: Base, ledger: Ledger) -> None:
    found = audit(base, verdict=verdict)

    assert found.entries == tuple(ledger.of(verdict))


def test_unknown_keys_are_told_with_the_nearest(base: Base) -> None:
    with pytest.raises(UnknownValue, match="Nearest: li-2024"):
        audit(base, review="li-2042")
    with pytest.raises(UnknownValue, match=r"Nearest: li-2024/l0"):
        audit(base, claim="li-2024/l01")


def test_a_ledger_is_the_same_on_every_store(base_on_sqlite: Base, base_on_postgres: Base) -> None:
    here, there = (audit(base).as_dict()["answer"] for base in (base_on_sqlite, base_on_postgres))
    assert here == there


def with_value(base: Base, key: str, place: int, value: str) -> Facts:
    """Return the facts of a base in which one number of a claim is another."""
    facts = Facts(base)
    changed = [dict(row) for row in facts.values[key]]
    changed[place - 1]["value"] = value
    facts.__dict__["values"] = {**facts.values, key: changed}
    return facts


def compared(facts: Facts, owners: set[str]) -> list[Finding]:
    return [f for key in sorted(owners) for f in findings_of(facts, facts.claims[key])]


@pytest.fixture(scope="session")
def confirmed(ledger: Ledger) -> dict[tuple[str, int], set[str]]:
    """Return the numbers that agreeing comparisons name, and the claims they belong to."""
    owners: dict[tuple[str, int], set[str]] = {}
    for entry in ledger.entries:
        for finding in entry.of(Verdict.AGREES):
            for key, place in re.findall(
                r"""value\(["']([^"']+)["'](?:, (\d+))?\)""", finding.expression
            ):
                owners.setdefault((key, int(place or 1)), set()).add(entry.key)
    return owners


@given(data=st.data())
def test_a_wrong_number_that_is_planted_is_found(
    base: Base, confirmed: dict[tuple[str, int], set[str]], data: st.DataObject
) -> None:
    key, place = data.draw(st.sampled_from(sorted(confirmed)))
    delta = data.draw(st.integers(-50, 50).filter(bool))
    printed = Facts(base).values[key][place - 1]["value"]
    whole, point, decimals = printed.partition(".")
    facts = with_value(base, key, place, f"{int(whole) + delta}{point}{decimals}")
    sound = compared(Facts(base), confirmed[key, place])
    wrong = compared(facts, confirmed[key, place])

    assert [f.verdict for f in wrong].count(Verdict.DISAGREES) > [f.verdict for f in sound].count(
        Verdict.DISAGREES
    )


def test_a_right_number_that_is_planted_is_not_told(base: Base) -> None:
    facts = with_value(base, "li-zhicheng/r032", 1, "19")

    (found,) = compared(facts, {"x001"})
    assert found.verdict == Verdict.AGREES


def test_a_check_that_no_longer_leads_anywhere_says_what_is_missing(base: Base) -> None:
    facts = Facts(base)
    facts.__dict__["claims"] = {k: v for k, v in facts.claims.items() if k != "li-zhicheng/r037"}

    (found,) = compared(facts, {"x001"})
    assert found.verdict == Verdict.UNCHECKED
    assert "no claim 'li-zhicheng/r037'" in found.missing
