"""Bring a file into a store again and again, each time in a process that is killed at some moment.

Called with what to do (`import`, `import-apart` or `load`), the store's address, a file, a number
of kills and a seed. What was done is undone, so that each time begins with the same store. Writes,
for each kill, whether the process had ended before it and what the store then is: its state,
whether the state is what its rows give, and whether events and rows agree.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from kb.curation.hashing import content_hash
from kb.curation.loading import load
from kb.curation.undoing import undo
from kb.exchange import apart, importing
from kb.exchange.files import open_file
from kb.exchange.formats import format_of
from kb.exchange.importing import Import, bring
from kb.store.engine import open_engine, reading
from kb_schema.tables import metadata


def import_file(engine: Engine, path: Path) -> None:
    """Import a file, every unknown word as a new term."""
    file = open_file(path)
    form = format_of(file)
    constants = {"approach": "made-up group", "comparator": "usual care"}
    bring(engine, Import(file, form, form.reader()(file, constants), accept=True))


def import_apart(engine: Engine, path: Path) -> None:
    """Import a file that a second process reads, as large ones are."""
    importing.LARGE_FILE = 0
    assert apart.is_possible()
    import_file(engine, path)


def load_file(engine: Engine, path: Path) -> None:
    """Load a seed file."""
    load(engine, path)


HOW: dict[str, Callable[[Engine, Path], None]] = {
    "import": import_file,
    "import-apart": import_apart,
    "load": load_file,
}


def in_a_process(bring_in: Callable[[], None], killed_after: float | None) -> bool:
    """Run something in a process of its own; return whether it ended before it was killed."""
    child = os.fork()
    if child == 0:
        bring_in()
        os._exit(0)
    if killed_after is not None:
        signal.sigtimedwait([signal.SIGCHLD], killed_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while signal.sigtimedwait([signal.SIGCHLD], 0):
        pass
    return status == 0


def told(engine: Engine) -> dict[str, Any]:
    """Return what a store says of itself, and what its rows say."""
    facts, event = metadata.tables["store_fact"], metadata.tables["event"]
    change = metadata.tables["record_change"]
    with reading(engine) as connection:
        kept = connection.scalar(select(facts.c.value).where(facts.c.name == "data_hash"))
        last = connection.execute(select(event).order_by(event.c.id.desc()).limit(1)).one()
        without = select(func.count()).where(change.c.event_id.not_in(select(event.c.id)))
        return {
            "hash": kept,
            "rows": content_hash(connection),
            "of the last event": last.data_hash,
            "event": last.id,
            "changes without event": connection.scalar(without),
        }


def main(how: str, address: str, path: Path, kills: int, seed: int) -> None:
    """Measure how long it takes; then kill, tell, and take back what was done."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    chosen = random.Random(seed)

    def bring_in() -> None:
        HOW[how](open_engine(address), path)

    start = time.monotonic()
    done = in_a_process(bring_in, None)
    takes = time.monotonic() - start
    engine = open_engine(address)
    found = told(engine)
    sys.stdout.write(json.dumps({"done": done, **found}) + "\n")
    undo(engine, found["event"], apply=True)
    before = told(engine)["event"]
    for number in range(kills):
        engine.dispose()
        moment = takes * (number + chosen.random()) / kills
        done = in_a_process(bring_in, moment)
        found = told(engine)
        sys.stdout.write(json.dumps({"done": done, **found}) + "\n")
        if found["event"] != before:
            undo(engine, found["event"], apply=True)
            before = told(engine)["event"]
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
