"""What a reader of a map must know: what is left out, counted twice, inferred, not randomised."""

from collections.abc import Iterator, Mapping, Sequence

from kb.answer import LeftOut
from kb.answers.nearby import searched
from kb.answers.shared import grouped, studies_left_out
from kb.base import Base, Record
from kb.gaps.axes import Axis
from kb.gaps.gap_map import GapMap
from kb.question import Question
from kb.store.relations import inclusion

_PARTLY = {
    "instrument": "it names no instrument for some of what it measured",
    "delivery": "whether one of its interventions was a group or individual is not known",
    "approach": "the approach of one of its interventions is not recorded",
}
"""Why a study is on the map with only some of what it did."""


def left_out(
    base: Base,
    question: Question,
    axes: Sequence[Axis],
    read: Mapping[str, Sequence[Record]],
    meant: Sequence[str],
) -> list[LeftOut]:
    """Return the studies that are not on the map, or not with all they did, and why."""
    labels = base.vocabulary.of_studies(meant).terms("study")
    stated = [grouped(read[axis.kind.group], "study") for axis in axes]
    found = []
    for key in meant:
        reasons = [
            _lacking(axis, rows.get(key, ())) for axis, rows in zip(axes, stated, strict=True)
        ]
        if any(reasons):
            found.append(LeftOut(labels[key].name, "; ".join(filter(None, reasons))))
    return [*found, *studies_left_out(base, question)]


def _lacking(axis: Axis, rows: Sequence[Record]) -> str:
    """Return what is not known of a study on an axis, "" where all is."""
    terms = [row[axis.facet] for row in rows]
    if not any(terms):
        return axis.kind.unknown
    return _PARTLY[axis.facet] if None in terms else ""


def notes(
    base: Base, made: GapMap, read: Mapping[str, Sequence[Record]], meant: Sequence[str]
) -> Iterator[str]:
    """Yield what a reader of the map must know."""
    if not meant:
        yield searched(made.question)
    yield (
        "An empty combination means that this base holds no such study. The base was gathered "
        "around a few reviews and is no systematic search, and a report that was not read in full "
        "may tell of more than is coded here."
    )
    yield from _several(made)
    if {made.rows.kind.group, made.columns.kind.group} & {"intervention"}:
        yield "What only a control arm received does not count as an approach or a delivery."
    yield from _not_randomised(made)
    yield from _inferred_inclusions(base, made)
    yield from _inferred_codes([r for r in read.get("factor", ()) if r["study"] in made.studies])
    yield from _participants(made)
    yield from _directions(made)


def _several(made: GapMap) -> Iterator[str]:
    names = (made.rows.kind.plural, made.columns.kind.plural)
    yield (
        f"Studies are counted, not reports. A study with several {names[0]} or {names[1]} counts "
        "in each of them, and once in each total; cells must not be added up."
    )
    for axis, tallies in ((made.rows, made.row_totals), (made.columns, made.column_totals)):
        if axis.facet == "outcome":
            continue
        times = [key for tally in tallies for key in tally.studies]
        several = [row["label"] for key, row in made.studies.items() if times.count(key) > 1]
        if several:
            yield f"In more than one of the {axis.kind.plural}: {'; '.join(several)}."


def _not_randomised(made: GapMap) -> Iterator[str]:
    others = [
        f"{row['label']} ({row['design_name'].lower()})"
        for row in made.studies.values()
        if not row["randomised"]
    ]
    if others:
        yield f"Not randomised: {'; '.join(others)}."


def _inferred_inclusions(base: Base, made: GapMap) -> Iterator[str]:
    """Yield which studies a facet on reviews lets in although their inclusion is not confirmed."""
    named = made.question.criterion("review")
    if named is None or not named.wanted:
        return
    keys = list(made.studies)
    rows = [
        row
        for row in base.records(inclusion, keys, by="study_key")
        if row["review_key"] in named.wanted
    ]
    told = [
        f"{made.studies[key]['label']} ({', '.join(sorted({r['status'] for r in found}))})"
        for key, found in sorted(grouped(rows, "study_key").items(), key=lambda p: keys.index(p[0]))
        if all(row["status"] != "confirmed" for row in found)
    ]
    if told:
        yield f"That the review includes them is not confirmed: {'; '.join(told)}."


def _inferred_codes(codes: Sequence[Record]) -> Iterator[str]:
    unsure = sum(row["status"] != "confirmed" for row in codes)
    curated = sum(row["coded_by"] == "curators" for row in codes)
    if unsure or curated:
        yield (
            f"Of {len(codes)} barriers and facilitators, {curated} were assigned to their "
            f"construct by curators and not by the source; {unsure} codes are probable or inferred."
        )


def _participants(made: GapMap) -> Iterator[str]:
    rows = made.studies.values()
    others = [
        f"{row['label']} ({row['n_counted']})"
        for row in rows
        if row["n_counted"] and not row["n_counted"].startswith("patients")
    ]
    if others:
        yield f"The participants counted are not patients in: {'; '.join(others)}."
    unknown = [row["label"] for row in rows if row["n"] is None]
    if unknown:
        yield f"The number of participants is not known, and not counted, of: {'; '.join(unknown)}."


def _directions(made: GapMap) -> Iterator[str]:
    if not made.has_directions:
        yield (
            "Directions of effect are shown where rows or columns are outcomes or instruments, or "
            "where --outcome or --instrument names one."
        )
        return
    yield (
        "Each study counts once in a cell, by its findings on all participants, or else on some. "
        "Findings that point different ways count as mixed. Such counts tell nothing of the size "
        "or the certainty of an effect."
    )
