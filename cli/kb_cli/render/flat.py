"""Answers as flat rows, one cell a value, for CSV and Markdown."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.answer import Answer
    from kb.pages import Page

_PASSAGE = ("report", "address", "locator", "quote", "seen")
Flat = tuple[list[str], list[list[Any]]]


def flat(answer: "Answer") -> Flat:
    """Return headers and rows. What a row holds several of becomes a row of its own."""
    records = [record for row in answer.rows for record in _spread(row)]
    headers = list(dict.fromkeys(name for record in records for name in record))
    return headers, [[record.get(name) for name in headers] for record in records]


def flat_page(page: "Page") -> Flat:
    """Return the facts of a page as rows."""
    headers = ["section", "label", "value", "mark", "key", *_PASSAGE]
    rows = [
        [section.heading, fact.label, fact.value, fact.mark, fact.key, *_cells(fact.passage)]
        for section in page.sections
        for fact in section.facts
    ]
    return headers, rows


def _cells(passage: Mapping[str, Any] | None) -> list[Any]:
    return [passage[name] if passage else None for name in _PASSAGE]


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
            record |= dict(zip((f"source_{part}" for part in _PASSAGE), _cells(value), strict=True))
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
