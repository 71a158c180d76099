"""`kb audit`: its screens, the same ledger in every form, and how it ends."""

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import load
from kb.store.engine import open_engine, sqlite_url, writing
from kb.store.migrate import downgrade, upgrade

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Runner

CLAIMS = Path(__file__).parents[1] / "audit" / "seeds"
SCREENS = {
    "audit": "audit",
    "audit-claim": "audit --claim maple-2001/weekly",
    "audit-nothing": "audit --review rowan-2002 --verdict recorded",
    "audit-review": "audit --review rowan-2002",
    "audit-sources": "audit --sources --verdict agrees",
    "audit-unchecked": "audit --verdict unchecked",
}


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of made-up claims of every verdict; to be read."""
    path = tmp_path_factory.mktemp("audit") / "kb.sqlite"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    for folder in (shipped_seeds() / "vocabularies", CLAIMS):
        load(engine, folder)
    engine.dispose()
    return path


@pytest.mark.parametrize("name", SCREENS)
def test_screen(
    name: str, kb: "Runner", made_up: Path, golden: "Golden", monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = kb(SCREENS[name], db=made_up)
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb(SCREENS[name], db=made_up)

    assert (narrow.code, narrow.err) == (wide.code, wide.err) == (0, "")
    assert max(map(len, narrow.out.splitlines())) <= 80
    assert max(map(len, wide.out.splitlines())) <= 120
    golden(f"{name}.txt", narrow.out)
    golden(f"{name}.120.txt", wide.out, unless_as=f"{name}.txt")


def test_the_report(kb: "Runner", made_up: Path, golden: "Golden") -> None:
    run = kb("audit --format markdown", db=made_up)

    assert (run.code, run.err) == (0, "")
    golden("audit.md", run.out)


def test_sources_stand_beside_what_agrees_in_the_report(kb: "Runner", made_up: Path) -> None:
    line = "audit --claim maple-2001/weekly --format markdown"
    source = "| Maple & Maker 2001, abstract: “made up for tests” |"

    assert source not in kb(line, db=made_up).out
    assert kb(f"{line} --sources", db=made_up).out.count(source) == 4


def test_what_is_said_to_mistakes(kb: "Runner", made_up: Path, golden: "Golden") -> None:
    lines = ("audit --claim maple-2001/weakly", "audit --review mapel", "audit --verdict wrong")
    runs = [kb(line, db=made_up) for line in lines]

    assert [run.code for run in runs] == [1, 1, 2]
    told = [f"$ kb {line}\n{run.err}" for line, run in zip(lines, runs, strict=True)]
    golden("audit-mistakes.txt", "\n".join(told))


def test_every_form_tells_of_every_entry(kb: "Runner", shipped: Path) -> None:
    found = json.loads(kb("audit --format json", db=shipped).out)
    rows = list(csv.DictReader(io.StringIO(kb("audit --format csv", db=shipped).out)))
    report = kb("audit --format markdown", db=shipped).out
    keys = [entry["key"] for entry in found["answer"]]

    assert len(keys) == found["count"] > 400
    assert list(dict.fromkeys(row["key"] for row in rows)) == list(dict.fromkeys(keys))
    assert [key for key in keys if key not in report] == []
    assert len(rows) == sum(max(len(entry["findings"]), 1) for entry in found["answer"])


def test_what_disagrees_stands_with_its_passages(kb: "Runner", shipped: Path) -> None:
    run = kb("audit --claim x001", db=shipped)
    told = " ".join(run.out.split())

    assert "claimed 18, recomputed 19" in told
    assert "An inconsistency, found by rule." in told
    assert "“tumor-specific support groups in 18 out of 19 studies”" in told
    assert "“Metastatic breast cancer was the most frequently represented, with 15" in told


def test_the_name_of_the_file_says_the_form(kb: "Runner", made_up: Path, tmp_path: Path) -> None:
    file = tmp_path / "audit.md"

    assert kb(f"audit -o {file}", db=made_up).out == ""
    assert file.read_text(encoding="utf-8").startswith("# Audit of the claims\n")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("audit", 0),
        ("audit --strict", 1),
        ("audit --strict --format json", 1),
        ("audit --strict --format markdown", 1),
        ("audit --strict --claim maple-2001/weekly", 0),
        ("audit --strict --claim maple-2001/monthly", 1),
        ("audit --strict --verdict agrees", 0),
    ],
)
def test_strict_fails_where_something_disagrees(
    line: str, code: int, kb: "Runner", made_up: Path
) -> None:
    run = kb(line, db=made_up)

    assert (run.code, run.err) == (code, "")
    assert run.out


@pytest.mark.parametrize(
    ("planted", "verdict"), [("Seven of 19 (37%)", "agrees"), ("Seven of 19 (39%)", "disagrees")]
)
def test_a_number_that_is_planted_in_the_seeds(
    planted: str, verdict: str, kb: "Runner", made_up: Path, tmp_path: Path
) -> None:
    percent = re.findall(r"\d+", planted)[1]
    seeds = tmp_path / "willow.yaml"
    seeds.write_text(
        f"""\
reports:
  - {{key: willow-2003, kind: webpage, title: A made-up page, authors: Willow A, year: 2003}}
claims:
  - key: willow
    kind: number
    topic: made up
    statement: {planted} groups were made up.
    status: confirmed
    studies: 7
    of_studies: 19
    values: [{{value: "7", unit: groups}}, {{value: "{percent}", unit: "%"}}]
    checks:
      - expression: value("willow", 2) == share(value("willow"), 19)
        meaning: In percent.
    passage: {{report: willow-2003, locator: page, seen: full-text, quote: made up}}
""",
        encoding="utf-8",
    )
    store = tmp_path / "kb.sqlite"
    store.write_bytes(made_up.read_bytes())
    assert kb(f"load {seeds}", db=store).code == 0

    found = json.loads(kb("audit --claim willow --format json", db=store).out)

    (entry,) = found["answer"]
    assert entry["verdict"] == verdict
    assert [f["claimed"] for f in entry["findings"]] == [percent, percent]


def test_a_store_without_checks_says_how_to_get_them(
    kb: "Runner", made_up: Path, tmp_path: Path
) -> None:
    store = tmp_path / "kb.sqlite"
    store.write_bytes(made_up.read_bytes())
    engine = open_engine(sqlite_url(store))
    downgrade(engine, "r0003")
    upgrade(engine)
    with writing(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM claim_check")) == 0
    engine.dispose()

    for form in ("table", "json", "markdown"):
        assert "`kb load` adds those shipped" in " ".join(
            kb(f"audit --format {form}", db=store).out.split()
        )
