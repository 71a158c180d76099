"""`kb brief`: what is known of an approach, an outcome or both, on one page."""

from pathlib import Path
from typing import Annotated

import typer

from kb_cli.completion import values_of
from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "brief",
        epilog="Example: kb brief segt --outcome pain",
        rich_help_panel="Evidence",
    )(brief)


def brief(
    topic: Annotated[
        list[str] | None,
        typer.Argument(metavar="TOPIC", help="An approach, an outcome, or both, in words."),
    ] = None,
    approach: Annotated[
        list[str] | None,
        typer.Option(
            "--approach",
            metavar="VALUE",
            help="Therapeutic approach of the intervention. For example segt.",
            autocompletion=values_of("approach"),
        ),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome",
            metavar="VALUE",
            help="What was measured. For example pain.",
            autocompletion=values_of("outcome"),
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write the brief to a web page that stands alone, to be read or printed.",
        ),
    ] = None,
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Tell what is known of an approach, an outcome or both, how surely, and what is not known.

    Every statement has the number of its source, or the command that computes it again.
    """
    from kb.brief import brief as brief_on
    from kb.brief import topic_of
    from kb.store.opening import open_base
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell
    from kb_cli.output import Format, chosen, write
    from kb_cli.render.brief import brief_in_markdown, drawn_brief

    given = {"approach": approach or [], "outcome": outcome or []}
    with open_base(db, tell) as base:
        found = brief_on(base, topic_of(base, " ".join(topic or []), given))
    if html:
        from kb_cli.html.brief import brief_page

        write(brief_page(found), html)
        tell(f"brief written to {html}")
    if chosen(form, output) is Format.MARKDOWN:
        write(brief_in_markdown(found), output)
        return
    present(
        form, output, data=found.as_dict, drawn=lambda: list(drawn_brief(found)), rows=found.flat
    )
