"""`kb.open`: a base that is opened, asked, shared and closed."""

import gc
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.pool import QueuePool

import kb
from kb.errors import StoreError
from kb.question import SUBJECTS
from kb.store.opening import open_base


def checked_out(base: kb.Base) -> int:
    pool = base.connection.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def change_data(path: Path) -> None:
    """Write as another program does; it must not have to wait for a reader."""
    with closing(sqlite3.connect(path, timeout=0)) as other:
        other.execute("UPDATE store_fact SET value = 'own' WHERE name = 'data_version'")
        other.execute("UPDATE outcome SET name = 'Ache' WHERE key = 'pain-frequency'")
        other.commit()


def test_a_base_is_open_until_it_is_closed(shipped: Path) -> None:
    base = kb.open(shipped)
    assert base.studies(outcome="pain", design="rct").count == 3

    base.close()
    base.close()
    for ask in (base.studies, lambda: base.ask("pain"), lambda: base.page("pain"), base.question):
        with pytest.raises(StoreError) as error:
            ask()
        assert str(error.value) == "This evidence base is closed. Open it again with kb.open()."


def test_a_block_closes_it_also_when_something_goes_wrong(shipped: Path) -> None:
    with pytest.raises(ZeroDivisionError), kb.open(str(shipped)) as base:
        assert base.studies().rows
        raise ZeroDivisionError

    with pytest.raises(StoreError, match="closed"):
        _ = base.data


def test_without_a_name_it_is_the_store_of_the_environment(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", str(shipped))
    with kb.open() as base, kb.open(shipped) as named:
        assert base.data == named.data


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        kb.open(tmp_path)


def test_a_base_that_is_forgotten_lets_go_of_its_connection(shipped: Path) -> None:
    base = kb.open(shipped)
    engine = base.connection.engine
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedout() == 1
    del base
    gc.collect()
    assert engine.pool.checkedout() == 0


def test_an_open_base_does_not_lock_others_out_and_sees_what_they_change(own_copy: Path) -> None:
    with kb.open(own_copy) as base:
        before = base.data
        assert base.outcomes(outcome="pain").rows[0]["label"] != "Ache"
        change_data(own_copy)
        assert (before.version, base.data.version) != ("own", "own")
        assert base.data.version == "own"
        assert base.outcomes(outcome="pain").rows[0]["label"] == "Ache"
        assert base.vocabulary.label("outcome", "pain-frequency") == "Ache"


def test_a_server_is_asked_alike(shipped_on_postgres: str, base_on_sqlite: kb.Base) -> None:
    with kb.open(shipped_on_postgres) as opened:
        assert opened.studies(outcome="pain").rows == base_on_sqlite.studies(outcome="pain").rows
        assert opened.data == base_on_sqlite.data
        assert not opened.connection.in_transaction()


def test_a_question_that_fails_leaves_the_base_usable(own_copy: Path) -> None:
    with kb.open(own_copy) as base:
        with pytest.raises(kb.KbError, match="No outcome is called 'pian'"):
            base.studies(outcome="pian")
        change_data(own_copy)
        assert base.data.version == "own"


def test_a_base_of_the_command_line_is_asked_at_one_instant(own_copy: Path) -> None:
    with open_base(str(own_copy)) as base:
        version = base.data.version
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            change_data(own_copy)
        assert base.data.version == version


def test_threads_may_share_a_base(shipped: Path) -> None:
    with kb.open(shipped) as base, ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(getattr(base, subject)) for subject in SUBJECTS * 3]
        counts = [each.result().count for each in asked]
        assert counts == [getattr(base, subject)().count for subject in SUBJECTS] * 3
        assert checked_out(base) == 1


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_has_a_method(subject: str, base: kb.Base) -> None:
    facets = {"country": ["usa", "canada"], "year": ">=1980"}
    assert getattr(base, subject)(**facets) == base.answer(base.question(subject, **facets))


def test_a_facet_may_be_a_number_several_values_or_nothing(base: kb.Base) -> None:
    assert base.studies(year=2001) == base.studies(year="2001")
    assert base.studies(outcome=("pain", "sleep")) == base.studies(outcome="pain,sleep")
    assert base.studies(outcome=None) == base.studies()


def test_rows_are_asked_for_and_pooled_effects_by_pool(base: kb.Base) -> None:
    with pytest.raises(kb.KbError, match=r"Ask it with base\.pool\(\)"):
        base.answer(base.question("pool", outcome="pain"))


def test_words_and_facets_get_the_same_rows(base: kb.Base) -> None:
    asked = base.ask("which RCTs measured pain with SEGT?")
    assert isinstance(asked, kb.Answer)
    assert asked.rows == base.studies(design="rct", approach="segt", outcome="pain").rows
    assert asked.notes[0] == (
        "Understood as: kb studies --design rct --approach segt --outcome pain"
    )
    with pytest.raises(kb.KbError, match="Nothing in this question"):
        base.ask("flibberty")


def test_what_is_named_is_there() -> None:
    assert all(getattr(kb, name) for name in kb.__all__)
    with pytest.raises(AttributeError, match="no attribute 'shut'"):
        _ = kb.shut
