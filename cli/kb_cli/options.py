"""The options that commands share, declared once."""

from collections.abc import Callable
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from kb.facets import FACETS, Facet
from kb_cli.completion import values_of
from kb_cli.output import Format

_PANELS = {
    "studies": ("design", "cancer", "country", "year", "n", "study", "text"),
    "what was given": ("approach", "component", "delivery", "mode", "facilitator", "comparator"),
    "what was measured": ("outcome", "instrument"),
    "what reviews include": ("review", "status"),
    "voices and implementation": ("theme", "construct", "domain", "valence"),
}
_ALSO_CALLED = {("strategies", "construct"): ["--for"]}
"""Further names of a facet's option where a subject reads better with them."""

Db = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="PATH|URL",
        help="Store: an SQLite file or a PostgreSQL URL; else KB_DATABASE_URL, else your own.",
        rich_help_panel="Store and output",
    ),
]
Form = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar="|".join(Format),
        help="Form of the answer; a table unless --output says.",
        rich_help_panel="Store and output",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to a file.",
        rich_help_panel="Store and output",
    ),
]
Sources = Annotated[
    bool,
    typer.Option(
        "--sources",
        metavar="",
        help="Show the passage behind every row.",
        rich_help_panel="Store and output",
    ),
]


def with_facets(command: Callable[..., None], subject: str) -> Callable[..., None]:
    """Give a command the options of all facets; it receives their values in `facets`.

    Its own options keep their defaults.
    """

    def run(**given: Any) -> None:
        facets = {name: given.pop(_parameter(name)) or [] for name in FACETS}
        command(facets={name: values for name, values in facets.items() if values}, **given)

    own = [p for p in signature(command).parameters.values() if p.name != "facets"]
    parameters = [
        *(_facet_parameter(facet, subject) for facet in FACETS.values()),
        *(p.replace(kind=Parameter.KEYWORD_ONLY) for p in own),
    ]
    run.__name__ = subject
    run.__doc__ = command.__doc__
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


def _parameter(facet: str) -> str:
    return f"facet_{facet}"


def _facet_parameter(facet: Facet, subject: str) -> Parameter:
    panel = next(name for name, facets in _PANELS.items() if facet.name in facets)
    option = typer.Option(
        f"--{facet.name}",
        *_ALSO_CALLED.get((subject, facet.name), []),
        metavar=facet.example.upper() if facet.is_range else "VALUE",
        help=f"{facet.help} For example {facet.example}.",
        autocompletion=values_of(facet.name),
        rich_help_panel=f"Narrow by {panel}",
        show_default=False,
    )
    return Parameter(
        _parameter(facet.name),
        Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[list[str] | None, option],
    )
