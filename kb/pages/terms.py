"""The pages of terms: instruments, constructs, themes, outcomes and the rest."""

from collections.abc import Iterable

from sqlalchemy import select

from kb.answers import answer
from kb.answers.origin import origins
from kb.answers.shared import grouped
from kb.answers.strategies import CAUTION, most_chosen_first
from kb.base import Base, Record
from kb.pages.page import Fact, Page, number, plain_facts, sections, span
from kb.question import Criterion, Question
from kb.store.relations import (
    Relation,
    cfir_eric_match,
    construct,
    eric_strategy,
    implementation_finding,
    instrument,
    measurement,
    scale,
    strategy,
    study,
    synonym,
)

_TERM = {"definition": "definition", "note": "note"}
_INSTRUMENT = {
    "abbreviation": "short name",
    "measures": "measures",
    "authors": "authors",
    "items": "items",
    "recall": "recall",
    "access": "access",
    "note": "note",
}
_BETTER = {
    "higher": "higher scores are better",
    "lower": "lower scores are better",
    "by-subscale": "depends on the scale or version",
    "neither": "neither end is better",
}
_FACET = {
    "design": "design",
    "approach": "approach",
    "component": "component",
    "comparator": "comparator",
    "profession": "facilitator",
    "country": "country",
    "cancer": "cancer",
    "outcome": "outcome",
}


def instrument_page(base: Base, key: str) -> Page | None:
    """Return the page of an instrument: what it is, how it scores, which studies used it."""
    row = base.record(instrument, key)
    if row is None:
        return None
    score = span(row["score_low"], row["score_high"])
    facts = plain_facts(row, _INSTRUMENT)
    if score:
        facts.append(Fact("score", score))
    if row["better"]:
        facts.append(Fact("direction", _BETTER[row["better"]]))
    if row["unverified_fields"]:
        facts.append(Fact("unverified", row["unverified_fields"]))
    mark = "" if row["verified"] else "known by name only; nothing about it was read in a source"
    return Page(
        "instrument",
        key,
        row["name"],
        mark,
        sections(
            ("Description", [*facts, *_other_names(base, "instrument", key)]),
            ("Scales", _scales(base, key)),
            ("Smallest difference that matters", _differences(base, key)),
            ("Used by", _used_by(base, key)),
        ),
    )


def construct_page(base: Base, key: str) -> Page | None:
    """Return the page of a CFIR construct: definition, factors coded to it, strategies for it."""
    row = base.record(construct, key)
    if row is None:
        return None
    criteria = (Criterion("construct", (key,)),)
    factors = answer(base, Question("factors", criteria)).rows
    below = [t for t in base.vocabulary.terms("construct").values() if t.parent == key]
    above = base.vocabulary.label("construct", row["parent_key"])
    lead = f"CFIR 2.0 {row['level']} {row['code']}" + (f", in {above}" if above else "")
    return Page(
        "construct",
        key,
        row["name"],
        lead,
        sections(
            ("Definition", [*plain_facts(row, _TERM), *_other_names(base, "construct", key)]),
            ("Below it", [Fact("", term.name, key=term.key) for term in below]),
            ("Barriers and facilitators", _factor_facts(factors)),
            ("Strategies that experts chose for it", _endorsed(base, key)),
        ),
    )


def theme_page(base: Base, key: str) -> Page | None:
    """Return the page of a theme: what it means and who reports it."""
    theme = Relation("theme")
    row = base.record(theme, key)
    if row is None:
        return None
    found = answer(base, Question("themes", (Criterion("theme", (key,)),))).rows
    below = [t for t in base.vocabulary.terms("theme").values() if t.parent == key]
    facts = [
        Fact(
            f["label"],
            f"{f['theme_name']}: {f['statement']} ({f['voice']})" + _count(f),
            f["passage"],
            key=f["key"],
        )
        for f in found
    ]
    return Page(
        "theme",
        key,
        row["name"],
        row["definition"] or "",
        sections(
            ("Names", _other_names(base, "theme", key)),
            ("Below it", [Fact("", term.name, key=term.key) for term in below]),
            ("Reported by", facts),
        ),
    )


def term_page(base: Base, table: str, key: str) -> Page | None:
    """Return the page of any other term: its meaning, its place, the studies it is found in."""
    row = base.record(Relation(table), key)
    if row is None:
        return None
    children = (
        []
        if "parent_key" not in row
        else [t for t in base.vocabulary.terms(table).values() if t.parent == key]
    )
    facts = [*plain_facts(row, _TERM), *_other_names(base, table, key)]
    found: list[Record] = []
    if table in _FACET:
        found = answer(base, Question("studies", (Criterion(_FACET[table], (key,)),))).rows
    return Page(
        table,
        key,
        row["name"],
        "" if row["verified"] else "known by name only; no source of it was read",
        sections(
            ("Meaning", facts),
            ("Below it", [Fact("", term.name, key=term.key) for term in children]),
            ("Studies", [Fact("", r["label"], r["passage"], key=r["key"]) for r in found]),
            ("What was found", _implementation(base, table, key)),
            ("Reported by", _reported(base, table, key)),
            ("Chosen by experts for", _barriers(base, table, key)),
        ),
    )


def _implementation(base: Base, table: str, key: str) -> list[Fact]:
    """Return what studies and reviews say of an implementation outcome."""
    if table != "implementation_outcome":
        return []
    rows = base.records(implementation_finding, [key], by="outcome_key")
    told = [
        {**row, "statement": f"{row['statement']} ({row['voice']}){_count(row)}"} for row in rows
    ]
    return _stated(base, told)


def _reported(base: Base, table: str, key: str) -> list[Fact]:
    """Return who reports a strategy that was matched to this one of ERIC."""
    if table != "eric_strategy":
        return []
    rows = base.records(strategy, [key], by="eric_key")
    return _stated(base, [{**row, "mark": row["status"]} for row in rows])


def _stated(base: Base, rows: list[Record]) -> list[Fact]:
    """Return statements under the study or review that makes them."""
    told_by = origins(base, rows)
    passages = base.passages(row["passage_key"] for row in rows)
    return [
        Fact(
            told_by(row)["label"],
            row["statement"],
            passages[row["passage_key"]],
            row.get("mark", ""),
            row["key"],
        )
        for row in rows
    ]


def _barriers(base: Base, table: str, key: str) -> list[Fact]:
    """Return the barriers for which experts chose a strategy of ERIC."""
    if table != "eric_strategy":
        return []
    rows = base.records(cfir_eric_match, [key], by="strategy_key")
    rows = [row for row in rows if row["endorsement_percent"] != 0]
    passages = base.passages(row["passage_key"] for row in rows)
    rows.sort(key=lambda row: (-(row["endorsement_percent"] or 0), row["barrier"]))
    shares = [Fact(_share(row), row["barrier"], passages[row["passage_key"]]) for row in rows]
    return [*shares, Fact("", CAUTION)] if shares else []


def _share(row: Record) -> str:
    share = row["endorsement_percent"]
    return f"{number(share)} %" if share is not None else f"level {row['level']}"


def _other_names(base: Base, table: str, key: str) -> list[Fact]:
    query = select(synonym.text).where(synonym.vocabulary == table, synonym.term_key == key)
    found = sorted(base.keys(query))
    return [Fact("also called", ", ".join(found))] if found else []


def _scales(base: Base, key: str) -> Iterable[Fact]:
    for row in base.records(scale, [key], by="instrument_key"):
        parts = [
            f"{row['items']} items" if row["items"] else "",
            span(row["score_low"], row["score_high"]),
            _BETTER.get(row["better"], ""),
        ]
        mark = "" if row["verified"] else "unverified"
        yield Fact(
            row["name"], ", ".join(filter(None, parts)) or "named", mark=mark, key=row["key"]
        )


def _differences(base: Base, key: str) -> Iterable[Fact]:
    rows = base.records(Relation("minimal_important_difference"), [key], by="instrument_key")
    passages = base.passages(row["passage_key"] for row in rows)
    for row in rows:
        about = ", ".join(filter(None, [row["change"], row["population"], row["method"]]))
        text = f"{span(row['value_low'], row['value_high'], row['unit'])} ({about})"
        yield Fact("", text, passages[row["passage_key"]], key=row["key"])


def _used_by(base: Base, key: str) -> Iterable[Fact]:
    rows = grouped(base.records(measurement, [key], by="instrument_key"), "study_key")
    labels = {row["key"]: row["label"] for row in base.records(study, rows)}
    for study_key, found in sorted(rows.items()):
        outcomes = sorted({base.vocabulary.label("outcome", m["outcome_key"]) for m in found})
        yield Fact(labels[study_key], ", ".join(outcomes), key=study_key)


def _factor_facts(rows: list[Record]) -> list[Fact]:
    return [
        Fact(
            row["valence"],
            f"{row['statement']} ({row['voice']}, {row['label']})" + _count(row),
            row["passage"],
            "inferred" if row["status"] == "inferred" else "",
            row["key"],
        )
        for row in rows
    ]


def _count(row: Record) -> str:
    if row["studies"] is None:
        return ""
    of = f" of {row['of_studies']}" if row["of_studies"] else ""
    return f" [{row['studies']}{of} studies]"


def _endorsed(base: Base, key: str) -> Iterable[Fact]:
    keys = base.vocabulary.within("construct", [key])
    query = (
        select(
            cfir_eric_match.endorsement_percent,
            cfir_eric_match.level,
            cfir_eric_match.barrier,
            cfir_eric_match.passage_key,
            eric_strategy.name,
            eric_strategy.key,
        )
        .join_from(
            cfir_eric_match.table,
            eric_strategy.table,
            cfir_eric_match.strategy_key == eric_strategy.key,
        )
        .where(cfir_eric_match.construct_key.in_(keys))
    )
    rows = [row for row in base.all(query) if row["endorsement_percent"] != 0]
    passages = base.passages(row["passage_key"] for row in rows)
    rows.sort(key=most_chosen_first)
    if rows:
        barriers = ", ".join(sorted({row["barrier"] for row in rows}))
        yield Fact("share", f"of experts who chose it for the barrier {barriers}. {CAUTION}")
    for row in rows:
        yield Fact(_share(row), row["name"], passages[row["passage_key"]], key=row["key"])
