"""Present an answer in the form asked for."""

from pathlib import Path
from typing import TYPE_CHECKING

from kb_cli.output import Format, as_csv, as_json, as_markdown, chosen, draw, write

if TYPE_CHECKING:
    from kb.answer import Answer
    from kb.pages import Page


def present(
    answer: "Answer", form: Format | None, output: Path | None, *, sources: bool, asked: str = ""
) -> None:
    """Write an answer as a table, JSON, CSV or Markdown, to the screen or a file."""
    form = chosen(form, output)
    if form is Format.JSON:
        write(as_json(answer.as_dict()), output)
        return
    if form is Format.TABLE:
        from kb_cli.render.answers import drawn

        draw(drawn(answer, sources=sources, asked=asked), output)
        return
    from kb_cli.render.flat import flat

    headers, rows = flat(answer)
    as_text = as_csv if form is Format.CSV else as_markdown
    write(as_text(headers, rows), output)


def present_page(page: "Page", form: Format | None, output: Path | None, *, sources: bool) -> None:
    """Write a page about one record in the form asked for."""
    form = chosen(form, output)
    if form is Format.JSON:
        write(as_json(page.as_dict()), output)
        return
    if form is Format.TABLE:
        from kb_cli.render.pages import drawn_page

        draw(drawn_page(page, sources=sources), output)
        return
    from kb_cli.render.flat import flat_page

    headers, rows = flat_page(page)
    as_text = as_csv if form is Format.CSV else as_markdown
    write(as_text(headers, rows), output)
