"""All that is said to standard error, and the exit codes."""

import sys
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.errors import KbError


class ExitCode(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130


def tell(message: str, more: str = "") -> None:
    """Say something to the person, beside the data."""
    print(f"kb: {message}", file=sys.stderr)
    if more:
        print(f"    {more}", file=sys.stderr)


def complain(error: "KbError") -> None:
    """Say what is wrong and what to do."""
    tell(error.problem, error.remedy)


def correct(error: Any) -> None:
    """Say what is wrong with a command line, where Typer says anything."""
    message = error.format_message().replace("Value error, ", "")
    if message:  # a command that was given nothing has shown its help
        context = error.ctx
        command = context.command_path if context else "kb"
        sentence = message if message.endswith((".", "?")) else f"{message}."
        tell(sentence, f"{command} --help shows what it takes.")
