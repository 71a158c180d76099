"""How to pool: which options exist, which go together, and the words that say them."""

from typing import Any

import pytest

from kb.errors import KbError
from kb.pooling.options import (
    COUNT_METHODS,
    DEFAULT_RULE,
    PoolOptions,
    UnknownOption,
    method_in_words,
)
from kb.synthesis.options import METHODS


def test_the_default_is_random_effects_by_reml() -> None:
    assert PoolOptions.of() == PoolOptions()
    assert (PoolOptions().method, PoolOptions().test, PoolOptions().level) == ("REML", "z", 95.0)
    assert PoolOptions().flags() == []


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({"model": "common"}, "method", "EE"),
        ({"model": "Random"}, "method", "REML"),
        ({"model": "random", "method": "dl"}, "method", "DL"),
        ({"model": "common", "method": "mh"}, "method", "MH"),
        ({"method": "FE"}, "method", "EE"),
        ({"method": "peto"}, "method", "PETO"),
        ({"measure": "smd"}, "measure", "SMD"),
        ({"test": "KNHA"}, "test", "knha"),
        ({"prediction": "hts"}, "prediction", "HTS"),
        ({"level": 0.9}, "level", 90.0),
        ({"level": 99}, "level", 99.0),
        ({"rule": ["first, newest"]}, "rule", ("first", "newest")),
        ({"exclude": ["a,b", "a", " "]}, "exclude", ("a", "b")),
        ({"include": ["subsets"]}, "include", ("subsets",)),
        ({"dependence": "robust"}, "dependence", "robust"),
        ({"as_of": 2000}, "as_of", 2000),
        ({"model": "random", "method": "mh"}, "method", "MH-DL"),
        ({"method": "mh-dl"}, "method", "MH-DL"),
        ({"add": 0.25}, "add", (0.25, 0.0)),
        ({"add": "0.5,0.5"}, "add", (0.5, 0.5)),
        ({"add": [1, 0]}, "add", (1.0, 0.0)),
        ({"to": "ALL"}, "to", ("all", "none")),
        ({"to": "only0, only0"}, "to", ("only0", "only0")),
        ({"drop00": "TRUE"}, "drop00", (True, False)),
        ({"drop00": "no,yes"}, "drop00", (False, True)),
        ({"drop00": (True, True)}, "drop00", (True, True)),
    ],
    ids=str,
)
def test_options_are_read(given: dict[str, Any], field: str, value: object) -> None:
    assert getattr(PoolOptions.of(**given), field) == value


@pytest.mark.parametrize(
    "given",
    [
        {"method": "XX"},
        {"model": "fixed"},
        {"measure": "XX"},
        {"test": "XX"},
        {"prediction": "XX"},
        {"level": 100},
        {"level": 0},
        {"level": float("nan")},
        {"rho": 1.5},
        {"rho": float("nan")},
        {"rule": ["best"]},
        {"include": ["all"]},
        {"dependence": "none"},
        {"window": "soon"},
        {"model": "common", "method": "DL"},
        {"model": "random", "method": "EE"},
        {"model": "random", "method": "PETO"},
        {"model": "common", "method": "MH-DL"},
        {"add": -0.5},
        {"add": "a half"},
        {"add": float("inf")},
        {"add": True},
        {"add": (0.5, 0.5, 0.5)},
        {"to": "if0all"},
        {"to": "only0,"},
        {"drop00": "maybe"},
        {"drop00": 1},
        {"drop00": ""},
    ],
    ids=str,
)
def test_what_does_not_exist_is_refused_in_two_sentences(given: dict[str, Any]) -> None:
    with pytest.raises(KbError) as caught:
        PoolOptions.of(**given)
    assert caught.value.problem.endswith(".")
    assert caught.value.remedy.endswith(".")


def test_an_unknown_value_names_those_there_are() -> None:
    with pytest.raises(UnknownOption) as caught:
        PoolOptions.of(method="XX")
    assert caught.value.remedy == f"Choose one of {', '.join([*METHODS, *COUNT_METHODS])}."


def test_the_level_is_a_share_to_the_engine() -> None:
    assert PoolOptions.of(level=90).share == 0.9


def test_what_is_asked_for_comes_before_the_rest_of_the_rule() -> None:
    assert PoolOptions().preferences == DEFAULT_RULE
    preferences = PoolOptions.of(rule=["first", "reported"]).preferences
    assert preferences[:2] == ("first", "reported")
    assert not {"last", "computed"} & set(preferences)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "DL", "test": "knha"}, "--method DL --test knha"),
        ({"level": 90}, "--level 90"),
        ({"level": 99.9}, "--level 99.9"),
        ({"adjusted": True, "window": "3..12"}, "--adjusted --window 3..12"),
        ({"moderators": ["year", "dose"]}, "--moderator year,dose"),
        ({"as_of": 2001, "rho": 0.8}, "--rho 0.8 --as-of 2001"),
        ({"method": "MH", "model": "random"}, "--method MH-DL"),
        (
            {"add": 0.5, "to": "all", "drop00": True},
            "--add 0.5,0 --to all,none --drop00 true,false",
        ),
    ],
    ids=str,
)
def test_flags_say_what_is_not_the_default(given: dict[str, Any], words: str) -> None:
    assert " ".join(PoolOptions.of(**given).flags()) == words


def test_plain_data_holds_every_option() -> None:
    given = PoolOptions.of(rule=["first"], add="0.5,0.5", drop00=True)
    plain = given.as_dict()
    assert (plain["rule"], plain["add"], plain["to"]) == (["first"], [0.5, 0.5], None)
    assert PoolOptions.of(**plain) == given


@pytest.mark.parametrize("code", [*METHODS, *COUNT_METHODS])
def test_every_method_has_a_name(code: str) -> None:
    assert method_in_words(code)
