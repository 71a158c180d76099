"""`kb history`: who changed what, and when."""

import shlex
from typing import Annotated

import typer

from kb_cli.completion import record_keys
from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "history", epilog="Example: kb history goodwin-2001", rich_help_panel="Keeping the store"
    )(history)


def history(
    key: Annotated[
        str | None,
        typer.Argument(
            help="Key of a record, such as a study or a term; every event, if none.",
            metavar="[KEY]",
            autocompletion=record_keys,
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="NAME", help="Only rows of this table, such as contrast."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="Only from this day on, such as 2026-01-31."),
    ] = None,
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Say who changed what and when: every load, import and undo, or what befell one record.

    The history of a study has that of all that belongs to it. WHO is what the variable KB_CURATOR
    says, or else your login name; on a server with the user there.
    """
    from kb.store.opening import open_base
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell
    from kb_cli.render.history import drawn_history

    with open_base(db, tell) as base:
        found = base.history(key, table=table, since=since)
    given = [("--table", table), ("--since", since)]
    words = ["kb", "history", *([key] if key else [])]
    words += [word for name, value in given if value for word in (name, value)]
    present(
        form,
        output,
        data=lambda: {"question": {"command": shlex.join(words)}, **found.as_dict()},
        drawn=lambda: drawn_history(found),
        rows=found.flat,
    )
