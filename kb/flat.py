"""Answers as flat rows, one cell a value, for CSV, Markdown and data frames."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.answer import Answer
    from kb.pages import Page

PASSAGE = ("report", "citation", "address", "locator", "quote", "seen")
Flat = tuple[Sequence[str], Sequence[Sequence[Any]]]


def flat(answer: "Answer") -> Flat:
    """Return headers and rows. What a row holds several of becomes a row of its own."""
    records = [record for row in answer.rows for record in _spread(row)]
    headers = list(dict.fromkeys(name for record in records for name in record))
    return headers, [[record.get(name) for name in headers] for record in records]


def readable(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> Flat:
    """Return the columns that a person reads: names for keys, a citation for each passage.

    Columns in which no row has anything are left out.
    """
    stems = {h.rpartition("_")[0] for h in headers if h.endswith(("_name", "_names"))}
    keys = {form for stem in stems for form in _forms(stem)} | {"report"}
    prefix = "source_" if "source_citation" in headers else ""
    passage = {f"{prefix}{part}" for part in ("report", "address", "quote", "seen")}
    left_out = keys | passage if f"{prefix}citation" in headers else keys
    kept = [
        place
        for place, header in enumerate(headers)
        if header not in left_out and any(row[place] not in (None, "") for row in rows)
    ]
    return [_title(headers[place]) for place in kept], [
        [row[place] for place in kept] for row in rows
    ]


def _forms(stem: str) -> set[str]:
    """Return the names of the column that holds keys where another holds their names."""
    return {stem, f"{stem}s", f"{stem}es", f"{stem.removesuffix('y')}ies"}


def _title(header: str) -> str:
    words = header.removesuffix("_name").removesuffix("_names").replace("_", " ")
    return words.replace("source citation", "source").replace("source locator", "place in source")


def flat_page(page: "Page") -> Flat:
    """Return the facts of a page as rows."""
    headers = ["section", "label", "value", "mark", "key", *PASSAGE]
    rows = [
        [section.heading, fact.label, fact.value, fact.mark, fact.key, *passage_cells(fact.passage)]
        for section in page.sections
        for fact in section.facts
    ]
    return headers, rows


def passage_cells(passage: Mapping[str, Any] | None) -> list[Any]:
    """Return a passage as cells, under the headers `PASSAGE`."""
    return [passage[name] if passage else None for name in PASSAGE]


def _spread(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield one record for each of the nested records of a row, or the row itself."""
    if "measured" in row:
        for measured in row["measured"]:
            for record in _spread(measured):
                own = _plain({k: v for k, v in row.items() if k not in {"measured", "passage"}})
                inner = {name: value for name, value in record.items() if name != "study"}
                inner["measurement"] = inner.pop("key")
                yield {**own, **inner}
        return
    nested = [
        (kind, item)
        for kind in ("findings", "contrasts", "arms")
        for item in row.get(kind, [])
        if isinstance(item, dict)
    ]
    own = _plain({k: v for k, v in row.items() if k not in {"findings", "contrasts", "arms"}})
    if not nested:
        yield own
    for kind, item in nested:
        inner = _plain({name: value for name, value in item.items() if name != "key"})
        yield {**own, "what": kind.removesuffix("s"), **inner}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, value in row.items():
        if name == "passage":
            record |= dict(
                zip((f"source_{part}" for part in PASSAGE), passage_cells(value), strict=True)
            )
        elif isinstance(value, list):
            record[name] = "; ".join(_item(item) for item in value)
        elif isinstance(value, dict):
            record |= {f"{name}_{inner}": count for inner, count in value.items()}
        else:
            record[name] = value
    return record


def _item(item: Any) -> str:
    if isinstance(item, dict):
        return " ".join(str(value) for value in item.values() if value is not None)
    return str(item)
