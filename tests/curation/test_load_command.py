from collections.abc import Callable
from pathlib import Path

import pytest

from tests.curation.conftest import Own, Printed

Kb = Callable[..., Printed]


@pytest.fixture
def db(own_shipped: Own) -> str:
    """Return the name of a store that holds what is shipped."""
    own_shipped.engine.dispose()
    return own_shipped.name


def test_difference_is_shown_and_applied(own_shipped: Own, db: str, kb: Kb) -> None:
    own_shipped.edit(own_shipped.study, "estimate: 1.06", "estimate: 1.07")
    own_shipped.edit(
        own_shipped.study, "quote: median survival 17.9 months", "quote: it was 17.9 months"
    )
    own_shipped.edit(own_shipped.study, "  synonyms: [best]\n", "")
    own_shipped.edit(own_shipped.study, ", place: Toronto", "")
    changes = """\
- removed synonym study/best/first-2001
~ changed measurement first-2001/survival
  passage: 'median survival 17.9 months' → 'it was 17.9 months'
~ changed study country first-2001/canada
  place: Toronto → nothing
~ changed contrast first-2001/survival/hr
  estimate: 1.06 → 1.07
  passage: 'median survival 17.9 months' → 'it was 17.9 months'
~ changed survival time first-2001/survival/0
  passage: 'median survival 17.9 months' → 'it was 17.9 months'
~ changed survival time first-2001/survival/1
  passage: 'median survival 17.9 months' → 'it was 17.9 months'
+ added passage second-2003/table-2-5bc2369c: it was 17.9 months
"""
    counts = "1 removed, 5 changed, 1 added\n"
    before = own_shipped.contents()

    dry = kb("load", own_shipped.folder, "--dry-run", "--db", db)
    assert dry[:2] == (0, f"{changes}7 rows would be changed; nothing was written: {counts}")
    token = own_shipped.facts()["data_hash"][:12]
    command = f"kb load {own_shipped.folder} --seen {token} --db {db}"
    assert dry.err == f"kb: `{command}` loads this, and nothing else\n"
    assert own_shipped.contents() == before

    wet = kb("load", own_shipped.folder, "--db", db)
    assert wet == (0, f"{changes}7 rows changed: {counts}", "")

    again = kb("load", own_shipped.folder, "--db", db)
    assert again == (0, "The store says the same already; nothing to change.\n", "")


def test_values_are_shown_as_they_are_written(own_shipped: Own, db: str, kb: Kb) -> None:
    own_shipped.edit(
        own_shipped.study,
        "arm: control, months: 20, died: false",
        "arm: control, months: 21, died: true",
    )
    own_shipped.edit(own_shipped.vocabularies, "parent: randomised", "note: new")

    assert (
        kb("load", own_shipped.folder, "--db", db).out
        == """\
~ changed design rct
  note: nothing → new
  parent: randomised → nothing
~ changed survival time first-2001/survival/1
  months: 20 → 21
  died: false → true
2 rows changed: 2 changed
"""
    )


def test_many_changes_are_counted_by_kind_of_record(own_shipped: Own, db: str, kb: Kb) -> None:
    many = "".join(f"  - {{key: t{n}, name: Term}}\n" for n in range(1200))
    (own_shipped.folder / "many.yaml").write_text(f"outcomes:\n{many}", encoding="utf-8")
    own_shipped.edit(own_shipped.study, "  synonyms: [best]\n", "")
    lines = kb("load", own_shipped.folder, "--db", db).out.splitlines()

    assert lines[0] == "- removed synonym study/best/first-2001", "what goes is told of first"
    assert lines[1] == "+ added outcome t0"
    assert lines[40:] == [
        "and 1,161 more; all of them by kind of record:",
        "  synonym: 1 removed",
        "  outcome: 1,200 added",
        "1,201 rows changed: 1 removed, 1,200 added",
    ]


def test_problems_go_to_standard_output_and_nothing_is_loaded(
    own_shipped: Own, db: str, kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own_shipped.contents()
    monkeypatch.chdir(own_shipped.folder)
    own_shipped.edit(own_shipped.study, "design: rct", "design: rtc")
    own_shipped.edit(own_shipped.study, "year: 2003", "year: MMIII")

    code, out, err = kb("load", "study.yaml", "--db", db)

    assert code == 1
    assert out == (
        "study.yaml:3: reports.year: must be a whole number; found 'MMIII'.\n"
        "study.yaml:12: study.design: 'rtc' is not a known design; known: randomised, rct. "
        "Use one of them or add it under 'designs'. Nearest: rct.\n"
    )
    assert err == "kb: The seed files have 2 problems.\n    Nothing was loaded.\n"
    assert own_shipped.contents() == before


def test_without_a_path_the_shipped_evidence_is_loaded(own_shipped: Own, db: str, kb: Kb) -> None:
    own_shipped.edit(own_shipped.study, "estimate: 1.06", "estimate: 1.07")

    assert kb("load", "--db", db).out.endswith("1 row changed: 1 changed\n")


def test_wrong_path_is_told_of_before_a_store_is_made(tmp_path: Path, kb: Kb) -> None:
    code, out, err = kb("load", tmp_path / "nothing.yaml", "--db", tmp_path / "new.db")

    assert (code, out) == (1, "")
    assert err.splitlines() == [
        f"kb: There is nothing at {tmp_path / 'nothing.yaml'}.",
        "    Name a seed file or a folder of them.",
    ]
    assert not (tmp_path / "new.db").exists()


def test_first_load_makes_the_store(
    sound: Path, tmp_path: Path, kb: Kb, as_shipped: Callable[[Path], None]
) -> None:
    as_shipped(sound)
    file = tmp_path / "own.yaml"
    file.write_text("outcomes:\n  - {key: mood, name: Mood}\n", encoding="utf-8")
    code, out, err = kb("load", file, "--db", tmp_path / "new.db")

    assert code == 0
    assert out == "+ added outcome mood\n1 row changed: 1 added\n"
    assert f"making a store at {tmp_path / 'new.db'}" in err


def test_store_that_is_no_database(tmp_path: Path, sound: Path, kb: Kb) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are notes.\n" * 100, encoding="utf-8")
    code, out, err = kb("load", sound, "--db", file)

    assert (code, out) == (1, "")
    assert err.splitlines()[0] == f"kb: The store {file} is not a database."
    assert len(err.splitlines()) == 2
    assert file.read_text(encoding="utf-8") == "These are notes.\n" * 100
