"""Draw how two people's extractions agree: by column, then every cell that differs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import QUIET, STRONG, counted, grid, heading, indented, notes

if TYPE_CHECKING:
    from kb.exchange.agreement import Coefficient
    from kb.exchange.agreement_pairing import Unpaired
    from kb.exchange.agreement_reading import Extraction
    from kb.exchange.agreement_tables import Agreement, ColumnAgreement, Difference

_CELLS = (
    "Cells empty in both are not compared; NA means empty. A cell that one alone filled differs, "
    "and has no part in kappa or ICC. Words agree in any case and spacing, numbers by their value."
)
_COEFFICIENTS = (
    "Kappa is Cohen's, with the large-sample interval of Fleiss, Cohen and Everitt 1969. ICC is "
    "ICC(2,1), absolute agreement (Shrout and Fleiss 1979; McGraw and Wong 1996). Over rows of "
    "several scales it is near 1 whatever differs: read the differences."
)
_HEADERS = ("finding", "row of a", "row of b", "of", "column", "a", "b")


def drawn_agreement(found: "Agreement") -> Iterator[RenderableType]:
    """Yield the screen."""
    yield from _drawn_summary(found)
    compared = [column for column in found.columns if column.compared]
    if compared:
        yield Text()
        yield _drawn_columns(compared)
    empty = [column.name for column in found.columns if not column.compared]
    if empty and found.pairs:
        yield Text(f"Empty in both: {', '.join(empty)}.", QUIET)
    if found.own_words:
        yield Text(f"Not compared, as each has own words: {', '.join(found.own_words)}.", QUIET)
    for one, other in ((found.a, found.b), (found.b, found.a)):
        if alone := found.columns_without(one, other):
            yield Text(f"In {one.name} alone: {', '.join(alone)}.", QUIET)
    yield from _drawn_differences(found)
    for table, other, rows in (
        (found.a, found.b, found.only_a),
        (found.b, found.a, found.only_b),
    ):
        yield from _drawn_unpaired(found, table, other, rows)
    if compared:
        yield Text()
        yield from notes((_CELLS, _COEFFICIENTS))


def flat_agreement(found: "Agreement") -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Return every cell that differs, and every row that one has alone."""
    rows: list[Sequence[Any]] = [
        ("differs", d.pair.a.row, d.pair.b.row, found.label(d.pair.a), d.column, d.a, d.b)
        for d in found.differences
    ]
    rows += [("only in a", u.row.row, None, found.label(u.row), *[None] * 3) for u in found.only_a]
    rows += [("only in b", None, u.row.row, found.label(u.row), *[None] * 3) for u in found.only_b]
    return _HEADERS, rows


def _drawn_summary(found: "Agreement") -> Iterator[RenderableType]:
    compared = sum(column.compared for column in found.columns)
    agreed = sum(column.agreed for column in found.columns)
    share = f", {100 * agreed / compared:.1f} %" if compared else ""
    yield heading(f"{found.a.name} and {found.b.name}")
    yield Text(f"{counted(len(found.pairs), 'row')} in both, told apart by {', '.join(found.by)}")
    yield Text(f"{agreed:,} of {compared:,} cells agree{share}")
    for table in (found.a, found.b):
        if said := _left_out(table):
            yield Text(f"{table.name}: {said}", QUIET)


def _left_out(table: "Extraction") -> str:
    examples = f"{counted(table.examples, 'row')} of the made-up example left out"
    refused = f"{counted(table.refused, 'row')} with other cells than the header left out"
    return "; ".join(
        text for text, count in ((examples, table.examples), (refused, table.refused)) if count
    )


def _drawn_columns(columns: Sequence["ColumnAgreement"]) -> RenderableType:
    heads = [
        Column("COLUMN", no_wrap=True),
        Column("CELLS", justify="right"),
        Column("AGREE", justify="right"),
        Column("%", justify="right"),
        Column("ONE ALONE", justify="right"),
        Column("BEYOND CHANCE, OR OF NUMBERS"),
    ]
    return grid(heads, (_column(column) for column in columns))


def _column(column: "ColumnAgreement") -> list[Text]:
    return [
        Text(column.name, STRONG),
        Text(f"{column.compared:,}"),
        Text(f"{column.agreed:,}"),
        Text("" if column.percent is None else f"{column.percent:.1f}"),
        Text(f"{column.one_alone:,}" if column.one_alone else ""),
        _coefficient("ICC" if column.is_number else "kappa", column.coefficient),
    ]


def _coefficient(name: str, told: "Coefficient") -> Text:
    if told.value is None:
        return Text(f"{name} undefined: {told.undefined}", QUIET)
    value = _decimals(told.value)
    if told.low is None or told.high is None:
        return Text.assemble(f"{name} {value}", (f", no interval: {told.no_interval}", QUIET))
    return Text(f"{name} {value} (95 % CI {_decimals(told.low)} to {_decimals(told.high)})")


def _decimals(value: float) -> str:
    """Return a coefficient with three decimals; one is said of what is one alone."""
    text = f"{value:.3f}"
    return ">0.999" if text == "1.000" and value < 1 else text


def _drawn_differences(found: "Agreement") -> Iterator[RenderableType]:
    yield Text()
    if not found.differences:
        if found.pairs:
            yield Text("No cell differs.")
        return
    number = counted(len(found.differences), "cell")
    yield heading("Cells that differ", f"{number}, {found.a.name} | {found.b.name}")
    for place, each in enumerate(found.differences):
        if place == 0 or found.differences[place - 1].pair is not each.pair:
            rows = f"rows {each.pair.a.row} and {each.pair.b.row}"
            yield Text.assemble(found.label(each.pair.a), (f"  {rows}", QUIET))
        yield indented(_difference(each))


def _difference(each: "Difference") -> Text:
    return Text.assemble(
        (f"{each.column}  ", STRONG),
        each.a or ("empty", QUIET),
        (" | ", QUIET),
        each.b or ("empty", QUIET),
    )


def _drawn_unpaired(
    found: "Agreement",
    table: "Extraction",
    other: "Extraction",
    rows: Sequence["Unpaired"],
) -> Iterator[RenderableType]:
    if not rows:
        return
    yield Text()
    yield heading(f"Only in {table.name}", counted(len(rows), "row"))
    for each in rows:
        yield Text.assemble((f"row {each.row.row}  ", QUIET), found.label(each.row))
        if each.doubled:
            yield indented(Text("One of several rows that nothing tells apart.", QUIET))
        elif each.nearest is not None:
            words = each.nearest.cells[each.differs_in] or "nothing"
            own = each.row.cells[each.differs_in] or "nothing"
            said = f"{each.differs_in} is {own} here and {words} in row {each.nearest.row}"
            yield indented(Text(f"The same row? {said} of {other.name}.", QUIET))
