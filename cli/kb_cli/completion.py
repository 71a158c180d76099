"""What the shell offers for a word that is half typed. No store is made, and nothing fails."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from kb.facets import FACETS

if TYPE_CHECKING:
    from kb.vocabulary import Vocabulary

Offers = list[tuple[str, str]]
"""Words with what they stand for."""

_WITH_PAGES = ("study", "review", "instrument", "construct", "theme", "approach", "outcome")


def values_of(facet: str) -> Callable[[typer.Context, str], Offers]:
    """Return what completes a value of a facet, also after a comma and after `!`."""

    def complete(ctx: typer.Context, incomplete: str) -> Offers:
        before, comma, last = incomplete.rpartition(",")
        sign = "!" if last.startswith("!") else ""
        typed = last.removeprefix("!")
        values = _values(ctx, facet)
        return [(f"{before}{comma}{sign}{v}", name) for v, name in values if v.startswith(typed)]

    return complete


def facet_names(incomplete: str) -> Offers:
    """Complete the name of a facet."""
    return [(name, facet.help) for name, facet in FACETS.items() if name.startswith(incomplete)]


def record_keys(ctx: typer.Context, incomplete: str) -> Offers:
    """Complete the key of a record that is often shown."""

    def beginning(vocabulary: "Vocabulary") -> Iterable[tuple[str, str]]:
        for table in _WITH_PAGES:
            for term in vocabulary.terms(table).values():
                if term.key.startswith(incomplete):
                    yield term.key, term.name

    return _from_store(ctx, beginning)


def _values(ctx: typer.Context, facet: str) -> Offers:
    codes = FACETS[facet].codes
    if codes is not None:
        return [(code.value, "") for code in codes]

    def listed(vocabulary: "Vocabulary") -> Offers:
        from kb.vocabulary import facet_values

        return facet_values(vocabulary, facet)

    return _from_store(ctx, listed)


def _from_store(
    ctx: typer.Context, find: "Callable[[Vocabulary], Iterable[tuple[str, str]]]"
) -> Offers:
    """Return what is found in the store; nothing where there is none, whatever the reason."""
    with suppress(Exception):
        from kb.store.engine import reading
        from kb.store.keeping import existing
        from kb.vocabulary import Vocabulary

        with existing(ctx.params.get("db")) as engine, reading(engine) as connection:
            return list(find(Vocabulary(connection)))
    return []
