from typing import Any

import pytest

from kb.curation.parsing import Located, Unreadable, parse


def plain(item: Located) -> Any:
    if isinstance(item.value, dict):
        return {name: plain(value) for name, value in item.value.items()}
    if isinstance(item.value, list):
        return [plain(value) for value in item.value]
    return item.value


def ignore(line: int, field: str, message: str) -> None:
    pytest.fail(f"{line} {field} {message}")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12", 12),
        ("-12", -12),
        ("+3", 3),
        ("0", 0),
        ("1.5", 1.5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("1e5", 100000.0),
        ("1.5E-3", 0.0015),
        ("123456789012345678", 123456789012345678),
        ("1234567890123456789", 1234567890123456789.0),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2001-01-01", "2001-01-01"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("e5", "e5"),
        (".", "."),
        ("true", True),
        ("False", False),
        ("no", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"12"', "12"),
        ("'true'", "true"),
        ('""', ""),
        ("|\n  12\n", "12\n"),
        ("!!str 12", "12"),
        ("one two", "one two"),
    ],
)
def test_scalars_are_read_as_json_reads_them(written: str, meant: object) -> None:
    found = plain(parse(f"a: {written}\n", ignore))["a"]

    assert found == meant
    assert type(found) is type(meant)


def test_what_is_written_is_kept_beside_what_it_means() -> None:
    item = parse("a: [1_0, 0010, 1.50]", ignore).value["a"]

    assert [cell.text for cell in item.value] == ["1_0", "0010", "1.50"]


def test_aliases_share_what_they_repeat() -> None:
    item = parse("a: &x {b: 1}\nc: [*x, *x]\nd: *x\n", ignore)

    assert plain(item) == {"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}], "d": {"b": 1}}
    assert item.value["d"].value is item.value["a"].value
    assert item.value["d"].line == 3
    assert item.size == 17, "names and what is repeated count too"


def test_name_given_twice_is_noted_and_the_rest_is_read() -> None:
    noted: list[tuple[int, str]] = []
    item = parse("a: 1\nb: 2\na: 3\nc: 4\n", lambda line, name, _: noted.append((line, name)))

    assert plain(item) == {"a": 1, "b": 2, "c": 4}
    assert noted == [(3, "a")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [\n", 3),
        ("a:\n  - *a\n", 2),
        ("a: &x\n  b: *x\n", 2),
        ("a: &x 1\nb: &x 2\n", 2),
        ("? [a]\n: b\n", 1),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: !!python/name:os.system x\n", 1),
        ("a: !include other.yaml\n", 1),
        ("a: !!binary aGk=\n", 1),
        ('a: "\\0"\n', 1),
        ('b: 1\na: "\\ud800"\n', 2),
        ("%YAML 9.9\n---\na: 1\n", 1),
    ],
)
def test_text_that_is_refused(text: str, line: int) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(text, ignore)

    assert refused.value.line == line
