"""The JSON Schema is held against real files, not only against itself."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from kb.curation.bookkeeping import shipped_seeds
from kb.curation.checking import shipped_keys
from kb.curation.jsonschema import json_schema
from kb.curation.parsing import Located, Unreadable, parse
from kb.curation.reading import seed_files
from kb.curation.shape import FILE
from kb_schema.tables import metadata
from tests.curation.conftest import Printed

HERE = Path(__file__).parent
SHIPPED = seed_files(shipped_seeds())
BEYOND_SHAPE = {
    "arm_of_another_study",
    "contrast_of_an_arm_with_itself",
    "contrast_of_nothing",
    "contrast_of_unknown_arms",
    "certainty_of_nothing",
    "certainty_reason_of_neither_kind",
    "control_arm_without_comparator",
    "dangling_passage_report",
    "duplicate_key",
    "estimate_of_a_ratio_below_zero",
    "fact_of_study_and_review",
    "identifier_of_another_record",
    "interval_upside_down",
    "more_studies_than_there_are",
    "p_without_relation",
    "passage_seen_twice_differently",
    "quote_of_26_words",
    "ranges_upside_down",
    "report_of_another_study",
    "term_above_itself",
    "values_out_of_range",
    "values_out_of_range_in_a_review",
    "values_out_of_range_in_vocabularies",
    "whole_number_too_large",
}
"""Files that are broken by what their values mean, which a schema does not know."""

NOT_YAML = {
    "alias_loop",
    "alias_without_anchor",
    "anchor_twice",
    "billion_laughs",
    "control_character",
    "duplicate_yaml_key",
    "empty_file",
    "malformed_yaml",
    "malformed_yaml_bracket",
    "malformed_yaml_quote",
    "malformed_yaml_tab",
    "nested_too_deep",
    "not_utf8",
    "only_a_comment",
    "tag",
    "two_documents",
}
"""Files that an editor's YAML parser refuses, or that hold nothing to hold against a schema."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json_schema()


@pytest.fixture(scope="module")
def validator(schema: dict[str, Any]) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def plain(item: Located) -> Any:
    """Return a value as an editor's parser hands it to the schema."""
    if isinstance(item.value, dict):
        return {name: plain(value) for name, value in item.value.items()}
    if isinstance(item.value, list):
        return [plain(value) for value in item.value]
    return item.value


def content(file: Path) -> Any:
    return plain(parse(file.read_text(encoding="utf-8"), lambda *_: None))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_file_fits(file: Path, validator: Draft202012Validator) -> None:
    errors = [
        f"{error.json_path}: {error.message}" for error in validator.iter_errors(content(file))
    ]

    assert errors == []


def test_shipped_files_fit_as_pyyaml_reads_them(validator: Draft202012Validator) -> None:
    for file in SHIPPED:
        assert validator.is_valid(yaml.safe_load(file.read_text(encoding="utf-8"))), file


@pytest.mark.parametrize("file", sorted((HERE / "sound").iterdir()), ids=lambda file: file.stem)
def test_sound_file_fits(file: Path, validator: Draft202012Validator) -> None:
    validator.validate(content(file))


@pytest.mark.parametrize(
    "file",
    [f for f in sorted((HERE / "broken").glob("*.yaml")) if f.stem not in BEYOND_SHAPE | NOT_YAML],
    ids=lambda file: file.stem,
)
def test_file_of_another_shape_does_not_fit(file: Path, validator: Draft202012Validator) -> None:
    assert not validator.is_valid(content(file))


@pytest.mark.parametrize("name", sorted(BEYOND_SHAPE))
def test_file_that_is_broken_by_meaning_has_the_right_shape(
    name: str, validator: Draft202012Validator
) -> None:
    validator.validate(content(HERE / "broken" / f"{name}.yaml"))


@pytest.mark.parametrize("name", sorted(NOT_YAML))
def test_file_that_an_editor_refuses_anyway(name: str) -> None:
    noted: list[str] = []
    try:
        text = (HERE / "broken" / f"{name}.yaml").read_text(encoding="utf-8")
        parse(text, lambda *problem: noted.append(str(problem)))
    except (Unreadable, UnicodeDecodeError):
        return

    assert noted


def test_every_column_that_is_written_is_in_the_schema(schema: dict[str, Any]) -> None:
    """A table or column that the schema forgot could not be written with an editor's help."""
    titles = {record["title"] for record in records(schema)}
    tables = {name.replace("_", " ").capitalize() for name in metadata.tables}
    provenance = {"Passage", "Further passage", "Synonym"}
    bookkeeping = {"Store fact", "Search entry", "Event", "Record change"} | provenance

    assert tables - titles == bookkeeping - titles
    assert set(schema["properties"]) == set(FILE)


def test_every_field_has_a_title_and_a_description(schema: dict[str, Any]) -> None:
    for record in [*records(schema), schema["$defs"]["passage"]]:
        assert record["description"].endswith((".", "?"))
        for name, field in record["properties"].items():
            if "$ref" in field and name in {"passage", "further_passages"}:
                continue
            assert field["title"], (record["title"], name)
            assert field["description"], (record["title"], name)


def test_references_within_the_schema_lead_somewhere(schema: dict[str, Any]) -> None:
    named = {step["$ref"].removeprefix("#/$defs/") for step in steps(schema) if "$ref" in step}

    assert named == set(schema["$defs"])


def test_editors_are_offered_the_keys_that_are_shipped() -> None:
    schema = json_schema(shipped_keys())
    Draft202012Validator.check_schema(schema)
    offered, other = schema["$defs"]["design_key"]["anyOf"]

    assert "rct" in offered["enum"]
    assert Draft202012Validator(other).is_valid("a-design-of-my-own")
    assert not Draft202012Validator(schema["$defs"]["design_key"]).is_valid("No Slug")


def test_command_prints_the_schema(kb: Callable[..., Printed], tmp_path: Path) -> None:
    code, out, err = kb("schema")
    file = tmp_path / "seeds.schema.json"
    written = kb("schema", "--output", file)

    assert (code, err) == (0, "")
    assert json.loads(out) == json_schema(shipped_keys())
    assert written == (0, "", "")
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(out)


def steps(step: Any) -> Iterator[dict[str, Any]]:
    if isinstance(step, dict):
        yield step
    for inner in (
        step.values() if isinstance(step, dict) else step if isinstance(step, list) else ()
    ):
        yield from steps(inner)


def records(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for step in steps(schema) if "required" in step and "properties" in step]
