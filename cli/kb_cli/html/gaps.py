"""A gap map as a web page: what is empty, the map, and the studies of each cell with passages."""

from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING

from kb.gaps.wording import (
    MARKS,
    legend,
    participants,
    participants_in_short,
    pointing,
    tally_in_words,
)
from kb_cli.html.page import (
    Section,
    command,
    evidence,
    link,
    listed,
    page,
    paragraph,
    terms,
    unseen,
)

if TYPE_CHECKING:
    from kb.gaps.axes import Level
    from kb.gaps.gap_map import Cell, GapMap, Tally

_MANY_COLUMNS = 7
"""From how many columns on their headers stand upright."""


def gaps_page(found: "GapMap") -> str:
    """Return a gap map as a page."""
    rows, columns = found.rows.facet, found.columns.facet
    empty = f"{len(found.empty):,} of {len(found.cells):,}"
    sections = [
        Section("empty", f"Empty combinations: {empty}", _empty(found)),
        Section("map", f"The map: {rows} by {columns}", _map(found)),
        Section("notes", "How to read it", "".join(map(paragraph, found.notes))),
        *([Section("left-out", "Left out", _left_out(found))] if found.left_out else []),
        *([Section("cells", "The studies of each cell", _cells(found))] if found.filled else []),
    ]
    lead = f"<p>{escape(tally_in_words(found.total))}</p><p>{command(found.command)}</p>"
    foot = paragraph(f"Data {found.data.version}, {found.data.hash[:12]}.")
    return page(f"Evidence gap map: {rows} by {columns}", lead, sections, foot)


def _empty(found: "GapMap") -> str:
    rows, columns = found.rows.kind.plural, found.columns.kind.plural
    wholly = terms(
        (f"{plural.capitalize()} without any study", _named(empty))
        for plural, empty in ((columns, found.empty_columns), (rows, found.empty_rows))
        if empty
    )
    scattered = terms((level.label, _named(empty)) for level, empty in found.scattered())
    if not scattered:
        return wholly or paragraph("None.")
    title = f"{'Further empty' if wholly else 'Empty'} combinations, by {found.rows.facet}"
    return f"{wholly}<h3>{escape(title)}</h3>{scattered}"


def _named(levels: "list[Level]") -> str:
    return "; ".join(level.label for level in levels)


def _left_out(found: "GapMap") -> str:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for item in found.left_out:
        by_reason[item.reason].append(item.what)
    return terms((reason, "; ".join(names)) for reason, names in by_reason.items())


def _map(found: "GapMap") -> str:
    """Return the table; where it is wider than the screen it scrolls, by keyboard too."""
    rows, columns = found.rows.facet, found.columns.facet
    lines = [
        _line(level.label, [*map(_cell, found.row(level)), _total(total)])
        for level, total in zip(found.rows.levels, found.row_totals, strict=True)
    ]
    totals = [_total(tally) for tally in (*found.column_totals, found.total)]
    marks = f" A mark for each study: {legend()}." if found.has_directions else ""
    caption = (
        f"Number of studies by {rows} and {columns}; n: participants, ? where not known.{marks}"
    )
    return (
        '<div class="scroll" role="region" aria-label="The map" tabindex="0"><table>'
        f"<caption><div>{escape(caption)}</div></caption><thead><tr>{_headers(found)}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody><tfoot>{_line('All', totals)}</tfoot></table></div>"
    )


def _headers(found: "GapMap") -> str:
    labels = [*(level.label for level in found.columns.levels), "All"]
    turned = ' class="upright"' if len(labels) > _MANY_COLUMNS else ""
    columns = "".join(
        f'<th scope="col"><div{turned}>{escape(label)}</div></th>' for label in labels
    )
    return f'<th scope="col" class="row">{escape(found.rows.facet.capitalize())}</th>{columns}'


def _line(label: str, cells: list[str]) -> str:
    return f'<tr><th scope="row" class="row">{escape(label)}</th>{"".join(cells)}</tr>\n'


def _cell(cell: "Cell") -> str:
    """Return a cell of the table, which leads to its studies where it has any."""
    if not cell.tally.count:
        return '<td class="none">0</td>'
    marks = "".join(MARKS[name] * count for name, count in (cell.directions or {}).items())
    shown = f'<span class="marks" aria-hidden="true">{escape(marks)}</span>' if marks else ""
    way = unseen(f" {_pointing(cell)}")
    depth = "some" if cell.tally.count == 1 else "more" if cell.tally.count < 4 else "most"
    return (
        f'<td class="{depth}"><a href="#{escape(_key(cell))}">'
        f"{_numbers(cell.tally, shown)}{way}</a></td>"
    )


def _total(tally: "Tally") -> str:
    return f"<td>{_numbers(tally)}</td>" if tally.count else '<td class="none">0</td>'


def _numbers(tally: "Tally", marks: str = "") -> str:
    """Return the number of studies, their marks and participants; in words for those who hear."""
    known = participants_in_short(tally)
    words = unseen(f" {'study' if tally.count == 1 else 'studies'}, {participants(tally)};")
    return f'{tally.count}{marks}<span class="people" aria-hidden="true">{known}</span>{words}'


def _pointing(cell: "Cell") -> str:
    """Return how many studies point each way, in words."""
    counts = (cell.directions or {}).items()
    return ", ".join(f"{count} {pointing(name, count)}" for name, count in counts if count)


def _key(cell: "Cell") -> str:
    return f"cell-{cell.row.key}.{cell.column.key}"


def _cells(found: "GapMap") -> str:
    parts = []
    for level, total in zip(found.rows.levels, found.row_totals, strict=True):
        if total.count:
            parts.append(f"<h3>{escape(level.label)}: {escape(tally_in_words(total))}</h3>")
            parts += [_studies(found, cell) for cell in found.row(level) if cell.tally.count]
    return "".join(parts)


def _studies(found: "GapMap", cell: "Cell") -> str:
    """Return the studies of a cell with the passages that place them there."""
    about = " · ".join(filter(None, (tally_in_words(cell.tally), _pointing(cell))))
    return (
        f'<article id="{escape(_key(cell))}" tabindex="-1"><h4>{escape(cell.column.label)}'
        f"{unseen(f', {cell.row.label}')}</h4>{paragraph(about)}"
        f"{listed(_study(found, cell, key) for key in cell.tally.studies)}"
        f'<p class="back">{link("#map", "Back to the map")}</p></article>\n'
    )


def _study(found: "GapMap", cell: "Cell", key: str) -> str:
    row = found.studies[key]
    size = "number not known" if row["n"] is None else f"{row['n']:,} {row['n_counted']}"
    way = pointing(cell.pointing[key]) if cell.pointing else ""
    about = ", ".join(filter(None, (row["design_name"], size, way)))
    name = f"<strong>{escape(row['label'])}</strong> ({escape(about)})"
    return f"<p>{name} {command(f'kb show {key}')}</p>{evidence(cell.evidence[key])}"
