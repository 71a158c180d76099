"""`kb search`: full text over everything."""

from typing import Annotated

import typer

from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "search", epilog="Example: kb search self-hypnosis pain", rich_help_panel="Start here"
    )(search)


def search(
    text: Annotated[list[str], typer.Argument(help="Words to find.", metavar="WORDS...")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most hits to show.")] = 20,
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Find records by their words, best first."""
    from kb.search import search as find
    from kb.store.opening import open_base
    from kb_cli.diagnostics import tell
    from kb_cli.output import Format, as_csv, as_json, as_markdown, chosen, draw, write

    words = " ".join(text)
    with open_base(db, tell) as base:
        hits, left_out = find(base, words)
        data = base.data.as_dict()
    form = chosen(form, output)
    if form is Format.JSON:
        told = [item.as_dict() for item in left_out]
        found = {"question": {"words": words}, "answer": hits[:limit], "count": len(hits)}
        write(as_json({**found, "left_out": told, "notes": [], "data": data}), output)
    elif form is Format.TABLE:
        from kb_cli.render.search import drawn_hits

        draw(drawn_hits(words, hits, limit, left_out), output)
    else:
        headers = ["kind", "key", "title", "excerpt"]
        rows = [[hit[name] for name in headers] for hit in hits[:limit]]
        write((as_csv if form is Format.CSV else as_markdown)(headers, rows), output)
