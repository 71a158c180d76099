"""What goes wrong is said in a sentence, on standard error, with an exit code that means it."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL, Engine

    from tests.cli.conftest import Process, Run, Runner


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("studeis", "studies"),
        ("studies --desing rct", "--design"),
        ("studies --format xml", "json"),
        ("studies extra", "extra"),
        ("search", "WORDS"),
        ("search pain --limit 0", "--limit"),
        ("db upgrad", "upgrade"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_a_hint(line: str, hint: str, kb: "Runner") -> None:
    run = kb(line)

    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("kb: ")
    assert hint in run.err
    assert "--help" in run.err


@pytest.mark.parametrize(
    "line",
    [
        "studies --outcome pian",
        "studies --year soon",
        "studies --year 2005..1990",
        "studies --n '>many'",
        "show nobody",
        "trace nobody",
        "terms nothing",
        "ask flibberty",
    ],
)
def test_what_does_not_exist_ends_with_1_and_two_sentences(line: str, kb: "Runner") -> None:
    run = kb(line)
    problem, remedy = run.err.splitlines()

    assert (run.code, run.out) == (1, "")
    assert problem.startswith("kb: ")
    assert problem.endswith((".", ".'"))
    assert remedy.startswith("    ")


@pytest.mark.parametrize("line", ["", "db"])
def test_nothing_asked_shows_the_help(line: str, kb: "Runner") -> None:
    run = kb(line)

    assert (run.code, run.err) == (2, "")
    assert "Usage: kb" in run.out


def test_the_unforeseen_is_a_sentence_too(kb: "Runner", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.store.opening.open_base", lambda *_: 1 / 0)
    run = kb("studies")

    assert (run.code, run.out) == (1, "")
    assert run.err == (
        "kb: something unforeseen went wrong: ZeroDivisionError: division by zero\n"
        "    Run the same with --debug to see where, and please report it.\n"
    )


@pytest.mark.parametrize("line", ["--debug show nobody", "show nobody --debug"])
def test_debug_shows_where(line: str, process: "Process") -> None:
    run = process(line)

    assert run.returncode == 1
    assert run.stderr.startswith("Traceback")
    assert "UnknownValue: Nothing is called 'nobody'." in run.stderr
    assert "Traceback" not in process("show nobody").stderr


def test_an_interrupt_ends_with_130(kb: "Runner", monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kb.store.opening.open_base", interrupted)
    run = kb("studies")

    assert (run.code, run.out) == (130, "")
    assert run.err == "kb: interrupted; nothing was half-written\n"


def test_a_store_cannot_be_in_a_file(kb: "Runner", tmp_path: "Path") -> None:
    assert_told(kb("studies", db=_file(tmp_path) / "kb.sqlite"))


def test_a_folder_is_no_store(kb: "Runner", tmp_path: "Path") -> None:
    assert_told(kb("studies", db=tmp_path))


def test_a_text_file_is_no_store(kb: "Runner", tmp_path: "Path") -> None:
    run = kb("studies", db=_file(tmp_path))

    assert_told(run)
    assert (tmp_path / "file.txt").read_text(encoding="utf-8").startswith("not a store")


def test_a_newer_store_is_left_alone(
    kb: "Runner", store: "Path", tmp_path: "Path", open_store: "Callable[[str | URL], Engine]"
) -> None:
    newer = tmp_path / "newer.sqlite"
    newer.write_bytes(store.read_bytes())
    with open_store(f"sqlite:///{newer}").begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'r9999'")
    before = newer.read_bytes()
    run = kb("studies", db=newer)

    assert_told(run)
    assert "newer" in run.err
    assert newer.read_bytes() == before


def test_a_server_that_does_not_answer(kb: "Runner") -> None:
    run = kb("studies", db="postgresql://kb:open-sesame@127.0.0.1:1/kb")

    assert_told(run)
    assert "open-sesame" not in run.err


def test_an_address_that_is_none(kb: "Runner") -> None:
    run = kb("studies", db="nonsense://kb:open-sesame@host/kb")

    assert_told(run)
    assert "open-sesame" not in run.err


def _file(folder: "Path") -> "Path":
    path = folder / "file.txt"
    path.write_text("not a store\n" * 100, encoding="utf-8")
    return path


def assert_told(run: "Run") -> None:
    assert (run.code, run.out) == (1, "")
    assert run.err.splitlines()[-2].startswith("kb: ")
    assert run.err.splitlines()[-1].startswith("    ")
    assert "Traceback" not in run.err
    assert "unforeseen" not in run.err
