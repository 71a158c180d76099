"""`kb add`: the conversations from the first question to the file; all answers are made up."""

import io
import os
import pty
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from kb.curation import checking, choosing
from kb.curation.checking import Known, check_files
from kb.curation.loading import load
from kb.store.engine import open_engine, reading, sqlite_url
from kb_schema.tables import metadata

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Run, Runner

REPORT = [
    "new",
    "article-journal",
    "A made-up trial of a made-up group",
    "Maker A, Other B",
    "2031",
    "n",  # where it was published
    "10.1000/made-up",
    "",
    "",
    "",
    "",  # a note
    "",  # its key: maker-other-2031
]
DESIGN = [
    "Maker 2031 (made up)",
    "randomised controlled trial",
    "A trial that was made up",
    "2031",
    "",
    "y",
    "2027",
    "2029",
    "",
    "",  # its key: maker-2031
    "",  # the report just added
    "abstract",
    "we made up 100 women and randomly assigned them",
    "full-text",
]
COUNTRY = ["y", "Canada", "Toronto", "", "n"]
CANCER = ["y", "metastatic-breast", "", "", "n"]
INTERVENTION = [
    "y",
    "The made-up group",
    *["", "", "", "", ""],  # TIDieR
    "",  # its key: the-made-up-group
    "n",
    "",
    "abstract",
    "the made-up group met weekly",
    "full-text",
    *["y", "supportive-expressive group therapy", "", "n"],
    "n",
    "n",
    "n",
    "n",
]
ARMS = [
    *["y", "intervention", "the made-up group", "the-made-up-group", "", ""],
    *["y", "control", "usual care", "", "usual-care", "", ""],
    "n",
]
PARTICIPANTS = ["y", "patients", "randomised", "100", "", "", "", "n"]
A_STUDY = [
    *REPORT,
    *DESIGN,
    *COUNTRY,
    *CANCER,
    *INTERVENTION,
    *ARMS,
    *PARTICIPANTS,
    *["n", "n"],  # further facts, gaps
    "",  # write it
]
A_RESULT = [
    "",  # the one report of the study
    "pain",
    *["", "no named instrument"],
    *["12 months", "12"],
    "n",
    "",  # its key: pain
    "",
    "table 2",
    "made-up pain was 2.0 points lower (95% CI 0.5 to 3.5)",
    "full-text",
    *["y", "MD", "intervention", "control", "-2.0", "-3.5", "-0.5", "95", ""],
    *["0.01", "=", "100", "n", "n", "", "", "n"],
    *["y", "control", "50", "n", "y", "6.1", "2.5", "", "", "", "", "", "", "", "n"],
    *["y", "favours-intervention", "interval", "Made-up pain was less.", "", "", "", "n"],
    "",
]
A_THEME = [
    *["connectedness", "The made-up members felt less alone.", "patients", "curators", "", ""],
    *["", "p. 7", "we were made up together", "full-text"],
    "n",
    "",
]
A_FACTOR = [
    *["funding", "barrier", "The made-up group had no money.", "deliverers", "curators"],
    *["confirmed", "", "", "", "p. 8", "nobody paid for what was made up", "full-text", "n"],
    "",
]


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder in which commands are run, with nothing in it."""
    place = tmp_path / "seeds"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def answer(
    kb: "Runner", monkeypatch: pytest.MonkeyPatch, folder: Path
) -> "Callable[[str, Iterable[str]], Run]":
    """Return what runs a command and answers its questions."""

    def run(line: str, answers: Iterable[str]) -> "Run":
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{text}\n" for text in answers)))
        return kb(line)

    return run


@pytest.fixture(scope="session")
def shipped_once() -> Known:
    """Return the records shipped, which are read once for all tests."""
    return checking.shipped_records()


@pytest.fixture(autouse=True)
def _shipped(shipped_once: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (checking, choosing):
        monkeypatch.setattr(module, "shipped_records", lambda: shipped_once)


@pytest.fixture
def study(answer: "Callable[[str, Iterable[str]], Run]", folder: Path) -> Path:
    """Return the file of a made-up study."""
    assert answer("add study", A_STUDY).code == 0
    return folder / "maker-2031.yaml"


Answer = Callable[[str, Iterable[str]], "Run"]


def test_a_study(answer: Answer, golden: "Golden", folder: Path) -> None:
    run = answer("add study own/", A_STUDY)

    assert run.code == 0
    assert run.out.startswith("own/maker-2031.yaml: ")
    golden("add-study.txt", run.err)
    golden("add-study.yaml", (folder / "own" / "maker-2031.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "line", "answers"),
    [
        ("result", "add result maker-2031", A_RESULT),
        ("theme", "add theme maker-2031", A_THEME),
        ("factor", "add factor maker-2031 --file maker-2031.yaml", A_FACTOR),
    ],
)
def test_a_record_of_a_study(
    name: str, line: str, answers: list[str], answer: Answer, study: Path, golden: "Golden"
) -> None:
    before = study.read_text(encoding="utf-8")
    run = answer(line, answers)

    assert run.code == 0
    golden(f"add-{name}.txt", run.err)
    after = study.read_text(encoding="utf-8")
    added = after.removeprefix(before)
    assert before + added == after
    golden(f"add-{name}.yaml", added)


def test_what_was_added_passes_the_check_and_loads(
    answer: Answer, study: Path, kb: "Runner", store: Path, tmp_path: Path
) -> None:
    for line, answers in (("result", A_RESULT), ("theme", A_THEME), ("factor", A_FACTOR)):
        assert answer(f"add {line} maker-2031", answers).code == 0
    db = shutil.copyfile(store, tmp_path / "own.sqlite")

    assert check_files(study).problems == []
    assert kb(f"load {study}", db=db).code == 0
    found = kb("results --study maker-2031 --outcome pain", db=db).out
    assert "MD -2 (95 % CI -3.5 to -0.5), p = 0.01, n = 100" in found
    assert "mean 6.1 (SD 2.5), n = 50" in found
    engine = open_engine(sqlite_url(db))
    contrast = metadata.tables["contrast"]
    with reading(engine) as connection:
        query = select(contrast).where(contrast.c.measurement_key == "maker-2031/pain")
        (row,) = connection.execute(query).mappings()
    assert (row["estimate"], row["ci_low"], row["ci_high"]) == (-2.0, -3.5, -0.5)
    assert (row["p"], row["p_relation"], row["n"]) == (0.01, "=", 100)
    assert row["arm_key"] == "maker-2031/intervention"
    assert not load(engine, study).changes
    engine.dispose()


def test_a_result_goes_to_a_measurement_that_is_there(answer: Answer, study: Path) -> None:
    assert answer("add result maker-2031", A_RESULT).code == 0
    before = study.read_text(encoding="utf-8").splitlines()
    finding = ["y", "favours-intervention", "statement", "Pain was less again.", ""]
    passage = ["", "p. 9", "made-up pain was less again", "full-text"]
    run = answer("add result maker-2031", ["pain", "n", "n", *finding, "", *passage, "n", ""])

    assert run.code == 0
    after = study.read_text(encoding="utf-8").splitlines()
    at = after.index("        - key: favours-intervention-2")
    assert after[:at] + after[at + len(after) - len(before) :] == before
    assert check_files(study).problems == []


def test_a_new_report_becomes_one_of_the_study(answer: Answer, study: Path) -> None:
    other = ["10.1000/other" if text == "10.1000/made-up" else text for text in REPORT]
    asked = A_RESULT.index("n") + 1  # after the last group of the measurement
    run = answer(
        "add result maker-2031", ["new", *other, *A_RESULT[1:asked], "companion", *A_RESULT[asked:]]
    )

    assert run.code == 0
    assert "maker-other-2031-2 is not among the reports of this study yet." in run.err
    assert "{report: maker-other-2031-2, role: companion}" in study.read_text(encoding="utf-8")
    assert check_files(study).problems == []


def test_what_is_to_be_named_can_be_added_on_the_way(answer: Answer, study: Path) -> None:
    arm = ["intervention", "a second made-up group", "", "", ""]  # its key: intervention-2
    named = A_RESULT.index("intervention")
    run = answer("add result maker-2031", [*A_RESULT[:named], "new", *arm, *A_RESULT[named + 1 :]])

    assert run.code == 0
    found = study.read_text(encoding="utf-8")
    assert "    - key: intervention-2\n      role: intervention\n" in found
    assert "arm: intervention-2\n" in found
    assert check_files(study).problems == []


def test_a_country_that_is_new_is_added_to_the_file(answer: Answer, folder: Path) -> None:
    country = ["y", "new", "Made-up Land", "MUL", "n", "made-up-land", "n", "", "", "n"]
    start = len(REPORT) + len(DESIGN)
    run = answer("add study", [*A_STUDY[:start], *country, *A_STUDY[start + len(COUNTRY) :]])

    assert run.code == 0
    found = (folder / "maker-2031.yaml").read_text(encoding="utf-8")
    assert "countries:\n  - key: made-up-land\n    name: Made-up Land\n    iso: MUL\n" in found


def test_a_passage_of_another_report_is_not_taken_by_default(answer: Answer) -> None:
    before = A_STUDY[: -len([*PARTICIPANTS, "n", "n", ""])]
    count = ["y", "patients", "analysed", "90", "y", "", "bordeleau-2003", "", "comment", ""]
    offered = answer("add study", [*before, *count]).err.rpartition("Same passage")[2]

    assert offered.splitlines()[0].endswith("[y/N]")


def test_answers_that_are_not_to_be_written_are_not(answer: Answer, study: Path) -> None:
    before = study.read_bytes()
    run = answer("add theme maker-2031", [*A_THEME[:-1], "n"])

    assert (run.code, run.out) == (0, "")
    assert study.read_bytes() == before


def test_nothing_is_added_where_nothing_is_answered(answer: Answer, study: Path) -> None:
    assert answer("add result maker-2031", A_RESULT).code == 0
    before = study.read_bytes()
    run = answer("add result maker-2031", ["pain", "n", "n", "n"])

    assert (run.code, run.out) == (0, "")
    assert "nothing was added" in run.err
    assert study.read_bytes() == before


def test_a_review_has_themes_and_factors_too(answer: Answer, folder: Path) -> None:
    seed = Path(__file__).parent / "seeds" / "cochrane-2013.yaml"
    file = folder / "cochrane-2013.yaml"
    file.write_bytes(seed.read_bytes())
    share = [*A_THEME[:4], "y", "7", "10", "", "mustafa-2013", *A_THEME[7:]]
    run = answer("add theme cochrane-2013", share)

    assert run.code == 0
    assert check_files(file).problems == []
    assert "of_studies: 10" in file.read_text(encoding="utf-8")


def test_wrong_answers_are_asked_again(answer: Answer, study: Path, golden: "Golden") -> None:
    wrong = [
        *["", "", "conectedness", "? lone", "?flibberty", "connectedness"],
        *["The made-up members felt less alone.", "sheep", "?", "patients", "curators"],
        *["perhaps", "y", "7", "2", "seven", "7", "10"],
        *["Not A Key", ""],
        *["10.1000/nowhere", "10.1000/made-up"],
        *["", "p. 7", " ".join(["word"] * 26), "we were\tmade up \x07", "we were made up together"],
        *["full-text", "n", ""],
    ]
    run = answer("add theme maker-2031", wrong)

    assert run.code == 0
    golden("add-wrong-answers.txt", run.err)
    assert check_files(study).problems == []


def test_an_everyday_word_that_means_several_terms_is_asked_again(
    answer: Answer, study: Path
) -> None:
    run = answer("add factor maker-2031", ["cost", *A_FACTOR])

    assert run.code == 0
    assert "'cost' may mean " in run.err


def test_an_answer_that_breaks_a_rule_of_the_table_is_asked_again(
    answer: Answer, study: Path
) -> None:
    limits = A_RESULT.index("-3.5")
    turned = [*A_RESULT]
    turned[limits], turned[limits + 1] = turned[limits + 1], turned[limits]
    asked = A_RESULT.index("n", A_RESULT.index("0.01")) + 2  # after the last group of the contrast
    run = answer("add result maker-2031", [*turned[:asked], "-3.5", "-0.5", *turned[asked:]])

    assert run.code == 0
    assert "ci_high must not be below ci_low; found ci_low -0.5, ci_high -3.5." in run.err
    assert "ci_low: -3.5" in study.read_text(encoding="utf-8")


def test_a_doi_that_is_known_is_not_given_to_a_new_report(answer: Answer) -> None:
    doubled = [*REPORT[:6], "10.1200/jco.2003.04.080", *REPORT[6:]]
    run = answer("add study", [*doubled, *A_STUDY[len(REPORT) :]])

    assert run.code == 0
    assert "'10.1200/jco.2003.04.080' is another report's already." in run.err


def test_a_study_that_is_known_is_not_added_again(answer: Answer, study: Path) -> None:
    again = [*REPORT, *DESIGN]
    again[again.index("10.1000/made-up")] = "10.1000/other"
    run = answer("add study", again)

    assert "Enter for maker-2031-2" in run.err


@pytest.mark.parametrize("given", range(0, len(A_STUDY), 7))
def test_too_few_answers_write_nothing(given: int, answer: Answer, folder: Path) -> None:
    run = answer("add study", A_STUDY[:given])

    assert (run.code, run.out) == (1, "")
    assert "kb: The answers ended where " in run.err
    assert run.err.endswith("Nothing was written.\n")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("given", range(0, len(A_FACTOR), 3))
def test_an_interrupt_leaves_the_file_as_it_was(
    given: int, kb: "Runner", study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted:
        def __init__(self, lines: list[str]) -> None:
            self._lines = iter(lines)

        def isatty(self) -> bool:
            return False

        def readline(self) -> str:
            for line in self._lines:
                return line
            raise KeyboardInterrupt

    before = study.read_bytes()
    answers = [f"{text}\n" for text in A_FACTOR[:given]]
    monkeypatch.setattr(sys, "stdin", Interrupted(answers))
    run = kb("add factor maker-2031")

    assert run.code == 130
    assert run.err.endswith("kb: interrupted; nothing was half-written\n")
    assert study.read_bytes() == before
    assert list(study.parent.iterdir()) == [study]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("add study maker-2031.yaml", "maker-2031.yaml is there already."),
        ("add theme nobody-2031", "There is no file nobody-2031.yaml."),
        ("add theme goodwin-2001", "/studies/goodwin-2001.yaml' ."),
        ("add theme nobody-2031 -f maker-2031.yaml", "It holds maker-2031."),
        ("add result maker-2031 -f broken.yaml", "`kb check` says what is wrong with it."),
    ],
)
def test_a_file_that_does_not_fit_is_told_of_before_anything_is_asked(
    line: str, told: str, answer: Answer, study: Path
) -> None:
    study.with_name("broken.yaml").write_text("study: [", encoding="utf-8")
    run = answer(line, [])

    assert (run.code, run.out) == (1, "")
    assert told in run.err
    assert ">" not in run.err


def test_a_record_for_which_there_is_no_place_is_not_lost(answer: Answer, study: Path) -> None:
    text = study.read_text(encoding="utf-8")
    study.write_text(text + "  themes: &shared []\n  factors: *shared\n", encoding="utf-8")
    before = study.read_bytes()
    run = answer("add theme maker-2031", A_THEME)

    assert run.code == 1
    assert "has no place for this: other parts of it would change." in run.err
    assert "statement: The made-up members felt less alone." in run.out
    assert study.read_bytes() == before


def test_answers_that_are_not_text_are_refused(study: Path) -> None:
    program = Path(sys.executable).with_name("kb")
    run = subprocess.run(
        [program, *shlex.split(f"add theme maker-2031 --file {study}")],
        input=b"\xff\xfe\n",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
    )

    assert run.returncode == 1
    assert b"The answers are not UTF-8 text." in run.stderr


def test_a_terminal_completes_keys_and_names(study: Path) -> None:
    ours, theirs = pty.openpty()
    program = Path(sys.executable).with_name("kb")
    typed = ["social-con\t", "We were made up.", "pat\t", "cur\t", "n", "", "", "p. 7"]
    typed += ["made up together", "full\t", "n", ""]
    with subprocess.Popen(
        [program, "add", "theme", "maker-2031", "--file", str(study)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    ) as running:
        os.close(theirs)
        screen = b""
        for text in typed:
            while not screen.endswith(b"> "):
                screen += os.read(ours, 65536)
            os.write(ours, f"{text}\n".encode())
            screen += b"\n"
        os.write(ours, b"\x04")  # were anything else asked, there would be no answer
        with suppress(OSError):  # how Linux says that the other side has closed
            while os.read(ours, 65536):
                pass
    os.close(ours)

    assert running.returncode == 0
    found = study.read_text(encoding="utf-8")
    assert "theme: social-connectedness" in found
    assert "voice: patients" in found
    assert "seen: full-text" in found
