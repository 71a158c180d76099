"""ZIP archives: what is unpacked, and what is refused without being unpacked."""

import io
import stat
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.exchange import archives
from kb.exchange.archives import unpacked
from kb.exchange.files import FileProblem, content, open_file
from tests.exchange.revman_files import saved, zipped


def contents(folder: Path, data: bytes) -> dict[str, bytes]:
    with unpacked(saved(folder, "made-up.zip", data)) as members:
        return {path: content(member) for path, member in members.items()}


def packed(*members: tuple[ZipInfo | str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def test_files_come_by_their_paths_and_are_gone_afterwards(tmp_path: Path) -> None:
    file = saved(tmp_path, "made-up.zip", zipped({"a/b.csv": "x,y\n", "c.txt": "z", "d/": ""}))
    with unpacked(file) as members:
        assert {path: content(each) for path, each in members.items()} == {
            "a/b.csv": b"x,y\n",
            "c.txt": b"z",
        }
        assert members["a/b.csv"].name == "b.csv"
    with pytest.raises(ValueError, match="closed"):
        content(members["a/b.csv"])


def test_an_empty_file_is_left_out(tmp_path: Path) -> None:
    assert contents(tmp_path, zipped({"empty.csv": "", "a.csv": "x"})) == {"a.csv": b"x"}


def test_an_archive_in_the_archive_is_unpacked_and_one_deeper_is_not(tmp_path: Path) -> None:
    deepest = zipped({"c.csv": "deep"})
    inner = zipped({"b.csv": "inside", "deeper.zip": deepest})
    found = contents(tmp_path, zipped({"a.csv": "outside", "data.zip": inner}))
    assert found == {
        "a.csv": b"outside",
        "data.zip/b.csv": b"inside",
        "data.zip/deeper.zip": deepest,
    }


def _link() -> bytes:
    info = ZipInfo("link.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed((info, b"/etc/passwd"))


def _encrypted() -> bytes:
    data = bytearray(zipped({"a.csv": "secret"}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(signature) + at
        data[place : place + 2] = struct.pack("<H", 1)
    return bytes(data)


def _wrong_crc() -> bytes:
    data = packed(("a.csv", b"made up, made up"), method=ZIP_STORED)
    return data.replace(b"made up, made up", b"made up, made UP", 1)


def _wrong_size() -> bytes:
    """An archive whose directory says that its file is longer than it is."""
    data = bytearray(packed(("a.csv", b"made up"), method=ZIP_STORED))
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", 70)
    return bytes(data)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "absolute": (lambda: packed(("/etc/a.csv", b"x")), "a path that does not start in"),
    "drive": (lambda: packed((r"C:\a.csv", b"x")), "a path that does not start in"),
    "up": (lambda: packed(("a/../../b.csv", b"x")), "a path that leads out"),
    "up by backslashes": (lambda: packed((r"a\..\..\b.csv", b"x")), "a path that leads out"),
    "link": (_link, "a link"),
    "encrypted": (_encrypted, "which is encrypted"),
    "bomb": (lambda: zipped({"a.csv": b"0" * 3_000_000}), "packed to less than a 200th"),
    "too many": (lambda: zipped({f"{i}.csv": "" for i in range(2_001)}), "more than 2,000 files"),
    "twice": (lambda: packed(("A.csv", b"x"), ("a.csv", b"y")), "twice"),
    "wrong checksum": (_wrong_crc, "no ZIP archive, or it is damaged"),
    "wrong size": (_wrong_size, "no ZIP archive, or it is damaged"),
    "truncated": (lambda: zipped({"a.csv": "made up"})[:-10], "no ZIP archive, or it is damaged"),
    "no archive": (lambda: b"PK made up", "no ZIP archive, or it is damaged"),
    "bomb inside": (
        lambda: zipped({"in.zip": zipped({"a.csv": b"0" * 3_000_000})}),
        "packed to less than a 200th",
    ),
    "up inside": (lambda: zipped({"in.zip": packed(("../b.csv", b"x"))}), "a path that leads out"),
    "no archive inside": (lambda: zipped({"in.zip": b"made up"}), "no ZIP archive"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused(name: str, tmp_path: Path) -> None:
    make, said = HOSTILE[name]
    with pytest.raises(FileProblem, match=said) as caught:
        contents(tmp_path, make())
    assert caught.value.remedy


def test_both_levels_have_one_share_of_the_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 3_000)
    inner = packed(("b.csv", bytes(range(250)) * 6), method=ZIP_STORED)
    data = packed(("in.zip", inner), method=ZIP_STORED)
    with pytest.raises(FileProblem, match="unpacks to more than"):
        contents(tmp_path, data)


def test_a_size_that_is_not_true_does_not_pass_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory says 7 bytes where there are thousands: no more than those are taken."""
    data = bytearray(packed(("a.csv", bytes(range(250)) * 40), method=ZIP_DEFLATED))
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", 7)
    with pytest.raises(FileProblem, match="damaged"):
        contents(tmp_path, bytes(data))


def test_a_short_file_may_repeat_itself(tmp_path: Path) -> None:
    assert len(contents(tmp_path, zipped({"a.csv": b"0" * 900_000}))["a.csv"]) == 900_000


def test_another_packing_of_python_is_unpacked(tmp_path: Path) -> None:
    assert contents(tmp_path, packed(("a.csv", b"x"), method=ZIP_BZIP2)) == {"a.csv": b"x"}


def test_nothing_is_written_that_would_stay_where_the_program_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(room))
    file = saved(tmp_path, "made-up.zip", zipped({"a/b/c.csv": "x", "in.zip": zipped({"d": "y"})}))
    before = sorted(tmp_path.iterdir())
    with unpacked(file) as members:
        assert [content(member) for member in members.values()] == [b"x", b"y"]
        assert list(room.iterdir()) == []
        assert sorted(tmp_path.iterdir()) == before


def test_an_archive_that_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    file = saved(tmp_path, "made-up.zip", packed(("a.csv", bytes(99_000)), method=ZIP_STORED))
    with pytest.raises(FileProblem, match="changed while it was read"), unpacked(file) as members:
        file.path.write_bytes(b"\0" * file.size)
        content(members["a.csv"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, 400), bits=st.integers(1, 255))
def test_a_changed_byte_gives_the_files_or_a_problem(tmp_path: Path, place: int, bits: int) -> None:
    data = bytearray(zipped({"a/b.csv": "made up " * 9, "in.zip": zipped({"c.csv": "made up"})}))
    data[place % len(data)] ^= bits
    path = tmp_path / "changed.zip"
    path.write_bytes(data)
    with suppress(FileProblem), unpacked(open_file(path)) as members:
        assert all(content(member) for member in members.values())
