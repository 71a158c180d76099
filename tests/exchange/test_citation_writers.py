"""Reports as RIS, BibTeX and CSL-JSON, and read again."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import rispy
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kb.curation.bookkeeping import shipped_seeds
from kb.exchange.citations.kinds import TO_BIBTEX, TO_RIS
from kb.exchange.drafts import Reading, ReportDraft
from kb.exchange.files import ForeignFile, open_file
from kb.exchange.readers import bibtex as bibtex_reader
from kb.exchange.readers import csl_json as csl_json_reader
from kb.exchange.readers import ris as ris_reader
from kb.exchange.writers import bibtex, csl_json, ris
from kb_schema.codes import ReportKind
from kb_schema.provenance import Report

FILES = Path(__file__).parent / "files" / "citations"
COLUMNS = tuple(Report.model_fields)


@dataclass(frozen=True)
class Format:
    write: Callable[[Iterable[Mapping[str, Any]]], str]
    read: Callable[[ForeignFile, Mapping[str, str]], Reading]
    golden: str

    def there_and_back(self, reports: list[dict[str, Any]], folder: Path) -> Reading:
        file = folder / self.golden
        file.write_text(self.write(reports), encoding="utf-8", newline="")
        return self.read(open_file(file), {})


FORMATS = {
    "ris": Format(ris.write, ris_reader.read, "written.ris"),
    "bibtex": Format(bibtex.write, bibtex_reader.read, "written.bib"),
    "csl-json": Format(csl_json.write, csl_json_reader.read, "written.json"),
}
every_format = pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)


def report(**columns: Any) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | {"key": "made-up", "kind": "article-journal"} | columns


def columns(draft: ReportDraft) -> dict[str, Any]:
    return {name: draft.name if name == "key" else getattr(draft, name) for name in COLUMNS}


@pytest.fixture(scope="module")
def shipped() -> list[dict[str, Any]]:
    files = sorted(shipped_seeds().rglob("*.yaml"))
    documents = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return [report(**each) for document in documents for each in document.get("reports", ())]


MADE_UP = [
    report(
        key="made-up-2001",
        title="A made-up title: 50% of {SEGT} & more_or_less",
        authors="van der Berg A, King ML Jr, Made-Up Group; Toronto, O'Brien M, et al.",
        container="J Made Up",
        year=2001,
        volume="7",
        issue="3",
        pages="E101-E109",
        doi="10.9999/made_up(1)",
        pmid="99999901",
        pmcid="PMC99999901",
        note="Made up.",
    ),
    report(key="a-book", kind="book", title="A made-up book", container="A made-up press"),
    report(
        key="a-page",
        kind="webpage",
        title="[A made-up page]",
        container="A made-up site",
        url="https://example.org/a_page?b=1&c=%20",
    ),
    report(key="news", kind="article-newspaper", title="Made-up news", container="A paper"),
]


@every_format
def test_the_text_is_as_it_was_agreed(format_: Format) -> None:
    golden = (FILES / format_.golden).read_bytes()

    assert format_.write(MADE_UP).encode() == golden


@every_format
def test_suffixes_groups_and_signs_are_read_again(format_: Format, tmp_path: Path) -> None:
    reading = format_.there_and_back(MADE_UP, tmp_path)

    assert [columns(draft) for draft in reading.reports] == MADE_UP


@every_format
def test_every_shipped_report_is_read_again_unchanged(
    format_: Format, shipped: list[dict[str, Any]], tmp_path: Path
) -> None:
    reading = format_.there_and_back(shipped, tmp_path)

    assert len(shipped) > 150
    assert [columns(draft) for draft in reading.reports] == shipped
    assert reading.notes == ()


@every_format
@pytest.mark.parametrize("kind", ReportKind)
def test_every_kind_is_read_again(format_: Format, kind: ReportKind, tmp_path: Path) -> None:
    one = report(kind=str(kind), title="A made-up title", container="A made-up container")

    assert columns(format_.there_and_back([one], tmp_path).reports[0]) == one


TEXT = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="&<>"))
INITIALS = st.text("ABCDEÉÖ", min_size=1, max_size=3)
FAMILY = st.sampled_from(["Spiegel", "van der Berg", "O'Brien", "Giese-Davis", "Schünemann"])
NAME = st.builds("{} {}".format, FAMILY, INITIALS)


@every_format
@given(title=TEXT, note=TEXT, names=st.lists(NAME, max_size=4))
def test_any_words_are_read_again(
    format_: Format, title: str, note: str, names: list[str], tmp_path_factory: Any
) -> None:
    words = {"title": f"x {' '.join(title.split())}".strip(), "note": f"y {' '.join(note.split())}"}
    one = report(**words, authors=", ".join(names) or None)
    one["note"] = one["note"].strip()

    (draft,) = format_.there_and_back([one], tmp_path_factory.mktemp("words")).reports

    assert columns(draft) == one


def test_another_reader_of_ris_finds_the_same(shipped: list[dict[str, Any]]) -> None:
    read = rispy.loads(ris.write(shipped), newline="\r\n")

    assert [entry["title"] for entry in read] == [each["title"] for each in shipped]
    assert [entry.get("doi") for entry in read] == [each["doi"] for each in shipped]
    assert {entry["type_of_reference"] for entry in read} <= set(rispy.TYPE_OF_REFERENCE_MAPPING)


def test_every_line_of_ris_ends_as_its_specification_wants() -> None:
    text = ris.write(MADE_UP)

    assert text.count("\n") == text.count("\r\n")
    assert all(line[2:6] == "  - " for line in text.split("\r\n") if line)


def test_keys_of_bibtex_are_unique_and_ascii(shipped: list[dict[str, Any]]) -> None:
    lines = [line for line in bibtex.write(shipped).splitlines() if line.startswith("@")]

    assert all(line.isascii() for line in lines)
    assert len({line.split("{")[1] for line in lines}) == len(shipped)


def test_csl_json_has_no_empty_fields() -> None:
    items = json.loads(csl_json.write(MADE_UP))

    assert all(value for item in items for value in item.values())


def test_every_kind_has_a_word_in_each_format() -> None:
    assert set(TO_RIS) == set(TO_BIBTEX) == set(ReportKind)
