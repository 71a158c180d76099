"""Files that mean harm, or came to it, made of the small file of each format."""

import io
import os
import stat
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tests.exchange.revman_files import zipped
from tests.exchange.small_files import PACKAGE, SMALL

LONG, LONGER = 1_000_000, 9_000_000
"""Characters of a text that are more than any file of the field has; of a line of a table."""

MANY = 10_000
"""Columns, or fields of one entry."""

DEEP = 100_000

_ABOUT_STUDIES = "study-data/X-study-information.csv"
_LAUGHS = "".join(
    f'<!ENTITY l{n} "{"".join(f"&l{n - 1};" for _ in range(10))}">' for n in range(1, 10)
)
EXPANDING = f'<!DOCTYPE x [<!ENTITY l0 "made up">{_LAUGHS}]>'
FETCHING = '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>'

WORDS = {
    "metapsy": b"Made-up Scale",
    "metafor": b"Made-up Scale",
    "template": b"a remark",
    "revman5": b"A made-up review",
    "cochrane-package": b"Made-up trial",
    "ris": b"metastatic",
    "bibtex": b"A made-up book",
    "csl-json": b"A made-up book",
    "pubmed": b"psychosocial",
    "clinical-trials": b"A made-up university",
}
"""A text in the small file of each format."""

NUMBERS = {
    "metapsy": b"66",
    "metafor": b"20",
    "template": b",20,",
    "revman5": b'"60"',
    "ris": b"2003",
    "bibtex": b"2001",
    "csl-json": b"2001",
    "pubmed": b"2001",
    "clinical-trials": b"120",
}
"""A number in the small file of each format."""


def text_of(name: str) -> bytes:
    """Return the small file of a format; of an archive, the table that describes its studies."""
    small = SMALL[name]
    return small.content if small.is_text else PACKAGE[_ABOUT_STUDIES].encode()


def with_text(name: str, text: bytes) -> bytes:
    """Return the small file of a format with another text in it."""
    if SMALL[name].is_text:
        return text
    return zipped({**PACKAGE, _ABOUT_STUDIES: text})


def exchanged(name: str, word: bytes, other: bytes) -> bytes:
    """Return a small file in which one text is exchanged for another wherever it stands."""
    text = text_of(name)
    assert word in text, f"{word!r} is not in the small file of {name}"
    return with_text(name, text.replace(word, other))


def with_number(name: str, number: bytes) -> bytes:
    """Return a small file in which another number stands."""
    if name == "cochrane-package":
        rows = "analysis-data/X-data-rows.csv"
        return zipped({**PACKAGE, rows: PACKAGE[rows].replace(",60,", f",{number.decode()},")})
    old = NUMBERS[name]
    return exchanged(name, old, old.replace(old.strip(b',"'), number))


def parts_of(name: str) -> dict[str, str]:
    """Return the parts of an archive: of the data package, or of a workbook for other formats."""
    sheet = "<worksheet><sheetData/></worksheet>"
    book = {"xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": sheet}
    return book if SMALL[name].is_text else PACKAGE


@cache
def zeros() -> bytes:
    return b"0" * 40_000_000


def zip_bomb(name: str) -> bytes:
    return zipped({**parts_of(name), "xl/more.csv": zeros()})


def nested_bomb(name: str) -> bytes:
    return zipped({**parts_of(name), "more.zip": zipped({"more.csv": zeros()})})


def path_escape(name: str) -> bytes:
    return zipped({**parts_of(name), "../../escaped.csv": "made up"})


def symlink(name: str) -> bytes:
    stream = io.BytesIO(zipped(parts_of(name)))
    link = ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(stream, "a", ZIP_DEFLATED) as archive:
        archive.writestr(link, "/etc/passwd")
    return stream.getvalue()


def encrypted(name: str) -> bytes:
    data = bytearray(zipped(parts_of(name)))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := data.find(signature, place + 1)) >= 0:
            data[place + at : place + at + 2] = struct.pack("<H", 1)
    return bytes(data)


def entities(declared: str) -> bytes:
    start = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{start}{declared}\n<COCHRANE_REVIEW>&l9;</COCHRANE_REVIEW>\n".encode()


def very_many_columns(name: str) -> bytes:
    """Return a file of which one line, element or entry has too many names."""
    text = text_of(name)
    columns = [f"made{n}" for n in range(MANY)]
    if name in {"metapsy", "metafor", "template", "cochrane-package"}:
        sign = ";" if name == "metapsy" else ","
        return with_text(name, sign.join(columns).encode() + b"\n" + text)
    attributes = {
        "revman5": "<COCHRANE_REVIEW " + "".join(f'{each}="" ' for each in columns),
        "ris": "TY  - JOUR\n" + "".join(f"C{n % 10}  - x\n" for n in range(MANY)),
        "pubmed": "PMID- 1\n" + "".join(f"XX{n % 10} - x\n" for n in range(MANY)),
        "bibtex": "@article{x,\n" + "".join(f"{each} = 1,\n" for each in columns),
        "csl-json": "{" + "".join(f'"{each}": 1, ' for each in columns),
        "clinical-trials": "{" + "".join(f'"{each}": 1, ' for each in columns),
    }
    starts = {"revman5": b"<COCHRANE_REVIEW ", "csl-json": b"{", "clinical-trials": b"{"}
    if name in starts:
        return text.replace(starts[name], attributes[name].encode(), 1)
    return attributes[name].encode() + text


def deep(name: str) -> bytes:
    """Return a file whose parts are within each other more often than a program can follow."""
    if name == "revman5":
        return b"<COCHRANE_REVIEW>" + b"<A>" * DEEP + b"</A>" * DEEP + b"</COCHRANE_REVIEW>"
    if name == "bibtex":
        return exchanged(name, WORDS[name], b"{" * DEEP + b"}" * DEEP)
    if name in {"csl-json", "clinical-trials"}:
        return b"[" * DEEP + b"]" * DEEP
    return exchanged(name, WORDS[name], b"(" * DEEP + b")" * DEEP)


def mixed_line_ends(name: str) -> bytes:
    first, *others = text_of(name).split(b"\n")
    ends = (b"\r\n", b"\r", b"\n")
    return with_text(
        name, first + b"".join(ends[n % 3] + line for n, line in enumerate(others, start=0))
    )


def huge_cell(name: str) -> bytes:
    is_table = name in {"metapsy", "metafor", "template", "cochrane-package"}
    return exchanged(name, WORDS[name], b"x" * (LONGER if is_table else LONG))


MADE: dict[str, Callable[[str], bytes]] = {
    "zip bomb": zip_bomb,
    "nested bomb": nested_bomb,
    "path escape": path_escape,
    "link in an archive": symlink,
    "encrypted": encrypted,
    "entities that expand": lambda _: entities(EXPANDING),
    "entity that fetches": lambda _: entities(FETCHING),
    "huge cell": huge_cell,
    "long cell": lambda name: exchanged(name, WORDS[name], b"x " * 50_000),
    "very many columns": very_many_columns,
    "deep": deep,
    "NUL": lambda name: exchanged(name, WORDS[name], b"made\0up"),
    "half of UTF-16": lambda name: with_text(name, b"\xff\xfe" + text_of(name)[: 2 * 40 + 1]),
    "UTF-32": lambda name: with_text(name, text_of(name).decode("cp1252").encode("utf-32")),
    "truncated": lambda name: SMALL[name].content[: len(SMALL[name].content) // 2],
    "mixed line ends": mixed_line_ends,
    "no UTF-8": lambda name: exchanged(name, WORDS[name], b"caf\xe9 \x96 made up"),
    "number of many digits": lambda name: with_number(name, b"9" * 5_000),
    "number beyond a store": lambda name: with_number(name, b"9" * 20),
    "number beyond all": lambda name: with_number(name, b"1e999"),
    "formula": lambda name: exchanged(name, WORDS[name], b"=SUM(1)*cmd|x"),
    "escape sequence": lambda name: exchanged(name, WORDS[name], b"\x1b[31mred\x1b]0;x\x07"),
}
"""What is made of the small file of a format, by what is wrong with it."""


def no_file(kind: str, path: Path) -> Path:
    """Make what is no file to read at a path, or return another that is none."""
    if kind == "nothing":
        return path
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "unreadable":
        path.symlink_to("/proc/self/mem")  # reading its beginning fails, for root as well
    elif kind == "loop":
        path.symlink_to(path)
    else:
        path.symlink_to("/dev/zero")
    return path


NO_FILES = ("nothing", "empty", "folder", "pipe", "unreadable", "loop", "device")
