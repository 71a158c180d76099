"""`kb ask`: a question in words."""

from dataclasses import replace
from typing import Annotated

import typer

from kb_cli.options import Db, Form, Output, Sources


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "ask",
        epilog='Example: kb ask "which RCTs measured pain with SEGT?"',
        rich_help_panel="Start here",
    )(ask)


def ask(
    text: Annotated[list[str], typer.Argument(help="The question.", metavar="QUESTION...")],
    form: Form = None,
    output: Output = None,
    sources: Sources = False,
    db: Db = None,
) -> None:
    """Answer a question in words, and print the command that asks the same."""
    from kb.ask import understand
    from kb.errors import UnknownValue
    from kb.store.opening import open_base
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell

    words = " ".join(text)
    with open_base(db, tell) as base:
        understood = understand(words, base.vocabulary)
        if not understood.understood_anything:
            unknown = ", ".join(understood.unused) or words
            raise UnknownValue(
                f"None of these words names anything here: {unknown}.",
                "Try `kb search` for full text, or `kb terms` for the words that are understood.",
            )
        found = base.answer(understood.question)
    unused = [f"Words not understood: {', '.join(understood.unused)}."] if understood.unused else []
    found = replace(found, notes=[*unused, *understood.notes, *found.notes])
    asked = f"understood as: {understood.question.command()}"
    wanted = sources or understood.wants_sources
    present(found, form, output, sources=wanted, asked=asked)
