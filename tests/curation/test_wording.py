import pytest

from kb.curation.wording import counted, listed, nearest, shown


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("rct", "'rct'"),
        ("two\n  lines", "'two lines'"),
        ("a \x1b[31mred\x07 word", "'a \\x1b[31mred\\x07 word'"),
        ("x" * 61, f"'{'x' * 59}…'"),
        ("x" * 60, f"'{'x' * 60}'"),
        (3.0, "3"),
        (0.5, "0.5"),
        (10, "10"),
        (True, "true"),
        (None, "nothing"),
        ([1], "a list"),
        ({"a": 1}, "a record of fields"),
    ],
)
def test_values_are_told_on_one_harmless_line(value: object, told: str) -> None:
    assert shown(value) == told


@pytest.mark.parametrize(
    ("found", "like"),
    [
        ("rtc", ("rct",)),
        ("RCT", ("rct",)),
        ("cohrot", ("cohort",)),
        ("zzz", ()),
        (17, ()),
    ],
)
def test_nearest_value(found: object, like: tuple[str, ...]) -> None:
    assert nearest(found, ["rct", "cohort", "qualitative"]) == like


def test_nearest_value_by_another_word_for_it() -> None:
    words = {"rct": "rct", "randomised trial": "rct", "randomised study": "randomised"}

    assert nearest("Randomised Trial", words, 3) == ("rct",), "an exact word needs no others"
    assert set(nearest("randomised triad", words, 3)) == {"rct", "randomised"}


def test_lists_are_sorted_and_cut() -> None:
    assert listed(["b", "a"]) == "a, b"
    assert listed([]) == "none"
    assert listed(f"{n:02}" for n in range(33)).endswith("29 and 3 more")


def test_counts() -> None:
    assert [counted(n, "problem") for n in (0, 1, 2, 1000)] == [
        "0 problems",
        "1 problem",
        "2 problems",
        "1,000 problems",
    ]
