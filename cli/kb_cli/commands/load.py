"""`kb load`: bring the store in line with seed files."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from kb_cli.options import Db


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "load", epilog="Example: kb load my-study.yaml --dry-run", rich_help_panel="Curating"
    )(load)


def load(
    path: Annotated[
        Path | None,
        typer.Argument(help="A seed file or a folder of them; the evidence shipped, if none."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Show the difference and change nothing.")
    ] = False,
    seen: Annotated[
        str | None,
        typer.Option(
            "--seen",
            metavar="WORD",
            help="Refuse if the evidence is not what it was when --dry-run told this word.",
        ),
    ] = None,
    db: Db = None,
) -> None:
    """Show how seed files differ from the store and apply it: all of it, or nothing.

    `kb history` tells later who did, by your login name or what the variable KB_CURATOR says.
    """
    from kb.curation.bookkeeping import shipped_seeds
    from kb.curation.loading import SeedProblems
    from kb.curation.loading import load as bring
    from kb.curation.reading import seed_files
    from kb.store.opening import open_store, options_for
    from kb_cli.diagnostics import tell
    from kb_cli.output import draw, write
    from kb_cli.render.difference import drawn_difference

    place = path or shipped_seeds()
    seed_files(place)  # a wrong path is told of before a store is made
    with open_store(db, tell) as engine:
        try:
            difference = bring(engine, place, dry_run=dry_run, seen=seen)
        except SeedProblems as problems:
            write("\n".join(map(str, problems.problems)))
            raise
    draw(drawn_difference(difference, dry_run=dry_run))
    if difference and dry_run:
        words = ["kb", "load", *([str(path)] if path else []), "--seen", difference.state]
        tell(f"`{shlex.join(words)}{options_for(db)}` loads this, and nothing else")
