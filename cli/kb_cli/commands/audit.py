"""`kb audit`: the claims of the sources, held against what they print and what the base holds."""

from typing import Annotated

import typer

from kb.audit.verdicts import Verdict
from kb_cli.diagnostics import ExitCode
from kb_cli.options import Db, Form, Output, Sources
from kb_cli.output import Format


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit", epilog="Example: kb audit --review li-2024", rich_help_panel="Evidence")(
        audit
    )


def audit(
    claim: Annotated[
        str | None,
        typer.Option("--claim", metavar="KEY", help="One claim, and those that compare it."),
    ] = None,
    review: Annotated[
        str | None,
        typer.Option("--review", metavar="KEY", help="What a review claims and pooled."),
    ] = None,
    verdict: Annotated[
        Verdict | None,
        typer.Option("--verdict", metavar="|".join(Verdict), help="Only what has this verdict."),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", metavar="", help="Exit with 1 where something disagrees."),
    ] = False,
    form: Form = None,
    output: Output = None,
    sources: Sources = False,
    db: Db = None,
) -> None:
    """Confirm or refute what the sources claim, and say what cannot be checked."""
    from kb.audit.ledger import audit as held_against
    from kb.store.opening import open_base
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell
    from kb_cli.output import chosen, write
    from kb_cli.render.audit import drawn_audit, flat_audit
    from kb_cli.render.audit_report import report

    with open_base(db, tell) as base:
        ledger = held_against(base, claim=claim, review=review, verdict=verdict)
    if chosen(form, output) is Format.MARKDOWN:
        write(report(ledger, sources=sources), output)
    else:
        present(
            form,
            output,
            data=ledger.as_dict,
            drawn=lambda: drawn_audit(ledger, sources=sources, listed=verdict is not None),
            rows=lambda: flat_audit(ledger),
        )
    if strict and ledger.of(Verdict.DISAGREES):
        raise typer.Exit(ExitCode.FAILED)
