from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, insert, select

from kb.store.engine import reading, writing
from kb.store.lists import among
from kb.store.migrate import upgrade
from kb.store.relations import store_fact
from kb_schema.tables import metadata

MORE_THAN_PARAMETERS_MAY_BE = 300_000
NAMES = ["plain", "it's", 'a "quote"', "back\\slash", "žluťoučký 😀", "%(name)s", ":name", ""]


def found(store: Engine, values: Sequence[str]) -> set[str]:
    query = select(store_fact.name).where(among(store_fact.name, values))
    with reading(store) as connection:
        return set(connection.scalars(query))


@pytest.fixture
def names(store: Engine) -> Engine:
    """Return a store that holds facts of these names, and another."""
    upgrade(store)
    rows = [{"name": name, "value": "made up"} for name in [*NAMES, "another"]]
    with writing(store) as connection:
        connection.execute(insert(metadata.tables["store_fact"]), rows)
    return store


def test_a_list_may_be_longer_than_parameters_may_be_many(names: Engine) -> None:
    others = [f"nobody {number}" for number in range(MORE_THAN_PARAMETERS_MAY_BE)]

    assert found(names, [*others, "plain"]) == {"plain"}


def test_every_value_is_meant_as_it_is_written(names: Engine) -> None:
    assert found(names, NAMES) == set(NAMES)


def test_an_empty_list_holds_nothing(names: Engine) -> None:
    assert found(names, []) == set()


def test_lists_of_one_statement_are_kept_apart(names: Engine) -> None:
    assert found(names, ["plain"]) == {"plain"}
    assert found(names, ["another"]) == {"another"}
