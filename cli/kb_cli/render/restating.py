"""Draw what a file states against what its own data give."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from kb_cli.render.parts import BAD, EVEN, GOOD, QUIET, bulleted, counted, heading, indented

if TYPE_CHECKING:
    from kb.exchange.restating import Restated
    from kb.exchange.stated_sizes import RestatedSize, RestatedSizes

_FEW = 5


def drawn_restated(
    pools: Sequence["Restated"], sizes: "RestatedSizes | None", *, every: bool
) -> Iterator[RenderableType]:
    """Yield how many stated results and effect sizes agree, and those that do not."""
    if pools:
        yield from _pools(pools, every=every)
    if sizes is not None and sizes.count:
        if pools:
            yield Text()
        yield from _sizes(sizes, every=every)


def _pools(pools: Sequence["Restated"], *, every: bool) -> Iterator[RenderableType]:
    from kb.exchange.restating import Verdict

    styles = {Verdict.AGREES: GOOD, Verdict.DIFFERS: BAD, Verdict.NOT_COMPUTED: EVEN}
    words = {
        Verdict.AGREES: "agree",
        Verdict.DIFFERS: "differ",
        Verdict.NOT_COMPUTED: "cannot be computed",
    }
    yield heading("Stated results", f"{counted(len(pools), 'pooled result')}, computed again here")
    line = Text(", ").join(
        Text(f"{number:,} {words[verdict]}", styles[verdict])
        for verdict in Verdict
        if (number := sum(pool.verdict is verdict for pool in pools))
    )
    yield line
    told = [pool for pool in pools if every or pool.verdict is not Verdict.AGREES]
    yield from _list([pool.sentence for pool in told], every=every)


def _sizes(sizes: "RestatedSizes", *, every: bool) -> Iterator[RenderableType]:
    yield heading(
        "Stated effects", f"{counted(sizes.count, 'effect size')}, computed again from the data"
    )
    parts = [
        (sizes.agree, "agree", GOOD),
        (len(sizes.flipped), "have the other sign", BAD),
        (len(sizes.differ), "differ", BAD),
        (len(sizes.differ_in_se), "have another standard error", EVEN),
        (len(sizes.not_computed), "cannot be computed", EVEN),
    ]
    yield Text(", ").join(Text(f"{n:,} {what}", style) for n, what, style in parts if n)
    yield from _list([f"{_size(each)}: the other sign" for each in sizes.flipped], every=every)
    yield from _list([_size(each) for each in sizes.differ], every=every)
    yield from _list([_size(each, spread=True) for each in sizes.differ_in_se], every=every)
    yield from _list(
        [f"row {row}, {study}: {reason}" for row, study, reason in sizes.not_computed], every=every
    )


def _size(each: "RestatedSize", *, spread: bool = False) -> str:
    size = each.size
    stated, computed = (size.se, each.se) if spread else (size.estimate, each.computed)
    what = f"SE of {size.measure}" if spread else size.measure
    return f"row {size.row}, {size.study}: {what} {stated:.4g} in the file, {computed:.4g} here"


def _list(sentences: Sequence[str], *, every: bool) -> Iterator[RenderableType]:
    if not sentences:
        return
    shown = sentences if every else sentences[:_FEW]
    yield indented(bulleted(("-", Text(sentence)) for sentence in shown))
    if len(shown) < len(sentences):
        rest = len(sentences) - len(shown)
        yield indented(Text(f"and {rest:,} more; --all shows them", QUIET))
