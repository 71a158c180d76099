"""All that is said to standard error, and the exit codes."""

import sys
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.errors import KbError


class ExitCode(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130


def tell(message: str) -> None:
    """Say something to the person, beside the data."""
    print(f"kb: {message}", file=sys.stderr)


def complain(error: "KbError") -> None:
    """Say what is wrong and what to do."""
    print(f"kb: {error.problem}", file=sys.stderr)
    if error.remedy:
        print(f"    {error.remedy}", file=sys.stderr)
