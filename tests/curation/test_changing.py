"""One transaction, its record and its hash. All evidence in these tests is made up."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, select, text, update

from kb.curation.applying import Written
from kb.curation.changing import Origin, changing, state_token
from kb.curation.comparing import Change, Difference, compare
from kb.curation.gathering import gather
from kb.curation.hashing import content_hash
from kb.curation.indexing import SEARCHED, index_words
from kb.curation.loading import load
from kb.curation.rows import Gathered, SeedRow
from kb.curation.undoing import CannotUndo, undo
from kb.errors import StoreError
from kb.store.engine import open_engine, reading, sqlite_url, writing
from kb_schema.codes import EventKind
from kb_schema.tables import metadata
from tests.curation.conftest import Own

IMPORT = Origin(EventKind.IMPORT, "made-up.csv", "metapsy", "0" * 64)


def rows_of(engine: Engine, table: str) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        query = select(metadata.tables[table])
        return [dict(row) for row in connection.execute(query).mappings()]


def changes_of(engine: Engine) -> dict[tuple[str, str], tuple[str, Any, Any]]:
    """Return what is recorded of the evidence, with the values read."""
    return {
        (row["record_table"], row["record_key"]): (
            str(row["kind"]),
            json.loads(row["before"] or "null"),
            json.loads(row["after"] or "null"),
        )
        for row in rows_of(engine, "record_change")
        if row["record_table"] != "store_fact"
    }


def outcome(key: str, name: str) -> Gathered:
    values: dict[str, Any] = dict.fromkeys(metadata.tables["outcome"].columns.keys())
    values |= {"key": key, "name": name, "verified": True}
    return Gathered({"outcome": {(key,): SeedRow("outcome", values, "made-up.yaml", 1)}})


def bring(engine: Engine, *steps: Gathered) -> int | None:
    """Bring the store in line with each of these in one transaction; return the event."""
    with changing(engine, IMPORT) as change:
        for gathered in steps:
            change.apply(gathered, compare(change.connection, gathered, {}))
    return change.event


def searched(engine: Engine) -> set[tuple[str, ...]]:
    names = ("kind", "record_key", "title", "body")
    return {tuple(row[name] for name in names) for row in rows_of(engine, "search_entry")}


def indexed_anew(engine: Engine) -> set[tuple[str, ...]]:
    """Return what a full index of the words would hold; the store is left as it is."""
    entries = metadata.tables["search_entry"]
    names = ("kind", "record_key", "title", "body")
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(delete(entries))
        for name in SEARCHED:
            keys = connection.scalars(select(metadata.tables[name].c.key))
            index_words(connection, [Written(name, (key,), {}, {}) for key in sorted(keys)])
        found = {tuple(row) for row in connection.execute(select(*(entries.c[n] for n in names)))}
        transaction.rollback()
    return found


class TestEvent:
    def test_load_is_recorded_with_who_when_and_from_where(
        self, own: Own, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KB_CURATOR", "Made-up Curator")
        own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
        own.load()
        filling, loaded = rows_of(own.engine, "event")

        assert (loaded["kind"], loaded["source"]) == ("load", str(own.folder))
        assert loaded["made_by"].startswith("Made-up Curator")
        assert loaded["made_at"].endswith("+00:00")
        assert loaded["data_hash"] == own.hash() != filling["data_hash"]

    def test_server_names_its_own_user_too(self, own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KB_CURATOR", "anna")
        own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
        own.load()
        server = own.engine.dialect.name == "postgresql"

        by = rows_of(own.engine, "event")[-1]["made_by"]
        assert by == ("anna (kb)" if server else "anna")

    def test_each_kind_of_change_keeps_what_an_undo_needs(self, own: Own) -> None:
        own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
        own.edit(own.study, "  synonyms: [best]\n", "  synonyms: [finest]\n")
        own.edit(own.study, ", place: Toronto", ", place: Ottawa")
        own.load()

        assert changes_of(own.engine) == {
            ("contrast", "first-2001/survival/hr"): (
                "changed",
                {"estimate": 1.06},
                {"estimate": 1.07},
            ),
            ("study_country", "first-2001/canada"): (
                "changed",
                {"place": "Toronto"},
                {"study_key": "first-2001", "country_key": "canada", "place": "Ottawa"},
            ),
            ("synonym", "study/best/first-2001"): (
                "removed",
                {"vocabulary": "study", "text": "best", "term_key": "first-2001"},
                None,
            ),
            ("synonym", "study/finest/first-2001"): (
                "added",
                None,
                {"vocabulary": "study", "text": "finest", "term_key": "first-2001"},
            ),
        }

    def test_passage_that_nobody_uses_any_more_is_recorded_as_removed(self, own: Own) -> None:
        own.edit(own.study, "quote: median survival 17.9 months", "quote: it was 17.9 months")
        own.load()
        kinds = {
            kind: before
            for (table, _), (kind, before, _) in changes_of(own.engine).items()
            if table == "passage"
        }

        assert kinds["removed"]["quote"] == "median survival 17.9 months"
        assert kinds["added"] is None

    def test_nothing_changed_is_no_event(self, own: Own) -> None:
        assert own.load() == []
        with changing(own.engine, IMPORT) as change:
            change.apply(Gathered(), Difference())

        assert change.event is None
        assert len(rows_of(own.engine, "event")) == 1

    def test_many_differences_are_one_event_with_one_change_of_each_row(self, own: Own) -> None:
        engine = own.engine
        number = bring(
            engine, outcome("pain", "First"), outcome("new", "First"), outcome("pain", "Second")
        )
        bring(engine, outcome("new", "Second"), outcome("new", "First"))
        changes = changes_of(engine)

        assert {row["event_id"] for row in rows_of(engine, "record_change")} == {number}
        assert changes["outcome", "pain"][0] == "changed"
        assert changes["outcome", "pain"][2]["name"] == "Second"
        assert changes["outcome", "pain"][1]["name"] not in {"First", "Second"}
        assert changes["outcome", "new"] == ("added", None, None)
        assert rows_of(engine, "event")[-1]["id"] == number, "changes that cancel out are no event"

    def test_row_of_a_composite_key_that_goes_and_comes_again(self, own: Own) -> None:
        before = own.hash()
        gathered = gather(own.folder)
        with changing(own.engine, IMPORT) as change:
            going = Change("synonym", ("study", "best", "first-2001"), "removed")
            change.apply(gathered, Difference([going]))
            change.apply(gathered, compare(change.connection, gathered, {}))

        assert own.hash() == before == own.facts()["data_hash"]
        assert changes_of(own.engine) == {}

    def test_imports_add_and_change_and_never_remove(self, own: Own) -> None:
        own.edit(own.study, "  synonyms: [best]\n", "  synonyms: [finest]\n")
        gathered = gather(own.folder)
        with reading(own.engine) as connection:
            found = compare(connection, gathered, {}, nested_stay=True)

        assert [(c.kind, c.key) for c in found.changes] == [("added", "study/finest/first-2001")]


class TestOptimisticCheck:
    def test_state_that_was_seen_is_changed(self, own: Own) -> None:
        own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
        seen = load(own.engine, own.folder, dry_run=True).state

        assert load(own.engine, own.folder, seen=seen).changes

    def test_state_that_has_moved_is_refused_with_who_and_when(
        self, own: Own, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own.edit(own.study, "estimate: 1.06", "estimate: 1.07")
        seen = load(own.engine, own.folder, dry_run=True).state
        monkeypatch.setenv("KB_CURATOR", "bert")
        bring(own.engine, outcome("new", "New"))
        before = own.hash()

        with pytest.raises(StoreError) as refused:
            load(own.engine, own.folder, seen=seen)

        last = rows_of(own.engine, "event")[-1]
        when = last["made_at"][:16].replace("T", " ")
        assert refused.value.problem == (
            f"The evidence has changed since you looked at '{seen}': event {last['id']}, "
            f"{when} UTC, {last['made_by']}, import of made-up.csv."
        )
        assert last["made_by"].startswith("bert")
        assert refused.value.remedy == "Look at the preview again."
        assert own.hash() == before

    def test_undo_brings_back_the_word_for_the_state(self, own: Own) -> None:
        with reading(own.engine) as connection:
            seen = state_token(connection)
        number = bring(own.engine, outcome("new", "New"))
        assert number is not None
        undo(own.engine, number, apply=True)

        with changing(own.engine, IMPORT, seen=seen):
            pass


class TestHash:
    def test_store_of_an_older_kind_of_hash_gets_the_new_one(self, own_shipped: Own) -> None:
        facts = metadata.tables["store_fact"]
        with writing(own_shipped.engine) as connection:
            connection.execute(delete(facts).where(facts.c.name == "hash_kind"))
            old = update(facts).where(facts.c.name.in_(["data_hash", "shipped_hash"]))
            connection.execute(old.values(value="an older hash"))
        number = bring(own_shipped.engine, outcome("new", "New"))
        assert own_shipped.facts()["data_hash"] == own_shipped.hash()
        assert own_shipped.facts()["data_version"] == "2099.1+local"
        assert number is not None
        undo(own_shipped.engine, number, apply=True)

        assert own_shipped.facts()["data_version"] == "2099.1"

    def test_load_of_what_is_shipped_heals_what_was_changed_by_hand(self, own_shipped: Own) -> None:
        before = own_shipped.hash()
        with writing(own_shipped.engine) as connection:
            connection.execute(text("UPDATE contrast SET estimate = 2 WHERE estimate = 1.06"))
        own_shipped.load()

        assert own_shipped.facts()["data_hash"] == before == own_shipped.hash()
        assert own_shipped.facts()["data_version"] == "2099.1"

    def test_only_the_rows_that_change_are_read(self, own: Own) -> None:
        """A small change must not read a whole table, however large that is."""
        read: list[str] = []
        event.listen(
            own.engine,
            "before_cursor_execute",
            lambda *given: read.append(" ".join(given[2].split())),
        )
        bring(own.engine, outcome("new", "New"))
        selects = [s for s in read if s.startswith("SELECT") and " FROM " in s]

        assert all(
            "WHERE" in s or "FROM alembic_version" in s or "FROM store_fact" in s for s in selects
        )


KEYS = ["alpha", "beta", "gamma"]
WORDS = st.text("ab é'\n/", min_size=1, max_size=6).map(str.strip).filter(bool)
TERMS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"name": WORDS},
    optional={"note": WORDS, "synonyms": st.lists(WORDS, max_size=2, unique_by=str.casefold)},
)
ESTIMATES = st.integers(-40, 40).map(lambda eighths: eighths / 8)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a made-up seed file: outcomes, and a study that measured some of them."""
    terms = [draw(TERMS) | {"key": key} for key in KEYS]
    reports: list[dict[str, Any]] = [
        {"key": key, "kind": "book", "title": key} for key in ("made-up-1", "made-up-2")
    ]
    dois = draw(st.permutations(["10.1000/1", "10.1000/2"]))
    for report, doi in zip(reports, dois, strict=True):
        report["doi"] = doi
    passage: dict[str, Any] = {"report": "made-up-1", "locator": "p. 1", "seen": "full-text"}
    quotes = st.sampled_from(["one made-up quote", "another made-up quote"])
    measurements = [
        {
            "key": key,
            "outcome": key,
            "report": "made-up-1",
            "passage": passage | {"quote": draw(quotes)},
            "contrasts": [
                {
                    "key": "md",
                    "arm": "a",
                    "comparator_arm": "b",
                    "statistic": "MD",
                    "estimate": draw(ESTIMATES),
                    "passage": passage | {"quote": draw(quotes)},
                }
            ],
        }
        for key in draw(st.lists(st.sampled_from(KEYS), unique=True))
    ]
    whole = passage | {"quote": "a made-up trial"}
    study = {
        "key": "made-up-1",
        "label": draw(WORDS),
        "design": "rct",
        "passage": whole,
        "reports": [{"report": "made-up-1", "role": "primary"}],
        "arms": [
            {"key": "a", "role": "intervention", "label": "a", "passage": whole},
            {"key": "b", "role": "control", "label": "b", "comparator": "usual", "passage": whole},
        ],
        "measurements": measurements,
    }
    return {"reports": reports, "outcomes": terms, "study": study}


@contextmanager
def copied(file: Path) -> Iterator[tuple[Engine, Path]]:
    """Yield a copy of a store, and a path for seed files beside it."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(shutil.copy(file, folder))
        engine = open_engine(sqlite_url(store))
        yield engine, Path(folder) / "made-up.yaml"
        engine.dispose()


@pytest.fixture(scope="module")
def with_terms(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that holds a design, a comparator and nothing else."""
    folder = tmp_path_factory.mktemp("terms")
    file = Path(shutil.copy(empty_file, folder))
    terms = "designs: [{key: rct, name: Trial}]\ncomparators: [{key: usual, name: Usual care}]\n"
    (folder / "terms.yaml").write_text(terms, encoding="utf-8")
    engine = open_engine(sqlite_url(file))
    load(engine, folder / "terms.yaml")
    engine.dispose()
    return file


@settings(max_examples=12)
@given(versions=st.lists(documents(), min_size=1, max_size=4), data=st.data())
def test_hash_words_and_undo_hold_after_any_loads(
    with_terms: Path, versions: list[dict[str, Any]], data: st.DataObject
) -> None:
    """What is kept up to date is what would be computed anew, and every load can be undone."""
    with copied(with_terms) as (engine, file):
        hashes = [_hashes(engine)]
        events: list[int] = []
        for document in versions:
            file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
            if load(engine, file):
                events.append(rows_of(engine, "event")[-1]["id"])
                hashes.append(_hashes(engine))
            assert searched(engine) == indexed_anew(engine)
        for number in reversed(events):
            undo(engine, number, apply=True)
            hashes.pop()
            assert _hashes(engine) == hashes[-1]
            assert searched(engine) == indexed_anew(engine)
            assert not undo_changes(engine, number)


def undo_changes(engine: Engine, number: int) -> bool:
    """Return whether an event could be undone once more."""
    try:
        return bool(undo(engine, number))
    except CannotUndo:
        return False


def _hashes(engine: Engine) -> str:
    """Return the hash of the data, which is kept as it would be made anew."""
    with reading(engine) as connection:
        facts = metadata.tables["store_fact"]
        kept = connection.scalar(select(facts.c.value).where(facts.c.name == "data_hash"))
        anew = content_hash(connection)
    assert kept == anew
    return anew
