"""The outside formats that can be read: their names, and how a file of each is known."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from kb.curation.wording import listed, nearest, shown
from kb.errors import KbError
from kb.exchange.drafts import Reading
from kb.exchange.files import ForeignFile

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
        entry: what one unit of its data is called, as passages name it.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    mark: re.Pattern[bytes]
    entry: str = "row"

    def reader(self) -> Reader:
        """Return what reads files of this format; it is loaded when it is first asked for."""
        module = import_module(f"kb.exchange.readers.{self.name.replace('-', '_')}")
        return cast("Reader", module.read)

    def fits(self, file: ForeignFile, head: bytes) -> bool:
        """Return whether a file of which `head` is the beginning may be of this format."""
        return file.path.suffix.lower() in self.endings and bool(self.mark.search(head))


def _format(
    name: str, title: str, endings: str, mark: bytes, *, entry: str = "row"
) -> tuple[str, Format]:
    pattern = re.compile(mark, re.IGNORECASE)
    return name, Format(name, title, tuple(endings.split()), pattern, entry)


_COUNTS = rb"\bai\b[^\n]*\bci\b"
_MEANS = rb"\bm1i\b[^\n]*\bm2i\b"
_EFFECTS = rb"\b(yi\b[^\n]*\b(vi|sei)|(vi|sei)\b[^\n]*\byi)\b"
_METAFOR = rb"\A[^\n]*(%b|%b|%b)" % (_COUNTS, _MEANS, _EFFECTS)

FORMATS: dict[str, Format] = dict(
    (
        _format("metapsy", "Metapsy database", ".csv .txt", rb"\A[^\n\r]*condition_arm1"),
        _format("metafor", "table with metafor's columns", ".csv .txt", _METAFOR),
        _format("revman5", "RevMan 5 review", ".rm5 .xml", rb"<COCHRANE_REVIEW", entry="entry"),
        _format("cochrane-package", "Cochrane data package", ".zip", rb"\APK", entry="row"),
        _format("ris", "RIS references", ".ris .txt", rb"(?m)^TY  ?-", entry="line"),
        _format("bibtex", "BibTeX references", ".bib .bibtex", rb"@\s*\w+\s*[{(]", entry="line"),
        _format(
            "csl-json",
            "CSL-JSON references",
            ".json",
            rb'\A[^\w"]*\[?[^\w"]*\{(?![\s\S]*"protocolSection")',
            entry="entry",
        ),
        _format(
            "pubmed",
            "PubMed references",
            ".nbib .txt .medline",
            rb"(?m)^PMID\s*-",
            entry="line",
        ),
        _format(
            "clinical-trials",
            "ClinicalTrials.gov registrations",
            ".json",
            rb'"protocolSection"',
            entry="entry",
        ),
    )
)
"""Every format that can be imported, by its name."""


def format_named(name: str) -> Format:
    """Return a format by its name; raise `KbError`, with the nearest, where there is none."""
    found = FORMATS.get(name)
    if found is None:
        near = "".join(f"Nearest: {word}. " for word in nearest(name, FORMATS))
        raise KbError(
            f"No format is called {shown(name)}.", f"{near}Formats: {', '.join(FORMATS)}."
        )
    return found


def format_of(file: ForeignFile) -> Format:
    """Return the format of a file by its name and its beginning.

    Raises `KbError` where none fits, or more than one.
    """
    with file.path.open("rb") as stream:
        head = _legible(stream.read(_HEAD))
    fitting = [form for form in FORMATS.values() if form.fits(file, head)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = listed(form.name for form in fitting)
        raise KbError(f"{file.name} may be of several formats: {names}.", "Name one with --as.")
    raise KbError(
        f"{file.name} shows no format that can be imported.",
        f"Name one with --as: {', '.join(FORMATS)}.",
    )


def _legible(head: bytes) -> bytes:
    """Return the beginning of a file without byte-order mark, UTF-16 as UTF-8."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(encoding, "ignore").encode()
    return head.removeprefix(b"\xef\xbb\xbf")
