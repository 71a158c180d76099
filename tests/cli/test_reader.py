"""A user of a server who may only read can ask everything, and is told who may write."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from kb_cli.main import app
from tests.cli.conftest import SEEDS, Runner

ALIKE = (
    'ask "which RCTs measured pain with SEGT?"',
    "audit --review li-2024",
    "barriers",
    "brief --approach segt",
    "cerqual",
    "compare segt cbt",
    "export --as csl-json",
    "facilitators",
    "factors --domain inner-setting",
    "gaps",
    "instruments",
    "interventions",
    "multiverse --outcome survival --approach segt",
    "outcomes",
    "pool --outcome survival --approach segt",
    "results --outcome pain --sources",
    "reviews",
    "sensitivity --outcome survival --approach segt",
    "show goodwin-2001",
    "sof --outcome survival --approach segt",
    "strategies --for funding",
    "studies --text hypnosis",
    "summary",
    "terms approach",
    "themes",
    "trace goodwin-2001/survival",
)
"""Questions that a server answers to the letter as a file does."""

OTHERWISE = (
    "db status",
    "history",
    "info",
    f"load {SEEDS} --dry-run",
    "search hypnosis",
)
"""What names the store, when it was loaded, or a rank; and previews."""

REFUSED = ("load", "db reset --yes", "db downgrade r0001")
"""What writes."""

ELSEWHERE = {"add", "agree", "check", "diff", "import", "replay", "schema", "template", "undo"}
"""Commands that ask no store, or have a test of their own here."""


@pytest.fixture(scope="session")
def reader(shipped_on_postgres: str) -> Iterator[str]:
    """Return the URL of the evidence shipped for a user who may only read it."""
    url = make_url(shipped_on_postgres)
    with psycopg.connect(shipped_on_postgres, autocommit=True) as server:
        server.execute("CREATE ROLE onlooker LOGIN")
        server.execute("GRANT USAGE ON SCHEMA public TO onlooker")
        server.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlooker")
        yield url.set(username="onlooker", password="secret").render_as_string(hide_password=False)
        server.execute("DROP OWNED BY onlooker")
        server.execute("DROP ROLE onlooker")


def test_every_command_is_tried() -> None:
    tried = {line.split()[0] for line in (*ALIKE, *OTHERWISE, *REFUSED)}
    names = {command.name for command in app.registered_commands}
    groups = {group.name for group in app.registered_groups}

    assert tried | ELSEWHERE == names | groups


@pytest.mark.parametrize("line", ALIKE)
def test_who_may_only_read_is_answered_as_everybody(
    line: str, reader: str, shipped: Path, kb: Runner
) -> None:
    assert kb(line, db=reader) == kb(line, db=shipped)


@pytest.mark.parametrize("line", OTHERWISE)
def test_what_else_only_reads(line: str, reader: str, kb: Runner) -> None:
    run = kb(line, db=reader)

    assert (run.code, run.out != "") == (0, True)
    assert "secret" not in run.out + run.err


def test_an_import_is_previewed(reader: str, kb: Runner, tmp_path: Path) -> None:
    (tmp_path / "made-up.ris").write_text(
        "TY  - JOUR\nTI  - A made-up trial\nAU  - Made, Up\nPY  - 2020\nER  - \n", encoding="utf-8"
    )
    run = kb(f"import {tmp_path / 'made-up.ris'} --db '{reader}'")

    assert run.code == 0
    assert "onlooker:***@" in run.out, "the command that imports it names the store"
    assert "secret" not in run.out + run.err


def test_a_template_is_written(reader: str, kb: Runner, tmp_path: Path) -> None:
    assert kb(f"template {tmp_path / 'made-up.csv'}", db=reader).code == 0
    assert (tmp_path / "made-up.csv").exists()


def test_two_stores_are_compared(reader: str, shipped: Path, kb: Runner) -> None:
    run = kb(f"diff {shipped} '{reader}'")

    assert run.code == 0
    assert "secret" not in run.out + run.err


def test_a_receipt_is_replayed(reader: str, kb: Runner, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.json"
    pooled = kb(f"pool --outcome survival --approach segt --receipt {receipt}", db=reader)

    assert pooled.code == 0
    assert kb(f"replay {receipt}", db=reader).code == 0
    assert "secret" not in receipt.read_text(encoding="utf-8")


@pytest.mark.parametrize("line", REFUSED)
def test_what_writes_says_who_may(line: str, reader: str, kb: Runner) -> None:
    refused = kb(line, db=reader)

    assert (refused.code, refused.out) == (1, "")
    problem, remedy = refused.err.strip().splitlines()[-2:]
    assert re.fullmatch(
        r"kb: The store \S+ may not be written by 'onlooker', only asked\.", problem
    ), problem
    assert remedy.strip() == "'kb' may write it and can give others the right."
    assert "secret" not in refused.err
