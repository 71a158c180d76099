"""A brief as a web page: whole, usable on any screen, safe, alone, and two sheets when printed."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from kb.brief.brief import Brief
from kb.store.opening import open_base
from kb_cli.html.brief import brief_page
from kb_cli.html.style import BRIEF
from tests.cli import test_gaps_page
from tests.cli.test_gaps_page import HOSTILE, Read, look

TOPICS = ("segt", "pain", "segt pain", "harm", "cognitive-existential")
browser = test_gaps_page.browser


@pytest.fixture(scope="module")
def briefs(shipped: Path) -> dict[str, Brief]:
    with open_base(str(shipped)) as base:
        return {topic: base.brief(topic) for topic in TOPICS}


@pytest.fixture(params=TOPICS)
def found(request: pytest.FixtureRequest, briefs: dict[str, Brief]) -> Brief:
    return briefs[request.param]


def test_the_page_holds_every_statement_and_source(found: Brief) -> None:
    page = Read(brief_page(found))
    items = [element.text for element in page.all("li")]

    for statement in found.statements:
        marks = "".join(f"[{number}]" for number in found.markers(statement))
        assert any(
            statement.text in item and marks in item and statement.command in item for item in items
        )
    for source in found.sources:
        [item] = [e for e in page.all("li") if e.attributes.get("id") == f"source-{source.number}"]
        assert all(part in item.text for part in (source.citation, source.address))


def test_every_marker_leads_to_its_source(found: Brief) -> None:
    page = Read(brief_page(found))
    targets = {e.attributes["id"] for e in page.elements if "id" in e.attributes}
    marks = [e for e in page.all("a") if re.fullmatch(r"\[\d+\]", e.text)]

    assert len(marks) == sum(len(found.markers(each)) for each in found.statements)
    assert {e.attributes["href"] for e in marks} == {f"#source-{s.number}" for s in found.sources}
    assert all(str(e.attributes["href"]).removeprefix("#") in targets for e in marks)
    assert all(e.attributes["href"] == f"#source-{e.text.strip('[]')}" for e in marks)


def test_the_page_needs_nothing_besides_itself(found: Brief) -> None:
    page = Read(brief_page(found))

    assert page.all("script", "link", "img", "iframe", "object", "embed", "form") == []
    assert not any("src" in e.attributes or "style" in e.attributes for e in page.elements)
    assert "url(" not in BRIEF
    assert "@import" not in BRIEF


def test_text_is_never_taken_for_html(briefs: dict[str, Brief]) -> None:
    whole = briefs["segt"]
    passage = {
        **dict.fromkeys(("report", "citation", "locator", "quote"), HOSTILE),
        "address": f"javascript:alert(1) {HOSTILE}",
        "seen": "record",
    }
    sections = tuple(
        replace(
            part,
            heading=HOSTILE,
            blocks=tuple(
                replace(
                    block,
                    heading=HOSTILE,
                    statements=tuple(
                        replace(
                            each,
                            text=HOSTILE,
                            about=HOSTILE,
                            mark=HOSTILE,
                            command=HOSTILE,
                            how=HOSTILE,
                            passages=(passage,),
                        )
                        for each in block.statements
                    ),
                )
                for block in part.blocks
            ),
        )
        for part in whole.sections
    )
    topic = replace(whole.topic, approach_name=HOSTILE)

    page = Read(brief_page(Brief(topic, sections, whole.data)))

    assert page.all("script", "img") == []
    assert {e.tag for e in page.elements if "onerror" in e.attributes} == set()
    for tag in ("h1", "h2", "h3", "li", "strong", "em", "code", "cite"):
        assert any(HOSTILE in e.text for e in page.all(tag))


@pytest.mark.parametrize(
    ("topic", "width", "scheme"),
    [
        ("segt", 500, "light"),
        ("segt", 1280, "dark"),
        ("pain", 500, "dark"),
        ("harm", 1280, "light"),
    ],
)
def test_axe_finds_nothing(
    topic: str, width: int, scheme: str, briefs: dict[str, Brief], browser: str, tmp_path: Path
) -> None:
    """A browser opens the page, and axe-core looks for what WCAG forbids."""
    seen = look(brief_page(briefs[topic]), browser, tmp_path, width=width, dark=scheme == "dark")

    assert seen["violations"] == []
    assert (seen["dark"], seen["wider"]) == (scheme == "dark", False)
    assert seen["passes"] > 20


def test_a_brief_prints_on_two_sheets(found: Brief, browser: str, tmp_path: Path) -> None:
    """A browser prints the page: never on more than two sheets of A4."""
    page, printed = tmp_path / "brief.html", tmp_path / "brief.pdf"
    page.write_text(brief_page(found), encoding="utf-8")
    subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"),
            *(f"--user-data-dir={tmp_path / 'browser'}", f"--print-to-pdf={printed}"),
            page.as_uri(),
        ],
        capture_output=True,
        check=True,
    )
    sheets = re.findall(rb"/MediaBox *\[0 0 ([\d.]+) ([\d.]+)\]", printed.read_bytes())

    assert 1 <= len(sheets) <= 2
    for width, height in sheets:  # 210 mm by 297 mm in points
        assert (round(float(width)), round(float(height))) == (595, 842)
