"""Draw what a file states against what its own data give."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from kb_cli.render.parts import (
    BAD,
    EVEN,
    GOOD,
    QUIET,
    ByWidth,
    bulleted,
    counted,
    grid,
    heading,
    indented,
)

if TYPE_CHECKING:
    from kb.exchange.restating import Restated, Verdict
    from kb.exchange.stated_sizes import RestatedSize, RestatedSizes

_FEW = 5
_SEVERAL = 12
_FILE, _HERE = "IN THE FILE", "HERE"
_IN_A_WORD = {"agrees": "the same", "differs": "differs", "cannot be computed": "not computed"}
_STYLES = {"agrees": GOOD, "differs": BAD, "cannot be computed": EVEN}


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

    yield heading(
        "Stated results",
        f"{counted(len(pools), 'pooled result')}, computed again here from the rows of the file",
    )
    numbers = {verdict: sum(pool.verdict is verdict for pool in pools) for verdict in Verdict}
    yield Text(", ").join(
        Text(f"{number:,} {_words(verdict, number)}", _STYLES[verdict])
        for verdict, number in numbers.items()
        if number
    )
    shown = _first(pools, every=every)
    yield ByWidth(_below(shown), _beside(shown))
    if len(shown) < len(pools):
        rest = len(pools) - len(shown)
        agree = "agrees" if rest == 1 else "agree"
        yield Text(f"and {rest:,} more that {agree}; --all shows them", QUIET)
    told = [pool for pool in pools if pool.verdict is not Verdict.AGREES]
    yield from _list([pool.sentence for pool in told], every=every)
    yield from _by_kb_pool(pools)


def _words(verdict: "Verdict", number: int) -> str:
    one, many = {"agrees": ("agrees", "agree"), "differs": ("differs", "differ")}.get(
        verdict, ("cannot be computed",) * 2
    )
    return one if number == 1 else many


def _first(pools: Sequence["Restated"], *, every: bool) -> list["Restated"]:
    """Return the results that are drawn: those that do not agree, and the first of the others."""
    from kb.exchange.restating import Verdict

    agreeing = [pool for pool in pools if pool.verdict is Verdict.AGREES]
    kept = {id(pool) for pool in (agreeing if every else agreeing[:_SEVERAL])}
    return [pool for pool in pools if pool.verdict is not Verdict.AGREES or id(pool) in kept]


def _beside(pools: Sequence["Restated"]) -> RenderableType:
    names = ("ANALYSIS", "", _FILE, _HERE, "")
    columns = [Column(name, no_wrap=place in {1, 2, 3}) for place, name in enumerate(names)]
    return grid(columns, [[Text(pool.pool.name), *_cells(pool)] for pool in pools])


def _below(pools: Sequence["Restated"]) -> RenderableType:
    """Return the results below their names, where there is no room beside them."""
    cells = [_cells(found) for found in pools]
    widths = [
        max(len(name), *(len(row[place].plain) for row in cells))
        for place, name in ((1, _FILE), (2, _HERE))
    ]
    head = "".join(f"  {name:{width}}" for name, width in zip((_FILE, _HERE), widths, strict=True))
    lines = [Text(head.rstrip(), QUIET)]
    for found, (how, stated, here, verdict) in zip(pools, cells, strict=True):
        lines.append(Text.assemble(found.pool.name, (f"  {how}", QUIET)))
        numbers = f"  {stated.plain:{widths[0]}}  {here.plain:{widths[1]}}  "
        lines.append(Text(numbers).append_text(verdict))
    return Group(*lines)


def _cells(found: "Restated") -> list[Text]:
    """Return measure and method, what the file states, what its rows give, whether they agree."""
    pool = found.pool
    stated = _interval(pool.estimate, pool.ci_low, pool.ci_high)
    here = _interval(*_computed(found)) if found.values else "-"
    how = f"{pool.statistic} {pool.method} {pool.model}"
    return [Text(how), Text(stated), Text(here), _verdict(found)]


def _computed(found: "Restated") -> list[float | None]:
    by_name = {value.what: value.computed for value in found.effect}
    return [by_name.get(what) for what in ("estimate", "lower limit", "upper limit")]


def _interval(estimate: float | None, low: float | None, high: float | None) -> str:
    shown = ["?" if number is None else f"{number:.4g}" for number in (estimate, low, high)]
    return shown[0] if low is None and high is None else f"{shown[0]} [{shown[1]}, {shown[2]}]"


def _verdict(found: "Restated") -> Text:
    style = _STYLES[found.verdict]
    return Text(_IN_A_WORD[found.verdict], style)


def _by_kb_pool(pools: Sequence["Restated"]) -> Iterator[RenderableType]:
    """Yield which options of `kb pool` give the same from the store, and what comes out apart."""
    same: dict[str, list[str]] = {}
    apart: dict[str, list[str]] = {}
    for found in pools:
        if found.verdict == "agrees":
            group = apart if found.apart else same
            group.setdefault(found.apart or " ".join(found.flags), []).append(_short(found))
    if same or apart:
        yield Text()
        yield heading("By kb pool", "from the store, narrowed to the outcome and its studies")
    if same:
        yield Text("the same with")
        rows = [[Text(flags), Text(", ".join(names), QUIET)] for flags, names in same.items()]
        yield indented(grid([Column(no_wrap=True), Column()], rows))
    if apart:
        yield Text("otherwise")
        items = [f"{', '.join(names)}: {reason}" for reason, names in apart.items()]
        yield indented(bulleted(("-", Text(item)) for item in items))


def _short(found: "Restated") -> str:
    number = found.pool.name.partition(" ")[0]
    return f"{number} ({found.pool.subgroup})" if found.pool.subgroup else number


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
    if sizes.turned:
        yield Text(
            f"In this file {', '.join(sorted(sizes.turned))} is the second arm less the first, "
            "throughout; here it is the first less the second."
        )
    if sizes.before_correction:
        yield Text(
            f"Of {sizes.before_correction:,} the standard error in the file is that of the "
            "difference before its correction for small samples."
        )
    told = [f"{_size(sizes, each)}: the other sign" for each in sizes.flipped]
    yield from _list(told, every=every)
    yield from _list([_size(sizes, each) for each in sizes.differ], every=every)
    yield from _list([_size(sizes, each, spread=True) for each in sizes.differ_in_se], every=every)
    yield from _list(
        [f"row {row}, {study}: {reason}" for row, study, reason in sizes.not_computed], every=every
    )


def _size(sizes: "RestatedSizes", each: "RestatedSize", *, spread: bool = False) -> str:
    size = each.size
    sign = -1 if size.measure in sizes.turned else 1
    stated, computed = (size.se, each.se) if spread else (sign * size.estimate, each.computed)
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
