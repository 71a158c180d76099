"""Answer again what a receipt was given for, and say what has changed since, and why."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import KbError, StoreError
from kb.pooling.answer import PooledAnswer
from kb.pooling.pooling import pool, pool_table
from kb.pooling.receipts.differences import Leaf, by_name, leaves
from kb.pooling.receipts.file import KeptReceipt, read_receipt
from kb.pooling.receipts.receipt import receipt, software
from kb.question import build_question

if TYPE_CHECKING:
    from kb.base import Base

OpenBase = Callable[[], AbstractContextManager["Base"]]

_EVIDENCE = ("studies", "left_out", "selection", "directions", "reported")
_NO_RESULT = {"format", "version", "id", "question", "data", "software", *_EVIDENCE}


@dataclass(frozen=True)
class Change:
    """What is not as it was.

    Attributes:
        where: data, question, evidence, software or result.
        what: the study, the option, the part of the result.
        field: which value of it; "" for the whole.
        then, now: the values as plain data, None where there is none.
    """

    where: str
    what: str
    field: str
    then: Any
    now: Any

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "where": self.where,
            "what": self.what,
            "field": self.field or None,
            "then": self.then,
            "now": self.now,
        }


@dataclass(frozen=True)
class Replayed:
    """A receipt held against the answer of today.

    Attributes:
        id, command: of the receipt.
        altered: whether the receipt is not as it was written.
        problem: why the question cannot be asked again; "" where it could.
        changes: all that differs.
        numbers: how many numbers of the result were compared.
        distance: the largest relative difference among them that counts as rounding.
    """

    id: str
    command: str
    altered: bool
    problem: str = ""
    changes: tuple[Change, ...] = ()
    numbers: int = 0
    distance: float = 0.0

    @property
    def status(self) -> str:
        """One of "altered", "not repeatable", "changed", "same result" and "identical"."""
        if self.altered:
            return "altered"
        if self.problem:
            return "not repeatable"
        if self.of("question") or self.of("evidence") or self.of("result"):
            return "changed"
        return "same result" if self.changes else "identical"

    @property
    def holds(self) -> bool:
        """Whether the effects and the result are what the receipt says."""
        return self.status in {"identical", "same result"}

    @property
    def reason(self) -> str:
        """What explains the status, in a sentence."""
        if self.altered:
            return "The receipt does not belong to its id: it was altered after it was written."
        if self.problem:
            return self.problem
        others = [where for where in ("data", "software") if self.of(where)]
        if self.holds:
            besides = f", though the {' and the '.join(others)} changed" if others else ""
            return f"The effects and the result are the same{besides}."
        return self._cause(others)

    def _cause(self, others: list[str]) -> str:
        """Return why the effects or the result are not the same."""
        if self.of("question"):
            return "The question is understood otherwise than it was."
        causes = others if self.of("evidence") else [name for name in others if name != "data"]
        if causes:
            return f"The {' and the '.join(causes)} changed."
        if self.of("evidence"):
            return (
                "Nothing known explains it: the store names the same data as then, and the "
                "software is the same. One of them was changed by hand."
            )
        return "Nothing known explains it: the effects and the software are the same."

    def of(self, where: str) -> tuple[Change, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.where == where)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, as `--format json` prints it."""
        return {
            "receipt": {"id": self.id, "command": self.command, "altered": self.altered},
            "status": self.status,
            "reason": self.reason,
            "changes": [change.as_dict() for change in self.changes],
            "numbers_compared": self.numbers,
            "largest_rounding": self.distance,
        }


def replay(path: Path, open_base: OpenBase, data: Path | None = None) -> Replayed:
    """Answer again the question of the receipt at `path`, and compare.

    `open_base` opens the store; it is not called for a receipt of a file, which is looked for
    where its name says, then beside the receipt, and else is the one given as `data`. Raises
    `KbError` for what is no receipt, and `StoreError` where the store cannot be opened. Anything
    else that keeps the question from being asked again is told as the problem.
    """
    kept = read_receipt(path)
    try:
        again = _again(kept, open_base, data or _beside(path, kept.file))
    except StoreError:
        raise
    except KbError as error:
        programs = {"software": kept.content["software"]}
        changes = tuple(_changes(programs, {"software": software()}))
        return Replayed(kept.id, kept.command, kept.altered, str(error), changes)
    then: Mapping[str, Any] = kept.content
    now = receipt(again)
    compared = [leaf for leaf in _result(then, now) if leaf.distance is not None]
    rounding = [leaf.distance or 0.0 for leaf in compared if not leaf.differs]
    return Replayed(
        id=kept.id,
        command=kept.command,
        altered=kept.altered,
        changes=tuple(_changes(then, now)),
        numbers=len(compared),
        distance=max(rounding, default=0.0),
    )


def _again(kept: KeptReceipt, open_base: OpenBase, file: Path) -> PooledAnswer:
    options = kept.options
    if kept.file is not None:
        return pool_table(file, options)
    with open_base() as base:
        question = build_question("results", kept.facets, base.vocabulary)
        return pool(base, question, options)


def _beside(path: Path, name: str | None) -> Path:
    """Return where the file of a receipt is: where its name says, or beside the receipt."""
    named = Path(name or "")
    return named if named.is_file() else path.parent / named.name


def _changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    yield from _of_leaves("data", _part(then, now, "data"))
    yield from _of_leaves("data", _file(then, now))
    yield from _of_leaves("question", _question(then, now))
    yield from _of_rows(then, now)
    for part in ("selection", "directions", "reported"):
        yield from _of_leaves("evidence", _part(then, now, part), named=part)
    yield from _of_leaves("software", _part(then, now, "software"))
    yield from _of_leaves("result", _result(then, now))


def _part(then: Mapping[str, Any], now: Mapping[str, Any], name: str) -> Iterator[Leaf]:
    return leaves(then.get(name) or {}, now.get(name) or {})


def _file(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Leaf]:
    """Return the digests of the file; its name may be another by now."""
    files = [(content.get("question") or {}).get("file") or {} for content in (then, now)]
    before, after = ({"file": file.get("sha256")} for file in files)
    return leaves(before, after)


def _question(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Leaf]:
    for part in ("facets", "options"):
        yield from _part(then.get("question", {}), now.get("question", {}), part)


def _result(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Leaf]:
    """Yield what was computed: all that is no evidence, and the weights of its effects."""
    for name in dict.fromkeys([*then, *now]):
        if name not in _NO_RESULT:
            yield from leaves(then.get(name), now.get(name), (name,))
    before, after = by_name(then.get("studies", [])), by_name(now.get("studies", []))
    for name in before:
        if name in after:
            path = ("weight", after[name]["label"])
            yield Leaf(path, before[name].get("weight"), after[name].get("weight"))


def _of_rows(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """Yield how the effects and what was set aside changed: whole rows, then single values."""
    before, after = _rows(then), _rows(now)
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        label = (new or old or {})["label"]
        if old and new and ("yi" in old) is ("yi" in new):
            kept = {key: value for key, value in old.items() if key != "weight"}
            found = {key: value for key, value in new.items() if key != "weight"}
            yield from _of_leaves("evidence", leaves(kept, found), named=label)
        else:
            yield Change("evidence", label, "", _standing(old), _standing(new))


def _rows(content: Mapping[str, Any]) -> dict[str, Any]:
    return by_name([*content.get("studies", []), *content.get("left_out", [])])


def _standing(row: Mapping[str, Any] | None) -> str | None:
    """Return whether a row enters the pool, in words; None where there is none."""
    if row is None:
        return None
    if "yi" in row:
        return f"pooled, effect {row['yi']}, variance {row.get('vi')}"
    return f"set aside: {row.get('reason')}"


def _of_leaves(where: str, found: Iterator[Leaf], named: str = "") -> Iterator[Change]:
    for leaf in found:
        if leaf.differs:
            what, *rest = (named, *leaf.path) if named else leaf.path
            yield Change(where, what, ": ".join(rest), leaf.then, leaf.now)
