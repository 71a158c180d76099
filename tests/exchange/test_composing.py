"""What a file says as records: with passages, under keys of its own, beside what others said."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from kb.curation import given
from kb.curation.cells import QUOTE_WORDS
from kb.exchange.arm_records import _without_brackets
from kb.exchange.importing import bring, preview
from kb.exchange.naming import digest, slug
from kb.exchange.preview import Preview
from kb.store.engine import reading
from kb_schema.tables import metadata
from tests.exchange.import_files import ROW, database, order, rows_of
from tests.exchange.small_files import SMALL


def words_of(folder: Path, text: str) -> Path:
    path = folder / "words.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def brought(engine: Engine, folder: Path, *rows: dict[str, str], **options: object) -> Preview:
    return bring(engine, order(database(folder, *rows), **options))  # type: ignore[arg-type]


def test_every_fact_has_a_passage_that_names_the_file_the_row_and_its_words(
    evidence: Engine, tmp_path: Path
) -> None:
    found = brought(evidence, tmp_path, ROW | {"full_ref": "Made A, Up B. Made up. 2011."})
    report = rows_of(evidence, "report")["file-made-up"]
    assert report["kind"] == "dataset"
    assert found.checksum in report["note"]
    passages = [
        p for p in rows_of(evidence, "passage").values() if p["report_key"] == report["key"]
    ]
    assert [(p["locator"], p["seen"]) for p in passages] == [("row 2", "data-file")]
    quote = passages[0]["quote"]
    assert "study=Madeup,_2011" in quote
    assert "mean_arm1=3,5" in quote
    assert len(quote.split()) <= QUOTE_WORDS
    for table in ("study", "arm", "measurement", "arm_result"):
        own = [row for key, row in rows_of(evidence, table).items() if "madeup-2011" in key]
        assert own
        assert {row["passage_key"] for row in own} == {passages[0]["key"]}


def test_words_of_a_file_are_searched_for_and_the_cells_of_its_rows_are_not(
    evidence: Engine, tmp_path: Path
) -> None:
    brought(evidence, tmp_path, ROW)
    entries = metadata.tables["search_entry"]
    with reading(evidence) as connection:
        found = connection.execute(select(entries.c.kind, entries.c.record_key)).all()
    assert ("study", "madeup-2011") in found
    assert ("report", "file-made-up") in found
    assert not [key for kind, key in found if kind == "passage" and key.startswith("file-")]
    assert [key for kind, key in found if kind == "passage"]


def test_values_are_stored_as_the_file_has_them(evidence: Engine, tmp_path: Path) -> None:
    brought(evidence, tmp_path, ROW)
    results = rows_of(evidence, "arm_result")
    own = [results[key] for key in sorted(results) if key.startswith("madeup-2011/")]
    assert [(row["n"], row["mean"], row["sd"]) for row in own] == [(30, 3.5, 2.0), (31, 4.5, 2.1)]
    assert [row["arm_key"].rpartition(".")[2] for row in own] == ["segt", "usual-care"]


@pytest.mark.parametrize(
    ("column", "field", "kept"),
    [
        ("n_sessions", "sessions", ("intervention", "sessions_high", 12)),
        ("n_randomized", "randomised", ("participants", "number", 60)),
        ("n_randomized_arm1", "randomised", ("participants", "number", 60)),
    ],
)
def test_a_count_that_no_table_holds_is_left_out_and_the_row_is_taken(
    column: str, field: str, kept: tuple[str, str, int], evidence: Engine, tmp_path: Path
) -> None:
    table, name, value = kept
    rows = ROW | {column: "9" * 20}, ROW | {"study": "Other, 2012", column: str(value)}
    found = brought(evidence, tmp_path, *rows)
    assert [(n.row, n.field) for n in found.notes if n.rule == "number out of range"] == [
        (2, field)
    ]
    assert found.taken == 2
    told = {key: row[name] for key, row in rows_of(evidence, table).items()}
    assert {value for key, value in told.items() if key.startswith("madeup-2011")} <= {None}
    assert {value for key, value in told.items() if key.startswith("other-2012")} == {value}


def test_a_study_that_is_there_stays_and_what_the_file_says_stands_beside_it(
    evidence: Engine, tmp_path: Path
) -> None:
    before = {table: rows_of(evidence, table) for table in ("study", "arm", "arm_result")}
    row = ROW | {"study": "First, 2001", "year": "2002", "country": "United States"}
    found = brought(evidence, tmp_path, row)
    after = {table: rows_of(evidence, table) for table in before}
    assert after["study"] == before["study"]
    assert after["arm"] == before["arm"]
    added = after["arm_result"].keys() - before["arm_result"].keys()
    arms = sorted(after["arm_result"][key]["arm_key"] for key in added)
    assert arms == ["first-2001/control", "first-2001/segt"]
    assert all(key.startswith("first-2001/made-up.") for key in added)
    assert [(m.key, m.by) for m in found.matched] == [("first-2001", "its name")]
    told = {note.field for note in found.notes if note.rule == "told otherwise"}
    assert told == {"year", "countries"}


def test_of_a_study_that_is_there_counts_are_added_where_it_has_none_and_told_where_they_differ(
    evidence: Engine, tmp_path: Path
) -> None:
    counts = {"n_randomized": "60", "n_randomized_arm1": "158", "n_randomized_arm2": "77"}
    found = brought(evidence, tmp_path, ROW | {"study": "First, 2001", "year": "2001"} | counts)
    (told,) = [note for note in found.notes if note.rule == "told otherwise"]
    assert told.field == "randomised"
    assert told.message == "First, 2001: the file says 60, this base 235, which stays"
    own = {
        row["arm_key"]: row["number"]
        for key, row in rows_of(evidence, "participants").items()
        if key.startswith("first-2001/made-up.")
    }
    assert own == {"first-2001/control": 77}


def test_two_arms_of_one_approach_are_never_both_taken_for_the_arm_that_is_there(
    evidence: Engine, tmp_path: Path
) -> None:
    both = ROW | {"study": "First, 2001"}
    rows = (both | {"multi_arm1": "face to face"}, both | {"multi_arm1": "online"})
    found = preview(evidence, order(database(tmp_path, *rows)))
    assert [(word.kind, word.text, word.nearest) for word in found.undecided] == [
        ("arm", "first-2001: segt (face to face)", ("segt",)),
        ("arm", "first-2001: segt (online)", ("segt",)),
    ]
    words = words_of(
        tmp_path,
        'arm:\n  "first-2001: segt (face to face)": segt\n  "first-2001: segt (online)": new\n',
    )
    brought(evidence, tmp_path, *rows, words=words)
    arms = rows_of(evidence, "arm")
    assert [key for key in arms if "online" in key] == ["first-2001/made-up.segt-online"]
    assert not any("face" in key for key in arms)


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ('outcome: {"noise": ignore}', {"outcome": "noise"}),
        ('approach: {"noise": ignore}', {"condition_arm1": "noise"}),
        ('comparator: {"noise": ignore}', {"condition_arm2": "noise"}),
        ('study: {"Noise, 1999": ignore}', {"study": "Noise, 1999"}),
    ],
    ids=["outcome", "approach", "comparator", "study"],
)
def test_what_is_to_be_ignored_is_left_out_row_by_row_with_the_reason(
    evidence: Engine, tmp_path: Path, words: str, row: dict[str, str]
) -> None:
    rows = [ROW, ROW | row]
    path = database(tmp_path, *rows)
    wanted = order(path, words=words_of(tmp_path, words))
    found = preview(evidence, wanted)
    assert (found.rows, found.taken, found.refused, found.lost) == (2, 1, {3}, 0)
    (note,) = [note for note in found.notes if note.rule == "left out as decided"]
    assert note.row == 3
    assert found.is_ready


def test_an_instrument_that_is_to_be_ignored_stays_as_a_word(
    evidence: Engine, tmp_path: Path
) -> None:
    words = words_of(tmp_path, 'instrument: {"odd": ignore}')
    brought(evidence, tmp_path, ROW | {"instrument": "odd", "rating": "self"}, words=words)
    (own,) = [m for k, m in rows_of(evidence, "measurement").items() if k.startswith("madeup")]
    assert (own["instrument_key"], own["instrument_detail"]) == (None, "odd, self")


def test_new_terms_are_not_verified_and_say_where_they_come_from(
    evidence: Engine, tmp_path: Path
) -> None:
    brought(evidence, tmp_path, ROW | {"condition_arm1": "Made-up therapy"}, accept=True)
    term = rows_of(evidence, "approach")["made-up-therapy"]
    assert (term["name"], term["verified"]) == ("Made-up therapy", False)
    assert "made-up.csv" in term["note"]


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("CBT", "CBT"),
        ("CBT (group)", "CBT"),
        ("CBT (cognitive therapy (CBT) A)", "CBT"),
        ("CBT (a) (b)", "CBT (a)"),
        ("(CBT)", "(CBT)"),
        ("CBT)", "CBT)"),
        ("", ""),
    ],
)
def test_what_stands_in_brackets_behind_a_word_is_no_part_of_it(name: str, base: str) -> None:
    assert _without_brackets(name) == base


def test_slugs_are_keys_and_long_ones_stay_apart() -> None:
    assert slug("Öst, 2004: “CBT”") == "ost-2004-cbt"
    assert slug("心理") == digest("心理")
    long = "a" * 80
    assert slug(long) != slug(long + "b")
    assert len(slug(long)) < 80


def test_the_same_row_told_by_two_studies_of_one_name_stays_apart(
    evidence: Engine, tmp_path: Path
) -> None:
    rows = ROW | {"study": "Made-up 2011"}, ROW | {"study": "Made up, 2011"}
    brought(evidence, tmp_path, *rows)
    with reading(evidence) as connection:
        study = metadata.tables["study"]
        query = select(func.count()).where(study.c.label.in_([row["study"] for row in rows]))
        assert connection.scalar(query) == 2


@pytest.mark.parametrize("form", SMALL)
def test_what_a_file_says_goes_the_short_way_into_rows(
    evidence: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    doubtful: list[object] = []
    monkeypatch.setattr(given, "gather_document", lambda *said: doubtful.append(said))
    small = SMALL[form]
    path = tmp_path / small.name
    path.write_bytes(small.content)
    assert preview(evidence, order(path, form, accept=True, words=None, **small.constants)).records
    assert doubtful == []
