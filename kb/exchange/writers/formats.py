"""The outside formats that can be written: their names, what for, and what is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is written: a text, one file that is no text, or a folder of files."""

    TEXT = "text"
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True)
class Format:
    """An outside format.

    Attributes:
        name: what `--as` calls it.
        title: what is written.
        reader: who or what reads it.
        lost: what of the evidence it has no place for.
        kind: text, file or folder.
        narrowed: whether facets narrow what is written; else it is always the whole base.
        pooled: whether the options of pooling are heard.
        leaves: patterns of the files that a folder of it holds.
    """

    name: str
    title: str
    reader: str
    lost: str
    kind: Kind = Kind.TEXT
    narrowed: bool = False
    pooled: bool = False
    leaves: tuple[str, ...] = ()


_HISTORY = "who changed what when"

_ALL = (
    Format(
        "data-package",
        "a CSV file for each table, with a Data Package 2.0 descriptor",
        "Frictionless, R, pandas; archives",
        _HISTORY,
        Kind.FOLDER,
        leaves=("*.csv", "datapackage.json"),
    ),
    Format(
        "xlsx",
        "a workbook with a sheet for each table",
        "Excel, LibreOffice",
        f"{_HISTORY}; the checks of the database",
        Kind.FILE,
    ),
    Format(
        "json",
        "all tables in one document",
        "programs",
        f"{_HISTORY}; the checks of the database",
    ),
    Format(
        "metapsy",
        "a row for each comparison of two arms, in the columns of the Metapsy data standard",
        "metapsyTools in R",
        "hazard and odds ratios, mean differences without values by arm, directions in words, "
        "effects of unknown kind or sign",
        narrowed=True,
    ),
    Format(
        "metafor",
        "with --outcome the effects that kb pool pools; without, every comparison",
        "metafor, meta and JASP",
        "directions in words, tests without an effect, effects of unknown kind or sign",
        narrowed=True,
        pooled=True,
    ),
    Format(
        "robvis",
        "judgements on risk of bias, a row for each study",
        "robvis in R",
        "support for the judgements",
        narrowed=True,
    ),
    Format(
        "ris",
        "reports as RIS",
        "Zotero, EndNote, Mendeley",
        "all but the citations",
        narrowed=True,
    ),
    Format("bibtex", "reports as BibTeX", "LaTeX, JabRef", "all but the citations", narrowed=True),
    Format(
        "csl-json",
        "reports as CSL-JSON",
        "Zotero, pandoc, citeproc",
        "all but the citations",
        narrowed=True,
    ),
    Format(
        "datasette",
        "a copy of the SQLite store, with metadata that describe it",
        "Datasette",
        "nothing; who changed what when is in it too",
        Kind.FOLDER,
        leaves=("evidence.db", "evidence.db-wal", "evidence.db-shm", "metadata.yaml"),
    ),
    Format(
        "fhir",
        "EXPERIMENTAL: a bundle of EBM-on-FHIR resources (R5)",
        "guideline tools",
        "themes, barriers, strategies, claims, quotes of most facts",
        narrowed=True,
    ),
    Format(
        "seeds",
        "YAML files as a curator writes them",
        "kb load, and people",
        f"{_HISTORY}; comments",
        Kind.FOLDER,
        leaves=("*.yaml",),
    ),
)

FORMATS: Mapping[str, Format] = {each.name: each for each in _ALL}
"""The formats by name."""
