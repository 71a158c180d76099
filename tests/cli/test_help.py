"""Help: grouped by purpose, an example in every command that works, every option everywhere."""

import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import typer

from kb.facets import FACETS
from kb.question import SUBJECTS
from kb_cli.main import app

if TYPE_CHECKING:
    from tests.cli.conftest import Runner

PURPOSES = ["Start here", "Evidence", "Implementation", "Keeping the store", "Exchange", "Curating"]


def commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every command with its name; groups are walked through."""
    nested = getattr(command, "commands", {})
    for word, inner in nested.items():
        yield from commands(inner, f"{name} {word}".strip())
    if not nested:
        yield name, command


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_help_is_grouped_by_purpose(kb: "Runner") -> None:
    panels = re.findall(r"^╭─ (.+?) ─", kb("--help").out, re.MULTILINE)

    assert panels == ["Options", *PURPOSES]


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_80_columns(name: str, kb: "Runner") -> None:
    run = kb(f"{name} --help")

    assert (run.code, run.err) == (0, "")
    assert max(map(len, run.out.splitlines())) <= 80
    assert "[env" not in run.out


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_and_an_example_of_itself(name: str) -> None:
    command = COMMANDS[name]

    assert command.help.split("\n\n")[0].endswith(".")
    assert command.epilog.startswith(f"Example: kb {name}")
    assert [p.name for p in command.params if not getattr(p, "help", "")] == []


@pytest.mark.parametrize("name", [*SUBJECTS, "ask", "show", "search", "trace", "terms", "summary"])
def test_the_example_works(name: str, kb: "Runner") -> None:
    words = shlex.split(COMMANDS[name].epilog.removeprefix("Example: kb "))

    assert kb(shlex.join(words)).code == 0


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_facet_is_an_option_of_every_subject(subject: str) -> None:
    options = [option for parameter in COMMANDS[subject].params for option in parameter.opts]
    rest = {"--format", "--output", "-o", "--sources", "--db"}
    facets = [option for option in options if option not in {"--for", *rest}]

    assert facets == [f"--{name}" for name in FACETS]
    assert ("--for" in options) is (subject == "strategies")
    assert rest <= set(options)


def test_the_version_is_told(kb: "Runner") -> None:
    from kb import __version__

    assert kb("--version").out == f"kb {__version__}\n"
