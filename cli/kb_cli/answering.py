"""Present what was found in the form asked for."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb_cli.diagnostics import tell
from kb_cli.output import Format, as_csv, as_json, as_markdown, chosen, draw, write

if TYPE_CHECKING:
    from rich.console import RenderableType

    from kb.answer import Answer, LeftOut
    from kb.base import DataState
    from kb.pages import Page
    from kb.pooling.answer import PooledAnswer

Rows = tuple[Sequence[str], Sequence[Sequence[Any]]]
"""Headers, and rows of cells."""


def present(
    form: Format | None,
    output: Path | None,
    *,
    data: Callable[[], Any],
    drawn: Callable[[], Sequence["RenderableType"]],
    rows: Callable[[], Rows],
) -> None:
    """Write data as JSON, a drawing as a table, or rows as CSV or Markdown; only one is made."""
    form = chosen(form, output)
    if form is Format.JSON:
        write(as_json(data()), output)
    elif form is Format.CSV:
        write(as_csv(*rows()), output)
    elif form is Format.MARKDOWN:
        from kb.flat import readable

        write(as_markdown(*readable(*rows())), output)
    else:
        draw(drawn(), output)


def present_answer(
    answer: "Answer", form: Format | None, output: Path | None, *, sources: bool, asked: str = ""
) -> None:
    """Write an answer in the form asked for."""

    def drawn() -> Sequence["RenderableType"]:
        from kb_cli.render.answers import drawn

        return drawn(answer, sources=sources, asked=asked)

    def rows() -> Rows:
        from kb.flat import flat

        return flat(answer)

    present(form, output, data=answer.as_dict, drawn=drawn, rows=rows)


def present_page(
    page: "Page", state: "DataState", form: Format | None, output: Path | None, *, sources: bool
) -> None:
    """Write a page about one record in the form asked for."""

    def drawn() -> Sequence["RenderableType"]:
        from kb_cli.render.pages import drawn_page

        return drawn_page(page, sources=sources)

    def rows() -> Rows:
        from kb.flat import flat_page

        return flat_page(page)

    def data() -> dict[str, Any]:
        return {**page.as_dict(), "data": state.as_dict()}

    present(form, output, data=data, drawn=drawn, rows=rows)


def present_pooled(
    answer: "PooledAnswer",
    form: Format | None,
    output: Path | None,
    *,
    sources: bool,
    spoken: bool = False,
    asked: str = "",
) -> None:
    """Write a pooled answer in the form asked for; `spoken` has sentences in place of a table."""
    if spoken and chosen(form, output) is Format.TABLE:
        from kb_cli.render.spoken import spoken_pool

        write("\n".join(spoken_pool(answer, sources=sources, asked=asked)), output)
        return

    def drawn() -> Sequence["RenderableType"]:
        from kb_cli.render.pool import drawn_pool

        return list(drawn_pool(answer, sources=sources, asked=asked))

    def rows() -> Rows:
        from kb_cli.render.pool_rows import exact_rows, readable_rows

        return (readable_rows if chosen(form, output) is Format.MARKDOWN else exact_rows)(answer)

    if chosen(form, output) in {Format.CSV, Format.MARKDOWN} and answer.verdict.reasons:
        tell(f"{answer.verdict.status}: {' '.join(answer.verdict.reasons)}")
    present(form, output, data=answer.as_dict, drawn=drawn, rows=rows)


def answered(
    question: dict[str, Any],
    rows: Sequence[Any],
    state: "DataState | None",
    *,
    count: int | None = None,
    left_out: "Sequence[LeftOut]" = (),
) -> dict[str, Any]:
    """Return as plain data what is not an `Answer`, in the same shape as one."""
    return {
        "question": question,
        "answer": list(rows),
        "count": len(rows) if count is None else count,
        "left_out": [item.as_dict() for item in left_out],
        "notes": [],
        "data": state.as_dict() if state else None,
    }
