"""`kb export` and `kb schema --diagram`: what is written where, and what is said of it."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.exchange.writers.formats import FORMATS, Kind

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Process, Runner

ON_STORE = {
    "export-metafor.txt": "export --as metafor --outcome survival --approach segt",
    "export-metapsy.txt": "export --as metapsy",
    "export-robvis.txt": "export --as robvis",
}
WRONG = (
    "export --as sedes",
    "export --as xlsx",
    "export --as seeds --outcome pain --output x",
    "export --as ris --measure OR",
    "export --as metafor --measure OR",
    "export --as json --tool 'RoB 2'",
    "export --as metafor --data trials.csv",
    "schema --diagram dot",
)


def test_without_a_format_they_are_listed(
    kb: "Runner", golden: "Golden", monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = kb("export")
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb("export")

    golden("export.txt", narrow.out)
    golden("export.120.txt", wide.out)
    assert (narrow.code, narrow.err) == (0, "")
    assert all(name in narrow.out for name in FORMATS)


@pytest.mark.parametrize("name", ON_STORE)
def test_what_is_said(name: str, kb: "Runner", golden: "Golden", tmp_path: Path) -> None:
    said = kb(f"{ON_STORE[name]} --output {tmp_path / 'out.csv'}")

    assert said.out == ""
    golden(name, said.err.replace(str(tmp_path), "FOLDER"))
    assert said.code == (0 if (tmp_path / "out.csv").exists() else 1)


def test_mistakes(kb: "Runner", golden: "Golden") -> None:
    screens = []
    for line in WRONG:
        ended = kb(line)
        screens.append(f"$ kb {line}\n{ended.err}")
        assert (ended.code, ended.out) == (1, "")

    golden("export-mistakes.txt", "\n".join(screens))


@pytest.mark.parametrize("name", [f.name for f in FORMATS.values() if f.name != "robvis"])
def test_every_format_is_written(name: str, kb: "Runner", poolable: Path, tmp_path: Path) -> None:
    place = tmp_path / "exports" / "out"
    ended = kb(f"export --as {name} --output {place}", db=poolable)

    assert ended.code == 0, ended.err
    assert ended.out == ""
    assert ended.err.startswith(f"kb: {name}: ")
    assert f" written to {place}\n" in ended.err
    assert place.is_dir() == (FORMATS[name].kind is Kind.FOLDER)
    assert [path.name for path in place.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["data-package", "xlsx", "json", "seeds", "datasette"])
def test_nothing_is_replaced_unless_by_force(
    name: str, kb: "Runner", poolable: Path, tmp_path: Path
) -> None:
    line = f"export --as {name} --output {tmp_path / 'out'}"
    first, second, forced = (kb(f"{line}{more}", db=poolable) for more in ("", "", " --force"))

    assert (first.code, second.code, forced.code) == (0, 1, 0)
    assert "Say --force to replace it" in second.err


@pytest.mark.parametrize(
    "name", ["metafor", "metapsy", "json", "ris", "bibtex", "csl-json", "fhir"]
)
def test_text_goes_to_the_screen_and_talk_beside_it(
    name: str, kb: "Runner", poolable: Path, tmp_path: Path
) -> None:
    shown = kb(f"export --as {name}", db=poolable)
    path = tmp_path / "out"
    kb(f"export --as {name} --output {path}", db=poolable)

    assert shown.code == 0
    assert shown.out == path.read_bytes().decode()
    assert shown.err.startswith(f"kb: {name}: ")
    assert "written to" not in shown.err


def test_facets_narrow_citations_to_the_reports_of_the_studies(kb: "Runner") -> None:
    every = json.loads(kb("export --as csl-json").out)
    narrowed = json.loads(kb("export --as csl-json --study spiegel-1981").out)

    assert 0 < len(narrowed) < len(every)
    assert {item["id"] for item in narrowed} < {item["id"] for item in every}


def test_metafor_holds_what_pool_pools(kb: "Runner") -> None:
    asked = "--outcome survival --approach segt --include individual-times"
    pooled = json.loads(kb(f"pool {asked} --format json").out)
    rows = list(csv.DictReader(io.StringIO(kb(f"export --as metafor {asked}").out)))

    assert [float(row["yi"]) for row in rows] == [study["yi"] for study in pooled["studies"]]
    assert [row["key"] for row in rows] == [study["key"] for study in pooled["studies"]]
    assert rows


def test_an_export_loads_again(kb: "Runner", poolable: Path, tmp_path: Path) -> None:
    folder, again = tmp_path / "seeds", tmp_path / "again.sqlite"
    kb(f"export --as seeds --output {folder}", db=poolable)
    checked = kb(f"check {folder}", db=poolable)
    compared = kb(f"diff {folder} {poolable}", db=again)

    assert checked.code == 0
    assert compared.code == 0, compared.out


def test_a_device_is_written_to(process: "Process") -> None:
    ended = process("export --as ris --output /dev/stdout")

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("TY  - ")


def test_json_is_plain_where_the_terminal_is(process: "Process") -> None:
    ended = process("export --as json", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["tables"]["study"]


@pytest.mark.parametrize("notation", ["mermaid", "graphml"])
def test_the_model_is_drawn(notation: str, kb: "Runner", tmp_path: Path) -> None:
    path = tmp_path / "model"
    shown = kb(f"schema --diagram {notation}")
    kb(f"schema --diagram {notation} --output {path}")

    assert shown.code == 0
    assert shown.out == path.read_text(encoding="utf-8")
    assert "study_report" in shown.out
