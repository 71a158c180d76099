"""What cells of a workbook show that their values do not tell: percentages, and failed formulas."""

import re
from collections.abc import Iterator, Mapping
from posixpath import join, normpath
from typing import TYPE_CHECKING
from zipfile import ZipFile, ZipInfo

from kb.exchange.xml import parsed

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PERCENT, FAILED = "%", "#"
"""A number that is shown as a percentage; a formula without a value."""

Marks = Mapping[int, Mapping[int, str]]
"""How cells are shown, by row and column from 1."""

_BOOK, _RELATIONS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_MOST_HELD = 16_000_000
_BUILT_IN = {"9", "10"}
"""Formats of percentages that no workbook needs to define."""

_LITERAL = re.compile(r'"[^"]*"|\\.')
"""What a format shows as it stands; a percent sign in it multiplies nothing."""

_CELL = re.compile(rb"<(?:\w{1,20}:)?c\s([^<>]{0,200})>")
_SAID = re.compile(rb"""\b(r|s|t)\s*=\s*["']([^"']*)["']""")
_PLACE = re.compile(rb"([A-Z]{1,3})([0-9]{1,7})")
_CHUNK = 1 << 20
_OVERLAP = 256


def marks_of(archive: ZipFile, sheet: str) -> Marks:
    """Return how the cells of a sheet are shown that are percentages or errors."""
    path = _path_of(archive, sheet)
    if path not in archive.namelist():
        return {}
    percents = {style.encode() for style in _percent_styles(archive)}
    marks: dict[int, dict[int, str]] = {}
    for chunk in chunks(archive, path, _OVERLAP):
        for cell in _CELL.findall(chunk):
            said = dict(_SAID.findall(cell))
            mark = FAILED if said.get(b"t") == b"e" else PERCENT
            place = _PLACE.fullmatch(said.get(b"r", b""))
            if place and (mark is FAILED or said.get(b"s") in percents):
                marks.setdefault(int(place[2]), {})[column_of(place[1])] = mark
    return marks


def chunks(archive: ZipFile, member: str | ZipInfo, overlap: int) -> Iterator[bytes]:
    """Yield a member in parts, each with the end of the one before it."""
    end = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            yield end + chunk
            end = chunk[-overlap:]


def column_of(letters: bytes) -> int:
    """Return the number of a column, from 1, by its letters."""
    value = 0
    for letter in letters:
        value = value * 26 + letter - ord("A") + 1
    return value


def _path_of(archive: ZipFile, sheet: str) -> str:
    """Return where a sheet stands in the archive; nothing where that is not clear."""
    identifier = next(
        (
            value
            for each in _elements(archive, _BOOK, "sheet")
            if each.get("name") == sheet
            for name, value in each.attrib.items()
            if name.endswith("}id")
        ),
        "",
    )
    for each in _elements(archive, _RELATIONS, "Relationship"):
        if each.get("Id") == identifier:
            return normpath(join("/xl", each.get("Target", ""))).lstrip("/")
    return ""


def _percent_styles(archive: ZipFile) -> Iterator[str]:
    """Yield the numbers of the styles that show a percentage."""
    formats = _BUILT_IN | {
        each.get("numFmtId", "")
        for each in _elements(archive, _STYLES, "numFmt")
        if "%" in _LITERAL.sub("", each.get("formatCode", ""))
    }
    for styles in _elements(archive, _STYLES, "cellXfs"):
        for number, style in enumerate(styles):
            if style.get("numFmtId") in formats:
                yield str(number)


def _elements(archive: ZipFile, path: str, tag: str) -> Iterator["Element"]:
    if path in archive.namelist() and archive.getinfo(path).file_size <= _MOST_HELD:
        root = parsed(archive.read(path), f"{path} in the workbook")
        yield from (each for each in root.iter() if each.tag.rpartition("}")[2] == tag)
