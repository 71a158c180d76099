"""Answers and pages as a notebook shows them: whole, small, and safe whatever they hold."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kb
from kb.answer import Answer, LeftOut, Nearby
from kb.base import DataState
from kb.html import MOST_ROWS
from kb.pages import Fact, Page, Section
from kb.question import SUBJECTS, Question

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(1)>&amp;\'"'
TAGS = {
    *("style", "div", "p", "strong", "code", "h4", "details", "summary", "ul", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


class Read(HTMLParser):
    """Reads HTML: its text by tag; fails on what is not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert self.open or tag in {"style", "div"}
        assert all(name == "class" for name, _ in attrs)
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1], data))

    def within(self, tag: str) -> list[str]:
        return [text for at, text in self.texts if at == tag and text.strip()]


def shown(thing: Any) -> Read:
    return Read(thing._repr_html_())


def answer_of(text: str) -> Answer:
    return Answer(
        Question("studies"),
        [{"key": text, "label": text, text: text, "listed": [text]}],
        DataState("", ""),
        [LeftOut(text, text)],
        [text],
        [Nearby(text, 1)],
    )


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_is_shown(subject: str, base: kb.Base) -> None:
    answer = getattr(base, subject)(country="usa")
    read = shown(answer)

    assert read.within("strong") == [answer.counted]
    assert read.within("code") == [f"kb {subject} --country usa"]
    assert read.within("p")[-len(answer.notes) :] == answer.notes if answer.notes else True


def test_one_is_called_one() -> None:
    assert shown(answer_of("x")).within("strong") == ["1 study"]


def test_many_rows_are_cut_and_counted(base: kb.Base) -> None:
    read = shown(base.results())

    assert len([text for tag, text in read.texts if tag == "p" and "to_frame()" in text]) == 1
    assert base.results()._repr_html_().count("<tr>") == MOST_ROWS + 1


def test_what_was_left_out_and_what_is_near_is_told(base: kb.Base) -> None:
    empty = base.studies(outcome="pain", country="uk")
    read = shown(empty)

    assert read.within("p") == empty.notes
    assert read.within("li") == [f"{near.command} ({near.count})" for near in empty.nearby]
    assert "table" not in read.tags


def test_a_page_is_shown_with_the_source_of_each_fact(base: kb.Base) -> None:
    page = base.page("goodwin-2001")
    read = shown(page)

    assert read.within("strong") == [page.title]
    assert read.within("h4") == [section.heading for section in page.sections]
    cells = read.within("td")
    for fact in (fact for section in page.sections for fact in section.facts):
        assert not fact.label or fact.label in cells
        assert not fact.passage or any(fact.passage["citation"] in cell for cell in cells)


def hostile_things(text: str) -> Iterator[Any]:
    yield answer_of(text)
    passage = {"citation": text, "locator": text}
    fact = Fact(text, text, passage, text, text)
    yield Page("study", text, text, text, [Section(text, [fact])])


@given(st.one_of(st.just(HOSTILE), st.text(alphabet="<>&'\"/=x! -", max_size=20)))
def test_text_is_never_taken_for_html(text: str) -> None:
    for thing in hostile_things(text):
        read = shown(thing)
        said = "".join(said for _, said in read.texts)
        assert text in said
