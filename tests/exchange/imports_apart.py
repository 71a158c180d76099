"""Import small files of every format with and without a second process, in a process of one thread.

Called with the store's address and a folder of files, each in a folder named for its format. Writes
for each what was told of it and the state of the store after it, as JSON: with no second process,
with one, and for a second run with one, which finds the studies there.
"""

import json
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from kb.curation.undoing import undo
from kb.exchange import importing, parts
from kb.exchange.apart import is_possible
from kb.exchange.importing import Import, NotReady, bring, preview
from kb.store.engine import open_engine
from tests.exchange.import_files import order, state_of
from tests.exchange.small_files import SMALL

NEVER = sys.maxsize


def ordered(form: str, file: Path) -> Import:
    """Return the order to import a small file."""
    return order(file, form, words=None, accept=True, **SMALL[form].constants)


def done(engine: Engine, form: str, file: Path, *, from_rows: int) -> dict[str, Any]:
    """Import a file; return what was told of it, and the state of the store."""
    importing.LARGE_FILE = from_rows
    wanted = ordered(form, file)
    shown = preview(engine, wanted)
    try:
        found = bring(engine, wanted)
    except NotReady as refused:
        found = refused.preview
    told = found.as_dict() | {"event": None, "seen": None}
    return {
        "event": found.event,
        "told": told,
        "shown": shown.as_dict()["records"],
        "state": state_of(engine),
    }


def main(address: str, folder: Path) -> None:
    """Import every file, and take it back again."""
    assert is_possible()
    parts.PART = 20
    engine = open_engine(address)
    for file in sorted(folder.glob("*/*")):
        form = file.parent.name
        one = done(engine, form, file, from_rows=NEVER)
        if one["event"]:
            undo(engine, one["event"], apply=True)
        two = done(engine, form, file, from_rows=0)
        told = {
            "format": form,
            "one": one,
            "two": two,
            "again": done(engine, form, file, from_rows=NEVER),
            "apart again": done(engine, form, file, from_rows=0),
        }
        sys.stdout.write(json.dumps(told) + "\n")
        if two["event"]:
            undo(engine, two["event"], apply=True)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
