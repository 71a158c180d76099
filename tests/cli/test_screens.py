"""Every screen as a person sees it, at 80 columns and at 120; `--update-golden` writes them anew.

A change of a file under `golden` is a change of what users see: read it before it is committed.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Golden, Runner

SCREENS = {
    "ask": "ask which RCTs measured pain with SEGT?",
    "ask-unknown-words": "ask which flibberty RCTs measured pain?",
    "barriers": "barriers",
    "compare": "compare goodwin-2001 spiegel-1981",
    "compare-with-sources": "compare spiegel-1981 goodwin-2001 --sources",
    "facilitators": "facilitators --construct capability",
    "factors": "factors --sources",
    "instruments": "instruments --outcome pain,mood",
    "interventions": "interventions",
    "nothing": "studies --outcome pain --country canada --year ..1990",
    "outcomes": "outcomes",
    "results": "results --outcome survival",
    "reviews": "reviews",
    "search": "search self-hypnosis pain",
    "search-nothing": "search flibberty",
    "show-construct": "show funding",
    "show-instrument": "show poms",
    "show-intervention": "show intervention:goodwin-2001/segt",
    "show-report": "show ebn-goodwin",
    "show-review": "show cochrane-2013",
    "show-study": "show goodwin-2001 --sources",
    "show-theme": "show group-structure",
    "strategies": "strategies",
    "strategies-for-a-barrier": "strategies --for funding",
    "studies": "studies",
    "studies-left-out": "studies --country canada",
    "studies-that-measured": "studies --design rct --outcome pain --approach segt",
    "studies-with-sources": "studies --outcome pain --approach segt --sources",
    "summary": "summary",
    "terms": "terms",
    "terms-of-a-facet": "terms mode",
    "themes": "themes",
    "trace": "trace goodwin-2001/survival",
}
FORMATS = {
    "results.csv": "results --outcome survival --format csv",
    "studies.json": "studies --outcome pain --study goodwin-2001 --format json",
    "studies.md": "studies --outcome pain --format markdown",
}
ELSEWHERE = (
    "add-",
    "agree",
    "brief",
    "audit",
    "diff",
    "export",
    "gaps",
    "history",
    "import-",
    "pool",
    "sensitivity",
    "multiverse",
    "replay",
    "revman-",
    "sof",
    "cerqual",
    "template",
    "undo",
)
"""How the names of screens begin that other tests keep."""

WRONG = (
    "studeis",
    "studies --desing rct",
    "studies --outcome",
    "studies --outcome pian",
    "studies --mode telepathy",
    "studies --year soon",
    "studies --year 2005..1990",
    "show godwin-2001",
    "trace goodwin-2001/survivl",
    "terms outcomes",
    "terms year",
    "search",
    "check nowhere.yaml",
)


@pytest.mark.parametrize("name", SCREENS)
def test_screen(name: str, kb: "Runner", golden: "Golden", monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = kb(SCREENS[name])
    monkeypatch.setenv("COLUMNS", "120")
    wide = kb(SCREENS[name])

    assert (narrow.code, narrow.err) == (wide.code, wide.err) == (0, "")
    assert max(map(len, narrow.out.splitlines())) <= 80
    assert max(map(len, wide.out.splitlines())) <= 120
    golden(f"{name}.txt", narrow.out)
    golden(f"{name}.120.txt", wide.out, unless_as=f"{name}.txt")


@pytest.mark.parametrize("name", FORMATS)
def test_format(name: str, kb: "Runner", golden: "Golden") -> None:
    run = kb(FORMATS[name])

    assert (run.code, run.err) == (0, "")
    golden(name, run.out)


def test_what_is_said_to_mistakes(kb: "Runner", golden: "Golden") -> None:
    told = [f"$ kb {line}\n{kb(line).err}" for line in WRONG]

    golden("mistakes.txt", "\n".join(told))


def test_no_golden_file_is_left_over(golden: "Golden") -> None:
    screens = {f"{name}{width}.txt" for name in SCREENS for width in ("", ".120")}
    files = {name for name in golden.files() if not name.startswith(ELSEWHERE)}

    assert files - screens - set(FORMATS) == {
        "check.txt",
        "db-status.txt",
        "load-dry-run.txt",
        "mistakes.txt",
    }
