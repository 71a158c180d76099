"""Where in the text of a seed file a record belongs, so that nothing else in it moves.

The text is never written anew: a record is inserted after what stands before it, and comments,
anchors, quotes and the order of everything stay as their author left them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from kb.curation.shape import FILE, FURTHER, OWN_PASSAGE, Shape
from kb.curation.spelling import Entry, spelled_inline, spelled_list

Path = tuple[str, ...]
"""Where a list of records stands: names of fields, and after that of a list the key of one of its
records, such as `("study", "measurements", "pain", "contrasts")`."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Events = Iterator[Any]


class NoPlace(Exception):
    """A text that has no place for a record; says why."""


@dataclass
class _Node:
    """A value of the text: from where to where it goes, and what stands in it.

    `end` is where its last word ends, before what else stands on the line, and `column` that of its
    first word; of a record, that of its first name. What is in brackets `opens` after the first.
    """

    start: int
    end: int
    column: int
    opens: int = 0
    text: str = ""
    inline: bool = False
    fields: "dict[str, _Node] | None" = None
    items: "list[_Node] | None" = None


def inserted(text: str, path: Path, entry: Entry) -> str:
    """Return the text with a record at the end of the list at `path`, which is made if need be.

    Raises `NoPlace` where there is none. Whether all else is as it was is for the caller to see.
    """
    *steps, name = path
    around, order = _found(_tree(text), steps)
    listed = (around.fields or {}).get(name)
    anchors = re.findall(r"&([^\s,\[\]{}]+)", text)
    if listed is None:
        at, new = _new_list(text, around, name, order, entry, anchors)
    elif listed.items is None:
        raise NoPlace(f"'{name}' holds no list of its own there")
    else:
        at, new = _new_item(text, listed, entry, anchors)
    if at == len(text) and not text.endswith("\n"):
        new = f"\n{new}"
    return text[:at] + _as_lines_end(new, text) + text[at:]


def _tree(text: str) -> _Node:
    events = iter(yaml.parse(text, Loader=_Loader))
    next(events)  # the stream begins, and then the document
    next(events)
    return _node(next(events), events)


def _node(event: Any, events: _Events) -> _Node:
    start, end = event.start_mark, event.end_mark
    node = _Node(start.index, end.index, start.column, end.index, getattr(event, "value", ""))
    if isinstance(event, yaml.MappingStartEvent):
        node.fields = {}
        for name in _until(yaml.MappingEndEvent, node, event, events):
            if not node.fields:
                node.column = name.start_mark.column
            node.fields[getattr(name, "value", "")] = _node(next(events), events)
    elif isinstance(event, yaml.SequenceStartEvent):
        node.items = []
        for item in _until(yaml.SequenceEndEvent, node, event, events):
            node.items.append(_node(item, events))
    return node


def _until(kind: type[Any], node: _Node, opened: Any, events: _Events) -> _Events:
    """Yield what begins in a value until it ends, and note where that is."""
    node.inline = bool(opened.flow_style)
    for event in events:
        if isinstance(event, kind):
            inner = [*(node.fields or {}).values(), *(node.items or [])]
            if node.inline:
                node.end = event.end_mark.index
            elif inner:
                node.end = max(part.end for part in inner)
            return
        yield event


def _found(node: _Node, steps: list[str]) -> tuple[_Node, list[str]]:
    """Return the record that steps lead to, and the order in which its fields stand."""
    shapes = FILE
    order = list(FILE)
    for step in steps:
        if node.items is not None:
            node = next((item for item in node.items if _key(item) == step), _NOTHING)
        else:
            node = (node.fields or {}).get(step, _NOTHING)
            order = _order(shapes[step])
            shapes = dict(shapes[step].children)
    if node.fields is None:
        raise NoPlace(f"there is no record at '{'/'.join(steps)}'")
    return node, order


_NOTHING = _Node(0, 0, 0)


def _key(item: _Node) -> str:
    return item.fields["key"].text if item.fields and "key" in item.fields else ""


def _order(shape: Shape) -> list[str]:
    return [*shape.columns, OWN_PASSAGE, FURTHER, *shape.children]


def _new_item(text: str, listed: _Node, entry: Entry, anchors: list[str]) -> tuple[int, str]:
    items = listed.items or []
    if listed.inline:
        comma = ", " if items else ""
        at = items[-1].end if items else listed.opens
        return at, comma + spelled_inline(entry, anchors)
    at = _line_after(text, listed.end)
    return at, spelled_list([entry], _dash(text, listed), anchors)


def _new_list(
    text: str, around: _Node, name: str, order: list[str], entry: Entry, anchors: list[str]
) -> tuple[int, str]:
    fields = around.fields or {}
    before = order[: order.index(name)]
    earlier = [node for field, node in fields.items() if field in before]
    last = max((node.end for node in earlier or fields.values()), default=around.end)
    if around.inline:
        return last, f", {name}: [{spelled_inline(entry, anchors)}]"
    at = _line_after(text, last)
    apart = "\n" if re.match(r"\r?\n", text[at:]) else ""
    items = spelled_list([entry], around.column + 2, anchors)
    return at, f"{apart}{' ' * around.column}{name}:\n{items}"


def _dash(text: str, listed: _Node) -> int:
    """Return the column of the dashes of a list."""
    dash = re.compile(r"^[ ]*-(?=\s)", re.MULTILINE)
    if text[listed.start] == "-":
        return listed.column
    found = dash.search(text, listed.start)  # after its anchor
    if found is None:
        raise NoPlace("its list is not written with dashes")
    return len(found.group()) - 1


def _line_after(text: str, end: int) -> int:
    """Return where the line begins that follows the one on which a value ends."""
    begins = text.rfind("\n", 0, end) + 1
    if end > 0 and not text[begins:end].strip():
        return begins  # a text in several lines ends with the last of them
    newline = text.find("\n", end)
    return len(text) if newline < 0 else newline + 1


def _as_lines_end(new: str, text: str) -> str:
    """Return new lines with the ends of lines that the text has."""
    return new.replace("\n", "\r\n") if "\r\n" in text else new
