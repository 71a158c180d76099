import pytest

from kb.synthesis.errors import TooFewStudies


@pytest.mark.parametrize(
    ("needed", "found", "noun", "words"),
    [
        (1, 0, None, "1 study with an effect and its variance; no study has them."),
        (3, 1, None, "3 studies with an effect and its variance; 1 has them."),
        (3, 2, None, "3 studies with an effect and its variance; 2 have them."),
        (2, 0, "clusters", "2 clusters; there are none."),
        (2, 1, "subgroups", "2 subgroups; there is 1."),
        (4, 3, "effects", "4 effects; there are 3."),
        (1, 0, "effect", "1 effect; there are none."),
    ],
)
def test_too_few_says_of_what(needed: int, found: int, noun: str | None, words: str) -> None:
    error = TooFewStudies("An analysis", needed, found, noun)
    assert str(error) == f"An analysis needs at least {words}"
    assert (error.needed, error.found) == (needed, found)
