"""Load two folders in turn into a store, each time in a process that is killed at some moment.

Called with the store's address, the two folders, a number of kills and a seed. Writes, for each
kill, whether the load was done before it, the hash that the store keeps and the hash of its rows.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from sqlalchemy import select

from kb.curation.hashing import content_hash
from kb.curation.loading import load
from kb.store.engine import open_engine, reading
from kb_schema.tables import metadata


def load_in_a_process(address: str, folder: Path, killed_after: float | None) -> bool:
    """Load a folder; return whether that was done before the process was killed."""
    child = os.fork()
    if child == 0:
        load(open_engine(address), folder)
        os._exit(0)
    if killed_after is not None:
        signal.sigtimedwait([signal.SIGCHLD], killed_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while signal.sigtimedwait([signal.SIGCHLD], 0):
        pass
    return status == 0


def told(address: str) -> tuple[str, str]:
    """Return the hash that the store keeps, and that of its rows."""
    engine = open_engine(address)
    facts = metadata.tables["store_fact"]
    with reading(engine) as connection:
        kept = connection.scalar(select(facts.c.value).where(facts.c.name == "data_hash"))
        found = str(kept), content_hash(connection)
    engine.dispose()
    return found


def main(address: str, folders: list[Path], kills: int, seed: int) -> None:
    """Kill, tell, and go on with the folder that the store does not hold."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    chosen = random.Random(seed)
    start = time.monotonic()
    load_in_a_process(address, folders[1], None)
    takes = time.monotonic() - start
    holds = 1
    for _ in range(kills):
        before, _ = told(address)
        done = load_in_a_process(address, folders[1 - holds], chosen.uniform(0, 1.3 * takes))
        kept, found = told(address)
        holds = holds if kept == before else 1 - holds
        sys.stdout.write(f"{done} {kept} {found}\n")


if __name__ == "__main__":
    main(sys.argv[1], [Path(name) for name in sys.argv[2:4]], int(sys.argv[4]), int(sys.argv[5]))
