"""What is written, where, and how it comes through: cells, files and terminals."""

import csv
import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb_cli.output import as_csv, as_markdown

if TYPE_CHECKING:
    from tests.cli.conftest import Process, Runner

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
SCREENS = ("studies --outcome pain --sources", "factors", "show goodwin-2001", "summary")
WORDS_OF_COLOURS = {
    "31": {"barrier", "favours control"},
    "32": {"facilitator", "favours intervention"},
    "33": {"mixed", "no difference", "unclear", "neutral"},
}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+49 123", "'+49 123"),
        ("-SUM(A1)", "'-SUM(A1)"),
        ("-1e", "'-1e"),
        ("@cmd", "'@cmd"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\t=1+1", "'\t=1+1"),
        ("\r=1+1", "'\n=1+1"),
        ("-2.5", "-2.5"),
        (-1.5, "-1.5"),
        (-3, "-3"),
        (-1e-07, "-1e-07"),
        (12.0, "12"),
        (0.78, "0.78"),
        (None, ""),
        (True, "True"),
        ("p = 0.04", "p = 0.04"),
        ('a "quote", and a comma', 'a "quote", and a comma'),
        ("two\nlines", "two\nlines"),
    ],
)
def test_a_cell_of_csv_is_no_formula_and_comes_back(value: object, written: str) -> None:
    text = as_csv(["first", "second"], [[value, "beside"]])

    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["first", "second"],
        [written, "beside"],
    ]


@pytest.mark.parametrize(
    ("value", "written"),
    [("a | b", "a \\| b"), ("a\\b", "a\\\\b"), ("two\nlines", "two lines"), (None, ""), (4.0, "4")],
)
def test_a_cell_of_markdown_stays_in_its_row(value: object, written: str) -> None:
    assert as_markdown(["one"], [[value]]) == f"| one |\n| --- |\n| {written} |\n"


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("answer.json", "{\n"),
        ("answer.CSV", "key,label,"),
        ("answer.md", "| key | label |"),
        ("answer.txt", "4 studies  kb studies"),
    ],
)
def test_a_file_takes_the_form_that_its_name_says(
    name: str, beginning: str, kb: "Runner", tmp_path: Path
) -> None:
    run = kb(f"studies --output {tmp_path / name}")

    assert (run.code, run.out, run.err) == (0, "", "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning)
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == [name]


def test_a_format_outweighs_the_name_of_the_file(kb: "Runner", tmp_path: Path) -> None:
    kb(f"studies --output {tmp_path / 'answer.txt'} --format json")

    assert json.loads((tmp_path / "answer.txt").read_text(encoding="utf-8"))["count"] == 4


def test_a_file_gets_the_rights_of_any_new_file(kb: "Runner", tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    kb(f"studies --output {tmp_path / 'answer.csv'}")

    assert mode(tmp_path / "answer.csv") == mode(tmp_path / "other")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_link_still_points_at_what_is_written(kb: "Runner", tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    kb(f"studies --output {tmp_path / 'link.csv'}")

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text(encoding="utf-8").startswith("key,")


def test_a_folder_is_no_file(kb: "Runner", tmp_path: Path) -> None:
    run = kb(f"studies --output {tmp_path}")

    assert run.code == 1
    assert run.err == (
        f"kb: {tmp_path} cannot be written: it is a folder.\n    Name another file.\n"
    )


def test_a_missing_folder_is_told(kb: "Runner", tmp_path: Path) -> None:
    run = kb(f"studies --output {tmp_path / 'missing' / 'answer.csv'}")

    assert run.code == 1
    assert "cannot be written: no such file or directory." in run.err


def test_a_failing_write_leaves_the_old_file(
    kb: "Runner", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = tmp_path / "answer.csv"
    answer.write_text("old", encoding="utf-8")

    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", fail)
    run = kb(f"studies --output {answer}")

    assert run.code == 1
    assert run.err.startswith(f"kb: {answer} cannot be written: permission denied.")
    assert answer.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answer.csv", "home"]


def test_a_device_is_written_to_and_stays(kb: "Runner") -> None:
    assert kb("studies --output /dev/null").code == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("variables", [{}, {"FORCE_COLOR": "1"}], ids=str)
@pytest.mark.parametrize("line", [*SCREENS, "--help", "studies --help", "studeis"])
def test_no_color_is_plain(line: str, variables: dict[str, str], process: "Process") -> None:
    run = process(line, NO_COLOR="1", **variables)

    assert "\x1b" not in run.stdout + run.stderr
    if "--help" not in line:
        assert [text for text in run.stdout.splitlines() if text != text.rstrip()] == []


@pytest.mark.parametrize("line", ["studies", "--help"])
def test_a_pipe_is_plain(line: str, process: "Process") -> None:
    run = process(line, NO_COLOR="", GITHUB_ACTIONS="true")

    assert run.stdout
    assert "\x1b" not in run.stdout


@pytest.mark.parametrize("line", SCREENS)
def test_a_colour_has_a_word_beside_it(line: str, process: "Process") -> None:
    coloured = process(line, NO_COLOR="", FORCE_COLOR="1", TERM="xterm").stdout
    plain = process(line).stdout
    words = re.findall(r"\x1b\[(3[1-6])m([^\x1b]*)", coloured)

    assert "\x1b[1m" in coloured
    assert [text.rstrip() for text in ESCAPES.sub("", coloured).splitlines()] == plain.splitlines()
    assert [(c, word) for c, word in words if word.strip() not in WORDS_OF_COLOURS[c]] == []
    assert words or line in {"show goodwin-2001", "summary"}


def test_a_terminal_has_colour(store: Path) -> None:
    assert b"\x1b[1m4 studies" in on_a_terminal(store, TERM="xterm-256color")


@pytest.mark.parametrize(
    "variables", [{"TERM": "dumb"}, {"TERM": "xterm-256color", "NO_COLOR": "1"}], ids=str
)
def test_a_terminal_may_decline_colour(variables: dict[str, str], store: Path) -> None:
    screen = on_a_terminal(store, **variables)

    assert b"4 studies" in screen
    assert b"\x1b" not in screen


def on_a_terminal(store: Path, **variables: str) -> bytes:
    ours, theirs = pty.openpty()
    program = Path(sys.executable).with_name("kb")
    environment = {**os.environ, "NO_COLOR": "", "KB_DATABASE_URL": str(store), **variables}
    with subprocess.Popen([program, "studies"], stdout=theirs, env=environment) as running:
        os.close(theirs)
        screen = b""
        with suppress(OSError):  # how Linux says that the other side has closed
            while part := os.read(ours, 65536):
                screen += part
    os.close(ours)
    assert running.returncode == 0
    return screen


def test_a_terminal_without_unicode_is_spelled_to(process: "Process") -> None:
    table = process("factors", PYTHONIOENCODING="ascii")
    data = process("studies --outcome pain --format json", PYTHONIOENCODING="ascii")
    unicode = process("studies --outcome pain --format json")

    assert (table.returncode, table.stderr) == (0, "")
    assert "deliverers - COSA 2023 (leaders)" in table.stdout
    assert data.stdout.isascii()
    assert json.loads(data.stdout) == json.loads(unicode.stdout)
    assert process("--help", PYTHONIOENCODING="ascii").returncode == 0


@pytest.mark.parametrize("line", ["studies", "show goodwin-2001 --format json", "--help"])
def test_a_reader_may_leave_early(line: str, store: Path) -> None:
    program = Path(sys.executable).with_name("kb")
    run = subprocess.run(
        f"{program} {line} | true",
        shell=True,
        env={**os.environ, "KB_DATABASE_URL": str(store)},
        capture_output=True,
        check=True,
    )

    assert (run.stdout, run.stderr) == (b"", b"")
