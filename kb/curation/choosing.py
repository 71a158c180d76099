"""The records that an answer may name, and how a person's words for one become its key."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.citations import citation
from kb.curation.cells import Unfit
from kb.curation.checking import shipped_records
from kb.curation.gathering import gather
from kb.curation.reading import Problem
from kb.curation.shape import SCOPED
from kb.curation.wording import nearest, shown
from kb.vocabulary import plain
from kb_schema.tables import metadata

_NAMED_BY = ("name", "label", "title", "statement", "formula")
_ALSO_NAMED_BY = ("doi", "pmid", "pmcid", "iso", "abbreviation", "code", "name", "label", "title")
_ADDRESS = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:|pmid:?)\s*", re.IGNORECASE)
"""What may stand before a DOI or a PMID."""


@dataclass(frozen=True)
class Choices:
    """Keys or codes with their names, and all words that mean one of them.

    Words are kept as `kb.vocabulary.plain` makes them.
    """

    names: Mapping[str, str]
    words: Mapping[str, list[str]]

    def resolve(self, text: str) -> str:
        """Return the key that a text means. Raises `Unfit` with what is nearest."""
        if text in self.names:
            return text
        keys = self.words.get(plain(_ADDRESS.sub("", text)), [])
        if len(keys) == 1:
            return keys[0]
        if keys:
            raise Unfit(f"{shown(text)} may mean {' or '.join(keys)}; say which.")
        words = {word: key for word, keys in self.words.items() for key in keys}
        raise Unfit(f"{shown(text)} is not known here.", nearest(plain(text), words, 3))

    def beginning(self, text: str) -> list[str]:
        """Return the keys and names that begin with a text, whatever their case."""
        every = [*self.names, *self.names.values()]
        return [word for word in dict.fromkeys(every) if word.lower().startswith(text.lower())]

    def holding(self, text: str) -> dict[str, str]:
        """Return the keys with their names where either holds a text, or another word does."""
        wanted = plain(text)
        meant = {key for word, keys in self.words.items() if wanted in word for key in keys}
        return {key: name for key, name in self.names.items() if key in meant}

    def without(self, key: str) -> "Choices":
        """Return the choices but for one."""
        names = {other: name for other, name in self.names.items() if other != key}
        words = {word: [k for k in keys if k != key] for word, keys in self.words.items()}
        return Choices(names, {word: keys for word, keys in words.items() if keys})


def codes(values: Mapping[str, str]) -> Choices:
    """Return the choices among codes, with what is told of each."""
    words: dict[str, list[str]] = {}
    for value in values:
        words.setdefault(plain(value), []).append(value)
    return Choices(dict(values), words)


@dataclass
class Records:
    """The records that a seed file may name: those shipped, and those of the file itself.

    `problems` are those met when the file was read; they do not matter to what is known.
    """

    by_table: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    synonyms: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    own: dict[str, set[str]] = field(default_factory=dict)
    study_reports: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def known_to(cls, file: Path | None) -> "Records":
        """Return what a file may name; none is for a file that is not yet written."""
        records = cls()
        for table, rows in shipped_records().items():
            records._add(table, rows)
        if file is not None:
            gathered = gather(file)
            records.problems = gathered.problems
            for table, own in gathered.rows.items():
                records._add(table, {identity: row.values for identity, row in own.items()})
                records.own[table] = {str(identity[-1]) for identity in own}
            records.study_reports = {report for _, report in gathered.of("study_report")}
        return records

    def put(self, table: str, key: str, values: Mapping[str, Any]) -> None:
        """Note a record that the file is going to have."""
        self.by_table.setdefault(table, {})[key] = values
        self.own.setdefault(table, set()).add(key)

    def keys(self, table: str) -> set[str]:
        """Return the keys of all known records of a table."""
        return set(self.by_table.get(table, {}))

    def choices(self, table: str, root: str = "") -> Choices:
        """Return what may be named of a table.

        Arms and their like are those of the study `root`, and are named without it.
        """
        scope = f"{root}/" if table in SCOPED else ""
        rows = {
            key.removeprefix(scope): values
            for key, values in sorted(self.by_table.get(table, {}).items())
            if key.startswith(scope)
        }
        words: dict[str, list[str]] = {}
        for word, key in [*_words(rows), *self.synonyms.get(table, [])]:
            keys = words.setdefault(plain(word), [])
            if key in rows and key not in keys:
                keys.append(key)
        names = {key: _name(table, values) for key, values in rows.items()}
        return Choices(names, {word: keys for word, keys in words.items() if keys})

    def _add(self, table: str, rows: Mapping[tuple[Any, ...], Mapping[str, Any]]) -> None:
        if table == "synonym":
            for row in rows.values():
                term = (str(row["text"]), str(row["term_key"]))
                self.synonyms.setdefault(str(row["vocabulary"]), []).append(term)
        elif "key" in metadata.tables[table].columns:
            known = self.by_table.setdefault(table, {})
            known.update({str(identity[-1]): values for identity, values in rows.items()})


def _words(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for key, values in rows.items():
        yield key, key
        for column in _ALSO_NAMED_BY:
            if values.get(column):
                yield str(values[column]), key


def _name(table: str, values: Mapping[str, Any]) -> str:
    if table == "report":
        return citation({"authors": None, "year": None, **values})
    return next((str(values[column]) for column in _NAMED_BY if values.get(column)), "")


def slug(text: str) -> str:
    """Return a text in the form of a key, cut after a word where it is long."""
    letters = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", " ", letters).split()
    kept: list[str] = []
    for word in words:
        if kept and len("-".join([*kept, word])) > 40:
            break
        kept.append(word)
    return "-".join(kept)
