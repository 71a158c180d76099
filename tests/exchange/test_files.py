"""Foreign files: found, measured, decoded, within limits."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.exchange.drafts import Fate
from kb.exchange.files import (
    MOST_IN_A_LINE,
    FileProblem,
    content,
    cut,
    decoded_lines,
    encoding_note,
    open_file,
    printable,
    text_of,
)
from kb.exchange.formats import format_named, format_of


def made(folder: Path, data: bytes, name: str = "made-up.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_file_has_its_name_without_folders_its_size_and_the_checksum_of_its_bytes(
    tmp_path: Path,
) -> None:
    data = b"made,up\n" * 300_000
    file = open_file(made(tmp_path, data))
    assert file.name == "made-up.csv"
    assert file.size == len(data)
    assert file.checksum == hashlib.sha256(data).hexdigest()
    assert open_file(file.path, name="another").name == "another"


@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "too-large", "impossible"])
def test_what_is_no_file_to_read_is_refused_with_a_sentence_on_what_to_do(
    tmp_path: Path, kind: str
) -> None:
    path = {
        "missing": tmp_path / "no.csv",
        "folder": tmp_path,
        "empty": made(tmp_path, b"", "empty.csv"),
        "too-large": made(tmp_path, b"x" * 101, "large.csv"),
        "impossible": Path("made\0up.csv"),
    }[kind]
    with pytest.raises(FileProblem) as caught:
        open_file(path, most=100)
    assert caught.value.remedy


def test_a_file_that_changed_since_its_checksum_is_refused(tmp_path: Path) -> None:
    file = open_file(made(tmp_path, b"one"))
    made(tmp_path, b"two")
    with pytest.raises(FileProblem, match="changed"):
        content(file)


def test_content_has_a_limit_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="larger than 0 MB"):
        content(open_file(made(tmp_path, b"made up")), most=3)


@pytest.mark.parametrize(
    ("codec", "mark"), [("utf-8", b""), ("utf-8-sig", b""), ("utf-16", b"")], ids=str
)
def test_unicode_is_read_without_a_note_and_without_its_mark(
    tmp_path: Path, codec: str, mark: bytes
) -> None:
    file = open_file(made(tmp_path, "Jönköping,±\n".encode(codec)))
    assert text_of(file) == ("Jönköping,±\n", None)
    assert list(decoded_lines(file)) == ["Jönköping,±\n"]
    assert encoding_note(file) is None


def test_big_endian_utf_16_is_read(tmp_path: Path) -> None:
    file = open_file(made(tmp_path, b"\xfe\xff" + "made up".encode("utf-16-be")))
    assert text_of(file)[0] == "made up"


@pytest.mark.parametrize(
    ("data", "text", "said"),
    [(b"Universit\xe9 \x96 ", "Université – ", "Windows-1252"), (b"\x81\xe9", "\x81é", "Latin-1")],
    ids=["cp1252", "latin-1"],
)
def test_what_is_not_unicode_is_read_all_the_same_and_said(
    tmp_path: Path, data: bytes, text: str, said: str
) -> None:
    file = open_file(made(tmp_path, data))
    found, note = text_of(file)
    assert found == text
    assert note is not None
    assert note.fate == Fate.EXPLAINED
    assert said in note.message
    assert encoding_note(file) == note


def test_a_letter_cut_by_the_end_of_a_chunk_is_one_letter(tmp_path: Path) -> None:
    text = "x" * ((1 << 20) - 1) + "é" + "y"
    assert text_of(open_file(made(tmp_path, text.encode()))) == (text, None)


@pytest.mark.parametrize(
    "data",
    [b"made\0up", b"\xff\xfe\x00\xd8", b"\xff\xfe\0\0m\0\0\0", b"\xff\xfea"],
    ids=["nul", "half-a-pair", "utf-32", "odd"],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    file = open_file(made(tmp_path, data))
    with pytest.raises(FileProblem):
        text_of(file)
    with pytest.raises(FileProblem):
        list(decoded_lines(file))


@pytest.mark.parametrize("name", ["made-up.csv", "made-up.xlsx", "made-up.json"])
@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"%PDF-1.4\n", "is a PDF"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", r"is a picture \(JPEG\)"),
        (b"\x89PNG\r\n\x1a\n\0", r"is a picture \(PNG\)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "or one with a password"),
        (b"\x1f\x8b\x08\0", "is packed with gzip"),
    ],
    ids=["pdf", "jpeg", "png", "old-office", "gzip"],
)
def test_a_file_of_another_kind_is_called_what_it_is_whatever_its_ending(
    tmp_path: Path, start: bytes, kind: str, name: str
) -> None:
    file = open_file(made(tmp_path, start + b"made up", name))
    read = format_named("template").reader()
    for asked in (lambda: format_of(file), lambda: text_of(file), lambda: read(file, {})):
        with pytest.raises(FileProblem, match=kind) as caught:
            asked()
        assert "UTF-8 text" not in (caught.value.remedy or "")
        assert "--as" not in (caught.value.remedy or "")


@pytest.mark.parametrize("name", ["made-up.csv", "made-up.json"])
def test_a_workbook_under_another_ending_is_told_from_a_text(tmp_path: Path, name: str) -> None:
    file = open_file(made(tmp_path, b"PK\x03\x04\0\0made up", name))
    with pytest.raises(FileProblem, match="a workbook, a document or another packed file"):
        format_of(file)
    with pytest.raises(FileProblem, match="a workbook, a document or another packed file"):
        text_of(file)


def test_bytes_that_are_no_text_are_not_offered_another_format(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="is not a text file") as caught:
        format_of(open_file(made(tmp_path, b"made\0up")))
    assert "--as" not in (caught.value.remedy or "")


def test_all_ends_of_lines_become_one(tmp_path: Path) -> None:
    file = open_file(made(tmp_path, b"a\r\nb\rc\nd"))
    assert text_of(file)[0] == "a\nb\nc\nd"
    assert list(decoded_lines(file)) == ["a\n", "b\n", "c\n", "d"]


def test_a_line_without_end_is_refused_before_it_is_held(tmp_path: Path) -> None:
    file = open_file(made(tmp_path, b"x" * (MOST_IN_A_LINE + 1)))
    with pytest.raises(FileProblem, match="line of more than"):
        list(decoded_lines(file))


@given(st.text())
def test_printable_text_is_one_line_that_a_terminal_does_not_act_upon(text: str) -> None:
    shown = printable(text)
    assert shown == printable(shown)
    assert shown == "" or shown.isprintable()
    assert not shown.startswith(" ")


def test_escape_sequences_and_marks_of_direction_do_not_pass() -> None:
    assert printable("\x1b[31mred\u202e\n\tand  more ") == "[31mred and more"


def test_a_long_text_is_cut_visibly() -> None:
    assert cut("x" * 10, 4) == "xxx…"
    assert cut("x" * 4, 4) == "xxxx"


@given(data=st.binary(min_size=1, max_size=200))
def test_any_bytes_are_text_or_a_file_problem(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = open_file(made(tmp_path_factory.mktemp("fuzz"), data))
    try:
        text, _ = text_of(file)
    except FileProblem:
        return
    assert "".join(decoded_lines(file)) == text
    assert "\r" not in text
