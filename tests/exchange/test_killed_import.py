"""An import that is killed at any moment leaves what was there before or all that it brings."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from kb.store.engine import file_of
from tests.exchange import killed_imports

KILLS = 12
SCRIPT = Path(killed_imports.__file__)
STUDIES = 40


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Return a made-up file for each way in which evidence comes."""
    folder = tmp_path / "files"
    folder.mkdir()
    rows = [
        f"Made-up {n},20{n % 20:02},{n % 7 + 1},{n + 20},{n % 5 + 1},{n + 22},made-up mood,post\n"
        for n in range(STUDIES)
    ]
    table = folder / "made-up.csv"
    table.write_text("study,year,ai,n1i,ci,n2i,outcome,time\n" + "".join(rows), encoding="utf-8")
    terms = "".join(f"  - {{key: made-up-{n}, name: Made-up {n}}}\n" for n in range(5 * STUDIES))
    seeds = folder / "made-up.yaml"
    seeds.write_text(f"outcomes:\n{terms}", encoding="utf-8")
    return {"import": table, "load": seeds}


@pytest.mark.parametrize("how", ["import", "import-apart", "load"])
def test_what_is_killed_at_random_moments_was_not_or_was_wholly_done(
    how: str, begun: Engine, files: dict[str, Path]
) -> None:
    address = begun.url.render_as_string(hide_password=False)
    before = killed_imports.told(begun)
    begun.dispose()
    file = files["load" if how == "load" else "import"]
    ended = subprocess.run(
        [sys.executable, SCRIPT, how, address, file, str(KILLS), "20261121"],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    whole, *killed = [json.loads(line) for line in ended.stdout.splitlines()]

    assert whole["done"]
    assert whole["hash"] != before["hash"]
    assert len(killed) == KILLS
    assert not all(each["done"] for each in killed), "some were killed midway"
    for each in (whole, *killed):
        assert_sound(each)
        assert each["hash"] in {before["hash"], whole["hash"]}, "the old data or the new"
        assert each["hash"] == whole["hash"] or not each["done"]

    killed_imports.HOW[how.removesuffix("-apart")](begun, file)
    after = killed_imports.told(begun)
    assert_sound(after)
    assert after["hash"] == whole["hash"]
    begun.dispose()
    assert_nothing_beside(begun)


def assert_sound(found: dict[str, Any]) -> None:
    """Check that what a store says of itself is what its rows and its events say."""
    assert found["hash"] == found["rows"] == found["of the last event"]
    assert found["changes without event"] == 0


def assert_nothing_beside(engine: Engine) -> None:
    """Check that no journal or other file is left beside the file of a store."""
    file = file_of(engine)
    if file is not None:
        assert [each.name for each in file.parent.glob(f"{file.name}*")] == [file.name]
