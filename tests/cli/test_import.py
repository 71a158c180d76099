"""`kb import` on the command line. All files and evidence in these tests are made up."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.curation import recording
from kb.curation.loading import load
from kb.store.engine import open_engine, sqlite_url
from kb.store.migrate import upgrade

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Run, Runner

GUIDE = Path(__file__).parents[2] / "docs" / "exchange.md"
SOUND = Path(__file__).parent.parent / "curation" / "sound"
COLUMNS = (
    *("", "study", "condition_arm1", "condition_arm2", "instrument", "time"),
    *("mean_arm1", "mean_arm2", "sd_arm1", "sd_arm2", "n_arm1", "n_arm2", "year", "country"),
    *("percent_women", ".g"),
)
ROWS = (
    "1;Madeup, 2011;segt;usual care;vas;post;3,5;4,5;2;2,1;30;31;2011;Canada;90;-0,4814",
    "2;Madeup, 2011;segt;usual care;vas;fu;3,1;4,2;2;2,2;28;30;2011;Canada;90;-0,5163",
    "3;Invented, 2012;Made-up therapy;usual care;vas;post;3,9;4,1;2;2;40;40;2012;Utopia;NA;NA",
    "4;Invented, 2012;Made-up therapy;usual care;MUS;post;12;19;2;2;40;40;2012;Utopia;NA;NA",
    "5;Fancied, 2013;segt;usual care;vas;post;3,9;4,1;2;2;-4;40;2013;Canada;NA;NA",
    "6;First, 2001;segt;usual care;vas;post;3,9;4,1;2;2;40;40;2001;Canada;NA;NA",
)
KNOWN = tuple(row for row in ROWS if "Invented" not in row)
"""Rows of which every word is known."""
SET = "--set outcome=pain --set design=rct"
RIS = "TY - JOUR\nTI - A made-up report\nAU - Madeup, Anna\nPY - 2011\nER - \n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of one made-up trial; to be copied."""
    path = tmp_path_factory.mktemp("import") / "store.sqlite"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    load(engine, SOUND)
    engine.dispose()
    return path


Kb = Callable[[str], "Run"]


@pytest.fixture
def at(small: Path, kb: "Runner", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kb:
    """Return what runs a command line in a folder of files, on a copy of that store."""
    shutil.copy(small, tmp_path / "store.sqlite")
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("KB_CURATOR", "anna")
    monkeypatch.setattr(recording, "now", lambda: "2026-01-30T09:15:00+00:00")
    write("made-up.csv", ROWS)
    write("known.csv", KNOWN)
    Path("made-up.ris").write_text(RIS, "utf-8")
    return lambda line: kb(line, db=tmp_path / "store.sqlite")


def write(name: str, rows: tuple[str, ...], columns: tuple[str, ...] = COLUMNS) -> None:
    lines = [";".join(f'"{column}"' for column in columns), *rows]
    Path(name).write_text("\n".join(lines) + "\n", "utf-8")


def data_hash(at: Kb) -> str:
    return str(json.loads(at("info --format json").out)["data_hash"])


SCREENS = {
    "import-words": f"import made-up.csv {SET}",
    "import-ready": f"import known.csv {SET}",
    "import-new-terms": f"import known.csv {SET} --new-terms --set better=higher",
    "import-references": "import made-up.ris",
    "import-all": f"import made-up.csv {SET} --all",
}


@pytest.mark.parametrize("name", SCREENS)
def test_the_preview_is_this_screen(name: str, at: Kb, golden: "Golden") -> None:
    run = at(SCREENS[name])
    golden(f"{name}.txt", run.out + run.err)
    assert run.code == ("words" in name or "all" in name)


@pytest.mark.parametrize("name", ["import-words", "import-ready"])
def test_the_preview_is_this_screen_where_there_is_room(
    name: str, at: Kb, golden: "Golden", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERMINAL_WIDTH", "120")
    golden(f"{name}-120.txt", at(SCREENS[name]).out)


def test_what_was_done_is_this_screen_and_a_second_run_and_the_undo(
    at: Kb, golden: "Golden"
) -> None:
    before = data_hash(at)
    done = at(f"import known.csv {SET} --apply")
    golden("import-applied.txt", done.out + done.err)
    after = data_hash(at)
    assert after != before
    again = at(f"import known.csv {SET} --apply")
    golden("import-again.txt", again.out + again.err)
    assert (done.code, again.code, data_hash(at)) == (0, 0, after)
    assert "import of known.csv" in at("history").out
    undone = at("undo 2 --apply")
    golden("import-undone.txt", undone.out + undone.err)
    assert (undone.code, data_hash(at)) == (0, before)


def test_words_are_written_decided_on_and_read(at: Kb, golden: "Golden") -> None:
    at(f"import made-up.csv {SET} --write-words words.yaml")
    text = Path("words.yaml").read_text("utf-8")
    golden("import-words.yaml", text)
    decided = text.replace('"Made-up therapy": ', '"Made-up therapy": segt')
    decided = decided.replace('"MUS": ', '"MUS": new').replace('"Utopia": ', '"Utopia": ignore')
    Path("words.yaml").write_text(decided, "utf-8")
    done = at(f"import made-up.csv {SET} --words words.yaml --apply --format json")
    assert done.code == 0
    told = json.loads(done.out)
    states = {word["word"]: (word["state"], word["key"]) for word in told["words"]}
    assert states == {
        "Made-up therapy": ("decided", "segt"),
        "MUS": ("new", "mus"),
        "Utopia": ("ignored", None),
    }
    assert told["rows"] == {"total": 6, "in": 5, "warned": 1, "refused": 1, "lost": 0}
    again = json.loads(at(f"import made-up.csv {SET} --words words.yaml --format json").out)
    assert all(counts["new"] == counts["changed"] == 0 for counts in again["records"].values())


WRONG = {
    "a format that is none": "import known.csv --as metapsi",
    "a file that is not there": "import none.csv",
    "a file of no known format": "import notes.txt",
    "a column that is missing": f"import lacking.csv {SET} --as metapsy",
    "an outcome that is not told": "import known.csv",
    "a constant that is none": "import known.csv --set pain",
    "a constant without a use": f"import known.csv {SET} --set bettr=lower",
    "a file of words that is wrong": f"import known.csv {SET} --words bad.yaml",
    "a file of words that is not there": f"import known.csv {SET} --words none.yaml",
    "words that are not decided": f"import made-up.csv {SET} --apply --format csv",
    "a name for a folder": "import . --name all",
    "a folder without files to import": "import empty",
}


def test_the_better_end_of_events_is_asked_for_and_said(at: Kb, golden: "Golden") -> None:
    columns = ("study", "condition_arm1", "condition_arm2", "year", "dich_type")
    counted = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
    row = "Madeup, 2011;segt;usual care;2011;Free of pain;12;30;5;31"
    write("events.csv", (row,), (*columns, *counted))
    line = f"import events.csv --as metapsy {SET} --set better=lower --new-terms"
    asked = at(f"{line} --write-words words.yaml")
    words = Path("words.yaml")
    words.write_text(words.read_text("utf-8").replace('pain":\n', 'pain": higher\n'), "utf-8")
    said = at(f"{line} --words words.yaml")

    golden("import-events.txt", asked.out + asked.err)
    golden("import-events.yaml", words.read_text("utf-8"))
    assert "Nothing tells which end is better" in asked.out
    assert "Nothing tells which end is better" not in said.out


def test_refusals_say_what_is_wrong_and_what_to_do(at: Kb, golden: "Golden") -> None:
    Path("notes.txt").write_text("notes\n", "utf-8")
    Path("empty").mkdir()
    write("lacking.csv", ("1;Madeup",), ("", "study"))
    Path("bad.yaml").write_text("outcome:\n  a: pian\n  b: [pain]\nstudys:\n  c: d\n", "utf-8")
    before = data_hash(at)
    parts = []
    for what, line in WRONG.items():
        run = at(line)
        assert run.code == (2 if what in {"a constant that is none", "a name for a folder"} else 1)
        parts.append(f"# {what}\n$ kb {line}\n{run.out}{run.err}")
    golden("import-refusals.txt", "\n".join(parts))
    assert data_hash(at) == before


def test_a_record_that_cannot_be_stored_is_told_by_its_row(at: Kb, golden: "Golden") -> None:
    before = data_hash(at)
    write("problems.csv", (KNOWN[0].replace("Canada", "Utopia"), ROWS[1].replace("Canada", "Oz")))
    Path("words.yaml").write_text("country: {Utopia: XUT, Oz: XUT}\n", "utf-8")
    run = at(f"import problems.csv {SET} --words words.yaml --apply")
    golden("import-problems.txt", run.out + run.err)
    assert (run.code, data_hash(at)) == (1, before)


def test_a_store_that_moved_since_the_preview_is_refused(at: Kb) -> None:
    before = data_hash(at)
    run = at(f"import known.csv {SET} --apply --seen abcdef012345")
    assert (run.code, run.out, data_hash(at)) == (1, "", before)
    assert "The evidence has changed since you looked at 'abcdef012345'" in run.err


def test_the_command_that_a_preview_ends_with_can_be_run_as_it_stands(at: Kb) -> None:
    out = at(f"import known.csv {SET}").out
    command = out[out.index("kb import") :].replace("\\\n", " ").splitlines()[0]
    assert "Imported as event 2." in at(command.removeprefix("kb ")).out


def test_a_folder_says_what_it_leaves_out_and_brings_the_rest(at: Kb) -> None:
    Path("notes.txt").write_text("notes\n", "utf-8")
    Path("nothing.csv").write_text("", "utf-8")
    run = at(f"import . {SET} --apply --new-terms")
    assert run.code == 1  # a code of a country is still to be given
    assert "left out: notes.txt shows no format" in run.err
    assert "left out: nothing.csv is empty." in run.err
    assert "Imported as event 2." in run.out
    assert "made-up.csv has 1 word to decide on; nothing was imported." in run.err
    assert "A file of citations takes no value for design, outcome." in run.err
    only = at("import . --as ris")
    assert "left out: known.csv does not end in .ris or .txt." in only.err


def test_json_holds_all_that_the_screen_tells(at: Kb) -> None:
    told = json.loads(at(f"import made-up.csv {SET} --format json").out)
    assert (told["ready"], told["applied"], told["event"]) == (False, False, None)
    assert told["rows"]["total"] == told["rows"]["in"] + told["rows"]["refused"] == 6
    assert {word["word"] for word in told["undecided"]} == {"Made-up therapy", "Utopia", "MUS"}
    assert {note["rule"] for note in told["notes"]} >= {"number out of range", "effect beyond 3 SD"}
    assert told["stated_sizes"]["agree"] == told["stated_sizes"]["stated"] == 2


def test_csv_has_a_row_for_each_word_and_note(at: Kb) -> None:
    run = at(f"import made-up.csv {SET} --format csv")
    rows = list(csv.DictReader(run.out.splitlines()))
    assert {row["what"] for row in rows} >= {"word", "refused", "warned", "ignored"}
    assert [row["message"] for row in rows if row["what"] == "refused"]


def test_colour_is_never_needed(at: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = at(f"import made-up.csv {SET}").out
    assert "\x1b" not in plain
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = at(f"import made-up.csv {SET}").out
    assert "\x1b" in coloured
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()


def test_a_file_of_ours_brings_nothing_new(at: Kb) -> None:
    for form, name in (("ris", "own.ris"), ("bibtex", "own.bib"), ("csl-json", "own.json")):
        assert at(f"export --as {form} --output {name}").code == 0
        told = json.loads(at(f"import {name} --format json").out)
        assert told["records"]["report"] == {"new": 0, "changed": 0, "unchanged": 3, "ignored": 0}
        assert len(told["matched"]) == told["rows"]["total"] == 3


OWN = {
    "metafor": "export --as metafor --output own.csv",
    "metafor, pooled": "export --as metafor --outcome pain --output own.csv",
    "metapsy": "export --as metapsy --output own.csv",
    "json": "export --as json --output own.json",
    "fhir": "export --as fhir --output own.json",
    "data-package": "export --as data-package --output own",
}
"""Commands that write what is in the store, in forms that an import might take."""


@pytest.mark.parametrize("command", OWN.values(), ids=OWN)
def test_what_this_program_wrote_is_never_stored_beside_its_source(at: Kb, command: str) -> None:
    at(f"import known.csv {SET} --apply")
    before = data_hash(at)
    assert at(command).code == 0
    run = at(f"import {command.rsplit(maxsplit=1)[-1]} --apply")
    assert (run.code, run.out, data_hash(at)) == (1, "", before)
    assert "is what this program wrote of a base.\n" in run.err
    assert "`kb export --as seeds` and `kb load`" in run.err


def test_a_pooled_answer_is_not_stored_beside_what_it_pools(at: Kb) -> None:
    at(f"import known.csv {SET} --apply")
    before = data_hash(at)
    at("pool --outcome pain --format csv --output own.csv")
    out = at("import own.csv --apply").out
    assert "0 rows in; 3 left out" in out  # the third is the pooled effect, which names no study
    assert "This program wrote it of first-2001/pain/md." in out
    assert data_hash(at) == before


@pytest.mark.parametrize("form", ["metafor", "metapsy"])
def test_rows_that_a_person_adds_to_an_export_are_taken_alone(at: Kb, form: str) -> None:
    at(f"import known.csv {SET} --apply")
    at(f"export --as {form} --output own.csv")
    with Path("own.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    added = rows[0] | {"study": "Added, 2019", "slab": "Added, 2019", "year": "2019", "key": ""}
    with Path("own.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), extrasaction="ignore")
        writer.writeheader()
        writer.writerows([*rows, added])
    outcome = [] if form == "metafor" else ["--set", "outcome=pain"]
    told = json.loads(at(" ".join(["import own.csv --format json --new-terms", *outcome])).out)
    assert (told["rows"]["in"], told["rows"]["refused"]) == (1, len(rows))
    refused = [note["message"] for note in told["notes"] if note["fate"] == "refused"]
    assert refused == [f"This program wrote it of {row['key']}." for row in rows]
    assert told["matched"] == []


def test_seed_files_are_for_another_command(at: Kb) -> None:
    at("export --as seeds --output own")
    folder, file = at("import own"), at("import own/studies/first-2001.yaml")
    assert (folder.code, file.code) == (1, 1)
    assert "There is no file in own that can be imported.\n    `kb load` loads" in folder.err
    assert "first-2001.yaml is YAML, as seed files are.\n    `kb load` loads those." in file.err


def test_a_file_of_which_nothing_can_be_taken_is_not_said_to_be_there(at: Kb) -> None:
    write("refused.csv", ROWS[4:5])
    run = at(f"import refused.csv {SET}")
    assert "Nothing of it can be taken as it is, so nothing was written." in run.out
    assert "says the same" not in run.out
    applied = at(f"import refused.csv {SET} --apply")
    assert (run.code, applied.code) == (1, 1)
    assert "refused.csv has nothing that can be taken; nothing was imported." in applied.err


def test_what_was_imported_is_shown_with_its_row(at: Kb) -> None:
    at(f"import known.csv {SET} --apply")
    page = at("show madeup-2011 --sources").out
    assert "mean 3.5 (SD 2), n = 30" in page
    assert "known.csv, row 2: “study=Madeup,_2011" in page
    pooled = at("pool --outcome pain --format json").out
    assert "madeup-2011" in pooled


def test_the_commands_of_the_guide_can_be_run_one_after_the_other(at: Kb) -> None:
    write("database.csv", KNOWN)
    text = GUIDE.read_text("utf-8")
    imports = text[text.index("## Imports") : text.index("## Exports")]
    commands = re.findall(r"```sh\n(.*?)```", imports, re.DOTALL)[0].splitlines()
    before = data_hash(at)
    codes = []
    for command in commands:
        codes.append(at(command.removeprefix("kb ")).code)
        if "--write-words" in command:
            words = Path("words.yaml").read_text("utf-8")
            Path("words.yaml").write_text(words.replace('"anxiety": ', '"anxiety": new'), "utf-8")
    assert codes == [1, 1, 0, 0, 0]  # the first two end with a word to decide on
    assert data_hash(at) == before
