"""Hostile and damaged files on the command line: every format, every kind of harm.

Such a file is refused in two sentences, or what can be read of it is read and the rest is told. The
store is then as it was, or holds what the preview counts; nothing is written anywhere else.
"""

import csv
import io
import json
import os
import resource
import shutil
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Never

import pytest
from typer.main import get_command

from kb.curation.bookkeeping import shipped_seeds
from kb.curation.loading import load
from kb.exchange.formats import FORMATS
from kb.store.engine import open_engine, sqlite_url
from kb.store.migrate import upgrade
from kb_cli import main
from tests.exchange.hostile_files import (
    EXPANDING,
    FETCHING,
    MADE,
    NO_FILES,
    exchanged,
    no_file,
)
from tests.exchange.small_files import SMALL, Small, saved

ROOM = 600_000_000
"""Bytes that one import of such a file may take beyond what the tests take already."""

PATIENCE = 120
"""Seconds after which something is taken to be without an end; every import takes one or two."""

REPEATED = (b"(", b"[", b" ", b'"', b"ai ", b"yi vi ", b"m1i ", b"row locator ", b"@a", b"TY ")
"""What looks like the beginning of some format, again and again."""

CITATIONS = {"ris", "bibtex", "csl-json", "pubmed"}
READ = {
    "long cell": set(FORMATS),
    "mixed line ends": set(FORMATS),
    "no UTF-8": set(FORMATS) - {"revman5", "cochrane-package"},
    "formula": set(FORMATS),
    "escape sequence": set(FORMATS) - {"revman5", "csl-json", "clinical-trials"},
    "number of many digits": set(FORMATS) - {"csl-json", "clinical-trials"},
    "number beyond a store": set(FORMATS),
    "number beyond all": set(FORMATS),
    "huge cell": CITATIONS | {"clinical-trials", "revman5"},
    "very many columns": CITATIONS | {"clinical-trials", "revman5"},
    "deep": {"ris", "pubmed", "bibtex"},
    "truncated": {"ris", "bibtex", "pubmed"},
}
"""The formats that read a file with such a thing in it; all others refuse it."""

CASES = [(name, kind) for name in FORMATS for kind in MADE]
REFUSED = [(name, kind) for name, kind in CASES if name not in READ.get(kind, ())]
BORNE = [(name, kind) for name, kind in CASES if name in READ.get(kind, ())]


class Printed(NamedTuple):
    code: int
    out: str
    err: str


Kb = Callable[..., Printed]


@pytest.fixture(scope="module")
def vocabularies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of the vocabularies that come with the program, to be copied."""
    path = tmp_path_factory.mktemp("hostile") / "store.db"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    load(engine, shipped_seeds() / "vocabularies")
    engine.dispose()
    return path


@pytest.fixture
def store(vocabularies: Path, tmp_path: Path) -> Path:
    """Return a store of one test."""
    folder = tmp_path / "store"
    folder.mkdir()
    return Path(shutil.copy(vocabularies, folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of the file that is imported."""
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def clean() -> dict[str, Any]:
    """Return where the previews of the small files are kept, by format."""
    return {}


@pytest.fixture(scope="module")
def app() -> Callable[..., int]:
    """Return the command line, put together once for all runs."""
    made: Callable[..., int] = get_command(main.app)
    return made


@pytest.fixture
def kb(
    store: Path,
    app: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Kb:
    """Return what runs the command line in this process, with little room and an end."""
    monkeypatch.setenv("_TYPER_FORCE_DISABLE_TERMINAL", "1")
    monkeypatch.setattr(main, "app", app)

    def run(*arguments: object) -> Printed:
        monkeypatch.setattr(sys, "argv", ["kb", *map(str, arguments), "--db", str(store)])
        with pytest.raises(SystemExit) as ended, _bounded():
            main.main()
        return Printed(int(ended.value.code or 0), *capsys.readouterr())

    return run


@contextmanager
def _bounded() -> Iterator[None]:
    """Let memory run out, and time, where a block takes very much of them."""

    def end(*_: object) -> Never:
        raise AssertionError("it found no end")

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = signal.signal(signal.SIGALRM, end)
    resource.setrlimit(resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGE_SIZE") + ROOM, hard))
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def words_for(name: str, small: Small) -> list[str]:
    """Return the words of a command line that import a small file."""
    given = [word for pair in small.constants.items() for word in ("--set", "=".join(pair))]
    return ["--as", name, *given, "--new-terms"]


def found_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def is_refusal(printed: Printed, name: str) -> bool:
    """Return whether a run ended in two sentences, of which the first names the file."""
    lines = printed.err.splitlines()
    assert (printed.code, printed.out, len(lines)) == (1, "", 2), printed
    assert lines[0].startswith("kb: ")
    assert lines[1].startswith("    ")
    assert "unforeseen" not in lines[0]
    return name in lines[0] and all(line.endswith(".") for line in lines)


@pytest.mark.parametrize(("name", "kind"), REFUSED)
def test_harm_is_refused_and_the_store_stays(
    name: str, kind: str, kb: Kb, store: Path, folder: Path, tmp_path: Path
) -> None:
    file = saved(folder, SMALL[name], MADE[kind](name))
    before, around = store.read_bytes(), found_in(tmp_path)

    printed = kb("import", file, *words_for(name, SMALL[name]), "--apply")

    assert is_refusal(printed, file.name), printed.err
    assert "root:" not in printed.err
    assert store.read_bytes() == before
    assert found_in(tmp_path) == around


@pytest.mark.parametrize(("name", "kind"), BORNE)
def test_what_can_be_read_of_a_damaged_file_is_read_and_the_rest_is_told(
    name: str, kind: str, kb: Kb, folder: Path, tmp_path: Path, clean: dict[str, Any]
) -> None:
    small = SMALL[name]
    if name not in clean:
        clean[name] = preview(kb, saved(folder, small), name)
    rows = clean[name]["rows"]
    file = saved(folder, small, MADE[kind](name))
    around = found_in(tmp_path)
    found = preview(kb, file, name)

    assert found["rows"]["lost"] == 0
    if kind not in {"truncated", "very many columns"}:
        assert found["rows"]["total"] == rows["total"]
    if kind in {"mixed line ends", "formula", "no UTF-8", "escape sequence"}:
        assert found["rows"] == rows
    if kind.startswith("number"):
        assert told(found) != told(clean[name]) or found["problems"]
    assert found["ready"] == (found["rows"]["in"] > 0)
    printed = kb("import", file, *words_for(name, small), "--apply")
    assert (printed.code == 0) == found["ready"]
    assert "unforeseen" not in printed.err
    assert "\x1b" not in printed.out
    assert found_in(tmp_path) == around


def preview(kb: Kb, file: Path, name: str) -> dict[str, Any]:
    printed = kb("import", file, *words_for(name, SMALL[name]), "--format", "json")
    assert printed.err == ""
    found: dict[str, Any] = json.loads(printed.out)
    assert found["ready"] == (printed.code == 0)
    return found


def told(found: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((note["fate"], note["rule"]) for note in found["notes"])


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("name", FORMATS)
def test_what_is_no_file_to_read_is_refused(
    name: str, kind: str, kb: Kb, store: Path, folder: Path
) -> None:
    path = no_file(kind, folder / SMALL[name].name)
    before = store.read_bytes()

    printed = kb("import", path, *words_for(name, SMALL[name]), "--apply")

    assert is_refusal(printed, path.name), printed.err
    assert store.read_bytes() == before


@pytest.mark.parametrize("name", FORMATS)
def test_format_of_a_hostile_file_is_looked_for_in_bounded_time(
    name: str, kb: Kb, folder: Path
) -> None:
    """The beginning of a file is searched for what formats hold there; none may take long."""
    path = folder / SMALL[name].name
    for piece in REPEATED:
        path.write_bytes(piece * (70_000 // len(piece)))

        assert is_refusal(kb("import", path), path.name), piece


def test_name_of_a_file_cannot_act_on_a_terminal(kb: Kb, folder: Path) -> None:
    file = folder / "made\x1b[31m\nup.ris"
    for content in (SMALL["ris"].content, b"", b"\0"):
        file.write_bytes(content)
        printed = kb("import", file, "--as", "ris")

        assert "\x1b" not in printed.out + printed.err
        assert "made [31m up.ris" in printed.out + printed.err


@pytest.mark.parametrize("declared", [EXPANDING, FETCHING], ids=["expanding", "fetching"])
def test_entities_in_a_workbook_stay_what_they_are(
    declared: str, kb: Kb, folder: Path, tmp_path: Path
) -> None:
    """No text of a cell grows or brings a file of this computer along."""
    file = folder / "made-up.xlsx"
    _workbook(file, SMALL["metafor"].content.decode())
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    strings = parts["xl/sharedStrings.xml"].decode()
    head, mark, rest = strings.partition("<sst")
    parts["xl/sharedStrings.xml"] = f"{head}{declared}{mark}{rest}".replace(
        "first", "&l9;"
    ).encode()
    with zipfile.ZipFile(file, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)

    printed = kb("import", file, *words_for("metafor", SMALL["metafor"]))

    assert "made upmade up" not in printed.out
    assert "root:" not in printed.out
    assert "unforeseen" not in printed.err


def _workbook(path: Path, table: str) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(table.splitlines()):
            for column, cell in enumerate(line.split(",")):
                sheet.write_string(row, column, cell)


def test_text_that_is_a_formula_comes_out_as_text(kb: Kb, folder: Path) -> None:
    """What came in as `=SUM(1)*cmd|x` cannot act in the spreadsheet that opens what goes out."""
    file = saved(folder, SMALL["ris"], exchanged("ris", b"Quality of life", b"=SUM(1)*cmd|x"))
    assert kb("import", file, "--as", "ris", "--apply").code == 0
    out = folder / "evidence.xlsx"
    assert kb("export", "--as", "xlsx", "--output", out).code == 0

    printed = kb("search", "SUM", "--format", "csv").out
    cells = [cell for row in csv.reader(io.StringIO(printed)) for cell in row]
    assert [cell for cell in cells if cell.startswith("'=SUM(1)*cmd|x")]
    assert not [cell for cell in cells if cell.startswith("=")]
    with zipfile.ZipFile(out) as book:
        assert not [name for name in book.namelist() if b"<f>" in book.read(name)]
        assert any(b"=SUM(1)*cmd|x" in book.read(name) for name in book.namelist())
