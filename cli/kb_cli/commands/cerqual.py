"""`kb cerqual`: GRADE-CERQual's evidence profile."""

from typing import TYPE_CHECKING

import typer

from kb_cli.options import Db, Form, Output, Sources, with_facets
from kb_cli.output import Format, chosen

if TYPE_CHECKING:
    from rich.console import RenderableType

    from kb.certainty.evidence_profile import EvidenceProfile
    from kb_cli.answering import Rows


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "cerqual",
        epilog="Example: kb cerqual --theme existential-support",
        rich_help_panel="Implementation",
    )(with_facets(cerqual, "cerqual"))


def cerqual(
    facets: dict[str, list[str]],
    form: Form = None,
    output: Output = None,
    sources: Sources = False,
    db: Db = None,
) -> None:
    """Show what stands behind each theme, with GRADE-CERQual's confidence as people entered it.

    No confidence is computed. What nobody has judged is shown as not yet assessed.
    """
    from kb.certainty.evidence_profile import evidence_profile
    from kb.store.opening import open_base
    from kb_cli.answering import present
    from kb_cli.diagnostics import tell

    with open_base(db, tell) as base:
        found = evidence_profile(base, base.question("themes", **facets))
    present(
        form,
        output,
        data=found.as_dict,
        drawn=lambda: _drawn(found, sources=sources),
        rows=lambda: _rows(found, chosen(form, output)),
    )


def _drawn(found: "EvidenceProfile", *, sources: bool) -> "list[RenderableType]":
    from kb_cli.render.cerqual import drawn_profile

    return drawn_profile(found, sources=sources)


def _rows(found: "EvidenceProfile", form: Format) -> "Rows":
    if form is Format.MARKDOWN:
        from kb_cli.render.cerqual import readable_profile

        return readable_profile(found)
    from kb.certainty.flat import flat_profile

    return flat_profile(found)
