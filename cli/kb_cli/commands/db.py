"""`kb db`: look after the store."""

from pathlib import Path
from typing import Annotated

import typer

from kb_cli.options import Db

group = typer.Typer(no_args_is_help=True, help="Look after the store.")


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="db", rich_help_panel="Keeping the store")


@group.command(epilog="Example: kb db status")
def status(db: Db = None) -> None:
    """Say which store is used, whether it is there, and which version its tables are."""
    from kb.store.opening import state_of
    from kb_cli.output import draw
    from kb_cli.render.parts import listing

    state = state_of(db)
    draw([listing(["what", "value"], [[name, str(value)] for name, value in state.items()])])


@group.command(epilog="Example: kb db upgrade")
def upgrade(db: Db = None) -> None:
    """Bring the tables to this version; an SQLite store is backed up first."""
    from kb.store.keeping import upgrade_store
    from kb_cli.output import write

    write(upgrade_store(db))


@group.command(epilog="Example: kb db downgrade r0001")
def downgrade(
    revision: Annotated[str, typer.Argument(help="Revision to go back to, such as r0001.")],
    db: Db = None,
) -> None:
    """Take the tables back to an older version; an SQLite store is backed up first."""
    from kb.store.keeping import downgrade_store
    from kb_cli.output import write

    write(downgrade_store(db, revision))


@group.command(epilog="Example: kb db backup before-my-edit.sqlite")
def backup(
    target: Annotated[
        Path | None, typer.Argument(help="File to write; beside the store, if none is named.")
    ] = None,
    db: Db = None,
) -> None:
    """Copy the store to a file."""
    from kb.store.backup import backup as copy
    from kb.store.keeping import existing
    from kb_cli.output import write

    with existing(db) as engine:
        write(f"backed up to {copy(engine, target)}")


@group.command(epilog="Example: kb db restore before-my-edit.sqlite --yes")
def restore(
    source: Annotated[Path, typer.Argument(help="The backup to put back.")],
    yes: Annotated[bool, typer.Option("--yes", metavar="", help="Do not ask.")] = False,
    db: Db = None,
) -> None:
    """Put a backup in the place of the store."""
    from kb.store.keeping import restore_store
    from kb_cli.output import write

    _confirm(f"Replace the store by {source}?", yes=yes)
    write(restore_store(db, source))


@group.command(epilog="Example: kb db reset --yes")
def reset(
    yes: Annotated[bool, typer.Option("--yes", metavar="", help="Do not ask.")] = False,
    db: Db = None,
) -> None:
    """Make the store anew from the evidence shipped; what was added to it is lost."""
    from kb.store.keeping import reset_store
    from kb_cli.diagnostics import tell
    from kb_cli.output import write

    _confirm("Make the store anew and lose what was added to it?", yes=yes)
    write(reset_store(db, tell))


def _confirm(question: str, *, yes: bool) -> None:
    import sys

    from kb.errors import KbError

    if yes:
        return
    if not sys.stdin.isatty():
        raise KbError("This replaces the store.", "Say --yes to go on without being asked.")
    typer.confirm(question, abort=True)
