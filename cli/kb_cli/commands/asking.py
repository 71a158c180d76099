"""The commands that list one subject each, narrowed by facets."""

from collections.abc import Callable
from pathlib import Path

import typer

from kb_cli.answering import present_answer
from kb_cli.options import Db, Form, Output, Sources, with_facets
from kb_cli.output import Format

_COMMANDS = {
    "studies": (
        "List studies (not reports), with what they measured where --outcome asks.",
        "kb studies --design rct --outcome pain --approach segt",
        "Evidence",
    ),
    "results": (
        "List results: findings, contrasts and values by arm.",
        "kb results --outcome survival --approach segt --sources",
        "Evidence",
    ),
    "interventions": (
        "List interventions: approach, dose, leaders (TIDieR).",
        "kb interventions --delivery group --facilitator social-worker",
        "Evidence",
    ),
    "outcomes": (
        "List what was measured, in how many studies.",
        "kb outcomes --approach cbt",
        "Evidence",
    ),
    "instruments": (
        "List instruments and the studies that used them.",
        "kb instruments --outcome mood",
        "Evidence",
    ),
    "reviews": (
        "List reviews, what they include and pooled.",
        "kb reviews --outcome survival",
        "Evidence",
    ),
    "barriers": (
        "List barriers to running a group, by CFIR 2.0 construct.",
        "kb barriers --domain individuals",
        "Implementation",
    ),
    "facilitators": (
        "List what helped to run a group, by CFIR 2.0 construct.",
        'kb facilitators --construct "facilitator skills"',
        "Implementation",
    ),
    "factors": (
        "List barriers and facilitators together.",
        "kb factors --construct funding",
        "Implementation",
    ),
    "strategies": (
        "List implementation strategies; with --for, those that fit a barrier's construct.",
        "kb strategies --for adaptability",
        "Implementation",
    ),
    "themes": (
        "List qualitative themes and whose voice they are.",
        "kb themes --theme existential-support",
        "Implementation",
    ),
}


def register(app: typer.Typer) -> None:
    """Add a command for each subject."""
    for subject, (help_text, example, panel) in _COMMANDS.items():
        app.command(
            subject,
            help=help_text,
            epilog=f"Example: {example}",
            rich_help_panel=panel,
            no_args_is_help=False,
        )(with_facets(_asker(subject), subject))


def _asker(subject: str) -> Callable[..., None]:
    def ask(
        facets: dict[str, list[str]],
        form: Form = None,
        output: Output = None,
        sources: Sources = False,
        db: Db = None,
    ) -> None:
        _ask(subject, facets, form, output, sources, db)

    return ask


def _ask(
    subject: str,
    facets: dict[str, list[str]],
    form: Format | None,
    output: Path | None,
    sources: bool,
    db: str | None,
) -> None:
    from kb.store.opening import open_base
    from kb_cli.diagnostics import tell

    with open_base(db, tell) as base:
        found = base.answer(base.question(subject, **facets))
    present_answer(found, form, output, sources=sources)
