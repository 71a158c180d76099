"""What a shell is offered for a word that is half typed."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Runner


@pytest.fixture
def offered(kb: "Runner", monkeypatch: pytest.MonkeyPatch) -> "Callable[..., list[str]]":
    """Return what asks, as a shell does, for what may follow."""

    def ask(line: str, *, db: "Path | str | None" = None) -> list[str]:
        monkeypatch.setenv("_KB_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
        run = kb("", db=db)
        assert (run.code, run.err) == (0, "")
        return run.out.split()

    return ask


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kb st", "studies strategies"),
        ("kb studies --approach seg", "segt"),
        ("kb studies --approach cbt,seg", "cbt,segt"),
        ("kb studies --approach !seg", "!segt"),
        ("kb studies --approach cbt,!seg", "cbt,!segt"),
        ("kb studies --mode tele", "telephone"),
        ("kb studies --domain inn", "innovation inner-setting"),
        ("kb results --study good", "goodwin-2001"),
        ("kb studies --year 19", ""),
        ("kb studies --format j", "json"),
        ("kb show goodw", "goodwin-2001"),
        ("kb trace goodw", "goodwin-2001"),
        ("kb terms ou", "outcome"),
    ],
)
def test_values_are_offered(line: str, expected: str, offered: "Callable[..., list[str]]") -> None:
    assert sorted(offered(line)) == sorted(expected.split())


def test_the_store_that_is_named_is_asked(
    offered: "Callable[..., list[str]]", store: "Path", tmp_path: "Path"
) -> None:
    assert offered(f"kb studies --db {store} --approach seg", db=tmp_path / "no") == ["segt"]


@pytest.mark.parametrize(
    "address",
    [
        "missing.sqlite",
        "no-folder/kb.sqlite",
        "text.txt",
        "empty.sqlite",
        " ",
        "nonsense://x",
        "postgresql://kb@127.0.0.1:1/kb",
    ],
)
@pytest.mark.parametrize("line", ["kb studies --approach seg", "kb show goodw"])
def test_without_a_store_nothing_is_offered_and_none_is_made(
    line: str,
    address: str,
    offered: "Callable[..., list[str]]",
    tmp_path: "Path",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("not a store\n" * 100, encoding="utf-8")
    (tmp_path / "empty.sqlite").touch()
    before = sorted(tmp_path.rglob("*"))

    assert offered(line, db=address) == []
    assert sorted(tmp_path.rglob("*")) == before
