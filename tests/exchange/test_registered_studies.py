"""A registration of a study that the store has: what it adds, and what it tells otherwise.

All registrations here are made up.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from kb.base import Base
from kb.exchange.importing import NotReady, bring, preview
from kb.exchange.preview import Preview
from kb.pages import page
from kb.store.engine import reading
from kb_schema.tables import metadata
from tests.exchange.import_files import ROW, database, order, rows_of

NUMBER = "NCT99999921"
ARMS = [
    {
        "label": "segt",
        "type": "EXPERIMENTAL",
        "description": "weekly",
        "interventionNames": ["Behavioral: Supportive-expressive group therapy"],
    },
    {"label": "Usual care", "type": "NO_INTERVENTION", "description": "usual"},
]


def registered(
    folder: Path,
    *,
    start: str = "1993-05",
    enrolled: int = 120,
    arms: list[dict[str, Any]] | None = None,
) -> Path:
    """Write a registration that cites the second report of the store's study; return where."""
    protocol = {
        "identificationModule": {"nctId": NUMBER, "briefTitle": "Made up"},
        "conditionsModule": {"conditions": ["Breast cancer"]},
        "contactsLocationsModule": {"locations": [{"country": "Canada"}]},
        "statusModule": {"startDateStruct": {"date": start, "type": "ACTUAL"}},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "designInfo": {"allocation": "RANDOMIZED", "interventionModel": "PARALLEL"},
            "enrollmentInfo": {"count": enrolled, "type": "ACTUAL"},
        },
        "armsInterventionsModule": {"armGroups": ARMS if arms is None else arms},
        "outcomesModule": {"primaryOutcomes": [{"measure": "Mood", "timeFrame": "6 months"}]},
        "referencesModule": {
            "references": [{"pmid": "9999903", "type": "RESULT", "citation": "Made up."}]
        },
    }
    path = folder / "made-up.json"
    path.write_text(json.dumps({"protocolSection": protocol}), encoding="utf-8")
    return path


def brought(engine: Engine, path: Path, **options: Any) -> Preview:
    return bring(engine, order(path, "clinical-trials", **options))


def warned(found: Preview, rule: str) -> dict[str, str]:
    return {note.field: note.message for note in found.notes if note.rule == rule}


def test_what_a_known_study_lacks_is_put_beside_it_with_its_passage(
    evidence: Engine, tmp_path: Path
) -> None:
    before = rows_of(evidence, "study")["first-2001"]
    found = brought(evidence, registered(tmp_path))
    assert [(m.name, m.key) for m in found.matched] == [(NUMBER, "first-2001")]
    assert rows_of(evidence, "study")["first-2001"] == before | {"registration": NUMBER}
    told = rows_of(evidence, "characteristic")
    assert told["first-2001/made-up.other"]["statement"].startswith("Planned outcomes, 1 primary")
    assert "first-2001/age" in told
    count = rows_of(evidence, "participants")["first-2001/made-up.enrolled"]
    assert (count["flow"], count["number"]) == ("enrolled", 120)
    further = metadata.tables["further_passage"]
    with reading(evidence) as connection:
        query = select(further.c.passage_key).where(
            further.c.record_key == "first-2001", further.c.field == "registration"
        )
        (passage,) = connection.scalars(query)
    assert {passage} == {
        row["passage_key"]
        for row in (count, told["first-2001/made-up.other"], told["first-2001/made-up.recruitment"])
    }
    assert passage.startswith("file-made-up/")


def test_the_same_registration_again_changes_nothing_and_another_count_is_changed(
    evidence: Engine, tmp_path: Path
) -> None:
    brought(evidence, registered(tmp_path))
    again = preview(evidence, order(registered(tmp_path), "clinical-trials"))
    assert again.changes == 0
    brought(evidence, registered(tmp_path, enrolled=121))
    assert rows_of(evidence, "participants")["first-2001/made-up.enrolled"]["number"] == 121


def test_a_country_and_a_cancer_are_added_only_to_a_study_that_has_none(
    evidence: Engine, tmp_path: Path
) -> None:
    bring(evidence, order(database(tmp_path, ROW, name="table.csv")))
    words = tmp_path / "words.yaml"
    for study in ("madeup-2011", "first-2001"):
        words.write_text(f"study: {{{NUMBER}: {study}}}\n", encoding="utf-8")
        brought(evidence, registered(tmp_path, arms=[]), words=words)
    with reading(evidence) as connection:
        for table, own in (("study_country", "country_key"), ("study_cancer", "cancer_key")):
            columns = metadata.tables[table].c
            query = select(columns.study_key, columns[own], columns.passage_key)
            found = {study: (key, passage) for study, key, passage in connection.execute(query)}
            assert len(found) == 2
            key, passage = found["madeup-2011"]
            assert key == {"study_country": "canada", "study_cancer": "breast"}[table]
            assert passage.startswith("file-made-up/")
            assert found["first-2001"][1].startswith("first-2001/")


def test_a_registered_study_is_found_by_its_number(evidence: Engine, tmp_path: Path) -> None:
    brought(evidence, registered(tmp_path))
    with reading(evidence) as connection:
        assert page(Base(connection), NUMBER.lower()).key == "first-2001"


def test_numbers_and_years_that_differ_are_told(evidence: Engine, tmp_path: Path) -> None:
    found = brought(evidence, registered(tmp_path, start="1995"))
    assert warned(found, "told otherwise") == {
        "enrolled": f"{NUMBER}: the file says 120 were enrolled, this base 235 randomised; "
        "both stand",
        "start": f"{NUMBER}: the file says 1995, this base 1993, which stays",
    }


def test_a_country_that_is_not_known_is_told_and_not_asked_for(
    evidence: Engine, tmp_path: Path
) -> None:
    path = registered(tmp_path)
    path.write_text(path.read_text("utf-8").replace("Canada", "Utopia"), encoding="utf-8")
    found = brought(evidence, path)
    assert warned(found, "told otherwise")["countries"] == (
        f"{NUMBER}: the file says Utopia, this base canada, which stays"
    )
    assert not found.unknown


def test_the_same_numbers_are_not_told(evidence: Engine, tmp_path: Path) -> None:
    assert not brought(evidence, registered(tmp_path, enrolled=235)).warned


def test_another_registration_number_is_told_and_that_of_the_base_stays(
    evidence: Engine, tmp_path: Path
) -> None:
    brought(evidence, registered(tmp_path))
    other = registered(tmp_path).read_text("utf-8").replace(NUMBER, "NCT99999922")
    path = tmp_path / "other.json"
    path.write_text(other, encoding="utf-8")
    found = brought(evidence, path)
    assert warned(found, "told otherwise")["registration"] == (
        f"NCT99999922: the file says NCT99999922, this base {NUMBER}, which stays"
    )
    assert rows_of(evidence, "study")["first-2001"]["registration"] == NUMBER


def test_a_registration_that_began_after_the_study_was_published_is_for_a_person_to_decide(
    evidence: Engine, tmp_path: Path
) -> None:
    path = registered(tmp_path, start="2018-05")
    with pytest.raises(NotReady) as refused:
        brought(evidence, path)
    (word,) = refused.value.preview.undecided
    assert (word.kind, word.text, word.nearest) == ("study", NUMBER, ("first-2001",))
    assert word.why == (
        "began in 2018; the study known by a report that both have was published in 2001"
    )
    assert rows_of(evidence, "study")["first-2001"]["registration"] is None


@pytest.mark.parametrize("choice", ["new", "first-2001"])
def test_a_registration_becomes_what_a_person_decided(
    evidence: Engine, tmp_path: Path, choice: str
) -> None:
    path = registered(tmp_path, start="2018-05")
    words = tmp_path / "words.yaml"
    words.write_text(f"study: {{{NUMBER}: {choice}}}\n", encoding="utf-8")
    brought(evidence, path, words=words)
    studies = rows_of(evidence, "study")
    registered_as = {key for key, row in studies.items() if row["registration"] == NUMBER}
    assert registered_as == {"nct99999921" if choice == "new" else choice}
    assert preview(evidence, order(path, "clinical-trials")).changes == 0


@pytest.mark.parametrize(
    ("label", "described", "offered", "asked"),
    [
        ("SEGT arm", "weekly", "Supportive-expressive group therapy", ""),
        ("segt", "weekly", "Made-up meetings", ""),
        ("Group", "segt", "", ""),
        ("Group", "weekly", "Made-up meetings", "Made-up meetings"),
        ("Made-up meetings", "weekly", "", "Made-up meetings"),
    ],
    ids=["name", "label", "description", "unknown-name", "unknown-label"],
)
def test_an_arm_is_known_by_its_name_alone_and_by_more_only_where_that_names_something(
    evidence: Engine, tmp_path: Path, label: str, described: str, offered: str, asked: str
) -> None:
    group = {
        "label": label,
        "type": "EXPERIMENTAL",
        "description": described,
        "interventionNames": [f"Behavioral: {offered}"] if offered else [],
    }
    path = registered(tmp_path, arms=[group])
    words = tmp_path / "words.yaml"
    words.write_text(f"study: {{{NUMBER}: new}}\n", encoding="utf-8")
    found = brought(evidence, path, accept=True, words=words)
    new = [word.text for word in found.unknown if word.kind == "approach"]
    assert new == ([asked] if asked else [])
