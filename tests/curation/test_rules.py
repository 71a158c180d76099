from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, Enum

from kb.curation.rules import SENTENCES, rules_of
from kb.curation.shape import FILE, Shape
from kb_schema.tables import metadata

TOLD = "".join(
    text.read_text(encoding="utf-8")
    for text in sorted((Path(__file__).parent / "broken").glob("*.txt"))
)
OUT_OF_REACH = {
    "ck_disagreement_of_something": "it is nested in a study or a review",
    "ck_passage_locator_given": "an empty locator is refused before",
    "ck_passage_quote_at_most_25_words": "a long quote is refused before",
    "ck_passage_quote_given": "an empty quote is refused before",
}


def test_every_rule_of_the_tables_has_its_sentence() -> None:
    rules = {str(rule.name) for table in metadata.tables.values() for rule in rules_of(table)}

    assert set(SENTENCES) == rules


def test_a_rule_is_a_condition_or_a_closed_set_of_codes() -> None:
    """A set of codes is checked as such, so only conditions need sentences."""
    for table in metadata.tables.values():
        checks = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
        codes = [c for c in table.columns if isinstance(c.type, Enum)]

        assert len(checks) == len(rules_of(table)) + len(codes), table.name


@pytest.mark.parametrize("rule", sorted(SENTENCES.keys() - OUT_OF_REACH.keys()))
def test_sentence_is_met_in_a_broken_file(rule: str) -> None:
    """A rule that no broken file breaks would be told of in words that nobody has read."""
    field, sentence = SENTENCES[rule]
    table = next(t.name for t in metadata.sorted_tables if rule in map(name_of, rules_of(t)))
    sections = {section for section, shape in every_section() if shape.table.name == table}
    fields = {field, "study"} if rule.endswith("_one_origin") else {field}

    for told_of in fields:
        assert any(f"{section}.{told_of}: {sentence}; found" in TOLD for section in sections)


def name_of(rule: CheckConstraint) -> str:
    return str(rule.name)


def every_section() -> list[tuple[str, Shape]]:
    found = list(FILE.items())
    for _, shape in found:
        found += shape.children.items()
    return found
