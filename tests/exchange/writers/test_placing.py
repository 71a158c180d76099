"""Files come to their place whole, and replace nothing unasked."""

from pathlib import Path

import pytest

from kb.errors import KbError
from kb.exchange.writers.placing import placed_file, placed_folder

LEAVES = ("*.csv", "datapackage.json")


def write_folder(path: Path, *, force: bool = False, name: str = "a.csv") -> None:
    with placed_folder(path, LEAVES, force=force) as part:
        (part / name).write_text("new", encoding="utf-8")


def test_a_file_is_not_there_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.xlsx"
    with placed_file(path, force=False) as part:
        part.write_text("new", encoding="utf-8")
        assert not path.exists()

    assert path.read_text(encoding="utf-8") == "new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("force", [False, True])
def test_a_file_that_fails_leaves_the_old_one_and_nothing_else(
    tmp_path: Path, *, force: bool
) -> None:
    path = tmp_path / "file.xlsx"
    if force:
        path.write_text("old", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), placed_file(path, force=force) as part:
        part.write_text("half", encoding="utf-8")
        _ = 1 / 0

    assert [f.read_text(encoding="utf-8") for f in tmp_path.iterdir() if f.is_file()] == (
        ["old"] if force else []
    )


def test_a_file_that_is_there_stays_without_force(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(KbError, match=r"exists\. Say --force"), placed_file(path, force=False):
        pass
    with pytest.raises(KbError, match="is a folder"), placed_file(tmp_path, force=True):
        pass

    assert path.read_text(encoding="utf-8") == "old"


def test_a_folder_is_not_there_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "folder"
    with pytest.raises(ZeroDivisionError), placed_folder(path, LEAVES, force=False) as part:
        (part / "a.csv").touch()
        _ = 1 / 0
    assert not list((tmp_path / "deep").iterdir())

    write_folder(path)
    assert [f.name for f in path.iterdir()] == ["a.csv"]
    assert list(path.parent.iterdir()) == [path]


def test_an_empty_folder_is_taken_for_none(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    write_folder(path)

    assert (path / "a.csv").exists()


def test_a_folder_is_replaced_only_by_force_and_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    write_folder(path, name="old.csv")
    with pytest.raises(KbError, match="is not empty"):
        write_folder(path)
    write_folder(path, force=True)

    assert [f.name for f in path.iterdir()] == ["a.csv"]
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("name", ["thesis.docx", "sub/thesis.docx"])
def test_a_folder_with_other_files_is_never_replaced(tmp_path: Path, name: str) -> None:
    path = tmp_path / "folder"
    (path / name).parent.mkdir(parents=True)
    (path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(KbError, match=r"thesis\.docx, which no such export wrote"):
        write_folder(path, force=True)

    assert (path / name).read_text(encoding="utf-8") == "mine"


def test_a_link_is_never_replaced(tmp_path: Path) -> None:
    there = tmp_path / "there"
    write_folder(there)
    (tmp_path / "link").symlink_to(there)
    with pytest.raises(KbError, match="is a link"):
        write_folder(tmp_path / "link", force=True)

    assert (there / "a.csv").exists()


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KbError, match="cannot be written"):
        write_folder(tmp_path / "file" / "folder")
    with (
        pytest.raises(KbError, match="cannot be written"),
        placed_file(tmp_path / "file" / "x.csv", force=False),
    ):
        pass
    with pytest.raises(KbError, match="is a file"):
        write_folder(tmp_path / "file")
