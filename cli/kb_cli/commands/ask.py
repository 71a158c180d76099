"""`kb ask`: a question in words."""

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
    text: Annotated[list[str], typer.Argument(help="The question.", metavar="QUESTION")],
    form: Form = None,
    output: Output = None,
    sources: Sources = False,
    db: Db = None,
) -> None:
    """Answer a question in words, and print the command that asks the same."""
    from kb.answer import Answer
    from kb.ask import understand
    from kb.ask.answering import answered
    from kb.store.opening import open_base
    from kb_cli.answering import present_answer, present_pooled
    from kb_cli.diagnostics import tell

    with open_base(db, tell) as base:
        understood = understand(" ".join(text), base.vocabulary)
        found = answered(base, understood)
    asked = f"understood as: {understood.command}"
    wanted = sources or understood.wants_sources
    if isinstance(found, Answer):
        present_answer(found, form, output, sources=wanted, asked=asked)
    else:
        present_pooled(found, form, output, sources=wanted, asked=asked)
