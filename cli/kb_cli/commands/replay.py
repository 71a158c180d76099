"""`kb replay`: answer again what a receipt was given for."""

from pathlib import Path
from typing import Annotated

import typer

from kb_cli.diagnostics import ExitCode
from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "replay", epilog="Example: kb replay survival.receipt.json", rich_help_panel="Evidence"
    )(replay)


def replay(
    receipt: Annotated[
        Path, typer.Argument(metavar="FILE", help="A receipt that kb pool --receipt wrote.")
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FILE",
            help="The table that was pooled, where it is not beside the receipt.",
        ),
    ] = None,
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Answer again what a receipt was given for, and say what changed since and why.

    It ends with 0 where the effects and the result are the same, and with 1 where they are not.
    """
    from kb.pooling.receipts.replay import replay as again
    from kb.store.opening import open_base
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell
    from kb_cli.render.replay import drawn_replay, flat_replay

    found = again(receipt, lambda: open_base(db, tell), data)
    present(
        form,
        output,
        data=found.as_dict,
        drawn=lambda: drawn_replay(found),
        rows=lambda: flat_replay(found),
    )
    if not found.holds:
        raise typer.Exit(ExitCode.FAILED)
