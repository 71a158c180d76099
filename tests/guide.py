"""Guides whose blocks of code are run as one session, each with what it is said to print."""

import io
import re
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code with what it is said to print; `line` is its first line in the guide."""

    code: str
    shown: str
    line: int

    def __str__(self) -> str:
        return f"line {self.line}"


def blocks_of(guide: str) -> list[Block]:
    """Return the blocks of a guide: each is followed by what it prints."""
    pairs = re.finditer(r"```python\n(.*?)```\n\n```text\n(.*?)```\n", guide, re.DOTALL)
    return [Block(pair[1], pair[2], guide.count("\n", 0, pair.start(1)) + 1) for pair in pairs]


def run(blocks: Sequence[Block], file: str) -> tuple[Mapping[Block, str], Mapping[str, Any]]:
    """Run a guide from top to bottom; return what each block printed, and the variables."""
    printed: dict[Block, str] = {}
    variables: dict[str, Any] = {}
    for block in blocks:
        code = compile("\n" * (block.line - 1) + block.code, file, "exec")
        with redirect_stdout(io.StringIO()) as output:
            exec(code, variables)
        printed[block] = output.getvalue()
    return printed, variables


def assert_all_run(guide: str, blocks: Sequence[Block]) -> None:
    """Assert that no code of a guide stays out of the session."""
    assert len(blocks) == guide.count("```python\n") == guide.count("```text\n") > 0
    assert 4 * len(blocks) == guide.count("```")
