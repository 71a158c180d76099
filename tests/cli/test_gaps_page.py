"""A gap map as a web page: whole, usable by keyboard and without colour, safe, and alone."""

import importlib.resources
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kb.answer import LeftOut
from kb.gaps import gap_map
from kb.gaps.axes import Axis
from kb.gaps.gap_map import Cell, GapMap
from kb.store.opening import open_base
from kb_cli.html.gaps import gaps_page
from kb_cli.html.page import evidence
from kb_cli.html.style import STYLE

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(1)>&amp;\'"'
VOID = {"meta", "br", "hr", "img", "input", "link"}
MAPS = {
    "default": ("approach", "outcome"),
    "few columns": ("design", "delivery"),
    "constructs": ("construct", "country"),
}


class Read(HTMLParser):
    """Reads a page: its elements in order, each with its attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), [each.tag for each in self._open])
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> "list[Element]":
        return [element for element in self.elements if element.tag in tags]


class Element:
    """An element of a page."""

    def __init__(self, tag: str, attributes: dict[str, str | None], within: list[str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.within = within
        self.text = ""


@pytest.fixture(scope="module")
def maps(shipped: Path) -> dict[str, GapMap]:
    with open_base(str(shipped)) as base:
        question = base.question("studies")
        return {name: gap_map(base, question, *facets) for name, facets in MAPS.items()}


@pytest.fixture(scope="module")
def pages(maps: dict[str, GapMap]) -> dict[str, Read]:
    return {name: Read(gaps_page(found)) for name, found in maps.items()}


@pytest.fixture(params=MAPS)
def page(request: pytest.FixtureRequest, pages: dict[str, Read]) -> Read:
    return pages[request.param]


def test_the_page_says_what_it_is(page: Read) -> None:
    [html], [title], [heading] = page.all("html"), page.all("title"), page.all("h1")
    [viewport] = [e for e in page.all("meta") if e.attributes.get("name") == "viewport"]

    assert html.attributes["lang"] == "en"
    assert title.text == heading.text != ""
    assert viewport.attributes["content"] == "width=device-width, initial-scale=1"


def test_headings_leave_out_no_level(page: Read) -> None:
    levels = [int(e.tag[1]) for e in page.elements if re.fullmatch(r"h[1-6]", e.tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks(page: Read) -> None:
    assert [len(page.all(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert all(e.attributes.get("aria-label") for e in page.all("nav"))
    skip = page.all("a")[0]
    assert (skip.attributes["href"], skip.text) == ("#main", "Skip to the content")


def test_ids_are_unique_and_links_lead_somewhere(page: Read) -> None:
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    targets = [str(e.attributes["href"]) for e in page.all("a")]
    named = [e.attributes["aria-labelledby"] for e in page.all("section")]

    assert len(ids) == len(set(ids))
    assert all(i and re.fullmatch(r"\S+", i) for i in ids)
    assert {t.removeprefix("#") for t in targets if t.startswith("#")} <= set(ids)
    assert set(named) <= set(ids)
    assert all(e.text.strip() for e in page.all("a"))


def test_the_map_is_a_table_with_headers(page: Read) -> None:
    [table] = page.all("table")
    scopes = [e.attributes.get("scope") for e in page.all("th")]

    assert len(page.all("caption")) == 1
    assert table.within[-1] == "div"
    assert set(scopes) == {"col", "row"}
    assert all(e.text.strip() for e in page.all("th", "td", "caption"))


def test_the_table_can_be_scrolled_by_keyboard(page: Read) -> None:
    [region] = [e for e in page.all("div") if e.attributes.get("role") == "region"]

    assert (region.attributes["tabindex"], region.attributes["aria-label"]) == ("0", "The map")


def test_every_filled_cell_leads_to_its_studies(maps: dict[str, GapMap]) -> None:
    for found in maps.values():
        page = Read(gaps_page(found))
        links = {e.attributes["href"]: e.text for e in page.all("a") if "td" in e.within}
        articles = {f"#{e.attributes['id']}": e.text for e in page.all("article")}
        empty = [e for e in page.all("td") if e.attributes.get("class") == "none" and e.text == "0"]

        assert list(links) == list(articles)
        assert len(links) == len(found.filled)
        assert len(empty) >= len(found.empty)
        for cell, target in zip(found.filled, links, strict=True):
            assert links[target].startswith(str(cell.tally.count))
            article = articles[str(target)]
            assert [part for part in told(cell, found) if part not in article] == []


def told(cell: Cell, found: GapMap) -> list[str]:
    """Return what must be said of the studies of a cell."""
    passages = [item["passage"] for items in cell.evidence.values() for item in items]
    return [found.studies[key]["label"] for key in cell.tally.studies] + [
        passage[part] for passage in passages for part in ("citation", "locator", "quote")
    ]


def test_marks_are_said_in_words(pages: dict[str, Read]) -> None:
    cells = [e for e in pages["default"].all("a") if "td" in e.within]
    hidden = [e for e in pages["default"].all("span") if e.attributes.get("class") == "unseen"]

    assert any("favours intervention" in e.text for e in cells)
    assert all(re.search(r"\d (stud|favour|no difference|mixed|without)", e.text) for e in cells)
    assert all("aria-hidden" not in e.attributes for e in hidden)


def test_what_is_empty_comes_before_the_map(
    maps: dict[str, GapMap], pages: dict[str, Read]
) -> None:
    sections = pages["default"].all("section")

    assert [e.attributes["id"] for e in sections][:2] == ["empty", "map"]
    for level in maps["default"].empty_columns:
        assert level.label in sections[0].text
    for note in maps["default"].notes:
        assert any(note in e.text for e in sections)


def test_the_page_needs_nothing_besides_itself(page: Read) -> None:
    assert page.all("script", "link", "img", "iframe", "object", "embed", "form") == []
    assert not any(name.startswith("on") for e in page.elements for name in e.attributes)
    assert not any("src" in e.attributes or "style" in e.attributes for e in page.elements)
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    schemes = {str(e.attributes["href"]).partition("//")[0] for e in page.all("a")}
    assert all(scheme.startswith("#") or scheme in {"http:", "https:"} for scheme in schemes)


def test_text_is_never_taken_for_html(maps: dict[str, GapMap]) -> None:
    page = Read(gaps_page(hostile(maps["few columns"])))

    assert page.all("script", "img") == []
    assert {e.tag for e in page.elements if "onerror" in e.attributes} == set()
    for tags in (("th",), ("h4",), ("strong",), ("cite",), ("q",), ("dd",), ("p",)):
        assert any(HOSTILE in e.text for e in page.all(*tags))


def hostile(found: GapMap) -> GapMap:
    """Return a map in which every text is an attempt to be HTML."""
    item = {
        "what": HOSTILE,
        "direction": None,
        "mark": HOSTILE,
        "passage": {
            **dict.fromkeys(("report", "citation", "locator", "quote"), HOSTILE),
            "address": f"javascript:alert(1) {HOSTILE}",
            "seen": "record",
        },
    }

    def axis(axis: Axis) -> Axis:
        return replace(axis, levels=tuple(replace(v, label=HOSTILE) for v in axis.levels))

    return replace(
        found,
        rows=axis(found.rows),
        columns=axis(found.columns),
        cells=tuple(
            replace(
                cell,
                row=replace(cell.row, label=HOSTILE),
                column=replace(cell.column, label=HOSTILE),
                evidence={key: [item] for key in cell.evidence},
            )
            for cell in found.cells
        ),
        studies={
            key: {**row, "label": HOSTILE, "design_name": HOSTILE}
            for key, row in found.studies.items()
        },
        left_out=(LeftOut(HOSTILE, HOSTILE),),
        notes=(HOSTILE,),
    )


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("doi:10.1000/a(1)<b>", "https://doi.org/10.1000/a(1)%3Cb%3E"),
        ("PMID 12345", "https://pubmed.ncbi.nlm.nih.gov/12345/"),
        ("https://example.org/?a=1&b=2", "https://example.org/?a=1&b=2"),
        ("javascript:alert(1)", None),
        ("no stable address", None),
    ],
)
def test_only_addresses_that_are_safe_become_links(address: str, target: str | None) -> None:
    passage = {"report": "r", "citation": "c", "locator": "l", "quote": "q", "seen": "record"}
    item = {"what": "w", "direction": None, "mark": "", "passage": {**passage, "address": address}}

    page = Read(evidence([item]))

    assert [e.attributes["href"] for e in page.all("a")] == ([target] if target else [])
    assert address in page.elements[0].text


def test_facts_of_one_passage_share_its_quote() -> None:
    passage = {
        "report": "r",
        "citation": "c",
        "locator": "l",
        "quote": "the same words",
        "seen": "record",
        "address": "PMID 1",
    }
    items = [
        {"what": what, "direction": "no-difference", "mark": "", "passage": passage}
        for what in ("one", "other")
    ]

    page = Read(evidence(items))

    assert [e.text for e in page.all("q")] == ["the same words"]
    assert [e.text for e in page.all("strong")] == ["no difference", "no difference"]


def colours() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the colours of each scheme by name."""
    light, dark, *_ = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    first = dict(re.findall(r"--(\w+): (#\w{6})", light))
    yield "light", first
    yield "dark", {**first, **dict(re.findall(r"--(\w+): (#\w{6})", dark))}


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        *(("ink", ground, 4.5) for ground in ("paper", "some", "more", "most")),
        ("quiet", "paper", 4.5),
        ("link", "paper", 4.5),
        *(("focus", ground, 3.0) for ground in ("paper", "some", "more")),
        ("line", "paper", 3.0),
    ],
)
def test_colours_have_the_contrast_of_wcag_aa(
    text: str, ground: str, least: float, scheme: str
) -> None:
    named = dict(colours())[scheme]

    assert contrast(named[text], named[ground]) >= least


RUN = """<script>{axe}</script><script>
axe.run(document, {{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}})
  .then(found => {{
    const told = document.createElement("pre");
    told.id = "told";
    told.textContent = JSON.stringify({{
      dark: matchMedia("(prefers-color-scheme: dark)").matches,
      wider: document.documentElement.scrollWidth > innerWidth,
      passes: found.passes.length,
      violations: found.violations.map(one => [one.id, one.nodes.map(node => node.html)]),
    }});
    document.body.append(told);
  }});
</script>"""


@pytest.fixture(scope="module")
def browser() -> str:
    """Return a Chromium, or skip where none is installed."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        reason = f"no browser is installed ({', '.join(names)})"
        if os.environ.get("KB_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("default", 500, "light"),
        ("default", 1280, "dark"),
        ("few columns", 500, "dark"),
        ("constructs", 1280, "light"),
    ],
)
def test_axe_finds_nothing(
    name: str, width: int, scheme: str, maps: dict[str, GapMap], browser: str, tmp_path: Path
) -> None:
    """A browser opens the page, and axe-core looks for what WCAG forbids."""
    found = look(gaps_page(maps[name]), browser, tmp_path, width=width, dark=scheme == "dark")

    assert found["violations"] == []
    assert (found["dark"], found["wider"]) == (scheme == "dark", False)
    assert found["passes"] > 20


def test_axe_finds_what_is_wrong(browser: str, tmp_path: Path) -> None:
    """What looks for mistakes must find one."""
    broken = '<!DOCTYPE html><html><body><a href="x"></a></body></html>'

    found = look(broken, browser, tmp_path, width=500, dark=False)

    assert {"html-has-lang", "link-name"} <= {name for name, _ in found["violations"]}


def look(page: str, browser: str, folder: Path, *, width: int, dark: bool) -> Any:
    """Return what axe-core finds on a page in a window of this width."""
    axe = importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    without_policy = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    path = folder / "page.html"
    path.write_text(
        without_policy.replace("</body>", f"{RUN.format(axe=axe)}</body>"), encoding="utf-8"
    )
    shown = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            *(f"--window-size={width},900", f"--user-data-dir={folder / 'browser'}"),
            *(f"--blink-settings=preferredColorScheme={int(not dark)}",),
            *("--virtual-time-budget=60000", path.as_uri()),
        ],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    [told] = re.findall(r'<pre id="told">(.*?)</pre>', shown, re.DOTALL)
    return json.loads(Read(f"<pre>{told}</pre>").elements[0].text)
