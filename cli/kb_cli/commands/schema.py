"""`kb schema`: the JSON Schema of seed files."""

import typer

from kb_cli.options import Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "schema", epilog="Example: kb schema --output seeds.schema.json", rich_help_panel="Curating"
    )(schema)


def schema(output: Output = None) -> None:
    """Print the JSON Schema of seed files, with which editors complete and check."""
    from kb.curation.checking import shipped_keys
    from kb.curation.jsonschema import json_schema
    from kb_cli.output import as_json, write

    write(as_json(json_schema(shipped_keys())), output)
