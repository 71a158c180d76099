"""`kb search`: full text over everything."""

import shlex
from typing import Annotated

import typer

from kb_cli.options import Db, Form, Output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "search", epilog="Example: kb search self-hypnosis pain", rich_help_panel="Start here"
    )(search)


def search(
    text: Annotated[list[str], typer.Argument(help="Words to find.", metavar="WORDS")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most hits to show.")] = 20,
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Find records by their words, best first."""
    from kb.search import search as find
    from kb.store.opening import open_base
    from kb_cli.answering import answered, present
    from kb_cli.diagnostics import tell
    from kb_cli.render.search import drawn_hits

    words = " ".join(text)
    with open_base(db, tell) as base:
        hits, left_out = find(base, words)
        state = base.data
    headers = ["kind", "key", "title", "excerpt"]
    question = {"words": words, "command": shlex.join(["kb", "search", *text])}
    present(
        form,
        output,
        data=lambda: answered(question, hits[:limit], state, count=len(hits), left_out=left_out),
        drawn=lambda: drawn_hits(words, hits, limit, left_out),
        rows=lambda: (headers, [[hit[name] for name in headers] for hit in hits[:limit]]),
    )
