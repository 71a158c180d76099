"""Records go into seed files of any style, and every other line stays as it is."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.curation.bookkeeping import shipped_seeds
from kb.curation.checking import check_files
from kb.curation.placing import NoPlace
from kb.curation.reading import SIZE_LIMIT
from kb.curation.spelling import spelled_document, spelled_list
from kb.curation.writing import Addition, Unplaceable, add_to, added, composed, write_new
from kb.errors import KbError

PASSAGE = {"report": "made-up", "locator": "p. 1", "seen": "full-text", "quote": "made: up, # all"}
ENTRY = {"key": "made-up", "theme": "shame", "statement": "It was 'made' up", "passage": PASSAGE}
THEMES = ("study", "themes")

SEEDS = sorted(shipped_seeds().glob("*/*.yaml"))
STYLES = {
    "dashes": "study:\n  key: a\n  themes:\n    - key: b\n      x: 1\n",
    "dashes below their name": "study:\n  key: a\n  themes:\n  - key: b\n    x: 1\n",
    "records in braces": "study:\n  key: a\n  themes:\n  - {key: b, x: 1}  # the first\n# end\n",
    "a list in brackets": "study: \n  themes: [{key: b}, # one\n   {key: c} ]  # two\n  key: a\n",
    "an empty list": "study:\n  themes: []\n  key: a\n",
    "a comma at the end": "study:\n  key: a\n  themes: [{key: b},]\n",
    "all in braces": "study: {key: a, themes: [{key: b}]}\n",
    "braces without the list": "study: {key: a, gaps: [{key: b}]} # all\n",
    "no list": "study:\n  key: a # the key\n\n  # gaps come next\n  gaps:\n    - {key: b}\n\n",
    "nothing but a key": "# who wrote it\nstudy:\n  key: a",
    "other ends of lines": "study:\r\n  key: a\r\n  themes:\r\n    - key: b\r\n# end\r\n",
    "no end of the last line": "study:\n  key: a\n  themes:\n    - key: b",
    "a byte order mark": "\ufeffstudy:\n  key: a\n  themes:\n    - key: b\n",
    "a text in several lines": (
        "study:\n  key: a\n  themes:\n    - key: b\n      x: |\n        one\n\n        two\n\n"
        "  gaps:\n    - key: c\n"
    ),
    "a folded text that ends the file": (
        "study:\n  key: a\n  themes:\n    - x: >-\n        one\n        two\n"
    ),
    "a plain text in two lines": (
        "study:\n  key: a\n  themes:\n    - x: one\n        two # said\n  note: x\n"
    ),
    "anchors": (
        "study:\n  key: a\n  themes: &t\n    - &b {key: b, p: &p {q: 1}}\n    - *b\n  note: *p\n"
    ),
    "a comment after a dash": (
        "study:\n  themes:\n    - # the first\n      key: b\n    # the last\n  key: a\n"
    ),
    "a document's marks": "---\nstudy:\n  key: a\n  themes:\n    - key: b\n...\n",
    "signs beyond ASCII": "# é ü 中\nstudy:\n  key: a\n  label: “é”\n  themes:\n    - key: 中\n",
}


def lists_in(data: Any, place: tuple[str, ...] = ()) -> "list[tuple[str, ...]]":
    """Return the places of all lists of records that have a key."""
    found = []
    if isinstance(data, dict):
        for name, value in data.items():
            found += lists_in(value, (*place, name))
    elif isinstance(data, list) and all(isinstance(item, dict) for item in data):
        found.append(place)
        for item in data:
            if "key" in item:
                found += lists_in(item, (*place, item["key"]))
    return [place for place in found if place[-1] != "further_passages"]


def is_insertion(before: str, after: str) -> bool:
    """Return whether a text is another with something put in at one place."""
    start = next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before)
    )
    return any(
        after.startswith(before[:at]) and after.endswith(before[at:]) for at in range(start, -1, -1)
    )


def plain(text: str) -> Any:
    return yaml.safe_load(text.removeprefix("\ufeff"))


@pytest.mark.parametrize("style", STYLES)
def test_a_record_is_put_at_the_end_of_its_list(style: str) -> None:
    before = STYLES[style]
    after = added(before, [Addition(THEMES, ENTRY)])

    meant = plain(before)
    meant["study"]["themes"] = [*meant["study"].get("themes", []), ENTRY]
    assert plain(after) == meant
    assert is_insertion(before, after)
    if "\r\n" in before:
        assert "\n" not in after.replace("\r\n", "")


@pytest.mark.parametrize("style", STYLES)
def test_records_are_put_in_one_after_another(style: str) -> None:
    second = {**ENTRY, "key": "made-up-2"}
    after = added(STYLES[style], [Addition(THEMES, ENTRY), Addition(THEMES, second)])

    assert plain(after)["study"]["themes"][-2:] == [ENTRY, second]


@pytest.mark.parametrize("file", SEEDS, ids=lambda file: file.stem)
def test_every_other_line_of_a_shipped_file_stays(file: Path) -> None:
    before = file.read_bytes().decode()
    for place in lists_in(plain(before))[:6]:
        after = added(before, [Addition(place, ENTRY)])
        assert is_insertion(before, after)
        new = after.splitlines()
        changed = [line for line in before.splitlines() if line not in new]
        assert all(re.match(r" *[-\w ]+: \[", line) for line in changed), changed
        assert len(changed) <= 1


@pytest.mark.parametrize(
    ("section", "before", "after"),
    [
        ("countries", "reports", "cancers"),
        ("measurements", "characteristics", "themes"),
        ("gaps", "themes", None),
    ],
)
def test_a_new_list_stands_where_lists_of_its_kind_do(
    section: str, before: str, after: str | None
) -> None:
    text = (
        "study:\n  key: a\n\n  reports:\n    - {report: x, role: primary}\n\n  cancers:\n"
        "    - {cancer: y}\n\n  characteristics:\n    - key: z\n\n  themes:\n    - key: w\n"
    )
    names = list(plain(added(text, [Addition(("study", section), ENTRY)]))["study"])
    at = names.index(section)

    assert names[at - 1] == before
    assert names[at + 1 : at + 2] == ([after] if after else [])


def test_an_anchor_of_the_file_is_not_used_again() -> None:
    shared = {**ENTRY, "contrasts": [{"key": "c", "passage": PASSAGE}]}
    text = "study:\n  key: a\n  passage: &passage-001 {report: x}\n  themes:\n    - key: b\n"
    after = added(text, [Addition(THEMES, shared)])

    assert "&passage-002" in after
    assert after.count("&passage-001") == 1


@pytest.mark.parametrize(
    "text",
    [
        "study:\n  key: a\n  gaps: &g []\n  themes: *g\n",
        "study:\n  key: a\n  gaps: *g\n",
        "study:\n  key: a\n  themes: &g\n    - key: b\n  gaps: *g\n",
        "study:\n  key: a\n  themes: none\n",
        "study:\n  key: a\n  themes:\n",
        "study:\n  - key: a\n",
        "review:\n  key: a\n",
        "study:\n  key: a\n  themes:\n    - x: |\n        one",
        "study: [",
        "",
    ],
)
def test_where_there_is_no_place_nothing_is_written(text: str, tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Unplaceable, match="as it was") as refused:
        add_to(file, [Addition(THEMES, ENTRY)])

    assert yaml.safe_load(refused.value.text) == [ENTRY]
    assert file.read_text(encoding="utf-8") == text
    assert list(tmp_path.glob("*.*")) + list(tmp_path.glob(".*")) == [file]


def test_all_or_none_are_added(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(STYLES["dashes"], encoding="utf-8")
    nowhere = Addition(("study", "measurements", "none", "findings"), ENTRY)
    with pytest.raises(Unplaceable):
        add_to(file, [Addition(THEMES, ENTRY), nowhere])

    assert file.read_text(encoding="utf-8") == STYLES["dashes"]


def test_a_file_does_not_outgrow_what_is_read() -> None:
    text = STYLES["dashes"] + "#" * (SIZE_LIMIT - len(STYLES["dashes"]))
    with pytest.raises(NoPlace, match="more than 4,000,000 bytes"):
        added(text, [Addition(THEMES, ENTRY)])


def test_a_file_keeps_its_rights_and_a_link_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "study.yaml", tmp_path / "link.yaml"
    file.write_text(STYLES["dashes"], encoding="utf-8")
    file.chmod(0o640)
    link.symlink_to(file)
    add_to(link, [Addition(THEMES, ENTRY)])

    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert plain(file.read_text(encoding="utf-8"))["study"]["themes"][-1] == ENTRY


def test_a_failure_on_the_way_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "study.yaml"
    file.write_text(STYLES["dashes"], encoding="utf-8")
    monkeypatch.setattr("kb.curation.writing.os.fsync", fail)
    with pytest.raises(KbError, match="cannot be written: No space left on device"):
        add_to(file, [Addition(THEMES, ENTRY)])

    assert file.read_text(encoding="utf-8") == STYLES["dashes"]
    assert list(tmp_path.glob("*.*")) + list(tmp_path.glob(".*")) == [file]


def test_a_new_file_takes_the_place_of_none(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "study.yaml"
    write_new(file, "study:\n")
    with pytest.raises(KbError, match="is there already"):
        write_new(file, "review:\n")

    assert file.read_text(encoding="utf-8") == "study:\n"


def test_a_file_that_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"\xff")
    with pytest.raises(KbError, match="is not UTF-8 text"):
        add_to(tmp_path / "latin.yaml", [Addition(THEMES, ENTRY)])
    with pytest.raises(KbError, match="cannot be read"):
        add_to(tmp_path, [Addition(THEMES, ENTRY)])


def test_sections_of_a_new_file_stand_in_their_order() -> None:
    text = composed(
        [
            Addition(("study",), {"passage": PASSAGE, "key": "a"}),
            Addition(("study", "gaps"), ENTRY),
            Addition(("study", "arms"), ENTRY),
            Addition(("reports",), {"key": "r"}),
        ]
    )

    assert re.findall(r"^\w+", text, re.MULTILINE) == ["reports", "study"]
    assert list(plain(text)["study"]) == ["key", "passage", "arms", "gaps"]
    assert text.count("made: up, # all") == 1


texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=40).map(
    str.strip
)
words = st.one_of(
    texts,
    st.sampled_from(["true", "null", "~", "1e5", "012", "1_000", "12:30", "2001-01-01", "- a"]),
    st.sampled_from(["a: b", "#", "&a", "*a", "!x", "%", "@", "`", "'", '"', "[", "{", "|", ">"]),
)
whole = st.integers(-(2**31), 2**31)
values = st.one_of(words, st.booleans(), whole, st.floats(-1e9, 1e9))
records = st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), values, max_size=5)
entries = st.builds(
    lambda record, nested: {"key": "made-up", **record, "passage": PASSAGE, "values": nested},
    records,
    st.lists(records.filter(bool), min_size=1, max_size=3),
)


@settings(deadline=None)
@given(entries, st.sampled_from(sorted(STYLES)))
def test_whatever_a_record_holds_is_read_again_as_it_was(entry: dict[str, Any], style: str) -> None:
    after = added(STYLES[style], [Addition(THEMES, entry)])

    assert is_insertion(STYLES[style], after)


def test_short_records_and_passages_stand_on_one_line() -> None:
    arm = {"key": "control", "role": "control", "label": "none", "passage": PASSAGE}
    spelled = spelled_list([{"report": "a", "role": "primary"}, arm], 2)

    assert spelled.splitlines() == [
        "  - {report: a, role: primary}",
        "  - key: control",
        "    role: control",
        "    label: none",
        "    passage: {report: made-up, locator: p. 1, seen: full-text, quote: 'made: up, # all'}",
    ]
    assert spelled_document({"reports": [arm]}).startswith("reports:\n  - key: control\n")


def test_what_is_added_to_the_small_evidence_base_passes_the_check(sound: Path) -> None:
    file = sound / "study.yaml"
    before = check_files(sound).problems
    passage = {"report": "first-2001", "locator": "p. 2", "seen": "full-text", "quote": "less"}
    arm = {"key": "a2", "arm": "control", "n": 5, "mean": 3, "passage": passage}
    gap = {"key": "made-up", "missing": "What was made up"}
    add_to(
        file,
        [
            Addition(("study", "measurements", "pain", "arm_results"), arm),
            Addition(("study", "gaps"), gap),
        ],
    )

    assert check_files(sound).problems == before
