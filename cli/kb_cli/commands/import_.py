"""`kb import`: bring what a file in an outside format says into the store."""

import shlex
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb_cli.diagnostics import ExitCode
from kb_cli.options import Db, Form, Output

if TYPE_CHECKING:
    from kb.exchange.files import ForeignFile
    from kb.exchange.importing import Import
    from kb.exchange.preview import Preview


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "import",
        epilog="Example: kb import database.csv --as metapsy --set outcome=pain",
        rich_help_panel="Curating",
    )(import_)


def import_(
    path: Annotated[Path, typer.Argument(help="A file, or a folder of them.")],
    form_of_file: Annotated[
        str | None,
        typer.Option("--as", metavar="FORMAT", help="Format of the file, where it does not show."),
    ] = None,
    constants: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A value for a column that the file lacks, such as outcome=pain or design=rct.",
        ),
    ] = None,
    name: Annotated[
        str,
        typer.Option("--name", metavar="SLUG", help="What keys begin with; else the file's name."),
    ] = "",
    words: Annotated[
        Path | None,
        typer.Option("--words", metavar="FILE", help="What you decided the file's words to mean."),
    ] = None,
    write_words: Annotated[
        Path | None,
        typer.Option(
            "--write-words", metavar="FILE", help="Write a file of the words to decide on."
        ),
    ] = None,
    new_terms: Annotated[
        bool,
        typer.Option("--new-terms", metavar="", help="Take every unknown word for a new term."),
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", metavar="", help="Import it: all of it, or nothing.")
    ] = False,
    seen: Annotated[
        str | None,
        typer.Option(
            "--seen", metavar="WORD", help="Only if the store is as the preview with this word saw."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", metavar="", help="Show every warning, word and match.")
    ] = False,
    form: Form = None,
    output: Output = None,
    db: Db = None,
) -> None:
    """Show what a file would bring into the store; import it with --apply.

    Words that the store does not know are never taken for terms unless you say so: write them to a
    file with --write-words, decide, and give it with --words.
    """
    from kb.exchange.formats import format_named, format_of
    from kb.exchange.importing import Import, bring, preview
    from kb.store.opening import open_store
    from kb_cli.diagnostics import tell

    given = dict(_constant(text) for text in constants or ())
    files = list(_files(path))
    if len(files) > 1 and (name or write_words or form or output):
        raise typer.BadParameter(
            "--name, --write-words, --format and --output are for one file at a time"
        )
    asked = [
        *(part for text in constants or () for part in ("--set", text)),
        *(["--as", form_of_file] if form_of_file else []),
        *(["--name", name] if name else []),
        *(["--words", str(words)] if words else []),
        *(["--new-terms"] if new_terms else []),
        *(["--db", db] if db else []),
    ]
    fine = True
    with open_store(db, tell) as engine:
        for file in files:
            known = format_named(form_of_file) if form_of_file else format_of(file)
            reading = known.reader()(file, given)
            order = Import(file, known, reading, name, words, new_terms)
            look = partial(bring, engine, seen=seen) if apply else partial(preview, engine)
            found = _tried(order, look)
            if write_words:
                _write_words(found, write_words)
            command = shlex.join(["kb", "import", str(file.path), *asked])
            _show(found, form, output, command=command, every=every)
            fine &= found.is_ready
            if apply and not fine:
                break
    if not fine:
        raise typer.Exit(ExitCode.FAILED)


def _constant(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (sign and name.strip() and value.strip()):
        raise typer.BadParameter(f"'{text}' is not NAME=VALUE", param_hint="--set")
    return name.strip(), value.strip()


def _files(path: Path) -> Iterator["ForeignFile"]:
    from kb.errors import KbError
    from kb.exchange.files import open_file

    if not path.is_dir():
        yield open_file(path)
        return
    inside = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    if not inside:
        raise KbError(f"There are no files in {path}.", "Name a file, or a folder of them.")
    yield from map(open_file, inside)


def _tried(order: "Import", look: Callable[..., "Preview"]) -> "Preview":
    """Return the preview, or what was done; say why it was not where that is so."""
    from kb.exchange.importing import NotReady
    from kb_cli.diagnostics import complain
    from kb_cli.progress import counting

    try:
        with counting(order.reading.rows, order.file.name) as progress:
            return look(order=order, progress=progress)
    except NotReady as error:
        complain(error)
        return error.preview


def _write_words(found: "Preview", path: Path) -> None:
    from kb.exchange.words import words_file
    from kb_cli.diagnostics import tell
    from kb_cli.output import write

    write(words_file(found.unknown, found.file), path)
    tell(f"wrote the words of {found.file} to {path}")


def _show(found: "Preview", form: Form, output: Output, *, command: str, every: bool) -> None:
    from kb_cli.answering import present
    from kb_cli.render.importing import drawn_import, flat_import

    present(
        form,
        output,
        data=found.as_dict,
        drawn=lambda: list(drawn_import(found, command=command, every=every)),
        rows=lambda: flat_import(found),
    )
