"""The ledger as a report in Markdown."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kb.audit.verdicts import IN_WORDS, Verdict
from kb_cli.output import as_markdown

if TYPE_CHECKING:
    from kb.audit.findings import Entry
    from kb.audit.ledger import Ledger


def report(ledger: "Ledger", *, sources: bool) -> str:
    """Return the ledger with a section for each verdict; the same entries as every other form.

    The passages of what disagrees are always there; `sources` adds those of what agrees.
    """
    state = f"Data version {ledger.data.version}, {ledger.data.hash[:12]}."
    return "\n".join(
        (
            "# Audit of the claims\n",
            f"{state}\n",
            _summary(ledger),
            *(f"{note}\n" for note in ledger.notes),
            *_disagreements(ledger.of(Verdict.DISAGREES)),
            *_agreements(ledger.of(Verdict.AGREES), sources=sources),
            *_recorded(ledger.of(Verdict.RECORDED)),
            *_lacking(ledger),
            *_unchecked(ledger),
        )
    )


def _summary(ledger: "Ledger") -> str:
    headers = ["", *(IN_WORDS[verdict] for verdict in Verdict)]
    return as_markdown(headers, [[what, *of.values()] for what, of in ledger.counts.items()])


def _disagreements(entries: Sequence["Entry"]) -> Iterator[str]:
    if entries:
        yield "## Disagrees\n"
    for entry in entries:
        rows = [
            [f.claimed, f.recomputed, f.meaning, f.expression] for f in entry.of(Verdict.DISAGREES)
        ]
        yield f"### {entry.key}\n"
        yield as_markdown(["Statement"], [[f"{entry.statement} {entry.note}"]])
        yield as_markdown(["Claimed", "Recomputed", "What", "Expression"], rows)
        yield as_markdown(["Source", "Place", "Quote", "Address"], _passages(entry))


def _passages(entry: "Entry", verdict: Verdict = Verdict.DISAGREES) -> list[list[Any]]:
    every = [*entry.passages, *(p for f in entry.of(verdict) for p in f.passages)]
    rows = [[p["citation"], p["locator"], f"“{p['quote']}”", p["address"]] for p in every]
    return [row for place, row in enumerate(rows) if row not in rows[:place]]


def _agreements(entries: Sequence["Entry"], *, sources: bool) -> Iterator[str]:
    if not entries:
        return
    headers = ["Key", "Statement", "Claimed", "Recomputed", "What"]
    yield "## Agrees\n"
    yield as_markdown(
        [*headers, "Sources"] if sources else headers,
        [
            [*row, _sources(entry)] if sources else row
            for entry in entries
            for row in _agreeing(entry)
        ],
    )


def _sources(entry: "Entry") -> str:
    passages = _passages(entry, Verdict.AGREES)
    return "; ".join(f"{source}, {place}: {quote}" for source, place, quote, _ in passages)


def _agreeing(entry: "Entry") -> Iterator[list[str]]:
    found = entry.of(Verdict.AGREES)
    for finding in found:
        what = f"{finding.meaning} {entry.note}"
        yield [entry.key, entry.statement, finding.claimed, finding.recomputed, what]
    if not found:
        yield [entry.key, entry.statement, "", "", f"Confirmed under {', '.join(entry.elsewhere)}."]


def _recorded(entries: Sequence["Entry"]) -> Iterator[str]:
    if entries:
        yield "## Shown as recorded\n"
        yield as_markdown(["Key", "Inconsistency"], [[e.key, e.statement] for e in entries])


def _lacking(ledger: "Ledger") -> Iterator[str]:
    rows = [
        [entry.key, f.claimed, f.recomputed, f.meaning, f.missing] for entry, f in ledger.lacking
    ]
    if rows:
        yield "## Comparisons that cannot be made\n"
        yield as_markdown(["Key", "Claimed", "The base has", "What", "What is missing"], rows)


def _unchecked(ledger: "Ledger") -> Iterator[str]:
    rows = [
        [entry.key, entry.statement, missing]
        for missing, entries in ledger.why_unchecked.items()
        for entry in entries
    ]
    if rows:
        yield "## Cannot be checked\n"
        yield as_markdown(["Key", "Claim", "Why"], rows)
