"""`kb undo`: take back a load or an import."""

from typing import Annotated

import typer

from kb_cli.options import Db


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("undo", epilog="Example: kb undo 7 --apply", rich_help_panel="Curating")(undo)


def undo(
    event: Annotated[
        int, typer.Argument(metavar="EVENT", help="Number of the event; `kb history` tells it.")
    ],
    apply: Annotated[
        bool, typer.Option("--apply", metavar="", help="Do it; without this, nothing is changed.")
    ] = False,
    seen: Annotated[
        str | None,
        typer.Option(
            "--seen",
            metavar="WORD",
            help="Refuse if the evidence is not what it was when the preview told this word.",
        ),
    ] = None,
    db: Db = None,
) -> None:
    """Show what taking back a load or an import changes; with --apply, take it back.

    What it added goes, and what it changed or removed is as before: all of it, or nothing. Refused
    where that was changed again since, or is in use.
    """
    from kb.curation.undoing import undo as take_back
    from kb.store.opening import open_store, options_for
    from kb_cli.diagnostics import tell
    from kb_cli.output import draw
    from kb_cli.render.difference import drawn_difference

    with open_store(db, tell) as engine:
        difference = take_back(engine, event, apply=apply, seen=seen)
    draw(drawn_difference(difference, dry_run=not apply))
    if not apply:
        again = f"kb undo {event} --apply --seen {difference.state}{options_for(db)}"
        tell(f"`{again}` does this, and nothing else")
