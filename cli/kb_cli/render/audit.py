"""Draw the ledger: the counts, what disagrees, what agrees, what is recorded, what is missing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.audit.verdicts import IN_WORDS, Verdict
from kb.flat import PASSAGE, Flat, passage_cells
from kb.order import by_key
from kb_cli.render.parts import (
    BAD,
    EVEN,
    GOOD,
    QUIET,
    STRONG,
    Footnotes,
    bulleted,
    grid,
    heading,
    indented,
    notes,
)

if TYPE_CHECKING:
    from kb.audit.findings import Entry, Finding
    from kb.audit.ledger import Ledger

_STYLES = {
    Verdict.AGREES: GOOD,
    Verdict.DISAGREES: BAD,
    Verdict.UNCHECKED: EVEN,
    Verdict.RECORDED: QUIET,
}
_FEW = 8  # keys that a group tells in full


def drawn_audit(ledger: "Ledger", *, sources: bool, listed: bool) -> list[RenderableType]:
    """Return the ledger, and the passages of what disagrees; `sources` adds those of the rest.

    `listed` names every claim that cannot be checked, where it would only be counted.
    """
    if not ledger.entries:
        return [Text("No claim or printed result has that verdict there.")]
    footnotes = Footnotes(wanted=True)
    return [
        *_summary(ledger),
        *_disagreements(ledger.of(Verdict.DISAGREES), footnotes),
        *_agreements(ledger.of(Verdict.AGREES), footnotes if sources else Footnotes(wanted=False)),
        *_recorded(ledger.of(Verdict.RECORDED), footnotes if sources else Footnotes(wanted=False)),
        *_lacking(ledger),
        *_unchecked(ledger, listed=listed),
        *footnotes.drawn(),
    ]


def flat_audit(ledger: "Ledger") -> Flat:
    """Return a row for each comparison, or for a claim that nothing was compared with."""
    headers = [
        "table",
        "key",
        "kind",
        "review",
        "verdict",
        "note",
        "statement",
        *_COMPARED,
        *PASSAGE,
    ]
    return headers, [row for entry in ledger.entries for row in _rows(entry)]


_COMPARED = (
    "rule",
    "comparison",
    "claimed",
    "recomputed",
    "meaning",
    "missing",
    "expression",
    "compared_under",
)


def _rows(entry: "Entry") -> Iterator[list[str | None]]:
    own = [
        entry.table,
        entry.key,
        entry.kind,
        entry.review,
        entry.verdict.value,
        entry.note,
        entry.statement,
    ]
    passage = passage_cells(entry.passages[0] if entry.passages else None)
    elsewhere = "; ".join(entry.elsewhere)
    for finding in entry.findings:
        compared = [
            finding.rule.value,
            finding.verdict.value,
            finding.claimed,
            finding.recomputed,
            finding.meaning,
            finding.missing,
            finding.expression,
            elsewhere,
        ]
        yield [*own, *compared, *passage]
    if not entry.findings:
        yield [*own, "", "", "", "", "", entry.missing, "", elsewhere, *passage]


def _summary(ledger: "Ledger") -> list[RenderableType]:
    columns = [
        Column(no_wrap=True),
        *(Column(IN_WORDS[verdict].upper(), justify="right") for verdict in Verdict),
    ]
    rows = [
        [Text(what), *(Text(f"{numbers[v]:,}", _STYLES[v]) for v in Verdict)]
        for what, numbers in ledger.counts.items()
        if any(numbers.values())
    ]
    return [grid(columns, rows), *notes(ledger.notes)]


def _disagreements(entries: Sequence["Entry"], footnotes: Footnotes) -> list[RenderableType]:
    if not entries:
        return []
    drawn: list[RenderableType] = [Text(), heading("Disagrees", str(len(entries)))]
    for entry in entries:
        drawn += [indented(_named(entry, footnotes)), *_compared(entry, footnotes)]
    return drawn


def _named(entry: "Entry", footnotes: Footnotes) -> Text:
    return Text.assemble(
        (entry.key, STRONG),
        f"  {entry.statement}",
        footnotes.mark(*entry.passages),
        (f"  {entry.note}", QUIET),
    )


def _compared(entry: "Entry", footnotes: Footnotes) -> Iterator[RenderableType]:
    for finding in entry.of(Verdict.DISAGREES):
        said = Text.assemble(
            ("claimed ", QUIET),
            (finding.claimed, STRONG),
            (", recomputed ", QUIET),
            (finding.recomputed, BAD),
            f"  {finding.meaning}",
            footnotes.mark(*finding.passages),
        )
        yield indented(said, 4)
        if finding.expression:
            yield indented(Text(finding.expression, QUIET), 4)


def _agreements(entries: Sequence["Entry"], footnotes: Footnotes) -> list[RenderableType]:
    if not entries:
        return []
    claims = [entry for entry in entries if entry.table == "claim"]
    drawn: list[RenderableType] = [Text(), heading("Agrees", str(len(entries)))]
    for entry in claims:
        for finding in entry.of(Verdict.AGREES):
            said = Text.assemble(
                (entry.key, STRONG),
                f"  {_numbers(finding, 'recomputed ')}  ",
                (" ".join((finding.meaning, entry.note)).strip(), QUIET),
            )
            drawn.append(indented(said + footnotes.mark(*finding.passages)))
    confirmed = [entry for entry in claims if not entry.of(Verdict.AGREES)]
    for owner, keys in _by_owner(confirmed).items():
        drawn.append(
            indented(Text.assemble((f"Confirmed under {owner}: ", QUIET), ", ".join(keys)))
        )
    for meaning, told in _by_meaning(entries, footnotes).items():
        drawn += [indented(Text(meaning, QUIET)), *(indented(line, 4) for line in told)]
    return drawn


def _numbers(finding: "Finding", word: str = "") -> str:
    same = finding.claimed == finding.recomputed
    return finding.claimed + ("" if same else f"; {word}{finding.recomputed}")


def _by_meaning(entries: Iterable["Entry"], footnotes: Footnotes) -> Mapping[str, list[Text]]:
    """Return what agrees of the printed results as lines, by what was compared."""
    groups: dict[str, list[Text]] = {}
    for entry in entries:
        for finding in entry.of(Verdict.AGREES) if entry.table != "claim" else ():
            line = Text.assemble((entry.key, STRONG), f"  {_numbers(finding)}")
            marked = line + footnotes.mark(*entry.passages, *finding.passages)
            groups.setdefault(finding.meaning, []).append(marked)
    return groups


def _by_owner(entries: Iterable["Entry"]) -> Mapping[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for entry in entries:
        groups.setdefault(entry.elsewhere[0], []).append(entry.key)
    return groups


def _recorded(entries: Sequence["Entry"], footnotes: Footnotes) -> list[RenderableType]:
    if not entries:
        return []
    rows = [
        [Text(entry.key), Text(entry.statement) + footnotes.mark(*entry.passages)]
        for entry in entries
    ]
    note = f"{len(entries)}; inconsistencies found by reading, which no number decides"
    return [Text(), heading("Shown as recorded", note), indented(grid([Column(), Column()], rows))]


def _lacking(ledger: "Ledger") -> list[RenderableType]:
    """Return the comparisons that cannot be made, those that lack the same together."""
    groups: dict[str, list[str]] = {}
    for entry, finding in ledger.lacking:
        groups.setdefault(finding.missing, []).append(_told(entry, finding))
    if not groups:
        return []
    drawn: list[RenderableType] = [
        Text(),
        heading("Comparisons that cannot be made", "what is missing, and for which"),
    ]
    for missing, told in groups.items():
        drawn += [indented(Text(missing)), indented(Text("; ".join(told), QUIET), 4)]
    return drawn


def _told(entry: "Entry", finding: "Finding") -> str:
    claimed = f" claims {finding.claimed}" if finding.claimed else ""
    held = f", the base has {finding.recomputed}" if finding.recomputed else ""
    return f"{entry.key}{claimed}{held}"


def _unchecked(ledger: "Ledger", *, listed: bool) -> list[RenderableType]:
    groups = ledger.why_unchecked
    if not groups:
        return []
    drawn: list[RenderableType] = [
        Text(),
        heading("Cannot be checked", str(sum(map(len, groups.values())))),
    ]
    for missing, entries in groups.items():
        drawn.append(indented(Text.assemble((f"{len(entries)}  ", STRONG), missing)))
        if listed:
            items = (Text.assemble(e.key, (f"  {e.statement}", QUIET)) for e in entries)
            drawn.append(indented(bulleted(("•", item) for item in items), 4))
        else:
            drawn.append(indented(Text(_where(entries), QUIET), 4))
    return drawn if listed else [*drawn, Text("`kb audit --verdict unchecked` lists them.", QUIET)]


def _where(entries: Sequence["Entry"]) -> str:
    if len(entries) <= _FEW:
        return ", ".join(entry.key for entry in entries)
    counts = Counter(entry.review or "other sources" for entry in entries)
    return ", ".join(f"{name} {counts[name]}" for name in sorted(counts, key=by_key))
