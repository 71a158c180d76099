"""What can be recomputed of claims and printed results without a curator's check."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from kb.answers.shared import grouped
from kb.audit.expressions import Call, calls, evaluate, read
from kb.audit.facts import Facts
from kb.audit.findings import Entry, Finding, Rule
from kb.audit.intervals import Printed, printed, shown
from kb.audit.t_values import PrintedT, printed_t
from kb.audit.verdicts import Verdict
from kb.base import Base, Record
from kb.errors import KbError
from kb.order import by_key
from kb.pages.numbers import arm_text, contrast_text
from kb.pages.page import number
from kb.store.relations import arm, arm_result, contrast, participants

_NO_INTERVAL = "Printed without an interval that could be judged."
_NOT_OF_A_POOL = dict.fromkeys(
    ("adjusted", "adjusted_for", "analysis", "population", "n", "derivation_key")
)
_FEWEST_ARMS = 2  # a part of the participants of a single arm is no arm of the study

PRINTED_RESULT = "printed result"
"""The kind of an entry that is no claim."""


def findings_of(facts: Facts, claim: Record) -> Iterator[Finding]:
    """Yield what the checks of a claim, its percentages and its question find."""
    for check in facts.checks.get(claim["key"], []):
        yield expressed(facts, claim["key"], Rule.CHECK, check["expression"], check["meaning"])
    for place in _percentages(facts, claim):
        part, whole = claim["studies"], claim["of_studies"]
        expression = f"value({claim['key']!r}, {place}) == share({part}, {whole})"
        meaning = f"{part} of {whole} studies in percent."
        yield expressed(facts, claim["key"], Rule.PERCENTAGE, expression, meaning)
    if claim["question"] and facts.values.get(claim["key"]):
        expression = f"value({claim['key']!r}) == count({claim['question']!r})"
        meaning = f"What the base finds: {claim['question']}"
        yield expressed(facts, claim["key"], Rule.QUESTION, expression, meaning)


def expressed(facts: Facts, key: str, rule: Rule, expression: str, meaning: str) -> Finding:
    """Return what an expression finds of the claim `key`.

    What it names and the base no longer has is what is missing.
    """
    try:
        tree = read(expression)
        outcome = evaluate(tree, facts.look)
    except KbError as error:
        missing = f"The check of '{key}' cannot be followed: {error}"
        return Finding(Verdict.UNCHECKED, rule, meaning, "", "", missing, expression)
    unsure = dict.fromkeys((*outcome.claimed.unsure, *outcome.recomputed.unsure))
    verdict = Verdict.AGREES if outcome.holds else Verdict.DISAGREES
    named = tuple(_claims_named(calls(tree)))
    passages = facts.passages(_passages(facts, named, calls(tree)))
    return Finding(
        Verdict.UNCHECKED if unsure else verdict,
        rule,
        meaning,
        str(outcome.claimed),
        str(outcome.recomputed),
        " ".join(unsure),
        expression,
        named,
        passages,
    )


def printed_pools(facts: Facts) -> Iterator[Entry]:
    """Yield the published pools that can be held against themselves."""
    pools = sorted(facts.pools.values(), key=lambda row: by_key(row["key"]))
    yield from _effects(facts.base, "published_pool", pools)


def printed_results(facts: Facts) -> Iterator[Entry]:
    """Yield the contrasts and counts of studies that can be held against themselves."""
    rows = facts.base.records(contrast, facts.base.keys(select(contrast.key)))
    yield from _effects(facts.base, "contrast", rows)
    yield from _participants(facts.base)
    yield from _arms(facts.base)


def _percentages(facts: Facts, claim: Record) -> Iterator[int]:
    """Yield the places, counted from 1, of values in percent of the studies of a claim."""
    if claim["studies"] is None or not claim["of_studies"]:
        return
    for place, value in enumerate(facts.values.get(claim["key"], []), 1):
        if value["unit"] in {"%", f"% of {claim['of_studies']}"}:
            yield place


def _claims_named(found: Iterable[Call]) -> Iterator[str]:
    of_claims = {"value", "studies", "of", "claims"}
    yield from dict.fromkeys(w for call in found if call.function in of_claims for w in call.words)


def _passages(facts: Facts, named: Iterable[str], found: Iterable[Call]) -> list[str]:
    pools = [facts.pools[c.words[0]]["passage_key"] for c in found if c.function == "pooled"]
    return [*facts.passages_of(named), *pools]


def _effects(base: Base, table: str, rows: Sequence[Record]) -> Iterator[Entry]:
    passages = base.passages(row["passage_key"] for row in rows)
    for row in rows:
        effect, t = printed(row), printed_t(row)
        findings = _fitting(effect) if effect else (_t_value(t),) if t else ()
        source = passages.get(row["passage_key"])
        yield Entry(
            table,
            row["key"],
            PRINTED_RESULT,
            _statement(effect) if effect else _unjudged(row),
            row.get("review_key"),
            findings,
            "" if findings else _NO_INTERVAL,
            passages=(source,) if source else (),
        )


def _fitting(effect: Printed) -> tuple[Finding, ...]:
    """Return whether the numbers of an effect fit each other."""
    if effect.p is None or not effect.low <= effect.estimate <= effect.high:
        return (_interval(effect),)
    return _interval(effect), _p_value(effect)


def _verdict(*, holds: bool) -> Verdict:
    return Verdict.AGREES if holds else Verdict.DISAGREES


def _statement(effect: Printed) -> str:
    p = "" if effect.p is None else f", p {effect.relation} {number(effect.p)}"
    return f"{shown(effect)}{p}"


def _unjudged(row: Record) -> str:
    return contrast_text({"p_relation": "=", **_NOT_OF_A_POOL, **row})


def _interval(effect: Printed) -> Finding:
    return Finding(
        _verdict(holds=effect.fits),
        Rule.INTERVAL,
        "The estimate is in the middle of its interval, for ratios on the log scale (Wald).",
        shown(effect),
        f"middle {effect.middle:.{effect.decimals}f}, implied p = {_p(effect.implied_p)}",
    )


def _p_value(effect: Printed) -> Finding:
    assert effect.p is not None
    return Finding(
        _verdict(holds=effect.p_fits),
        Rule.P_VALUE,
        "The printed p value is the one that estimate and interval imply.",
        f"p {effect.relation} {number(effect.p)}",
        f"implied p = {_p(effect.implied_p)}",
    )


def _t_value(t: PrintedT) -> Finding:
    return Finding(
        _verdict(holds=t.p_fits),
        Rule.P_VALUE,
        f"The printed p value is that of t with {t.freedom} degrees of freedom "
        "(two independent groups).",
        f"p {t.relation} {number(t.p)}",
        f"implied p = {_p(t.implied_p)}",
    )


def _p(value: float) -> str:
    return "below 0.0001" if value < 0.0001 else f"{value:.2g}"


def _participants(base: Base) -> Iterator[Entry]:
    """Yield the totals that must be the sum of the arms.

    Those of the arms have keys that begin with that of the total: `randomised-segt`.
    """
    rows = sorted(base.all(_of_arms()), key=lambda row: by_key(row["key"]))
    arms = grouped(base.all(select(arm.key, arm.study_key)), "study_key")
    passages = base.passages(row["passage_key"] for row in rows)
    for total in rows:
        parts = [row for row in rows if _is_part(row, total)]
        of_study = {row["key"] for row in arms.get(total["study_key"], [])}
        if len(parts) < _FEWEST_ARMS or {row["arm_key"] for row in parts} != of_study:
            continue
        numbers = [row["number"] for row in parts]
        finding = Finding(
            _verdict(holds=total["number"] == sum(numbers)),
            Rule.COUNTS,
            "The arms add up to the total.",
            str(total["number"]),
            f"{' + '.join(map(str, numbers))} = {sum(numbers)}",
            passages=tuple(passages[row["passage_key"]] for row in parts),
        )
        statement = f"{total['number']} {total['kind']} {total['flow']}"
        yield _counted("participants", total, statement, finding, passages)


def _of_arms() -> Select[Any]:
    names = ("key", "study_key", "arm_key", "kind", "flow", "number", "passage_key")
    return select(*(participants.named(name) for name in names)).where(
        participants.number.is_not(None)
    )


def _is_part(row: Record, total: Record) -> bool:
    return bool(
        row["arm_key"]
        and not total["arm_key"]
        and (row["kind"], row["flow"]) == (total["kind"], total["flow"])
        and row["key"].startswith(f"{total['key']}-")
    )


def _arms(base: Base) -> Iterator[Entry]:
    """Yield the arms of which more are counted than were randomised, and those that fit."""
    flows = sorted(base.all(_of_arms()), key=lambda row: by_key(row["key"]))
    randomised = {row["arm_key"]: row for row in flows if row["flow"] == "randomised"}
    rows = base.records(arm_result, base.keys(select(arm_result.key)))
    known = [row for row in rows if row["n"] is not None and row["arm_key"] in randomised]
    passages = base.passages(
        row["passage_key"] for row in (*known, *(randomised[k["arm_key"]] for k in known))
    )
    for row in known:
        of = randomised[row["arm_key"]]
        events = row["events"] if row["events"] is not None else 0
        finding = Finding(
            _verdict(holds=events <= row["n"] <= of["number"]),
            Rule.COUNTS,
            "No more had the event than were counted, nor were more counted than randomised.",
            f"{events} of {row['n']}" if row["events"] is not None else f"n = {row['n']}",
            f"{of['number']} randomised",
            passages=(passages[of["passage_key"]],),
        )
        yield _counted("arm_result", row, arm_text(row), finding, passages)


def _counted(
    table: str, row: Record, statement: str, finding: Finding, passages: Mapping[str, Record]
) -> Entry:
    return Entry(
        table,
        row["key"],
        PRINTED_RESULT,
        statement,
        findings=(finding,),
        passages=(passages[row["passage_key"]],),
    )
