"""What stands behind a study's place on a map: records in words, each with its passage."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kb.answers.shared import grouped
from kb.base import Base, Record
from kb.order import by_key
from kb.store.relations import finding

_BASIS = {
    "interval": "from an interval",
    "test": "from a test",
    "significance-statement": "stated as significant or not",
    "estimate": "from an estimate",
    "statement": "stated in words",
}
_NAMED = {
    "cancer": "Cancer",
    "country": "Country",
    "design": "Design",
    "comparator": "Compared with",
}


def with_findings(base: Base, measurements: Sequence[Record]) -> list[Record]:
    """Return measurements with their findings, in the order of their keys."""
    keys = [row["key"] for row in measurements]
    found = grouped(base.records(finding, keys, by="measurement_key"), "measurement_key")
    return [{**row, "findings": found.get(row["key"], [])} for row in measurements]


class Evidence:
    """Tells records in words; passages are read once for all."""

    def __init__(self, base: Base, rows: Iterable[Record]) -> None:
        self._label = base.vocabulary.label
        self._passages: Mapping[str, Record] = base.passages(
            each["passage_key"] for row in rows for each in (row, *row.get("findings", ()))
        )

    def of(self, rows: Iterable[Record]) -> list[Record]:
        """Return what records state: `what`, `direction` and `mark` where they have one, `passage`.

        A record that has several terms of a facet is told once.
        """
        once = {(row["group"], row["key"], self._what(row)): row for row in rows}
        return [item for row in once.values() for item in self._told(row)]

    def _told(self, row: Record) -> Iterator[Record]:
        yield self._item(row, self._what(row), mark=_mark(row))
        for found in sorted(row.get("findings", ()), key=lambda f: by_key(f["key"])):
            about = ", ".join(filter(None, (found["population"], found["analysis"])))
            what = f"{found['statement']}{f' ({about})' if about else ''}"
            yield self._item(found, what, found["direction"], _BASIS[found["basis"]])

    def _item(self, row: Record, what: str, direction: str | None = None, mark: str = "") -> Record:
        return {
            "record": row["key"],
            "what": what,
            "direction": direction,
            "mark": mark,
            "passage": self._passages[row["passage_key"]],
        }

    def _what(self, row: Record) -> str:
        group = row["group"]
        if group == "measurement":
            with_what = self._label("instrument", row["instrument"]) or row["instrument_detail"]
            parts = (self._label("outcome", row["outcome"]), row["time"], with_what)
            return f"Measured: {', '.join(part for part in parts if part)}"
        if group == "intervention":
            return f"Intervention: {row['name']}"
        if group == "factor":
            construct = self._label("construct", row["construct"])
            return f"{row['valence'].capitalize()}: {row['statement']} ({construct})"
        return f"{_NAMED[group]}: {self._label(group, row[group])}"


def _mark(row: Mapping[str, Any]) -> str:
    """Return how surely a factor is coded, and by whom."""
    if row["group"] != "factor":
        return ""
    return (
        f"coded by {'its source' if row['coded_by'] == 'source' else 'curators'}, {row['status']}"
    )
