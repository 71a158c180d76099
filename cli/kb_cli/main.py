"""The command `kb`."""

import sys
from typing import Annotated

import typer

from kb.errors import KbError
from kb_cli.commands import (
    add,
    agree,
    ask,
    asking,
    audit,
    brief,
    cerqual,
    check,
    compare,
    db,
    diff,
    export,
    gaps,
    history,
    import_,
    info,
    load,
    multiverse,
    pool,
    replay,
    schema,
    search,
    sensitivity,
    show,
    sof,
    summary,
    template,
    terms,
    trace,
    undo,
)
from kb_cli.diagnostics import ExitCode, complain, correct, tell
from kb_cli.streams import prepare

_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""Typer has its own copy of this class in some releases, and Click's in others."""

app = typer.Typer(
    name="kb",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from kb import __version__

        typer.echo(f"kb {__version__}")
        raise typer.Exit


@app.callback(epilog='Start with: kb ask "which RCTs measured pain with SEGT?"')
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", metavar="", callback=_version, is_eager=True, help="Show the version."
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", metavar="", help="Show where in the program an error arose."),
    ] = False,
) -> None:
    """Question the evidence on psychological interventions and professionally led support groups
    for advanced and metastatic cancer: trials, effects, themes and barriers, each with its source.
    """


for module in (
    ask,
    asking,
    compare,
    brief,
    gaps,
    pool,
    sof,
    cerqual,
    sensitivity,
    multiverse,
    replay,
    show,
    search,
    summary,
    trace,
    audit,
    terms,
    info,
    export,
    add,
    check,
    load,
    template,
    agree,
    import_,
    undo,
    history,
    schema,
    db,
    diff,
):
    module.register(app)


def main() -> None:
    """Run the command line; errors become one sentence on what is wrong and one on what to do."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    prepare()
    sys.exit(_run(arguments, debug=len(arguments) < len(sys.argv) - 1))


def _run(arguments: list[str], *, debug: bool) -> int:
    try:
        code = app(args=arguments, prog_name="kb", standalone_mode=False) or ExitCode.OK
    except _UsageError as error:
        correct(error)
        return ExitCode.USAGE
    except typer.Abort:
        tell("left as it was")
        return ExitCode.FAILED
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except KbError as error:
        if debug:
            raise
        complain(error)
        return ExitCode.FAILED
    except Exception as error:
        if debug:
            raise
        tell(
            f"something unforeseen went wrong: {type(error).__name__}: {error}",
            "Run the same with --debug to see where, and please report it.",
        )
        return ExitCode.FAILED
    if code == ExitCode.INTERRUPTED:
        tell("interrupted; nothing was half-written")
    return int(code)
