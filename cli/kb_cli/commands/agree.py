"""`kb agree`: two people's extractions compared cell by cell."""

from pathlib import Path
from typing import Annotated

import typer

from kb_cli.output import Format


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "agree",
        epilog="Example: kb agree anna.xlsx ben.xlsx --output adjudicated.xlsx",
        rich_help_panel="Curating",
    )(agree)


def agree(
    a: Annotated[Path, typer.Argument(metavar="A", help="The sheet that one person filled in.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="That of another person.")],
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="COLUMN,...",
            help="Columns that tell rows apart; else those of the extraction sheet.",
        ),
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the adjudicated sheet, as .xlsx or .csv: what is agreed, and what to "
            "decide.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Replace the file that is there.")
    ] = False,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format", metavar="|".join(Format), help="Form of what is shown; else a table."
        ),
    ] = None,
) -> None:
    """Compare two people's extractions: agreement in each column, and every cell that differs.

    Works with sheets of kb template, and with two tables of any kind (CSV or XLSX) where --by says
    which columns tell their rows apart. As CSV or Markdown it is the list of what differs.
    """
    from kb.exchange.agreement_adjudicating import write_adjudicated
    from kb.exchange.agreement_reading import read_extraction
    from kb.exchange.agreement_tables import compare_extractions
    from kb.exchange.files import open_file
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell
    from kb_cli.render.agreement import drawn_agreement, flat_agreement

    names = [name.strip() for name in by.split(",") if name.strip()]
    one, other = (read_extraction(open_file(path)) for path in (a, b))
    found = compare_extractions(one, other, names)
    open_ends = write_adjudicated(found, output, force=force) if output else 0
    present(
        form,
        None,
        data=found.as_dict,
        drawn=lambda: list(drawn_agreement(found)),
        rows=lambda: flat_agreement(found),
    )
    if output:
        rows = "1 row has" if open_ends == 1 else f"{open_ends:,} rows have"
        how = "Fill in the empty cells that its column 'to decide' names; NA leaves one empty."
        tell(f"wrote {output}; {rows} something to decide", how if open_ends else "")
