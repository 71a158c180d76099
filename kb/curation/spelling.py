"""Records in the words of seed files: YAML in the order of the tables, on lines of their own."""

import io
import math
import re
from collections.abc import Iterable
from typing import Any

import yaml

from kb.curation.parsing import constant

Entry = dict[str, Any]
"""A record as a seed file states it: its fields by name, its passage and its lists in place."""

_SHORT = 2
"""Fields that a record may have to stand on one line; a passage always does."""


def spelled_document(document: Entry) -> str:
    """Return a seed file, with an empty line between its sections."""
    return re.sub(r"\n(?=\w)", "\n\n", _dumped(document, flow=False))


def spelled_list(entries: list[Entry], column: int, anchors: Iterable[str] = ()) -> str:
    """Return records as the items of a list whose dashes stand at a column.

    A passage that several of them share is written once, under a name that is not among `anchors`.
    """
    lines = _dumped(entries, flow=False, anchors=anchors).splitlines(keepends=True)
    return "".join(" " * column + line for line in lines)


def spelled_inline(entry: Entry, anchors: Iterable[str] = ()) -> str:
    """Return a record on one line, in braces."""
    return _dumped(entry, flow=True, anchors=anchors).rstrip("\n")


class _Dumper(yaml.SafeDumper):
    """Writes lists as the seed files do: indented, and passages on one line."""

    taken: frozenset[str] = frozenset()

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - overrides
        super().increase_indent(flow, False)  # noqa: FBT003 - takes no names in some releases

    def generate_anchor(self, node: Any) -> str:
        name = super().generate_anchor(node).replace("id", "passage-")
        return self.generate_anchor(node) if name in self.taken else name

    def represent_entry(self, entry: Entry) -> yaml.MappingNode:
        """Represent a record on one line where it is short."""
        nested = any(isinstance(value, dict | list) for value in entry.values())
        short = "quote" in entry or (len(entry) <= _SHORT and not nested)
        inline = bool(self.default_flow_style) or short
        return self.represent_mapping("tag:yaml.org,2002:map", entry, flow_style=inline)

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Represent a text, in quotes where seed files would read another value in it."""
        style = "'" if constant(text) != text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(dict, _Dumper.represent_entry)


def _dumped(data: Any, *, flow: bool, anchors: Iterable[str] = ()) -> str:
    stream = io.StringIO()
    # an infinite width keeps every value on the line of its name
    dumper = _Dumper(
        stream,
        default_flow_style=flow,
        width=math.inf,
        allow_unicode=True,
        sort_keys=False,
    )
    dumper.taken = frozenset(anchors)
    try:
        dumper.open()
        dumper.represent(data)
        dumper.close()
    finally:
        dumper.dispose()
    return stream.getvalue()
