"""Which rows of two tables are the same one: by the words that tell rows apart."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.exchange.sheets import SheetRow
from kb.exchange.template.columns import TELLS_APART
from kb.vocabulary import plain

Key = tuple[str, ...]
"""The words that tell a row from others, as they are compared."""


@dataclass(frozen=True)
class Pair:
    """A row that both have; `a` and `b` are the rows of either table."""

    a: SheetRow
    b: SheetRow


@dataclass(frozen=True)
class Unpaired:
    """A row without a partner, and the row of the other table that may be meant.

    `doubled` says that it is one of several that nothing tells apart.
    """

    row: SheetRow
    doubled: bool = False
    nearest: SheetRow | None = None
    differs_in: str = ""


@dataclass(frozen=True)
class Paired:
    """The rows that both have, and those that are left of either, each in order."""

    pairs: tuple[Pair, ...]
    only_a: tuple[Unpaired, ...]
    only_b: tuple[Unpaired, ...]


def paired(a: Sequence[SheetRow], b: Sequence[SheetRow], names: Sequence[str]) -> Paired:
    """Return which rows are the same in the columns named.

    Rows that their key does not tell apart are told apart by what else may: the statistic, and
    whether it is adjusted.
    """
    pairs: list[Pair] = []
    alone_a: list[SheetRow] = []
    alone_b: list[SheetRow] = []
    groups_a, groups_b = _grouped(a, names), _grouped(b, names)
    for key in dict.fromkeys((*groups_a, *groups_b)):
        of_a, of_b = groups_a.get(key, []), groups_b.get(key, [])
        if len(of_a) == len(of_b) == 1:
            pairs.append(Pair(of_a[0], of_b[0]))
            continue
        finer_a, finer_b = _grouped(of_a, TELLS_APART), _grouped(of_b, TELLS_APART)
        for finer in dict.fromkeys((*finer_a, *finer_b)):
            same_a, same_b = finer_a.get(finer, []), finer_b.get(finer, [])
            if len(same_a) == len(same_b) == 1:
                pairs.append(Pair(same_a[0], same_b[0]))
            else:
                alone_a += same_a
                alone_b += same_b
    return Paired(
        tuple(sorted(pairs, key=lambda pair: pair.a.row)),
        tuple(_unpaired(alone_a, alone_b, names)),
        tuple(_unpaired(alone_b, alone_a, names)),
    )


def _key(row: SheetRow, names: Sequence[str]) -> Key:
    return tuple(plain(row.cells.get(name, "")) for name in names)


def _grouped(rows: Sequence[SheetRow], names: Sequence[str]) -> dict[Key, list[SheetRow]]:
    groups = defaultdict(list)
    for row in rows:
        groups[_key(row, names)].append(row)
    return groups


def _unpaired(
    rows: Sequence[SheetRow], others: Sequence[SheetRow], names: Sequence[str]
) -> Iterator[Unpaired]:
    """Yield rows without a partner, each with a row of the other table that differs in one word."""
    times = Counter(_key(row, names) for row in rows)
    near: dict[tuple[int, Key], SheetRow] = {}
    same = {_key(other, names) for other in others}
    for other in others:
        for place, key in enumerate(_but_one(_key(other, names))):
            near.setdefault((place, key), other)
    for row in sorted(rows, key=lambda row: row.row):
        key = _key(row, names)
        if times[key] > 1 or key in same:
            yield Unpaired(row, doubled=True)
            continue
        places = [place for place in enumerate(_but_one(key)) if place in near]
        if places:
            yield Unpaired(row, nearest=near[places[0]], differs_in=names[places[0][0]])
        else:
            yield Unpaired(row)


def _but_one(key: Key) -> Iterator[Key]:
    for place in range(len(key) if len(key) > 1 else 0):
        yield key[:place] + key[place + 1 :]
