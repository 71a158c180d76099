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
    from kb.curation.checking import check_files
    from kb.curation.wording import counted
    from kb_cli.diagnostics import tell
    from kb_cli.output import write

    gathered = check_files(path)
    files = counted(gathered.files, "file")
    if gathered.problems:
        write("\n".join(map(str, gathered.problems)))
        tell(f"{counted(len(gathered.problems), 'problem')} in {files}")
        raise typer.Exit(ExitCode.FAILED)
    write(f"{files}, {counted(gathered.count(), 'row')}, no problem found")
