"""`kb trace`: every passage behind a record."""

import shlex
from typing import Annotated

import typer

from kb_cli.completion import record_keys
from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "trace", epilog="Example: kb trace goodwin-2001/survival", rich_help_panel="Evidence"
    )(trace)


def trace(
    key: Annotated[
        str,
        typer.Argument(
            help="Key of a record, such as a study or a result.",
            metavar="KEY",
            autocompletion=record_keys,
        ),
    ],
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Show every passage behind a record and what belongs to it."""
    from kb.store.opening import open_base
    from kb.trace import trace as follow
    from kb_cli.answering import answered, present
    from kb_cli.diagnostics import tell
    from kb_cli.render.trace import drawn_trace, flat_trace

    with open_base(db, tell) as base:
        found, state = follow(base, key), base.data
    question = {"key": key, "command": shlex.join(["kb", "trace", key])}
    present(
        form,
        output,
        data=lambda: answered(question, [item.as_dict() for item in found], state),
        drawn=lambda: drawn_trace(key, found),
        rows=lambda: flat_trace(found),
    )
