"""The diagrams of the model hold every table, column and reference."""

import re

import pytest
from defusedxml import ElementTree

from kb.errors import UnknownValue
from kb.exchange.writers.diagram import drawn
from kb_schema.tables import metadata

REFERENCES = sorted(
    (column.table.name, column.name, key.column.table.name)
    for table in metadata.tables.values()
    for column in table.columns
    for key in column.foreign_keys
)


def test_mermaid_has_every_table_with_its_columns() -> None:
    text = drawn("mermaid")
    found = dict(re.findall(r"^    (\w+) \{\n(.*?)^    \}", text, re.MULTILINE | re.DOTALL))

    assert text.startswith("erDiagram\n")
    assert found.keys() == metadata.tables.keys()
    for name, table in metadata.tables.items():
        assert [line.split()[1] for line in found[name].splitlines()] == list(table.columns.keys())
    assert "integer year" in found["study"]
    assert "text study_key PK, FK" in found["study_report"]


def test_mermaid_has_every_reference() -> None:
    lines = re.findall(r"^    (\w+) (\|\||\|o)--o\{ (\w+) : (\w+)$", drawn("mermaid"), re.MULTILINE)
    optional = {(table, column) for _, one, table, column in lines if one == "|o"}

    assert sorted((table, column, to) for to, _, table, column in lines) == REFERENCES
    assert ("arm", "intervention_key") in optional
    assert ("arm", "study_key") not in optional


def test_graphml_has_every_table_and_reference() -> None:
    root = ElementTree.fromstring(drawn("graphml"))
    ns = {"g": "http://graphml.graphdrawing.org/xmlns"}
    nodes = {node.get("id"): node for node in root.findall(".//g:node", ns)}
    edges = root.findall(".//g:edge", ns)
    declared = {key.get("id") for key in root.findall("g:key", ns)}

    assert nodes.keys() == metadata.tables.keys()
    assert {data.get("key") for data in root.findall(".//g:data", ns)} == declared
    assert (
        sorted(
            (e.get("source"), e.findtext("g:data[@key='column']", "", ns), e.get("target"))
            for e in edges
        )
        == REFERENCES
    )
    columns = nodes["study"].findtext("g:data[@key='columns']", "", ns)
    assert len(columns.splitlines()) == len(metadata.tables["study"].columns)


def test_another_notation_is_told() -> None:
    with pytest.raises(UnknownValue, match="'dot'"):
        drawn("dot")
