"""`kb schema`: the JSON Schema of seed files, and the model as a diagram."""

from typing import Annotated

import typer

from kb_cli.options import Output

_DIAGRAMS = ("mermaid", "graphml")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "schema", epilog="Example: kb schema --output seeds.schema.json", rich_help_panel="Curating"
    )(schema)


def schema(
    diagram: Annotated[
        str | None,
        typer.Option(
            "--diagram",
            metavar="|".join(_DIAGRAMS),
            help="Print the tables and their references as a diagram instead.",
            autocompletion=lambda: list(_DIAGRAMS),
        ),
    ] = None,
    output: Output = None,
) -> None:
    """Print the JSON Schema of seed files, with which editors complete and check."""
    from kb_cli.output import as_json, write

    if diagram is not None:
        from kb.exchange.writers.diagram import drawn

        write(drawn(diagram), output)
        return
    from kb.curation.checking import shipped_keys
    from kb.curation.jsonschema import json_schema

    write(as_json(json_schema(shipped_keys())), output)
