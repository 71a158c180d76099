"""What was done about barriers: strategies as reported, and as experts chose for a barrier."""

from typing import Any

from sqlalchemy import select

from kb.answer import Answer, LeftOut
from kb.answers.origin import narrowed_to_studies, origins, studies_first, worded
from kb.answers.shared import facet_notes
from kb.base import Base, Record
from kb.facets import ABOUT_FACTORS
from kb.question import Question
from kb.store.relations import cfir_eric_match, eric_strategy, strategy

_COLUMNS = (
    "key",
    "study_key",
    "review_key",
    "statement",
    "category",
    "eric_key",
    "coded_by",
    "status",
    "passage_key",
)
_BARRIERS = ("construct", "domain")
CAUTION = "It is opinion with wide disagreement, not evidence that a strategy works."
_SHARES = (
    "Percentages are the share of experts who chose a strategy for a barrier (CFIR-ERIC); level 1 "
    "is at least 50 %, level 2 is 20 to 49 %."
)
_ANSWERED = (
    "Of 435 experts invited 169 answered, each with up to seven strategies for a barrier, and a "
    "barrier was given 47 different ones on average (Waltz 2019). va-2023 compares the tool with "
    "what helped in practice."
)


def respond(base: Base, question: Question) -> Answer:
    """Return reported strategies; for a construct, also those that experts chose for it."""
    constructs, notes = _with_cells(base, question)
    chosen = _chosen_by_experts(base, constructs)
    rows, left_out = _reported(base, question, [row["eric"] for row in chosen])
    rows += chosen
    if chosen:
        notes += [f"{_SHARES} {CAUTION}", _ANSWERED, _crosswalk(chosen)]
    return Answer(question, rows, base.data, left_out, notes)


def _crosswalk(chosen: list[Record]) -> str:
    """Return which barrier of CFIR 1 stands for which construct of CFIR 2.0."""
    pairs = sorted({(row["barrier"], row["construct_name"]) for row in chosen})
    listed = "; ".join(f"{barrier} → {construct}" for barrier, construct in pairs)
    return (
        "Experts were asked about barriers of CFIR 1, which our own crosswalk leads to constructs "
        f"of CFIR 2.0: {listed}."
    )


def _reported(
    base: Base, question: Question, fitting: list[str]
) -> tuple[list[Record], list[LeftOut]]:
    """Return strategies as reported; for a construct, those that match one that experts chose."""
    conditions = worded(base, question, strategy)
    if any(c.wanted for c in question.about(_BARRIERS)):
        conditions.append(strategy.eric_key.in_(fitting))
    narrowed, left_out = narrowed_to_studies(
        base, question.without([*ABOUT_FACTORS, "text"]), strategy, conditions
    )
    query = select(*(strategy.named(name) for name in _COLUMNS)).where(*conditions, *narrowed)
    found = sorted(base.all(query), key=studies_first)
    passages = base.passages(row["passage_key"] for row in found)
    told_by = origins(base, found)
    rows = [
        {
            "key": row["key"],
            "kind": "reported",
            "statement": row["statement"],
            "category": row["category"],
            "eric": row["eric_key"],
            "eric_name": base.vocabulary.label("eric_strategy", row["eric_key"]) or None,
            "eric_matched_by": row["coded_by"],
            "status": row["status"],
            **told_by(row),
            "barrier": None,
            "construct": None,
            "construct_name": None,
            "endorsement_percent": None,
            "passage": passages[row["passage_key"]],
        }
        for row in found
    ]
    return rows, [*left_out, *_without_effect(question)]


def _without_effect(question: Question) -> list[LeftOut]:
    """Return a word on criteria that say nothing about strategies."""
    unwanted = (c for c in question.about(_BARRIERS) if c.unwanted)
    reason = "strategies are chosen by construct, and not excluded by it"
    excluded = [
        LeftOut(f"--{c.facet} {','.join(f'!{v}' for v in c.unwanted)}", reason) for c in unwanted
    ]
    return [*facet_notes(question, ["valence"]), *excluded]


def _with_cells(base: Base, question: Question) -> tuple[set[str], list[str]]:
    """Return the constructs asked for that experts were asked about, or else those above them."""
    known = set(base.keys(select(cfir_eric_match.construct_key).distinct()))
    terms = base.vocabulary.terms("construct")
    found: set[str] = set()
    notes = []
    for key in (key for c in question.about(_BARRIERS) for key in c.wanted):
        at: str | None = key
        while at is not None and not base.vocabulary.within("construct", [at]) & known:
            at = terms[at].parent
        if at is None:
            notes.append(f"No published CFIR-ERIC cell was seen for {terms[key].name}.")
            continue
        if at != key:
            notes.append(
                f"No CFIR-ERIC cell was seen for {terms[key].name}; shown for {terms[at].name}, "
                "which stands above it."
            )
        found |= base.vocabulary.within("construct", [at])
    return found, notes


def _chosen_by_experts(base: Base, constructs: set[str]) -> list[Record]:
    """Return the ERIC strategies that experts chose for these barriers."""
    query = (
        select(
            cfir_eric_match.barrier,
            cfir_eric_match.strategy_key,
            cfir_eric_match.construct_key,
            cfir_eric_match.endorsement_percent,
            cfir_eric_match.level,
            cfir_eric_match.experts,
            cfir_eric_match.passage_key,
            eric_strategy.name,
        )
        .join_from(
            cfir_eric_match.table,
            eric_strategy.table,
            cfir_eric_match.strategy_key == eric_strategy.key,
        )
        .where(cfir_eric_match.construct_key.in_(constructs))
    )
    found = [row for row in base.all(query) if row["endorsement_percent"] != 0]
    found.sort(key=most_chosen_first)
    passages = base.passages(row["passage_key"] for row in found)
    return [
        {
            "key": f"{row['barrier']}/{row['strategy_key']}",
            "kind": "chosen by experts",
            "statement": row["name"],
            "category": None,
            "eric": row["strategy_key"],
            "eric_name": row["name"],
            "eric_matched_by": None,
            "status": None,
            "label": f"for the barrier {row['barrier']}",
            "study": None,
            "review": None,
            "barrier": row["barrier"],
            "construct": row["construct_key"],
            "construct_name": base.vocabulary.label("construct", row["construct_key"]),
            "endorsement_percent": row["endorsement_percent"],
            "level": row["level"],
            "experts": row["experts"],
            "passage": passages[row["passage_key"]],
        }
        for row in found
    ]


def most_chosen_first(row: Record) -> tuple[Any, ...]:
    """Return what to sort strategies by that experts chose for barriers."""
    share = row["endorsement_percent"] or 0
    return -share, row["level"] or "", row["name"], row["barrier"]
