"""The command `kb`."""

import sys
from typing import Annotated

import typer

from kb.errors import KbError
from kb_cli.commands import (
    ask,
    asking,
    check,
    db,
    info,
    load,
    schema,
    search,
    show,
    summary,
    terms,
    trace,
)
from kb_cli.diagnostics import ExitCode, complain, tell

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
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the program an error arose.")
    ] = False,
) -> None:
    """Question the evidence on psychological interventions and professionally led support groups
    for advanced and metastatic cancer: trials, effects, themes and barriers, each with its source.
    """


for module in (ask, asking, show, search, summary, trace, terms, info, check, load, schema, db):
    module.register(app)


def main() -> None:
    """Run the command line; errors become one sentence on what is wrong and one on what to do."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app(args=arguments, prog_name="kb")
    except KbError as error:
        if debug:
            raise
        complain(error)
        sys.exit(ExitCode.FAILED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(ExitCode.OK)
    except KeyboardInterrupt:
        tell("interrupted; nothing was half-written")
        sys.exit(ExitCode.INTERRUPTED)
    except Exception as error:
        if debug:
            raise
        tell(f"something unforeseen went wrong: {type(error).__name__}: {error}")
        tell("run the same with --debug to see where, and please report it")
        sys.exit(ExitCode.FAILED)
