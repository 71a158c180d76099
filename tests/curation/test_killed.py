"""A load that is killed at any moment leaves what was there before or all that it brings."""

import shutil
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from kb.store.engine import reading
from kb_schema.tables import metadata
from tests.curation.conftest import Own

KILLS = 25
SCRIPT = Path(__file__).with_name("killed_loads.py")


def test_load_that_is_killed_at_random_moments(own: Own, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(own.folder, other)
    edited = (other / "study.yaml").read_text("utf-8").replace("estimate: 1.06", "estimate: 1.07")
    (other / "study.yaml").write_text(edited, encoding="utf-8")
    terms = "".join(f"  - {{key: made-up-{n}, name: Made-up term {n}}}\n" for n in range(300))
    for folder, note in ((own.folder, "one"), (other, "two")):
        text = terms.replace("name: Made-up", f"note: {note}, name: Made-up")
        (folder / "terms.yaml").write_text(f"outcomes:\n{text}", encoding="utf-8")
    own.load()
    first = own.hash()
    own.load(other)
    second = own.hash()
    address = own.engine.url.render_as_string(hide_password=False)
    own.engine.dispose()

    ended = subprocess.run(
        [sys.executable, SCRIPT, address, own.folder, other, str(KILLS), "20260101"],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [line.split() for line in ended.stdout.splitlines()]

    assert len(lines) == KILLS
    assert all(kept == found for _, kept, found in lines), "the store knows what it holds"
    assert {kept for _, kept, _ in lines} <= {first, second}, "the old data or the new"
    assert "False" in {done for done, _, _ in lines}, "some were killed midway"
    own.load(other)
    assert own.load() != []
    assert own.load() == []
    assert own.hash() == first == own.facts()["data_hash"]


def test_events_tell_of_every_load_that_was_done(own: Own) -> None:
    """What is told of a load is in its transaction."""
    event, change = metadata.tables["event"], metadata.tables["record_change"]
    own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
    own.load()
    with reading(own.engine) as connection:
        hashes = list(connection.scalars(select(event.c.data_hash).order_by(event.c.id)))
        changes = connection.scalar(select(func.count()).select_from(change))

    assert hashes[-1] == own.hash()
    assert (len(hashes), changes) == (2, 1)
