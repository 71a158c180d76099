"""Parse YAML so that every value remembers its line and its words.

Files may come from anywhere, so one that is too deep or unfolds beyond measure is refused before it
costs time or memory. Scalars are read as JSON would read them: the octal, base-60 and underscored
numbers of YAML 1.1 stay the text that they are.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from kb.curation.wording import shown

DEPTH_LIMIT = 40
"""Levels that values may be nested; the tables need eight."""

UNFOLDED_LIMIT = 500_000
"""Values that a file may hold once its aliases are unfolded; the largest shipped holds 7,000."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HINTS = {
    "mapping values are not allowed": "Put a text that holds ': ' in quotes.",
    "cannot start any token": "Indent with spaces; put a text that begins with a sign in quotes.",
    "did not find expected": "Check the indentation, brackets and quotes around it.",
    "could not find expected ':'": "Write 'field: value'.",
    "unexpected end of stream": "Close the quotes.",
}
_Event = Any
"""An event of the YAML parser; the types that describe PyYAML leave most of them out."""


@dataclass(frozen=True, slots=True)
class Located:
    """A value from a file: with its line, and a scalar as it was written.

    Mappings hold `Located` values under their names, and so do lists. The line of a value in a
    mapping is that of its name.
    """

    value: Any
    line: int
    text: str = ""
    size: int = 1


class Unreadable(Exception):
    """A file that cannot be read on from here."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        self.message = message
        super().__init__(message)


Note = Callable[[int, str, str], None]
"""Takes what is wrong without being in the way of the rest: the line, the field and a message."""


def parse(text: str, note: Note) -> Located:
    """Return the value that a text holds. Raises `Unreadable`."""
    return _Builder(note).build(_events(text))


def refuse_control(text: str, line: int) -> None:
    """Raise `Unreadable` where a text holds what no terminal or database should be given."""
    if control := _CONTROL.search(text):
        code = f"U+{ord(control.group()):04X}"
        line += text.count("\n", 0, control.start())
        raise Unreadable(line, f"holds the control character {code}; remove it.")


def _events(text: str) -> Iterator[_Event]:
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = ", ".join(part for part in (error.context, error.problem) if part)
        lines = text.splitlines()
        hint = next((hint for problem, hint in _HINTS.items() if problem in what), "")
        found = f"found {shown(lines[line - 1])}" if line <= len(lines) else "at the end"
        raise Unreadable(line, f"is not valid YAML ({what}), {found}. {hint}".strip()) from error


@dataclass
class _Open:
    """A mapping or list whose end has not been met."""

    value: dict[str, Located] | list[Located]
    line: int
    anchor: str | None
    name: Located | None = None
    size: int = 1


@dataclass
class _Builder:
    """Turns the events of the parser into located values; an aliased value is built once."""

    note: Note
    _anchors: dict[str, Located | None] = field(default_factory=dict)
    _open: list[_Open] = field(default_factory=list)
    _root: Located | None = None

    def build(self, events: Iterator[_Event]) -> Located:
        for event in events:
            line = event.start_mark.line + 1
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event, line)
                case yaml.AliasEvent():
                    self._alias(str(event.anchor), line)
                case yaml.MappingStartEvent():
                    self._enter({}, event, line)
                case yaml.SequenceStartEvent():
                    self._enter([], event, line)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._leave()
                case yaml.DocumentStartEvent() if self._root is not None:
                    raise Unreadable(line, "holds more than one document ('---'); split it.")
        if self._root is None:
            raise Unreadable(1, "is empty; give it a study, a review or a vocabulary.")
        if self._root.size > UNFOLDED_LIMIT:
            raise Unreadable(
                1,
                f"unfolds to {self._root.size:,} values by its aliases; "
                f"at most {UNFOLDED_LIMIT:,} are read.",
            )
        return self._root

    def _scalar(self, event: _Event, line: int) -> None:
        self._refuse_tag(event.tag, line)
        refuse_control(event.value, line)
        plain = event.implicit[0] and not event.style
        value = constant(event.value) if plain else event.value
        self._place(Located(value, line, event.value), event.anchor)

    def _alias(self, anchor: str, line: int) -> None:
        if anchor not in self._anchors:
            raise Unreadable(line, f"'*{anchor}' names no anchor; write '&{anchor}' before it.")
        aliased = self._anchors[anchor]
        if aliased is None:
            raise Unreadable(line, f"'*{anchor}' stands within what it names.")
        self._place(Located(aliased.value, line, aliased.text, aliased.size))

    def _enter(self, value: dict[str, Located] | list[Located], event: _Event, line: int) -> None:
        self._refuse_tag(event.tag, line)
        if len(self._open) == DEPTH_LIMIT:
            raise Unreadable(line, f"is nested deeper than {DEPTH_LIMIT} levels.")
        if event.anchor is not None:
            self._refuse_anchor(event.anchor, line)
            self._anchors[event.anchor] = None
        self._open.append(_Open(value, line, event.anchor))

    def _leave(self) -> None:
        done = self._open.pop()
        anchor = done.anchor
        if anchor is not None:
            del self._anchors[anchor]
        self._place(Located(done.value, done.line, size=done.size), anchor)

    def _place(self, item: Located, anchor: str | None = None) -> None:
        if anchor is not None:
            self._refuse_anchor(anchor, item.line)
            self._anchors[anchor] = item
        if not self._open:
            self._root = item
            return
        outer = self._open[-1]
        outer.size += item.size
        if isinstance(outer.value, list):
            outer.value.append(item)
        elif outer.name is None:
            outer.name = self._name(item)
        else:
            self._pair(outer.value, outer.name, item)
            outer.name = None

    def _name(self, item: Located) -> Located:
        if isinstance(item.value, dict | list):
            raise Unreadable(
                item.line, f"the name of a field must be text, found {shown(item.value)}."
            )
        return item

    def _pair(self, record: dict[str, Located], name: Located, item: Located) -> None:
        if name.text in record:
            first = record[name.text].line
            found = shown(item.text or item.value)
            message = f"is given twice in one record, first on line {first}, now {found}; keep one."
            self.note(name.line, name.text, message)
            return
        record[name.text] = Located(item.value, name.line, item.text, item.size)

    def _refuse_anchor(self, anchor: str, line: int) -> None:
        if anchor in self._anchors:
            raise Unreadable(line, f"the anchor '&{anchor}' is given twice; rename one.")

    def _refuse_tag(self, tag: str | None, line: int) -> None:
        if tag not in {None, "!", f"{_STANDARD}str"}:
            name = str(tag).replace(_STANDARD, "!!")
            raise Unreadable(line, f"holds the tag {shown(name)}; seed files have no tags.")


def constant(text: str) -> Any:
    """Return what an unquoted scalar stands for."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
