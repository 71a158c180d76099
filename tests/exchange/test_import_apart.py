"""A large file is read by a second process; what comes of it is what one process makes of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.exchange import imports_apart
from tests.exchange.small_files import SMALL

SCRIPT = Path(imports_apart.__file__)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere one process does all")
def test_two_processes_bring_what_one_does(begun: Engine, tmp_path: Path) -> None:
    for form, small in SMALL.items():
        file = tmp_path / form / small.name
        file.parent.mkdir()
        file.write_bytes(small.content)
    address = begun.url.render_as_string(hide_password=False)
    begun.dispose()
    ended = subprocess.run(
        [sys.executable, SCRIPT, address, tmp_path],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    found = {each["format"]: each for each in map(json.loads, ended.stdout.splitlines())}
    assert found.keys() == SMALL.keys()
    for each in found.values():
        assert each["two"]["told"] == each["one"]["told"]
        assert each["two"]["state"] == each["one"]["state"]
        assert each["apart again"]["told"] == each["again"]["told"], "with questions to the store"
        for run in ("two", "apart again"):
            assert each[run]["shown"] == each[run]["told"]["records"], "of the same reading"
        assert each["apart again"]["state"] == each["two"]["state"]
        assert each["two"]["event"], "it was imported"
