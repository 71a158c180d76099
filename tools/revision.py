"""Write a migration from the difference between the models and the revisions.

`revision.py "what changes"` writes a new revision.
"""

import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.script import Script

from kb.store.engine import open_engine
from kb.store.migrate import config_for, migrating, upgrade
from kb_migrations import REVISIONS


def new_revision(message: str) -> Path:
    """Write the revision that follows the newest."""
    engine = open_engine("sqlite://")
    upgrade(engine)
    with migrating(engine) as connection:
        config = config_for(connection)
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        name = f"r{len(REVISIONS) + 1:04}"
        script = command.revision(config, message, autogenerate=True, rev_id=name)
    assert isinstance(script, Script)
    return Path(script.path)


def main(arguments: list[str]) -> int:
    """Write what is asked for, and format it."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    path = new_revision(arguments[0])
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ###" not in line), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)
    print(f"Wrote {path.name}. Read it; if it is new, name it in kb_migrations.REVISIONS.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
