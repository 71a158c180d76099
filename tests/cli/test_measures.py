"""Outcomes and instruments, drawn at the width of the terminal."""

import pytest
from rich.console import Console, Group

from kb_cli.render.measures import outcomes
from kb_cli.render.parts import Footnotes

KEY = "a-made-up-outcome-with-a-key-of-more-than-fifty-letters"


@pytest.mark.parametrize("width", [80, 120])
def test_one_long_key_leaves_the_words_of_all_outcomes_whole(width: int) -> None:
    row = {
        "key": KEY,
        "label": "Symptoms of made-up traumatic stress",
        "studies": 98,
        "instrument_names": ["PSS-SR", "M-PTSD"],
        "unnamed_instrument": True,
    }
    console = Console(width=width)
    with console.capture() as capture:
        console.print(Group(*outcomes([row], Footnotes(wanted=False))))
    lines = capture.get().splitlines()
    assert max(map(len, lines)) <= width
    words = capture.get().replace(",", " ").split()
    assert {"OUTCOME", "STUDIES", "traumatic", "98", "PSS-SR", "M-PTSD", KEY} <= set(words)
