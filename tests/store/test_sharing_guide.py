"""The guide to a shared store: its commands are run, from top to bottom, on a real server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from kb_schema.tables import metadata
from tests.conftest import server_programs

GUIDE = Path(__file__).parents[2] / "docs" / "sharing.md"
SERVER = "db.example.org"
DATABASES = ("evidence", "restored", "moved")
ROLES = ("anna", "reader", "kb_curators", "kb_readers", "kb_owner")


@pytest.fixture
def session(postgres_url: str, tmp_path: Path) -> Iterator[subprocess.CompletedProcess[str]]:
    """Return what the commands of the guide said, run as one session of a shell."""
    url = make_url(postgres_url)
    blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    programs = [str(Path(sys.executable).parent), str(server_programs()), os.environ["PATH"]]
    yield subprocess.run(
        ["bash", "-eu"],
        input="".join(blocks).replace(SERVER, str(url.host)),
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": os.pathsep.join(programs),
            "PGPORT": str(url.port),
            "PGUSER": str(url.username),
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    with psycopg.connect(postgres_url, autocommit=True) as server:
        for name in DATABASES:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        for name in ROLES:
            server.execute(f"DROP ROLE IF EXISTS {name}".encode())


def test_commands_of_the_guide_do_what_it_says(
    session: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    assert session.returncode == 0, session.stderr
    assert session.stdout.count("Every row of evidence is the same") == 2
    assert "+ added outcome made-up-mood" in session.stdout
    assert re.search(r"Anna \(anna\) +load of mood\.yaml +1 added", session.stdout)
    assert "is at r" in session.stdout, "the tables were the newest already"
    assert (tmp_path / "copy.sqlite").exists()


def test_all_commands_of_the_guide_are_run() -> None:
    languages = re.findall(r"^```(\w+)$", GUIDE.read_text("utf-8"), re.MULTILINE)

    assert set(languages) == {"sh", "text"}
    assert languages.count("text") == 1


def test_few_keys_of_what_belongs_to_a_study_hold_the_study() -> None:
    """On this rests what the guide says of several nodes."""
    held = [table for table in metadata.tables.values() if "study_key" in table.c]
    keyed = {table.name for table in held if "study_key" in table.primary_key.columns}

    assert len(held) == 16, "the guide says sixteen"
    assert keyed == {"study_country", "study_cancer", "study_report"}
    assert not {"contrast", "arm_result", "finding", "survival_time"} & {t.name for t in held}
