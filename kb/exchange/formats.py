"""The outside formats that can be read: their names, and how a file of each is known."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import cast

from kb.curation.wording import listed, nearest, shown
from kb.errors import KbError
from kb.exchange.drafts import Reading
from kb.exchange.file_kinds import HOW_TO_SAVE_AS
from kb.exchange.files import (
    FileProblem,
    ForeignFile,
    no_text,
    quoted,
    refuse_unreadable_kind,
)
from kb.exchange.memory import not_collecting
from kb.exchange.own_exports import refuse_own_document

Reader = Callable[[ForeignFile, Mapping[str, str]], Reading]
"""Takes a file, and constants for columns that it lacks."""

_HEAD = 65_536
"""Bytes in which a format must show itself."""


@dataclass(frozen=True)
class Format:
    """An outside format.

    Attributes:
        name: what `--as` calls it.
        title: what it is.
        endings: of the names of its files.
        mark: what its files hold near their beginning.
        entry: what says where one unit of its data stands, as passages name it.
        unit: what one unit of its data is.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    mark: re.Pattern[bytes]
    entry: str = "row"
    unit: str = "row"

    def reader(self) -> Reader:
        """Return what reads files of this format; it is loaded when it is first asked for.

        It raises `FileProblem` for a file that has nothing of the format in it.
        """
        module = import_module(f"kb.exchange.readers.{self.name.replace('-', '_')}")
        return partial(_with_rows, self, cast("Reader", module.read))

    def fits(self, file: ForeignFile, head: bytes) -> bool:
        """Return whether a file of which `head` is the beginning may be of this format."""
        return file.path.suffix.lower() in self.endings and bool(self.mark.search(head))


def _with_rows(form: Format, read: Reader, file: ForeignFile, given: Mapping[str, str]) -> Reading:
    refuse_unreadable_kind(file, packed=False)
    with not_collecting():
        reading = read(file, given)
    if not reading.rows and reading.review is None:
        raise FileProblem(
            f"{file.name} has nothing in it of the format {form.name} ({form.title}).",
            "See whether it is the file that you mean, or name another format with --as.",
        )
    return reading


def _format(
    name: str, title: str, endings: str, mark: bytes, *, entry: str = "row", unit: str = ""
) -> tuple[str, Format]:
    pattern = re.compile(mark, re.IGNORECASE)
    return name, Format(name, title, tuple(endings.split()), pattern, entry, unit or entry)


def _columns(*names: bytes) -> bytes:
    """Return what fits a line that has all these words, in time that grows as its length does."""
    return b"".join(rb"(?=[^\n]*\b(?:%b)\b)" % name for name in names)


_SHEET = rb"\A%b" % _columns(b"row", b"locator", b"quote")
_METAFOR = rb"\A(?:%b|%b|%b)" % (
    _columns(b"ai", b"ci"),
    _columns(b"m1i", b"m2i"),
    _columns(b"yi", b"vi|sei"),
)
_OF_TABLES = ".csv .tsv .txt .xlsx .ods"
_SEEDS = ("YAML, as seed files are", "`kb load` loads those.")
_SPREADSHEET = ("a spreadsheet of a kind that is not read", HOW_TO_SAVE_AS)
_OTHERS = dict.fromkeys((".yaml", ".yml"), _SEEDS) | dict.fromkeys(
    (".xls", ".numbers"), _SPREADSHEET
)
"""Endings of files that have another way: what they are, and what to do with them."""

FORMATS: dict[str, Format] = dict(
    (
        _format("metapsy", "Metapsy database", _OF_TABLES, rb"\A[^\n\r]*condition_arm1"),
        _format("template", "extraction sheet", _OF_TABLES, _SHEET),
        _format("metafor", "table with metafor's columns", _OF_TABLES, _METAFOR),
        _format("revman5", "RevMan 5 review", ".rm5 .xml", rb"<COCHRANE_REVIEW", entry="entry"),
        _format("cochrane-package", "Cochrane data package", ".zip", rb"\APK", entry="row"),
        _format(
            "ris",
            "RIS references",
            ".ris .txt",
            rb"(?m)^ {0,3}TY *-",
            entry="line",
            unit="reference",
        ),
        _format(
            "bibtex",
            "BibTeX references",
            ".bib .bibtex",
            rb"@\s*\w+\s*[{(]",
            entry="line",
            unit="reference",
        ),
        _format(
            "csl-json",
            "CSL-JSON references",
            ".json",
            rb'\A(?![\s\S]*"protocolSection")[^\w"]*\{',
            entry="entry",
            unit="reference",
        ),
        _format(
            "pubmed",
            "PubMed references",
            ".nbib .txt .medline",
            rb"(?m)^PMID\s*-",
            entry="line",
            unit="reference",
        ),
        _format(
            "clinical-trials",
            "ClinicalTrials.gov registrations",
            ".json",
            rb'"protocolSection"',
            entry="entry",
            unit="registration",
        ),
    )
)
"""Every format that can be imported, by its name."""


def format_named(name: str) -> Format:
    """Return a format by its name; raise `KbError`, with the nearest, where there is none."""
    found = FORMATS.get(name)
    if found is None:
        near = "".join(f"Nearest: {word}. " for word in nearest(name, list(FORMATS)))
        raise KbError(
            f"No format is called {shown(name)}.", f"{near}Formats: {', '.join(FORMATS)}."
        )
    return found


def format_of(file: ForeignFile, sheet: str | None = None) -> Format:
    """Return the format of a file by its name and its beginning, of a workbook those of a `sheet`.

    Raises `KbError` where none fits, or more than one, and for what this program exported.
    """
    refuse_unreadable_kind(file, packed=False)
    head = _head(file, sheet)
    refuse_own_document(file, head)
    fitting = [form for form in FORMATS.values() if form.fits(file, head)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = listed(form.name for form in fitting)
        raise KbError(f"{file.name} may be of several formats: {names}.", "Name one with --as.")
    if (ending := file.path.suffix.lower()) in _OTHERS:
        what, remedy = _OTHERS[ending]
        raise KbError(f"{file.name} is {what}.", remedy)
    refuse_unreadable_kind(file)
    if b"\0" in head:
        raise no_text(file.name)
    start = _first_line(head) if ending in _OF_TABLES.split() else ""
    raise KbError(
        f"{file.name} shows no format that can be imported{start}.",
        f"Name one with --as: {', '.join(FORMATS)}.",
    )


def _head(file: ForeignFile, sheet: str | None) -> bytes:
    """Return the beginning of a file, of a workbook the names of its columns."""
    if file.path.suffix.lower() in {".xlsx", ".ods"}:
        from kb.exchange.tabular.reading import read_table

        return ";".join(read_table(file, sheet).header).encode()
    with file.path.open("rb") as stream:
        return _legible(stream.read(_HEAD))


def _first_line(head: bytes) -> str:
    """Return how the line reads that would have to name the columns of a table."""
    line = next((line for line in head.decode("utf-8", "replace").splitlines() if line.strip()), "")
    return f"; its first line is {quoted(line)}" if line else ""


def _legible(head: bytes) -> bytes:
    """Return the beginning of a file without byte-order mark, UTF-16 as UTF-8."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(encoding, "ignore").encode()
    return head.removeprefix(b"\xef\xbb\xbf")
