"""`kb sof`: GRADE's summary of findings."""

from typing import TYPE_CHECKING, Annotated

import typer

from kb_cli.options import Db, Form, Output, Sources
from kb_cli.output import Format, chosen
from kb_cli.pooling_options import Asked, with_pooling

if TYPE_CHECKING:
    from rich.console import RenderableType

    from kb.certainty.summary_of_findings import SummaryOfFindings
    from kb_cli.answering import Rows

_WITHOUT = ("data", "subgroup", "moderators")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "sof",
        epilog="Example: kb sof --approach segt --baseline overall-survival=60%",
        rich_help_panel="Evidence",
    )(with_pooling(sof, "sof", without=_WITHOUT))


def sof(
    asked: Asked,
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            "--baseline",
            metavar="RISK",
            help="Risk without the intervention, of all outcomes or of one: 20%, pain=20%.",
            rich_help_panel="Absolute effects",
        ),
    ] = None,
    form: Form = None,
    output: Output = None,
    sources: Sources = False,
    db: Db = None,
) -> None:
    """Summarise findings by outcome with GRADE's certainty, as people entered it.

    No rating is computed. Where none is entered, what the numbers suggest is shown as suggestions.
    Without --outcome the outcomes of most trials are shown, and the others are named.
    """
    from kb_cli.answering import present

    found = _summarised(asked, baseline or [], db)
    present(
        form,
        output,
        data=found.as_dict,
        drawn=lambda: _drawn(found, sources=sources),
        rows=lambda: _rows(found, chosen(form, output)),
    )


def _summarised(asked: Asked, baseline: list[str], db: str | None) -> "SummaryOfFindings":
    from kb.certainty.summary_of_findings import summary_of_findings
    from kb.store.opening import open_base
    from kb_cli.diagnostics import tell

    options = asked.options
    with open_base(db, tell) as base:
        return summary_of_findings(
            base, base.question("results", **asked.facets), options, baseline
        )


def _drawn(found: "SummaryOfFindings", *, sources: bool) -> "list[RenderableType]":
    from kb_cli.render.sof import drawn_summary

    return drawn_summary(found, sources=sources)


def _rows(found: "SummaryOfFindings", form: Format) -> "Rows":
    if form is Format.MARKDOWN:
        from kb_cli.render.sof import readable_summary

        return readable_summary(found)
    from kb.certainty.flat import flat_summary

    return flat_summary(found)
