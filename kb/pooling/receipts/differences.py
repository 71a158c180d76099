"""What differs between two trees of plain data: what was then, and what is now."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RELATIVE = 1e-9
"""Numbers that differ by less than this share of the larger are the same."""

ROUNDING = 1e-15
"""So are numbers that differ by less than this: zero, but for how computers round."""

_NAMES = ("label", "what", "name", "level", "outcome", "instrument", "time", "domain", "report")
"""What tells the items of a list from each other where they have no key."""


@dataclass(frozen=True)
class Leaf:
    """A value at its place in both trees; None where there is none."""

    path: tuple[str, ...]
    then: Any
    now: Any

    @property
    def differs(self) -> bool:
        """Whether the values are not the same."""
        return not same(self.then, self.now)

    @property
    def distance(self) -> float | None:
        """The relative difference of two numbers; None for anything else."""
        if not (_is_number(self.then) and _is_number(self.now)):
            return None
        larger = max(abs(self.then), abs(self.now))
        return abs(self.then - self.now) / larger if larger else 0.0


def same(then: Any, now: Any) -> bool:
    """Return whether two values are the same: numbers to within rounding, all else exactly."""
    if _is_number(then) and _is_number(now):
        allowed = max(RELATIVE * max(abs(then), abs(now)), ROUNDING)
        return bool(then == now or abs(then - now) <= allowed)
    return type(then) is type(now) and bool(then == now)


def leaves(then: Any, now: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Yield every value of both trees; items of lists are matched by name, texts are one value."""
    if isinstance(then, list) and isinstance(now, list) and not _are_texts([*then, *now]):
        then, now = by_name(then), by_name(now)
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys([*then, *now]):
            yield from leaves(then.get(name), now.get(name), (*path, name))
    else:
        yield Leaf(path, then, now)


def by_name(items: Sequence[Any]) -> dict[str, Any]:
    """Return the items of a list by their names, or by their running numbers."""
    names = [_name(item) or str(place) for place, item in enumerate(items, 1)]
    seen: Counter[str] = Counter()
    named = {}
    for name, item in zip(names, items, strict=True):
        seen[name] += 1
        named[f"{name} ({seen[name]})" if seen[name] > 1 else name] = item
    return named


def _name(item: Any) -> str:
    if not isinstance(item, Mapping):
        return ""
    if isinstance(item.get("key"), str):
        return str(item["key"])
    parts = [item[name] for name in _NAMES if isinstance(item.get(name), str)]
    return ", ".join(dict.fromkeys(parts))


def _are_texts(items: Sequence[Any]) -> bool:
    return all(isinstance(item, str) for item in items)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
