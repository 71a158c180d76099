"""Draw who changed what and when: the events of a store, or what befell one record."""

from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.difference import counted_kinds, drawn_change
from kb_cli.render.parts import QUIET, STRONG, counted, grid, heading, indented

if TYPE_CHECKING:
    from kb.curation.history import Event, History


def drawn_history(found: "History") -> list[RenderableType]:
    """Return the events, oldest first; of a record, with what each changed."""
    if found.key is None:
        return _drawn_events(found.events)
    began = [Text(found.began, QUIET)] if found.began else []
    changes = counted(len(found.changes), "change")
    return [heading(changes, f"of {found.key} and what belongs to it"), *began, *_drawn(found)]


def _drawn_events(events: list["Event"]) -> list[RenderableType]:
    if not events:
        return [Text("No such event is recorded.")]
    columns = [
        Column("EVENT", justify="right", no_wrap=True),
        Column("WHEN (UTC)", no_wrap=True),
        Column("WHO"),
        Column("WHAT"),
        Column("ROWS"),
    ]
    return [grid(columns, (_event_row(each) for each in events))]


def _event_row(each: "Event") -> list[Text]:
    undone = f"\nundone by event {each.undone_by}" if each.undone_by else ""
    return [
        Text(str(each.number), STRONG),
        Text(each.when),
        Text(each.by),
        Text.assemble(_what(each), (undone, QUIET)),
        Text("filled the empty store" if each.counts is None else counted_kinds(each.counts)),
    ]


def _drawn(found: "History") -> list[RenderableType]:
    parts: list[RenderableType] = []
    for each in found.events:
        undone = f", undone by event {each.undone_by}" if each.undone_by else ""
        about = f"{each.when} UTC, {each.by}: {_what(each)}{undone}"
        parts += [Text(), heading(f"Event {each.number}", about)]
        for change in found.changes:
            if change.event is each:
                parts += [indented(part) for part in drawn_change(change, found.quotes)]
    return parts


def _what(each: "Event") -> str:
    form = f" ({each.file_format})" if each.file_format else ""
    undone = f"event {each.undoes}, " if each.undoes else ""
    return f"{each.kind} of {undone}{each.source}{form}"
