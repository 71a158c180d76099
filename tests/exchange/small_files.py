"""One small made-up file of every format that can be imported, and where its rows went."""

from dataclasses import dataclass, field
from pathlib import Path

from kb.exchange.drafts import Fate, Reading
from tests.exchange.revman_files import analysis, package, package_tables, rm5

FILES = Path(__file__).parent / "files"

_COUNTS = """\
study,year,ai,n1i,ci,n2i,outcome,instrument,time,country,remark
Ash,2001,4,20,8,22,made-up mood,Made-up Scale,post,Canada,first
Birch,2002,3,30,7,31,made-up mood,Made-up Scale,post,China,second
"""
_SHEET = """\
study,report,year,design,row,arm,role,approach,comparator,outcome,time,n,events,locator,quote,seen,\
note
Ash 2001,10.1234/made-up,2001,rct,arm,Group,intervention,made-up group,,made-up mood,post,20,4,\
table 2,Group 4 of 20,record,a remark
Ash 2001,10.1234/made-up,,,arm,Control,control,,usual care,made-up mood,post,22,8,\
table 2,Control 8 of 22,record,
"""


@dataclass(frozen=True)
class Small:
    """A small file: what it is called, what it holds, and the constants that it needs."""

    name: str
    content: bytes
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        return not self.content.startswith(b"PK")


def _citations(name: str) -> bytes:
    return (FILES / "citations" / name).read_bytes()


SMALL = {
    "metapsy": Small(
        "made-up.csv",
        (FILES / "made-up-metapsy.csv").read_bytes().replace(b"Chile", b"China"),
        {"outcome": "made-up mood"},
    ),
    "metafor": Small(
        "made-up.csv", _COUNTS.encode(), {"approach": "made-up group", "comparator": "usual care"}
    ),
    "template": Small("made-up.csv", _SHEET.encode()),
    "revman5": Small("made-up.rm5", rm5([analysis("1.1"), analysis("1.2")], encoding="UTF-8")),
    "cochrane-package": Small("made-up.zip", package([analysis("1.1"), analysis("1.2")])),
    "ris": Small("made-up.ris", _citations("embase.ris")),
    "bibtex": Small("made-up.bib", _citations("written.bib")),
    "csl-json": Small("made-up.json", _citations("written.json")),
    "pubmed": Small("made-up.nbib", _citations("pubmed.nbib")),
    "clinical-trials": Small("made-up.json", _citations("trials.json")),
}
"""By the name of the format."""

PACKAGE = package_tables([analysis("1.1"), analysis("1.2")])
"""The tables of the small data package by their paths."""


def accounted(reading: Reading) -> set[int]:
    """Return the rows that are in a draft or that a note refuses."""
    rows = {note.row for note in reading.notes if note.fate is Fate.REFUSED and note.row}
    rows |= {report.row for report in reading.reports}
    for study in reading.studies():
        rows |= {study.row, *study.words}
        rows |= {each.row for each in study.arms} | {each.row for each in study.reports}
        rows |= {each.row for each in study.risk_of_bias}
        for measured in study.measurements:
            rows |= {measured.row, *(each.row for each in measured.arm_results)}
            rows |= {each.row for each in measured.contrasts}
    return rows - {0}


def saved(folder: Path, small: Small, content: bytes | None = None) -> Path:
    """Write a small file, with other content where that is given."""
    path = folder / small.name
    path.write_bytes(small.content if content is None else content)
    return path
