"""`kb template`: the sheet that is written, and what is said."""

from pathlib import Path
from typing import TYPE_CHECKING

from python_calamine import load_workbook

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Runner


def test_a_workbook_is_written_with_the_terms_of_the_store(kb: "Runner", tmp_path: Path) -> None:
    path = tmp_path / "extraction.xlsx"
    ended = kb(f"template {path}")

    assert (ended.code, ended.out) == (0, "")
    assert f"wrote {path}" in ended.err
    book = load_workbook(str(path))
    assert book.sheet_names == ["Extraction", "Read me", "Lists"]
    offered = {str(cell) for row in book.get_sheet_by_name("Lists").to_python() for cell in row}
    assert {"Supportive-expressive group therapy", "Usual care", "HR", "full-text"} <= offered


def test_what_is_read_first(kb: "Runner", golden: "Golden", tmp_path: Path) -> None:
    path = tmp_path / "extraction.xlsx"
    kb(f"template {path}")
    rows = load_workbook(str(path)).get_sheet_by_name("Read me").to_python()

    lines = [" | ".join(str(cell) for cell in row if cell) for row in rows]
    golden("template-read-me.txt", "\n".join(lines) + "\n")


def test_csv_holds_the_header_and_the_example(
    kb: "Runner", golden: "Golden", tmp_path: Path
) -> None:
    path = tmp_path / "extraction.csv"
    assert kb(f"template {path}").code == 0
    golden("template.csv", path.read_text(encoding="utf-8-sig"))


def test_mistakes(kb: "Runner", golden: "Golden", tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    screens = []
    for name in ("mine.csv", "sheet.ods", "folder.csv"):
        ended = kb(f"template {tmp_path / name}")
        assert (ended.code, ended.out) == (1, "")
        screens.append(f"$ kb template {name}\n{ended.err}".replace(str(tmp_path), "FOLDER"))
    assert (tmp_path / "mine.csv").read_text(encoding="utf-8") == "mine"

    golden("template-mistakes.txt", "\n".join(screens))


def test_an_example_alone_cannot_be_imported(kb: "Runner", tmp_path: Path) -> None:
    path = tmp_path / "extraction.xlsx"
    kb(f"template {path}")
    ended = kb(f"import {path}")

    assert ended.code == 1
    assert "holds the made-up example alone" in ended.err
