"""Write a migration from the difference between the models and the revisions.

`revision.py "what changes"` writes a new revision. `revision.py --tables` writes the first one
anew, which is right only while nothing is released.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.operations.ops import DropTableOp, MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import Script

import kb_migrations
from kb.store.engine import open_engine
from kb.store.migrate import config_for, migrating, upgrade
from kb_migrations import REVISIONS

PACKAGE = Path(kb_migrations.__path__[0])


def new_revision(message: str) -> Path:
    """Write the revision that follows the newest."""
    engine = open_engine("sqlite://")
    upgrade(engine)
    with migrating(engine) as connection:
        return _write(config_for(connection), f"r{len(REVISIONS) + 1:04}", message)


def first_revision() -> Path:
    """Write the first revision as if the models had never had another form."""
    with tempfile.TemporaryDirectory() as folder, migrating(open_engine("sqlite://")) as connection:
        for name in ("env.py", "script.py.mako"):
            shutil.copy(PACKAGE / name, folder)
        (Path(folder) / "versions").mkdir()
        config = config_for(connection)
        config.set_main_option("script_location", folder)
        written = _write(config, "r0001", "The tables of the evidence base", tidy=_tables_only)
        return Path(shutil.move(written, PACKAGE / "versions" / "r0001_tables.py"))


def _write(config: Config, revision: str, message: str, tidy: Any = None) -> Path:
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    script = command.revision(
        config, message, autogenerate=True, rev_id=revision, process_revision_directives=tidy
    )
    assert isinstance(script, Script)
    return Path(script.path)


def _tables_only(
    context: MigrationContext, _revision: Any, scripts: Iterable[MigrationScript]
) -> None:
    context.opts["render_as_batch"] = False  # nothing is there yet that would need rebuilding
    for script in scripts:
        assert script.downgrade_ops is not None
        operations = script.downgrade_ops.ops
        operations[:] = [op for op in operations if isinstance(op, DropTableOp)]


def main(arguments: list[str]) -> int:
    """Write what is asked for, and format it."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    path = first_revision() if arguments == ["--tables"] else new_revision(arguments[0])
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ###" not in line), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)
    print(f"Wrote {path.name}. Read it; if it is new, name it in kb_migrations.REVISIONS.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
