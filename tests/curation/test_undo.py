"""Events that are taken back. All evidence in these tests is made up."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from kb.curation.undoing import CannotUndo, undo
from kb.errors import StoreError, UnknownValue
from kb.store.engine import writing
from tests.curation.conftest import Own, Printed
from tests.curation.test_changing import bring, outcome, rows_of
from tests.curation.test_load import OWN_STUDY

Kb = Callable[..., Printed]
OTHER_STUDY = OWN_STUDY.replace("own-2020", "other-2021")


def last(engine: Engine) -> int:
    """Return the number of the last event."""
    return int(rows_of(engine, "event")[-1]["id"])


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    file = tmp_path / "own.yaml"
    file.write_text(OWN_STUDY, encoding="utf-8")
    return file


def state(own: Own) -> dict[str, str]:
    """Return what the store knows of its data, but for when it was loaded."""
    return {name: value for name, value in own.facts().items() if name != "loaded_at"}


def test_everything_a_load_did_is_taken_back(own: Own) -> None:
    before = state(own), own.hash(), rows_of(own.engine, "passage")
    own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
    own.edit(own.study, "quote: median survival 17.9 months", "quote: it was 17.9 months")
    own.edit(own.study, "  synonyms: [best]\n", "  synonyms: [finest]\n")
    own.edit(own.study, "        - {arm: segt, months: 17.9, died: true, passage: *survival}\n", "")
    own.load()
    loaded = own.hash()
    number = last(own.engine)

    undo(own.engine, number, apply=True)

    assert (state(own), own.hash()) == before[:2]
    assert sorted(map(str, rows_of(own.engine, "passage"))) == sorted(map(str, before[2]))
    taken_back = rows_of(own.engine, "event")[-1]
    assert (taken_back["kind"], taken_back["undoes"]) == ("undo", number)
    undo(own.engine, taken_back["id"], apply=True)
    assert own.hash() == loaded, "an undo can be undone"


def test_preview_changes_nothing_and_shows_what_would(own: Own) -> None:
    own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
    own.load()
    before = own.contents()
    found = undo(own.engine, last(own.engine))

    assert [(c.kind, c.key, c.fields) for c in found.changes] == [
        ("changed", "first-2001/survival/hr", {"estimate": (1.07, 1.06)})
    ]
    assert own.contents() == before


def test_version_and_what_came_with_the_program_are_taken_back(
    own_shipped: Own, tmp_path: Path
) -> None:
    before = state(own_shipped)
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        own_shipped.study.read_text("utf-8").replace("estimate: 1.06", "estimate: 3"), "utf-8"
    )
    own_shipped.load(mine)
    assert own_shipped.facts()["data_version"] == "2099.1+local"
    undo(own_shipped.engine, last(own_shipped.engine), apply=True)
    assert state(own_shipped) == before

    (own_shipped.folder / "VERSION").write_text("2100.1\n", encoding="utf-8")
    own_shipped.edit(own_shipped.study, "estimate: 1.06", "estimate: 1.08")
    own_shipped.load()
    assert own_shipped.facts()["data_version"] == "2100.1"
    undo(own_shipped.engine, last(own_shipped.engine), apply=True)
    assert state(own_shipped) == before


def test_event_is_undone_once(own: Own) -> None:
    number = bring(own.engine, outcome("new", "New"))
    assert number is not None
    undo(own.engine, number, apply=True)
    by = last(own.engine)

    with pytest.raises(CannotUndo) as refused:
        undo(own.engine, number, apply=True)
    assert refused.value.problem == f"Event {number} was undone already, by event {by}."
    assert refused.value.remedy == f"`kb undo {by}` does again what it did."

    undo(own.engine, by, apply=True)
    with pytest.raises(CannotUndo, match="then done again by"):
        undo(own.engine, number)
    assert "new" in own.keys("outcome")


def test_event_that_is_not_there_and_the_first_of_all(own: Own) -> None:
    with pytest.raises(UnknownValue, match="There is no event 99"):
        undo(own.engine, 99)
    with pytest.raises(CannotUndo, match="Event 1 filled the store when it was empty"):
        undo(own.engine, 1, apply=True)


def test_record_that_was_changed_since_is_named(own: Own) -> None:
    first = bring(own.engine, outcome("new", "First"))
    second = bring(own.engine, outcome("new", "Second"))
    assert first is not None
    assert second is not None
    before = own.hash()

    with pytest.raises(CannotUndo) as refused:
        undo(own.engine, first, apply=True)

    assert refused.value.problem == (
        f"Event {first} cannot be undone; records were changed since: "
        f"outcome 'new' by event {second}."
    )
    assert refused.value.remedy == f"Undo event {second} first, if that is what you want."
    assert own.hash() == before
    undo(own.engine, second, apply=True)
    undo(own.engine, first, apply=True)
    assert "new" not in own.keys("outcome")


def test_record_that_was_changed_by_hand(own: Own) -> None:
    number = bring(own.engine, outcome("pain", "First"))
    assert number is not None
    with writing(own.engine) as connection:
        connection.execute(text("UPDATE outcome SET name = 'By hand' WHERE key = 'pain'"))

    with pytest.raises(CannotUndo, match="not as it left them: outcome 'pain'"):
        undo(own.engine, number)


def test_record_that_others_use_is_named(own: Own, tmp_path: Path) -> None:
    own.load(_written(tmp_path, "countries: [{key: made-up, name: Made-up land, iso: MUL}]\n"))
    number = last(own.engine)
    own.load(_written(tmp_path, OWN_STUDY.replace("country: usa", "country: made-up")))
    before = own.hash()

    with pytest.raises(CannotUndo) as refused:
        undo(own.engine, number, apply=True)

    assert refused.value.problem == (
        f"Event {number} cannot be undone; records that it added are in use: "
        "study country 'own-2020/made-up' uses country 'made-up'."
    )
    assert own.hash() == before


def test_record_that_is_named_by_a_synonym_alone(own: Own, tmp_path: Path) -> None:
    """No foreign key tells of a synonym's term; the row must not be left behind."""
    number = bring(own.engine, outcome("new", "New"))
    assert number is not None
    own.load(_written(tmp_path, "outcomes: [{key: new, name: New, synonyms: [newest]}]\n"))

    with pytest.raises(CannotUndo, match="synonym 'outcome/newest/new' uses outcome 'new'"):
        undo(own.engine, number)


def test_passage_that_others_use_stays(own: Own, own_file: Path, tmp_path: Path) -> None:
    own.load(own_file)
    number = last(own.engine)
    own.load(_written(tmp_path, OTHER_STUDY))
    passages = own.keys("passage")

    found = undo(own.engine, number, apply=True)

    assert "passage" not in {change.table for change in found.changes}
    assert own.keys("passage") == passages
    assert own.keys("study") == {"first-2001", "other-2021"}
    undo(own.engine, last(own.engine) - 1, apply=True)
    assert len(own.keys("passage")) == len(passages) - 1, "nobody uses it any more"


def test_what_was_removed_needs_what_is_gone(own_shipped: Own, tmp_path: Path) -> None:
    tree = own_shipped.folder / "tree.yaml"
    tree.write_text("outcomes: [{key: a, name: A}, {key: b, name: B, parent: a}]\n", "utf-8")
    own_shipped.load()
    tree.write_text("outcomes: [{key: a, name: A}]\n", "utf-8")
    own_shipped.load()
    number = last(own_shipped.engine)
    tree.unlink()
    own_shipped.load()

    with pytest.raises(CannotUndo, match="records that are gone: outcome 'b' uses outcome 'a'"):
        undo(own_shipped.engine, number, apply=True)


def test_value_that_another_record_has_by_now(own: Own, tmp_path: Path) -> None:
    book = "{key: made-up, kind: book, title: Made up"
    own.load(_written(tmp_path, f"reports: [{book}, doi: 10.1000/own}}]\n"))
    own.load(_written(tmp_path, f"reports: [{book}}}]\n"))
    number = last(own.engine)
    other = "{key: made-up-too, kind: book, title: Made up too, doi: 10.1000/own}"
    own.load(_written(tmp_path, f"reports: [{other}]\n"))

    with pytest.raises(CannotUndo) as refused:
        undo(own.engine, number, apply=True)

    assert refused.value.problem == (
        f"Event {number} cannot be undone; a value is taken by now: "
        "report 'made-up-too' has the doi of report 'made-up'."
    )


def test_undo_is_refused_where_the_state_has_moved(own: Own) -> None:
    number = bring(own.engine, outcome("new", "New"))
    assert number is not None
    seen = undo(own.engine, number).state
    bring(own.engine, outcome("another", "Another"))

    with pytest.raises(StoreError, match="has changed since you looked"):
        undo(own.engine, number, apply=True, seen=seen)


def test_undo_that_fails_midway_leaves_the_store_as_it_was(own: Own) -> None:
    own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
    own.edit(own.study, "  synonyms: [best]\n", "")
    own.load()
    before = own.hash(), own.facts()
    number = last(own.engine)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    event.listen(own.engine, "commit", stop)
    with pytest.raises(KeyboardInterrupt):
        undo(own.engine, number, apply=True)
    event.remove(own.engine, "commit", stop)

    assert (own.hash(), own.facts()) == before
    assert last(own.engine) == number


def test_command_previews_then_does_it(own_shipped: Own, kb: Kb) -> None:
    db = own_shipped.name
    own_shipped.edit(own_shipped.study, "estimate: 1.06", "estimate: 1.07")
    own_shipped.load()
    token = own_shipped.hash()[:12]
    own_shipped.engine.dispose()
    change = "~ changed contrast first-2001/survival/hr\n  estimate: 1.07 → 1.06\n"

    dry = kb("undo", 2, "--db", db)
    assert dry.out == f"{change}1 row would be changed; nothing was written: 1 changed\n"
    again = f"kb undo 2 --apply --seen {token} --db {db}"
    assert dry.err == f"kb: `{again}` does this, and nothing else\n"

    assert kb(*again.split()[1:]) == (0, f"{change}1 row changed: 1 changed\n", "")
    code, out, err = kb(*again.split()[1:])
    assert (code, out) == (1, "")
    assert err.startswith(f"kb: The evidence has changed since you looked at '{token}'")


def _written(folder: Path, content: str) -> Path:
    file = folder / "made-up.yaml"
    file.write_text(content, encoding="utf-8")
    return file
