"""The workbook, the JSON document and the copy for Datasette hold what the store does."""

import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from python_calamine import CalamineWorkbook

from kb.base import Base
from kb.curation.hashing import content_hash
from kb.errors import KbError
from kb.exchange.writers import datasette, json_document, xlsx
from kb.exchange.writers.evidence import evidence_tables, number_of_rows, rows_of
from kb.store.engine import open_engine, reading, sqlite_url


@pytest.fixture(scope="module")
def workbook(made_up: Base, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workbook") / "evidence.xlsx"
    xlsx.write(made_up.connection, made_up.data, path)
    return path


def test_a_workbook_holds_every_value(made_up: Base, workbook: Path) -> None:
    book = CalamineWorkbook.from_path(str(workbook))
    tables = [t for t in evidence_tables() if number_of_rows(made_up.connection, t)]

    assert book.sheet_names == ["Read me", "Columns", *(table.name for table in tables)]
    for table in tables:
        header, *rows = book.get_sheet_by_name(table.name).to_python()
        assert header == [column.name for column in table.columns]
        stored = [
            ["" if value is None else value for value in row.values()]
            for row in rows_of(made_up.connection, table)
        ]
        assert rows == stored, table.name
        assert not any(isinstance(value, datetime) for row in rows for value in row)


def test_no_text_of_a_workbook_is_a_formula_or_a_link(workbook: Path) -> None:
    with zipfile.ZipFile(workbook) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        text = "".join(parts.read(name).decode() for name in sheets)
        outside = [name for name in parts.namelist() if "rels" in name]
        links = "".join(parts.read(name).decode() for name in outside)

    assert "<f>" not in text
    assert "=HYPERLINK" in text
    assert 'TargetMode="External"' not in links


def test_the_first_sheet_says_what_is_what(made_up: Base, workbook: Path) -> None:
    book = CalamineWorkbook.from_path(str(workbook))
    text = json.dumps(book.get_sheet_by_name("Read me").to_python())

    assert made_up.data.hash in text
    assert "MIT License" in text
    for table in evidence_tables():
        assert f'"{table.name}"' in text


def test_headers_stay_in_sight_and_columns_can_be_filtered(workbook: Path) -> None:
    with zipfile.ZipFile(workbook) as parts:
        for number in (2, 3, 10):
            sheet = parts.read(f"xl/worksheets/sheet{number}.xml").decode()
            assert 'state="frozen"' in sheet
            assert "<autoFilter " in sheet


@pytest.mark.parametrize(
    ("limit", "said"), [("MOST_ROWS", "a sheet takes fewer"), ("MOST_CHARACTERS", "too long")]
)
def test_what_no_workbook_holds_is_told_and_not_cut(
    limit: str, said: str, made_up: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, limit, 20)
    with pytest.raises(KbError, match=said):
        xlsx.write(made_up.connection, made_up.data, tmp_path / "evidence.xlsx")


def test_json_holds_every_value(any_base: Base) -> None:
    text, rows = json_document.write(any_base.connection, any_base.data)
    document = json.loads(text)

    assert document["data"] == any_base.data.as_dict()
    assert document["tables"] == {
        table.name: list(rows_of(any_base.connection, table)) for table in evidence_tables()
    }
    assert rows == sum(map(len, document["tables"].values()))


def test_json_is_the_same_on_a_server(base_on_sqlite: Base, base_on_postgres: Base) -> None:
    bases = (base_on_sqlite, base_on_postgres)
    texts = {json_document.write(each.connection, each.data) for each in bases}

    assert len(texts) == 1


def test_datasette_gets_a_copy_of_the_store(made_up: Base, tmp_path: Path) -> None:
    folder = tmp_path / "datasette"
    folder.mkdir()
    rows = datasette.write(made_up.connection, made_up.data, folder)
    engine = open_engine(sqlite_url(folder / "evidence.db"))
    with reading(engine) as connection:
        assert content_hash(connection) == content_hash(made_up.connection)
    engine.dispose()

    assert {path.name for path in folder.iterdir()} == {"evidence.db", "metadata.yaml"}
    assert rows["study"] == 9


def test_datasette_metadata_describe_what_is_there_and_set_nothing(
    made_up: Base, tmp_path: Path
) -> None:
    datasette.write(made_up.connection, made_up.data, tmp_path)
    metadata = yaml.safe_load((tmp_path / "metadata.yaml").read_text(encoding="utf-8"))
    tables = metadata["databases"]["evidence"]["tables"]
    with closing(sqlite3.connect(tmp_path / "evidence.db")) as copy:
        for name, described in tables.items():
            columns = [row[1] for row in copy.execute("SELECT * FROM pragma_table_info(?)", [name])]
            assert set(described["columns"]) == set(columns)
            assert described.keys() == {"description", "columns"}
            assert all(described["columns"].values())

    assert metadata.keys() == {"title", "description", "license", "source", "databases"}
    assert metadata["databases"]["evidence"].keys() == {"tables"}
    assert set(tables) == {table.name for table in evidence_tables()}
    assert made_up.data.hash in metadata["description"]


def test_datasette_takes_no_store_on_a_server(base_on_postgres: Base, tmp_path: Path) -> None:
    with pytest.raises(KbError, match="reads SQLite files"):
        datasette.write(base_on_postgres.connection, base_on_postgres.data, tmp_path)
    assert not (tmp_path / "evidence.db").exists()
