import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.curation.checking import Known, check_files, note_problems
from kb.curation.gathering import gather
from kb.curation.parsing import DEPTH_LIMIT, UNFOLDED_LIMIT
from kb.curation.reading import SIZE_LIMIT, Problem
from kb.errors import KbError
from tests.curation.conftest import Printed

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("*.yaml"))


def test_sound_files_have_no_problem(sound_records: Known) -> None:
    gathered = gather(HERE / "sound")
    note_problems(gathered, {})

    assert gathered.problems == []
    assert gathered.files == 3


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_what_is_told_of_a_broken_file(file: Path, sound_records: Known) -> None:
    """The text beside a file is what `kb check` prints of it.

    With KB_WRITE_GOLDEN=1 the texts are written anew; read the difference before you keep it.
    """
    told = "".join(f"{problem}\n" for problem in problems_of(file, sound_records))
    golden = file.with_suffix(".txt")
    if os.environ.get("KB_WRITE_GOLDEN"):
        golden.write_text(told, encoding="utf-8")

    assert told
    assert told == golden.read_text(encoding="utf-8")


def test_every_text_belongs_to_a_broken_file() -> None:
    texts = {text.stem for text in (HERE / "broken").glob("*.txt")}

    assert texts == {file.stem for file in BROKEN}
    assert len(BROKEN) >= 60


def test_lines_point_at_what_is_wrong(tmp_path: Path, sound_records: Known) -> None:
    """Each line that holds the word BROKEN, and no other, has a problem."""
    file = tmp_path / "study.yaml"
    file.write_text(
        """\
study:
  key: broken-2001
  label: Broken 2001
  design: BROKEN
  passage:
    report: first-2001
    locator: abstract
    seen: BROKEN
    quote: a trial
  title:
    [BROKEN]
  BROKEN:
    - not a field
  year:
    BROKEN
  countries:
    - country: canada
      place: Toronto
      passage: &p {report: first-2001, locator: p. 1, seen: record, quote: in Canada}
    -
      country: BROKEN
      passage: *p
    - country: usa
      passage:
        report: first-2001
        locator: p. 1
        seen: record
        quote: >-
          in the
          United States
      further_passages:
        - report: first-2001
          field: BROKEN
          locator: p. 1
          seen: record
          quote: in the United States
""",
        encoding="utf-8",
    )
    lines = file.read_text(encoding="utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if "BROKEN" in line}
    # a value on a line of its own is told of at its field
    marked = {number - 1 if number in {11, 15} else number for number in marked}

    assert {problem.line for problem in problems_of(file, sound_records)} == marked


def test_a_passage_that_many_facts_share_is_told_of_once(sound_records: Known) -> None:
    told = problems_of(HERE / "broken" / "dangling_passage_report.yaml", sound_records)

    assert [problem.field for problem in told] == ["study.passage.report"]


def test_what_is_nested_in_a_repeated_record_is_not_told_of_too(
    tmp_path: Path, sound_records: Known
) -> None:
    file = tmp_path / "claims.yaml"
    claim = (
        "{key: a, kind: number, topic: t, statement: s, status: confirmed, "
        "values: [{value: '1', unit: trials}], passage: *p, further_passages: [*p]}"
    )
    passage = "&p {report: first-2001, locator: p. 1, seen: record, quote: one}"
    file.write_text(f"claims:\n  - {claim.replace('*p', passage, 1)}\n  - {claim}\n", "utf-8")

    told = problems_of(file, sound_records)

    assert [(problem.line, problem.field) for problem in told] == [(3, "claims.key")]


def test_same_key_in_two_files(tmp_path: Path, sound_records: Known) -> None:
    report = "reports:\n  - {key: twice, kind: book, title: A book}\n"
    (tmp_path / "a.yaml").write_text(report, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(f"# the same\n{report}", encoding="utf-8")

    told = problems_of(tmp_path, sound_records, shown_as=Path())

    assert [str(problem) for problem in told] == [
        "b.yaml:3: reports.key: 'twice' is already given at a.yaml:2."
    ]


def test_same_key_in_the_files_and_outside_is_a_correction(
    tmp_path: Path, sound_records: Known
) -> None:
    file = tmp_path / "reports.yaml"
    file.write_text(
        "reports:\n  - {key: first-2001, kind: book, title: Other, doi: 10.1000/first}\n",
        encoding="utf-8",
    )

    assert problems_of(file, sound_records) == []


def test_doi_that_another_record_gives_up_is_free(tmp_path: Path, sound_records: Known) -> None:
    file = tmp_path / "reports.yaml"
    file.write_text(
        "reports:\n"
        "  - {key: first-2001, kind: book, title: Other}\n"
        "  - {key: new, kind: book, title: New, doi: 10.1000/first}\n",
        encoding="utf-8",
    )

    assert problems_of(file, sound_records) == []


def test_circle_that_closes_outside_the_files(tmp_path: Path, sound_records: Known) -> None:
    file = tmp_path / "outcomes.yaml"
    file.write_text("outcomes:\n  - {key: pain, name: Pain, parent: pain-intensity}\n", "utf-8")

    (told,) = problems_of(file, sound_records)

    assert told.field == "outcomes.parent"
    assert "pain → pain-intensity → pain" in told.message


def test_number_as_text_keeps_its_digits(tmp_path: Path) -> None:
    file = tmp_path / "report.yaml"
    file.write_text(
        "reports:\n  - {key: a, kind: book, title: 1984, volume: 0017, issue: 10.10, "
        "pages: 12:30, container: 1_000, note: 2001-01-01}\n",
        encoding="utf-8",
    )
    (row,) = gather(file).of("report").values()

    assert row.values["title"] == "1984"
    assert row.values["volume"] == "0017"
    assert row.values["issue"] == "10.10"
    assert row.values["pages"] == "12:30"
    assert row.values["container"] == "1_000"
    assert row.values["note"] == "2001-01-01"


def test_quote_of_25_words_over_several_lines_is_kept_on_one(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(25)]
    file = tmp_path / "claim.yaml"
    file.write_text(
        "claims:\n  - {key: a, kind: number, topic: t, statement: s, status: confirmed, passage: "
        '{report: r, locator: p. 1, seen: record, quote: "' + " \\n ".join(words) + '"}}\n',
        encoding="utf-8",
    )
    gathered = gather(file)

    assert gathered.problems == []
    assert [row.values["quote"] for row in gathered.of("passage").values()] == [" ".join(words)]


def test_file_that_is_too_large(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    file.write_bytes(b"# \n" * (SIZE_LIMIT // 3 + 1))

    assert (
        only_problem(file)
        == f"has {file.stat().st_size:,} bytes; at most 4,000,000 are read. Split it."
    )


def test_file_that_never_ends() -> None:
    assert only_problem(Path("/dev/zero")) == "is not a file."


def test_folder_with_the_name_of_a_file(tmp_path: Path, sound: Path) -> None:
    (sound / "folder.yaml").mkdir()
    gathered = gather(sound)

    assert [problem.message for problem in gathered.problems] == ["is not a file."]
    assert gathered.files == 4


def test_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret.yaml"
    file.write_text("reports: []\n", encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    assert only_problem(file) == "cannot be read: Permission denied."


def test_link_to_nowhere(tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere.yaml")

    assert only_problem(tmp_path) == "is not a file."


@pytest.mark.parametrize("character", ["[", "{a: ", "- ", "? "])
def test_depth_costs_neither_time_nor_the_stack(tmp_path: Path, character: str) -> None:
    file = tmp_path / "deep.yaml"
    file.write_text(character * (SIZE_LIMIT // 10), encoding="utf-8")

    assert only_problem(file) == f"is nested deeper than {DEPTH_LIMIT} levels."


def test_many_aliases_are_refused_before_they_are_unfolded(tmp_path: Path) -> None:
    many = ", ".join(["*p"] * 2_000)
    file = tmp_path / "many.yaml"
    file.write_text(
        f"claims:\n  - &p {{key: a, kind: number, topic: t}}\n  - &q {{key: b, values: [{many}]}}\n"
        + "  - *q\n" * 200,
        encoding="utf-8",
    )

    assert f"at most {UNFOLDED_LIMIT:,} are read" in only_problem(file)


def test_hidden_files_and_other_files_are_left_out(sound: Path) -> None:
    (sound / ".#study.yaml").symlink_to(sound / "nowhere")
    (sound / ".git").mkdir()
    (sound / ".git" / "a.yaml").write_text("[", encoding="utf-8")
    (sound / "notes.txt").write_text("[", encoding="utf-8")

    assert check_files(sound).files == 3


def test_windows_line_ends_and_byte_order_mark(sound: Path) -> None:
    for file in sound.iterdir():
        text = file.read_bytes().replace(b"\n", b"\r\n")
        file.write_bytes(b"\xef\xbb\xbf" + text)

    gathered = gather(sound)
    note_problems(gathered, {})

    assert gathered.problems == []


@pytest.mark.parametrize("name", ["nothing.yaml", "folder"])
def test_nothing_to_check(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(KbError) as error:
        check_files(tmp_path / name)

    assert str(tmp_path / name) in error.value.problem
    assert error.value.remedy


def test_command_tells_all_problems_of_all_files_in_order(
    tmp_path: Path, kb: Callable[..., Printed], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(HERE / "broken", tmp_path / "seeds")
    shutil.copytree(HERE / "sound", folder / "sound")
    monkeypatch.chdir(tmp_path)

    code, out, err = kb("check", "seeds")
    lines = out.splitlines()
    places = [line.split(":")[:2] for line in lines]
    told_of = {Path(file).stem for file, _ in places}

    assert code == 1
    assert told_of == {file.stem for file in BROKEN}
    assert places == sorted(places, key=lambda place: (place[0], int(place[1])))
    assert all(line.startswith("seeds/") and line.count(": ") >= 2 for line in lines)
    assert err == f"kb: {len(lines)} problems in {len(BROKEN) + 3} files\n"
    assert "Traceback" not in out + err


def test_command_counts_one_as_one(tmp_path: Path, kb: Callable[..., Printed]) -> None:
    file = tmp_path / "one.yaml"
    file.write_text("reports:\n  - {key: a, kind: book}\n", encoding="utf-8")

    assert kb("check", file) == (
        1,
        f"{file.as_posix()}:2: reports.title: is missing.\n",
        "kb: 1 problem in 1 file\n",
    )


def test_command_on_a_sound_file(tmp_path: Path, kb: Callable[..., Printed]) -> None:
    file = tmp_path / "one.yaml"
    file.write_text("reports:\n  - {key: a, kind: book, title: A book}\n", encoding="utf-8")

    assert kb("check", file) == (0, "1 file, 1 row, no problem found\n", "")


def test_command_without_a_path_checks_what_is_shipped(
    sound: Path,
    as_shipped: Callable[[Path], None],
    kb: Callable[..., Printed],
) -> None:
    as_shipped(sound)
    assert kb("check") == (0, "3 files, 84 rows, no problem found\n", "")

    (sound / "study.yaml").unlink()
    code, out, _ = kb("check")

    assert code == 0, "what nothing refers to may go"
    (sound / "vocabularies.yaml").unlink()
    code, out, _ = kb("check")

    assert code == 1, "the evidence shipped stands on its own"
    assert out.startswith("review.yaml:")


def test_own_file_may_refer_to_what_is_shipped(
    sound: Path,
    tmp_path: Path,
    as_shipped: Callable[[Path], None],
    kb: Callable[..., Printed],
) -> None:
    as_shipped(sound)
    file = tmp_path / "own.yaml"
    file.write_text(
        "study:\n  key: own-2020\n  label: Own 2020\n  design: rct\n"
        "  passage: {report: first-2001, locator: p. 1, seen: record, quote: a trial}\n",
        encoding="utf-8",
    )

    assert kb("check", file).code == 0


@pytest.mark.parametrize("name", ["nothing.yaml", "folder"])
def test_command_with_nothing_to_check(
    tmp_path: Path, name: str, kb: Callable[..., Printed]
) -> None:
    (tmp_path / "folder").mkdir()
    code, out, err = kb("check", tmp_path / name)

    assert (code, out) == (1, "")
    assert err.startswith("kb: There ")
    assert len(err.splitlines()) == 2


def problems_of(path: Path, known: Known, shown_as: Path | None = None) -> list[Problem]:
    gathered = gather(path, shown_as=shown_as or Path(path.name))
    note_problems(gathered, known)
    return gathered.problems


def only_problem(path: Path) -> str:
    (problem,) = gather(path).problems
    return problem.message
