"""Draw what an import would do, or did: its rows, its records, what to decide and to look at."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from kb.exchange.drafts import Fate
from kb.exchange.words import State
from kb_cli.render.parts import (
    BAD,
    EVEN,
    GOOD,
    QUIET,
    STRONG,
    bulleted,
    counted,
    grid,
    heading,
    indented,
    joined,
)

if TYPE_CHECKING:
    from kb.exchange.drafts import Note
    from kb.exchange.preview import Counts, Preview, Rule
    from kb.exchange.words import Word
    from kb.flat import Flat

_FEW = 3
_SEVERAL = 12
_CHECKSUM = 12
_COMMAND = 72
"""Characters of a line of a command."""


def drawn_import(found: "Preview", *, command: str, every: bool) -> Iterator[RenderableType]:
    """Yield the parts of the screen. `command` repeats the preview; `every` cuts nothing."""
    yield _head(found)
    yield Text()
    yield _rows(found)
    yield from _records(found)
    yield from _problems(found, every=every)
    yield from _words(found, every=every)
    yield from _rules(found, "To decide", Fate.UNDECIDED, every=every)
    yield from _new_terms(found, every=every)
    yield from _matches(found, every=every)
    yield from _rules(found, "Left out", Fate.REFUSED, every=every)
    yield from _rules(found, "Look at", Fate.WARNED, every=every)
    yield from _stated(found, every=every)
    yield from _rules(found, "Of the file", Fate.EXPLAINED, every=every)
    yield from _ignored(found, every=every)
    yield Text()
    yield from _next(found, command, every=every)


def flat_import(found: "Preview") -> "Flat":
    """Return a row for each word to decide on, each problem and each note."""
    headers = ["what", "row", "field", "rule", "message", "nearest"]
    rows: list[list[str | None]] = [
        [
            "word",
            str(word.row),
            word.kind.value,
            word.why or "not known",
            word.text,
            ", ".join(word.nearest),
        ]
        for word in found.undecided
    ]
    rows += [
        ["problem", str(problem.line), problem.field, "", problem.message, problem.nearest]
        for problem in found.problems
    ]
    rows += [
        [note.fate.value, str(note.row or ""), note.field, note.rule, note.message, ""]
        for note in sorted(found.notes)
    ]
    return headers, rows


def _head(found: "Preview") -> Text:
    about = joined(
        (found.format, counted(found.rows, found.unit), f"SHA-256 {found.checksum[:_CHECKSUM]}…")
    )
    return Text.assemble((found.file, STRONG), (f"  {about}", QUIET))


def _rows(found: "Preview") -> RenderableType:
    warned = len(found.warned - found.refused)
    line = Text.assemble((f"{counted(found.taken, found.unit)} in", GOOD))
    if warned:
        line.append(f", {warned:,} of them with a warning", EVEN)
    line.append(f"; {len(found.refused):,} left out", BAD if found.refused else "")
    if found.lost:
        line.append(f"; {found.lost:,} of which nothing was heard, a fault of the reader", BAD)
    return line


def _records(found: "Preview") -> Iterator[RenderableType]:
    if not found.records:
        return
    done = "new" if found.event is None else "added"
    columns = [
        Column("RECORDS", no_wrap=True),
        *(
            Column(name.upper(), justify="right")
            for name in (done, "changed", "unchanged", "ignored")
        ),
    ]
    rows = [[Text(table.replace("_", " ")), *_numbers(c)] for table, c in found.records.items()]
    yield Text()
    yield grid(columns, rows)


def _numbers(counts: "Counts") -> list[Text]:
    shown = (
        (counts.new, GOOD),
        (counts.changed, EVEN),
        (counts.unchanged, QUIET),
        (counts.ignored, BAD),
    )
    return [Text(f"{number:,}" if number else "", style) for number, style in shown]


def _problems(found: "Preview", *, every: bool) -> Iterator[RenderableType]:
    if not found.problems:
        return
    yield Text()
    yield heading("Not fit to be stored", counted(len(found.problems), "problem"))
    items = [("-", Text(str(problem))) for problem in found.problems]
    yield bulleted(_cut(items, _SEVERAL, every=every))
    yield from _more(len(items), _SEVERAL, every=every)


def _words(found: "Preview", *, every: bool) -> Iterator[RenderableType]:
    if not found.undecided:
        return
    yield Text()
    yield heading("To decide", f"{counted(len(found.undecided), 'word')} not known here")
    columns = [
        Column("KIND", no_wrap=True),
        Column("WORD"),
        Column("USES", justify="right"),
        Column(f"FIRST {found.entry.upper()}", justify="right", no_wrap=True),
        Column("NEAREST"),
    ]
    rows = [_word(word) for word in found.undecided]
    yield grid(columns, _cut(rows, _SEVERAL, every=every))
    yield from _more(len(rows), _SEVERAL, every=every)


def _word(word: "Word") -> list[Text]:
    near = joined((word.why, ", ".join(word.nearest)), ": ") or "nothing"
    return [
        Text(word.kind.value),
        Text(word.text, STRONG),
        Text(f"{word.uses:,}"),
        Text(f"{word.row:,}"),
        Text(near, QUIET),
    ]


def _new_terms(found: "Preview", *, every: bool) -> Iterator[RenderableType]:
    words = [word for word in found.unknown if word.state is State.NEW and word.is_new]
    if not words:
        return
    yield Text()
    done = "added" if found.event is not None else "to be added"
    yield heading("New terms", f"{counted(len(words), 'word')} {done}, as not verified")
    for kind in dict.fromkeys(word.kind for word in words):
        of_kind = [word.text for word in words if word.kind is kind]
        shown = of_kind if every else of_kind[:_SEVERAL]
        more = f" and {len(of_kind) - len(shown):,} more" if len(shown) < len(of_kind) else ""
        yield Text.assemble((f"{kind}: ", QUIET), "; ".join(shown), (more, QUIET))


def _matches(found: "Preview", *, every: bool) -> Iterator[RenderableType]:
    if not found.matched:
        return
    yield Text()
    yield heading("Known here", f"{len(found.matched):,}; what the file adds is put beside it")
    items = [
        (
            "-",
            Text.assemble(f"{match.kind} {match.name}: ", (match.key, STRONG), f", by {match.by}"),
        )
        for match in found.matched
    ]
    yield bulleted(_cut(items, _SEVERAL, every=every))
    yield from _more(len(items), _SEVERAL, every=every)


def _rules(found: "Preview", title: str, fate: Fate, *, every: bool) -> Iterator[RenderableType]:
    rules = found.rules(fate)
    if not rules:
        return
    yield Text()
    yield heading(title, counted(sum(len(rule.notes) for rule in rules), "note"))
    for rule in rules:
        yield from _rule(found, rule, every=every)


def _rule(found: "Preview", rule: "Rule", *, every: bool) -> Iterator[RenderableType]:
    style = {Fate.REFUSED: BAD, Fate.UNDECIDED: BAD, Fate.WARNED: EVEN}.get(rule.fate, "")
    yield Text.assemble((rule.name, style), (f"  {len(rule.notes):,}", QUIET))
    items = [("-", _note(found, note)) for note in rule.notes]
    yield indented(bulleted(_cut(items, _FEW, every=every)))
    yield from (indented(more) for more in _more(len(items), _FEW, every=every))


def _note(found: "Preview", note: "Note") -> Text:
    where = joined((f"{found.entry} {note.row}" if note.row else "", note.field), ", ")
    return Text.assemble((f"{where}: " if where else "", QUIET), note.message)


def _stated(found: "Preview", *, every: bool) -> Iterator[RenderableType]:
    from kb_cli.render.restating import drawn_restated

    drawn = list(drawn_restated(found.pools, found.sizes, every=every))
    if drawn:
        yield Text()
        yield from drawn


def _ignored(found: "Preview", *, every: bool) -> Iterator[RenderableType]:
    rules = found.rules(Fate.IGNORED)
    if not rules:
        return
    yield Text()
    yield heading("Not taken from the file", "no table has a place for it")
    for rule in rules:
        told: dict[str, list[str]] = {}
        for note in rule.notes:
            told.setdefault(note.message, []).append(note.field)
        items = [
            ("-", Text.assemble((f"{', '.join(dict.fromkeys(fields))}: ", QUIET), message))
            for message, fields in told.items()
        ]
        yield Text(rule.name)
        yield indented(bulleted(_cut(items, _SEVERAL, every=every)))
        yield from (indented(more) for more in _more(len(items), _SEVERAL, every=every))


def _next(found: "Preview", command: str, *, every: bool) -> Iterator[RenderableType]:
    if found.event is not None:
        yield Text.assemble(
            (f"Imported as event {found.event}. ", STRONG),
            f"`kb undo {found.event}` takes it back.",
        )
        return
    yield from _lacking(found, command, every=every)
    if found.undecided:
        yield Text("Nothing was written. Decide on the words first; to this command add")
        yield indented(grid([Column(no_wrap=True), Column()], _ways_to_decide()))
        yield _typed(command)
    elif found.waiting:
        yield Text(
            f"Nothing was written, and nothing will be as long as {counted(found.waiting, 'row')} "
            f"of the file {'has' if found.waiting == 1 else 'have'} cells to decide on. Decide "
            "them in the file, and look again."
        )
    elif found.is_refused:
        yield Text("Nothing of it can be taken as it is, so nothing was written.")
    elif not found.is_ready:
        yield Text("Nothing was written. Mend the file, and look again.")
    elif not found.changes:
        yield Text("The store says the same already; nothing to import.")
    else:
        yield Text("Nothing was written. To import it, if the store is still as it is now:")
        yield _typed(f"{command} --apply --seen {found.seen}")


def _typed(command: str) -> RenderableType:
    """Return a command in lines that a shell takes for one."""
    lines = [""]
    for word in map(shlex.quote, shlex.split(command)):
        if lines[-1] and len(lines[-1]) + len(word) > _COMMAND:
            lines.append("   ")
        lines[-1] += f" {word}" if lines[-1] else word
    return indented(Text(" \\\n".join(lines)))


def _ways_to_decide() -> list[list[Text]]:
    ways = (
        ("--write-words words.yaml", "to have a file of them, in which you say what each is"),
        ("--words words.yaml", "to use what you said"),
        ("--new-terms", "to take all that can be for new terms, marked as not verified"),
    )
    return [[Text(option, STRONG), Text(what)] for option, what in ways]


def _lacking(found: "Preview", command: str, *, every: bool) -> Iterator[RenderableType]:
    unknown = found.designs["not-stated"]
    if unknown:
        yield Text(
            f"The file does not tell the design of {counted(unknown, 'study')}. Pools take only "
            "trials known as randomised; if these are, say so with --set design=rct.",
            EVEN,
        )
    if found.undirected:
        number = counted(found.undirected.total(), "measurement")
        yield Text(
            f"Nothing tells which end is better for {number}, which pools need to know. "
            f"{_how_to_direct(command)}",
            EVEN,
        )
        items = [
            ("-", Text.assemble(outcome, (f"  {uses:,}", QUIET)))
            for outcome, uses in sorted(found.undirected.items())
        ]
        yield indented(bulleted(_cut(items, _SEVERAL, every=every)))
        yield from (indented(more) for more in _more(len(items), _SEVERAL, every=every))


def _how_to_direct(command: str) -> str:
    each = (
        "in a file of words (--write-words FILE), say under 'better' of each outcome whether it is "
        "higher or lower, and give it with --words."
    )
    if "better=" in command:
        return f"They are of events: {each}"
    return (
        f"If one holds for all, say so with --set better=lower or --set better=higher; else {each}"
    )


def _cut(items: Sequence, most: int, *, every: bool) -> Iterable:  # type: ignore[type-arg]
    return items if every else items[:most]


def _more(number: int, most: int, *, every: bool) -> Iterator[RenderableType]:
    if not every and number > most:
        yield Text(f"and {number - most:,} more; --all shows them", QUIET)
