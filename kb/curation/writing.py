"""Write records into seed files: into a new file, or into one of which nothing else changes."""

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from kb.curation.parsing import Located, Unreadable, parse
from kb.curation.placing import NoPlace, inserted
from kb.curation.placing import Path as Place
from kb.curation.reading import SIZE_LIMIT
from kb.curation.shape import FILE, FURTHER, OWN_PASSAGE, Shape
from kb.curation.spelling import Entry, spelled_document, spelled_list
from kb.errors import KbError

_BOM = "\ufeff"


@dataclass(frozen=True)
class Addition:
    """A record and the list of a seed file that it goes into.

    `place` is a path such as `("study", "measurements", "pain", "contrasts")`; that of a study or a
    review itself is its section.
    """

    place: Place
    entry: Entry


class Unplaceable(KbError):
    """A record for which a file has no place; `text` is the record as a seed file states it."""

    def __init__(self, problem: str, remedy: str, additions: Sequence[Addition]) -> None:
        self.text = spelled(additions)
        super().__init__(problem, remedy)


def spelled(additions: Iterable[Addition]) -> str:
    """Return records as a seed file states them, each under the list that it goes into."""
    return "\n".join(
        f"# {'/'.join(addition.place)}\n{spelled_list([addition.entry], 2)}"
        for addition in additions
    )


def composed(additions: Iterable[Addition]) -> str:
    """Return the text of a new seed file of these records."""
    document: Entry = {}
    for addition in additions:
        _put(document, addition)
    return spelled_document(_in_order(document, FILE))


def write_new(path: Path, text: str) -> None:
    """Write a new seed file, and its folder; one that is there stays. Raises `KbError`."""
    if path.exists():
        raise KbError(f"{path} is there already.", "Name another file.")
    _replace(path, text.encode())


def add_to(path: Path, additions: Sequence[Addition]) -> None:
    """Add records to a seed file, all or none; every other line stays as it is, byte by byte.

    Raises `Unplaceable` where the file has no place for one of them, and `KbError` where it cannot
    be read or written.
    """
    try:
        before = path.read_bytes().decode()
    except OSError as error:
        raise KbError(f"{path} cannot be read: {error.strerror}.", "Name another file.") from error
    except UnicodeDecodeError as error:
        raise KbError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    try:
        after = added(before, additions)
    except (NoPlace, Unreadable) as error:
        raise Unplaceable(
            f"{path} has no place for this: {error}.",
            "It is as it was; put the record in by hand.",
            additions,
        ) from error
    _replace(path, after.encode())


def added(text: str, additions: Iterable[Addition]) -> str:
    """Return the text of a seed file with records added and nothing else changed.

    What comes out is read again and compared with what was meant. Raises `NoPlace`, and
    `Unreadable` where the text cannot be read.
    """
    mark, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    for addition in additions:
        meant = _plain(parse(text, _unheard))
        _put(meant, addition)
        text = inserted(text, addition.place, addition.entry)
        if _plain(parse(text, _unheard)) != meant:
            raise NoPlace("other parts of it would change")
    if len(text.encode()) > SIZE_LIMIT:
        raise NoPlace(f"it would have more than {SIZE_LIMIT:,} bytes")
    return mark + text


def _unheard(line: int, label: str, message: str) -> None:
    """Pass over what `kb check` says of the file anyway."""


def _plain(located: Located) -> Any:
    """Return a value without its lines."""
    match located.value:
        case dict() as fields:
            return {name: _plain(value) for name, value in fields.items()}
        case list() as items:
            return [_plain(item) for item in items]
        case scalar:
            return scalar


def _put(document: Any, addition: Addition) -> None:
    """Put a record into a document where it belongs."""
    *steps, name = addition.place
    around = document
    for step in steps:
        if isinstance(around, list):
            around = next((item for item in around if _named(item, step)), None)
        else:
            around = around.get(step) if isinstance(around, dict) else None
    if not isinstance(around, dict):
        raise NoPlace(f"there is no record at '{'/'.join(steps)}'")
    if not steps and FILE[name].single:
        around[name] = dict(addition.entry)
        return
    listed = around.setdefault(name, [])
    if not isinstance(listed, list):
        raise NoPlace(f"'{name}' holds no list of its own there")
    listed.append(addition.entry)


def _named(item: Any, key: str) -> bool:
    return isinstance(item, dict) and str(item.get("key")) == key


def _in_order(document: Entry, shapes: dict[str, Shape]) -> Entry:
    """Return sections in the order of seed files, and the lists within the study in theirs."""
    return {
        name: _record_in_order(document[name], shape) if shape.single else document[name]
        for name, shape in shapes.items()
        if name in document
    }


def _record_in_order(entry: Entry, shape: Shape) -> Entry:
    order = [*shape.columns, OWN_PASSAGE, FURTHER, *shape.children]
    return {name: entry[name] for name in order if name in entry}


def _replace(path: Path, content: bytes) -> None:
    """Put a file in its place once it is whole, with the rights of the one that was there."""
    path = path.resolve()
    part = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        raise KbError(
            f"{path} cannot be written: {error.strerror}.", "Name another file or folder."
        ) from error
    finally:
        part.unlink(missing_ok=True)
