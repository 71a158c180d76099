import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, text

from kb.base import Base
from kb.curation.hashing import content_hash
from kb.curation.loading import load
from kb.store.engine import reading, writing
from kb.store.keeping import reset_store
from tests.curation.conftest import Own


def hash_of(engine: Engine) -> str:
    with reading(engine) as connection:
        return content_hash(connection)


def test_hash_is_the_same_on_every_kind_of_store(
    base_on_sqlite: Base, base_on_postgres: Base
) -> None:
    hashes = {content_hash(base.connection) for base in (base_on_sqlite, base_on_postgres)}

    assert hashes == {base_on_sqlite.data.hash}


def test_hash_does_not_depend_on_the_order_of_loading(
    sound: Path, tmp_path: Path, empty_file: Path, open_store: Callable[..., Engine]
) -> None:
    parts = [sound / name for name in ("vocabularies.yaml", "review.yaml", "study.yaml")]
    separate = tmp_path / "more.yaml"
    separate.write_text("outcomes:\n  - {key: mood, name: Mood}\n", encoding="utf-8")
    orders = [
        order
        for order in itertools.permutations([*parts[1:], separate])
        if order.index(parts[1]) < order.index(parts[2])  # the study refers to the review
    ]
    digests = set()
    for number, order in enumerate(orders):
        file = tmp_path / f"{number}.db"
        shutil.copyfile(empty_file, file)
        engine = open_store(f"sqlite:///{file}")
        for path in (parts[0], *order):
            load(engine, path)
        digests.add(hash_of(engine))

    assert len(digests) == 1


def test_hash_is_the_same_after_the_store_is_made_anew(own_shipped: Own) -> None:
    before = own_shipped.hash()
    with writing(own_shipped.engine) as connection:
        connection.execute(text("UPDATE contrast SET estimate = 2 WHERE estimate = 1.06"))
    own_shipped.engine.dispose()
    assert own_shipped.hash() != before

    own_shipped.engine.dispose()
    reset_store(own_shipped.name, lambda _: None)

    assert own_shipped.hash() == before


def test_hash_changes_with_every_value(own: Own) -> None:
    digests = {own.hash()}
    for statement in (
        "UPDATE contrast SET estimate = 1.0600000000000003 WHERE estimate = 1.06",
        "UPDATE contrast SET ci_level = NULL WHERE statistic = 'HR'",
        "UPDATE survival_time SET died = true WHERE died = false",
        "UPDATE report SET volume = '346' WHERE volume = '345'",
        "UPDATE passage SET seen = 'record' WHERE seen = 'full-text'",
        "DELETE FROM synonym WHERE text = 'best'",
    ):
        with writing(own.engine) as connection:
            assert connection.execute(text(statement)).rowcount > 0
        digests.add(own.hash())

    assert len(digests) == 7


def test_hash_does_not_depend_on_when_it_was_loaded(own: Own) -> None:
    before = own.hash()
    with writing(own.engine) as connection:
        connection.execute(text("UPDATE store_fact SET value = '1999'"))
        connection.execute(text("DELETE FROM search_entry"))

    assert own.hash() == before
