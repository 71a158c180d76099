"""The tables, their columns and references as a diagram: Mermaid or GraphML."""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from sqlalchemy import Column, Table

from kb.errors import UnknownValue
from kb.exchange.writers.evidence import description_of, description_of_column
from kb_schema.tables import metadata

_GRAPHML = "http://graphml.graphdrawing.org/xmlns"
_KEYS = (
    ("name", "node"),
    ("description", "node"),
    ("columns", "node"),
    ("column", "edge"),
    ("optional", "edge"),
)


def drawn(notation: str) -> str:
    """Return the model as a diagram in a notation. Raises `UnknownValue` for another."""
    notations = {"mermaid": mermaid, "graphml": graphml}
    if notation not in notations:
        raise UnknownValue(
            f"There is no diagram in '{notation}'.", f"Use {' or '.join(notations)}."
        )
    return notations[notation]()


def mermaid() -> str:
    """Return the model as an entity-relationship diagram of Mermaid."""
    lines = ["erDiagram"]
    for table in _tables():
        lines.append(f"    {table.name} {{")
        lines += [f"        {_attribute(column)}" for column in table.columns]
        lines.append("    }")
    for column, target in _references():
        one = "|o" if column.nullable else "||"
        lines.append(f"    {target.name} {one}--o{{ {column.table.name} : {column.name}")
    return "\n".join(lines) + "\n"


def graphml() -> str:
    """Return the model as GraphML: a node for each table, an edge for each reference."""
    root = ElementTree.Element("graphml", xmlns=_GRAPHML)
    for name, of in _KEYS:
        key = {"id": name, "for": of, "attr.name": name, "attr.type": "string"}
        ElementTree.SubElement(root, "key", key)
    graph = ElementTree.SubElement(root, "graph", id="model", edgedefault="directed")
    for table in _tables():
        node = ElementTree.SubElement(graph, "node", id=table.name)
        _data(node, "name", table.name)
        _data(node, "description", description_of(table))
        _data(node, "columns", "\n".join(map(_described, table.columns)))
    for column, target in _references():
        edge = ElementTree.SubElement(graph, "edge", source=column.table.name, target=target.name)
        _data(edge, "column", column.name)
        _data(edge, "optional", str(column.nullable).lower())
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _tables() -> list[Table]:
    return sorted(metadata.tables.values(), key=lambda table: table.name)


def _references() -> Iterator[tuple[Column[Any], Table]]:
    for table in _tables():
        for column in table.columns:
            for key in column.foreign_keys:
                yield column, key.column.table


def _attribute(column: Column[Any]) -> str:
    marks = ["PK"] if column.primary_key else []
    marks += ["FK"] if column.foreign_keys else []
    told = description_of_column(column).replace('"', "'")
    return " ".join([_type(column), column.name, ", ".join(marks), f'"{told}"' if told else ""])


def _described(column: Column[Any]) -> str:
    return f"{column.name} ({_type(column)}): {description_of_column(column)}"


def _type(column: Column[Any]) -> str:
    return {str: "text", int: "integer", float: "number", bool: "boolean"}.get(
        column.type.python_type, "text"
    )


def _data(parent: ElementTree.Element, key: str, text: str) -> None:
    ElementTree.SubElement(parent, "data", key=key).text = text
