"""`kb sof` and `kb cerqual`: their screens, the same in every form, and what mistakes are told."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import load
from kb.store.engine import open_engine, sqlite_url
from kb.store.migrate import upgrade

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Process, Runner

MADE_UP = Path(__file__).parents[1]
SCREENS = {
    "sof": "sof --approach segt --baseline 20% --outcome survival,suicidal-ideation,depression",
    "sof-not-pooled": "sof --approach segt --outcome fatigue,sleep,pain-intensity --baseline 20%",
    "sof-standardised": "sof --approach segt --outcome mood --window 3..12 --sources",
    "sof-rated": "sof --outcome overall-survival,sleep --sources",
    "sof-nothing": "sof --year ..1950",
    "cerqual": "cerqual",
    "cerqual-with-sources": "cerqual --theme hope,talk-of-death --sources",
    "cerqual-narrowed": "cerqual --country canada",
    "cerqual-nothing": "cerqual --theme coping",
}
SHIPPED = {
    "sof-shipped": "sof --approach segt --baseline overall-survival=60%",
    "cerqual-shipped": "cerqual --theme existential-support",
}
WRONG = (
    "sof --baseline 20",
    "sof --baseline pian=20%",
    "sof --baseline soon",
    "sof --outcome pian",
    "sof --subgroup approach",
    "sof --method XX",
    "cerqual --theme hoop",
)


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of made-up trials with made-up ratings; to be read."""
    path = tmp_path_factory.mktemp("rated") / "kb.sqlite"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    made_up = (MADE_UP / "pooling" / "seeds", MADE_UP / "certainty" / "seeds")
    for folder in (shipped_seeds() / "vocabularies", *made_up):
        load(engine, folder)
    engine.dispose()
    return path


@pytest.mark.parametrize("name", [*SCREENS, *SHIPPED])
def test_screen(
    name: str,
    kb: "Runner",
    golden: "Golden",
    rated: Path,
    shipped: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line, db = (SCREENS[name], rated) if name in SCREENS else (SHIPPED[name], shipped)
    narrow = kb(line, db=db)
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb(line, db=db)

    assert (narrow.code, narrow.err) == (wide.code, wide.err) == (0, "")
    assert max(map(len, narrow.out.splitlines())) <= 80
    assert max(map(len, wide.out.splitlines())) <= 120
    golden(f"{name}.txt", narrow.out)
    golden(f"{name}.120.txt", wide.out, unless_as=f"{name}.txt")


@pytest.mark.parametrize("name", ["sof", "cerqual"])
@pytest.mark.parametrize(("form", "suffix"), [("csv", "csv"), ("markdown", "md")])
def test_form_for_elsewhere(
    name: str, form: str, suffix: str, kb: "Runner", golden: "Golden", rated: Path
) -> None:
    found = kb(f"{SCREENS[name]} --format {form}", db=rated)

    assert (found.code, found.err) == (0, "")
    golden(f"{name}.{suffix}", found.out)


def test_csv_has_the_numbers_of_json(kb: "Runner", rated: Path) -> None:
    data = json.loads(kb(f"{SCREENS['sof']} --format json", db=rated).out)
    lines = csv.DictReader(io.StringIO(kb(f"{SCREENS['sof']} --format csv", db=rated).out))
    risks = [each for row in data["answer"] for each in (row["absolute"] or [{}])]

    assert data["count"] == len(data["answer"]) == 3
    for line, risk in zip(lines, risks, strict=True):
        shown = line["intervention_per_1000"]
        assert (float(shown) if shown else None) == risk.get("intervention_per_1000")


def test_rating_and_suggestion_are_never_taken_for_each_other(kb: "Runner", rated: Path) -> None:
    rated_screen = kb("sof --outcome overall-survival --approach segt", db=rated).out
    unrated = kb("sof --outcome depression --approach segt", db=rated).out

    assert "⊕⊕◯◯ low" in rated_screen
    assert "Suggestion" not in rated_screen
    assert "not yet rated" in unrated
    assert "Suggestions are read from numbers and are no rating." in unrated.replace("\n", " ")
    assert "⊕" not in unrated


def test_symbols_are_spelled_where_the_terminal_lacks_them(process: "Process", rated: Path) -> None:
    found = process(
        "sof --outcome overall-survival --approach segt --baseline 20%",
        PYTHONIOENCODING="ascii",
        KB_DATABASE_URL=str(rated),
    )

    assert found.returncode == 0
    assert "++-- low" in found.stdout
    assert "200 -> 192 of 1,000" in found.stdout


def test_what_is_said_to_mistakes(kb: "Runner", golden: "Golden") -> None:
    runs = [(line, kb(line)) for line in WRONG]

    assert {run.code for _, run in runs} == {1, 2}
    golden("sof-mistakes.txt", "\n".join(f"$ kb {line}\n{run.err}" for line, run in runs))


def test_no_golden_file_is_left_over(golden: "Golden") -> None:
    names = [*SCREENS, *SHIPPED]
    screens = {f"{name}{width}.txt" for name in names for width in ("", ".120")}
    others = {"sof.csv", "sof.md", "cerqual.csv", "cerqual.md", "sof-mistakes.txt"}
    files = {name for name in golden.files() if name.startswith(("sof", "cerqual"))}

    assert files <= screens | others
