"""`kb check`: everything that is wrong with seed files, at once."""

from pathlib import Path
from typing import Annotated

import typer

from kb_cli.diagnostics import ExitCode


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", epilog="Example: kb check my-study.yaml", rich_help_panel="Curating")(
        check
    )


def check(
    path: Annotated[
        Path | None,
        typer.Argument(help="A seed file or a folder of them; the evidence shipped, if none."),
    ] = None,
) -> None:
    """Say everything that is wrong with seed files; no store is touched."""
    from kb.curation.bookkeeping import shipped_seeds
    from kb.curation.checking import check_files, shipped_keys
    from kb.errors import KbError
    from kb_cli.diagnostics import tell
    from kb_cli.output import write

    place = path or shipped_seeds()
    if not place.exists():
        raise KbError(f"There is nothing at {place}.", "Name a seed file or a folder of them.")
    gathered = check_files(place, shipped_keys())
    for problem in gathered.problems:
        write(str(problem))
    files = gathered.files
    if gathered.problems:
        count = len(gathered.problems)
        tell(f"{count} problem{'s' if count > 1 else ''} in {files} files")
        raise typer.Exit(ExitCode.FAILED)
    if not files:
        raise KbError(f"There are no seed files at {place}.", "Their names end in .yaml.")
    rows = sum(len(rows) for rows in gathered.rows.values())
    write(f"{files} files, {rows:,} rows, no problem found")
