"""Whatever a file of any format holds, it is read or refused in a sentence, row by row."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import KbError
from kb.exchange.drafts import Reading
from kb.exchange.files import open_file
from kb.exchange.formats import FORMATS
from tests.exchange.revman_files import zipped
from tests.exchange.small_files import PACKAGE, SMALL, Small, accounted, saved

BYTES = [bytes([value]) for value in b"\0\"',;\t\r\n\\{}[]<>&=@%#-\x81\xff"]
NASTY = [
    *BYTES,
    *(b"", b"\r\n", b"\n\n", b"</", b"&#0;", b"&lol;", b"=1+1", b"\xff\xfe", b"\xef\xbb\xbf"),
    *(b"NA", b"nan", b"Infinity", b"1e999", b"-1", b"0", b"9" * 30, b"1" * 5000, b"0,5", b"1.5.2"),
    *(sign.encode() for sign in "²½٣\u2028\u202e"),
    *(b"\x1b[31m", b"x" * 3000, b"NCT99999901", b"null"),
]
PIECE = re.compile(rb"(\w+|\W)")


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Draw a file with some of its words, signs, lines and stretches exchanged."""
    pieces = PIECE.findall(content)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(pieces) - 1))
        kind = draw(st.sampled_from(["exchange", "insert", "cut", "double", "end"]))
        length = draw(st.integers(1, 60))
        if kind == "exchange":
            pieces[place] = draw(st.sampled_from(NASTY))
        elif kind == "insert":
            pieces.insert(place, draw(st.sampled_from(NASTY)))
        elif kind == "cut":
            del pieces[place : place + length]
        elif kind == "double":
            pieces[place:place] = pieces[place : place + length]
        else:
            del pieces[max(place, 1) :]
        pieces = pieces or [b"x"]
    return b"".join(pieces) or b"x"


@st.composite
def damaged_packages(draw: st.DrawFn) -> bytes:
    """Draw a sound archive in which one table is damaged."""
    name = draw(st.sampled_from(sorted(PACKAGE)))
    return zipped({**PACKAGE, name: draw(damaged(PACKAGE[name].encode()))})


def damaged_file(name: str) -> st.SearchStrategy[bytes]:
    whole = damaged(SMALL[name].content)
    return damaged_packages() | whole if name == "cochrane-package" else whole


def read_or_refuse(name: str, small: Small, content: bytes, folder: Path) -> Reading | None:
    """Read a file; check that a refusal says what to do, and that no row is lost."""
    file = open_file(saved(folder, small, content))
    try:
        reading = FORMATS[name].reader()(file, small.constants)
        rows = accounted(reading)
        sizes = list(reading.sizes())
    except KbError as error:
        check_refusal(error)
        return None
    assert reading.rows <= len(rows)
    assert {size.row for size in sizes} <= rows
    assert all(note.message.isprintable() for note in reading.notes)
    return reading


def check_refusal(refusal: KbError) -> None:
    """Check that a refusal says what is wrong and what to do, and cannot act on a terminal."""
    assert refusal.problem
    assert refusal.remedy
    assert str(refusal).isprintable()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def test_every_format_has_a_small_file_that_is_read_to_the_last_row(folder: Path) -> None:
    assert set(SMALL) == set(FORMATS)
    for name, small in SMALL.items():
        reading = read_or_refuse(name, small, small.content, folder)
        assert reading is not None
        assert reading.rows == len(accounted(reading)) > 1, name


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=30)
@given(data=st.data())
def test_any_bytes_are_read_or_refused(name: str, data: st.DataObject, folder: Path) -> None:
    small = SMALL[name]
    head = small.content[: data.draw(st.sampled_from([0, 4, 40, 200]))]
    read_or_refuse(name, small, head + data.draw(st.binary(min_size=1, max_size=200)), folder)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=120)
@given(data=st.data())
def test_any_damage_is_read_or_refused(name: str, data: st.DataObject, folder: Path) -> None:
    read_or_refuse(name, SMALL[name], data.draw(damaged_file(name)), folder)
