"""Every file of a Data Package is what its descriptor says, and holds the store exactly."""

import csv
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kb.base import Base
from kb.exchange.writers import data_package
from kb.exchange.writers.evidence import evidence_tables, rows_of

Descriptor = dict[str, Any]
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def package(any_base: Base, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    data_package.write(any_base.connection, any_base.data, folder)
    return folder


@pytest.fixture(scope="module")
def descriptor(package: Path) -> Descriptor:
    found: Descriptor = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def read_back(package: Path, descriptor: Descriptor) -> Rows:
    """Return the rows of every file, cast as its descriptor says."""
    return {
        resource["name"]: list(rows_as_described(package, resource))
        for resource in descriptor["resources"]
    }


CASTS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
}


def rows_as_described(package: Path, resource: Descriptor) -> Any:
    fields = resource["schema"]["fields"]
    with (package / resource["path"]).open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        assert next(lines) == [field["name"] for field in fields]
        for line in lines:
            cells = zip(fields, line, strict=True)
            yield {f["name"]: CASTS[f["type"]](cell) if cell else None for f, cell in cells}


def test_there_is_a_file_for_every_table_of_evidence(package: Path) -> None:
    files = {path.stem for path in package.glob("*.csv")}

    assert files == {table.name for table in evidence_tables()}
    assert "report" in files
    assert not files & {"event", "record_change", "search_entry", "store_fact"}


def test_the_files_hold_every_value(any_base: Base, read_back: Rows) -> None:
    for table in evidence_tables():
        assert read_back[table.name] == list(rows_of(any_base.connection, table)), table.name
    assert read_back["study"]


def test_the_descriptor_is_of_version_2_and_names_the_data(
    any_base: Base, descriptor: Descriptor
) -> None:
    assert descriptor["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert descriptor["version"] == any_base.data.version
    assert descriptor["dataHash"] == f"sha256:{any_base.data.hash}"
    assert descriptor["licenses"] == [{"name": "MIT", "title": "MIT License"}]
    assert {resource["type"] for resource in descriptor["resources"]} == {"table"}


def test_sizes_and_digests_are_those_of_the_files(package: Path, descriptor: Descriptor) -> None:
    for resource in descriptor["resources"]:
        content = (package / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{sha256(content).hexdigest()}"


def test_everything_is_described(descriptor: Descriptor) -> None:
    for resource in descriptor["resources"]:
        assert len(resource["description"]) > 10
        for field in resource["schema"]["fields"]:
            assert field["description"], (resource["name"], field["name"])


def test_rows_keep_the_constraints(descriptor: Descriptor, read_back: Rows) -> None:
    for resource in descriptor["resources"]:
        rows = read_back[resource["name"]]
        for field in resource["schema"]["fields"]:
            values = [row[field["name"]] for row in rows]
            held = field.get("constraints", {})
            given = [value for value in values if value is not None]
            assert not held.get("required") or len(given) == len(values)
            assert not held.get("unique") or len(set(given)) == len(given)
            assert "enum" not in held or set(given) <= set(held["enum"])
        keys = [tuple(row[name] for name in resource["schema"]["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys)


def test_every_reference_names_a_row(descriptor: Descriptor, read_back: Rows) -> None:
    references = 0
    for resource in descriptor["resources"]:
        for foreign in resource["schema"].get("foreignKeys", []):
            (field,), (key,) = foreign["fields"], foreign["reference"]["fields"]
            there = read_back[foreign["reference"].get("resource", resource["name"])]
            keys = {row[key] for row in there}
            named = {row[field] for row in read_back[resource["name"]]} - {None}
            assert named <= keys, (resource["name"], field)
            references += 1
    assert references == sum(
        len(column.foreign_keys) for table in evidence_tables() for column in table.columns
    )


def test_text_is_left_as_it_is(made_up: Base, tmp_path: Path) -> None:
    data_package.write(made_up.connection, made_up.data, tmp_path)

    assert '"=HYPERLINK(""made up"")"' in (tmp_path / "report.csv").read_text(encoding="utf-8")


def test_a_server_gives_the_same_package(
    base: Base, base_on_postgres: Base, tmp_path: Path
) -> None:
    packages = []
    for number, each in enumerate((base, base_on_postgres)):
        folder = tmp_path / str(number)
        folder.mkdir()
        data_package.write(each.connection, each.data, folder)
        packages.append({path.name: path.read_bytes() for path in folder.iterdir()})

    assert packages[0] == packages[1]
