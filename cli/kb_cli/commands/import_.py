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
    from kb.exchange.formats import Format
    from kb.exchange.importing import Import, NotReady
    from kb.exchange.preview import Preview


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "import",
        epilog="Example: kb import database.csv --as metapsy --set outcome=pain",
        rich_help_panel="Exchange",
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
    from kb.errors import KbError
    from kb.exchange.importing import Import, bring, preview
    from kb.store.opening import open_store, options_for
    from kb_cli.diagnostics import complain, tell
    from kb_cli.progress import waiting

    given = dict(_constant(text) for text in constants or ())
    files = list(_files(path, form_of_file, given.get("sheet")))
    if len(files) > 1 and (name or write_words or seen or form or output):
        raise typer.BadParameter(
            "--name, --write-words, --seen, --format and --output are for one file at a time"
        )
    asked = [
        *(part for text in constants or () for part in ("--set", text)),
        *(["--as", form_of_file] if form_of_file else []),
        *(["--name", name] if name else []),
        *(["--words", str(words)] if words else []),
        *(["--new-terms"] if new_terms else []),
        *shlex.split(options_for(db)),
    ]
    unfit = []
    with open_store(db, tell) as engine:
        look = partial(bring, engine, seen=seen) if apply else partial(preview, engine)
        for file, known in files:
            try:
                with waiting(f"reading {file.name}"):
                    reading = known.reader()(file, given)
                order = Import(file, known, reading, name, words, new_terms)
                found, refusal = _tried(order, look)
            except KbError as error:
                if not path.is_dir():
                    raise
                complain(error)
                unfit.append(file.name)
                continue
            if write_words:
                _write_words(found, write_words)
            command = _visible(shlex.join(["kb", "import", str(file.path), *asked]))
            _show(found, form, output, command=command, every=every)
            if refusal:
                complain(refusal)
            if not found.is_ready:
                unfit.append(file.name)
    if unfit:
        raise typer.Exit(ExitCode.FAILED)


def _visible(command: str) -> str:
    """Return a command without signs that a terminal would act upon, as names of files may have."""
    return "".join(sign if sign.isprintable() else "?" for sign in command)


def _constant(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (sign and name.strip() and value.strip()):
        raise typer.BadParameter(f"'{text}' is not NAME=VALUE", param_hint="--set")
    return name.strip(), value.strip()


def _files(
    path: Path, form: str | None, sheet: str | None
) -> Iterator[tuple["ForeignFile", "Format"]]:
    """Yield a file, or those of a folder that can be imported, each with its format."""
    from kb.errors import KbError
    from kb.exchange.files import open_file
    from kb.exchange.formats import format_named, format_of
    from kb.exchange.own_exports import OwnExport
    from kb_cli.diagnostics import tell

    known = format_named(form) if form else None
    if not path.is_dir():
        file = open_file(path)
        yield file, known or format_of(file, sheet)
        return
    found, own = False, None
    for place in sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith(".")):
        try:
            if known and place.suffix.lower() not in known.endings:
                tell(f"left out: {place.name} does not end in {' or '.join(known.endings)}.")
                continue
            file = open_file(place)
            fitting = known or format_of(file, sheet)
        except KbError as error:
            own = error if isinstance(error, OwnExport) else own
            tell(f"left out: {error.problem}")
            continue
        found = True
        yield file, fitting
    if not found:
        nothing = f"There is no file in {path} that can be imported."
        seeds = next(path.rglob("*.yaml"), None)
        raise own or KbError(
            nothing, "`kb load` loads seed files." if seeds else "Name one with --as."
        )


def _tried(order: "Import", look: Callable[..., "Preview"]) -> tuple["Preview", "NotReady | None"]:
    """Return the preview or what was done; why it was not, where it was to be done."""
    from kb.exchange.importing import NotReady
    from kb.exchange.words import WordProblems
    from kb_cli.output import write
    from kb_cli.progress import counting

    try:
        with counting(order.reading.rows, order.file.name) as progress:
            return look(order=order, progress=progress), None
    except NotReady as error:
        return error.preview, error
    except WordProblems as error:
        write("\n".join(map(str, error.problems)))
        raise


def _write_words(found: "Preview", path: Path) -> None:
    from kb.exchange.words import words_file
    from kb_cli.diagnostics import tell
    from kb_cli.output import write

    ends = {**dict.fromkeys(sorted(found.undirected)), **found.ends}
    write(words_file(found.unknown, found.file, ends), path)
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
