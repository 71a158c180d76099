"""The light stand-ins for tables name only tables and columns that the models have."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import kb
from kb.base import Base
from kb.question import SUBJECTS
from kb.store import relations
from kb.store.relations import Relation
from kb.summary import summary
from kb_schema.tables import metadata

Columns = set[tuple[str, str]]


def missing(columns: Columns) -> Columns:
    """Return the columns that the models do not have."""
    return {
        (table, column)
        for table, column in columns
        if table not in metadata.tables or column not in metadata.tables[table].c
    }


def written() -> Iterator[tuple[str, str]]:
    """Yield the columns that the program's text takes from a relation, as in `study.year`."""
    named = {n: r.table.name for n, r in vars(relations).items() if isinstance(r, Relation)}
    for path in Path(kb.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            alias.asname or alias.name: named[alias.name]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "kb.store.relations"
            for alias in node.names
            if alias.name in named
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                table = imported.get(node.value.id)
                if table is not None and node.attr not in {"table", "named"}:
                    yield table, node.attr


def test_relations_are_named_for_their_tables() -> None:
    named = {n: r.table.name for n, r in vars(relations).items() if isinstance(r, Relation)}

    assert {name for name, table in named.items() if name != table} == set()
    assert set(named.values()) <= set(metadata.tables)


def test_columns_in_the_program_exist() -> None:
    columns = set(written())

    assert ("study", "year") in columns
    assert len(columns) > 60
    assert missing(columns) == set()


def test_columns_that_answers_and_pages_use_exist(
    base_on_sqlite: Base, questions: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    used: Columns = set()
    named = Relation.named

    def noted(self: Relation, name: str) -> object:
        used.add((self.table.name, name))
        return named(self, name)

    monkeypatch.setattr(Relation, "named", noted)
    for subject in SUBJECTS:
        for facets in questions[::3]:
            base_on_sqlite.answer(base_on_sqlite.question(subject, **facets))
    for name in ("goodwin-2001", "cochrane-2013", "li-2024", "poms", "segt", "inner-setting"):
        base_on_sqlite.page(name)
    summary(base_on_sqlite)

    assert ("inclusion", "status") in used
    assert missing(used) == set()
    kept = {
        (relation.table.name, column.name)
        for relation in vars(relations).values()
        if isinstance(relation, Relation)
        for column in relation.table.c
    }
    assert missing(kept) == set()
