"""Write docs/cli.md, the reference of the command line, from the command line itself."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from kb.facets import FACETS
from kb_cli.main import app
from kb_cli.output import as_markdown
from kb_cli.pooling_options import NAMES

TARGET = Path(__file__).parents[1] / "docs" / "cli.md"
SHARED = ("db", "form", "output", "sources")
INTRODUCTION = """\
# The command line

Written by `tools/write_cli_reference.py`; a test fails where it is stale. `kb COMMAND --help` says
the same in the terminal.

- **What comes out.** Data go to standard output, everything else to standard error. A pipe, a dumb
  terminal and `NO_COLOR` get plain text; `FORCE_COLOR` gets colour in a pipe too.
- **How it ends.** 0: there is an answer, which may be empty. 1: it could not be done, and the
  message says what would help. 2: the command line is wrong. 130: it was interrupted.
- **Completion.** `kb --install-completion` lets the shell complete commands, options and values.
- **Where something went wrong.** `--debug` shows it, with any command.
"""
ANSWERS = """\
## Options of every answer

These go with every command that has them; `kb COMMAND --help` shows which.
"""
NARROWING = """\
## Narrowing

Every command that lists a subject takes every facet. Facets are joined by *and*. Several values of
one facet, after commas or in repeated options, are joined by *or*; `!value` excludes. A value is a
key, a name or a synonym, and takes in what stands below it in its vocabulary; `kb terms FACET`
lists them. A range is `2001`, `1990..2005`, `1990..`, `>=100` or `<50`.

```console
$ kb studies --design rct --country 'usa,canada' --approach '!cbt'
```
"""
POOLING = """\
## Pooling

Every command that pools takes these. Codes are those of R's metafor where it has them.

```console
$ kb pool --outcome depression --measure SMD --method PM --test knha
$ kb sensitivity --data trials.csv --measure RR
```
"""


def reference() -> str:
    """Return the reference as Markdown."""
    root = typer.main.get_command(app)
    by_panel: dict[str, list[tuple[str, Any]]] = {}
    for name, command, panel in _commands(root):
        by_panel.setdefault(panel, []).append((name, command))
    pool = next(command for name, command, _ in _commands(root) if name == "kb pool")
    shared = {parameter.name: parameter for parameter in pool.params}
    facets = [[f"`--{f.name}`", f.help, f"`{f.example}`"] for f in FACETS.values()]
    parts = [
        INTRODUCTION,
        ANSWERS,
        as_markdown(["option", "what it does"], [_told(shared[name]) for name in SHARED]),
        NARROWING,
        as_markdown(["option", "fixes", "for example"], facets),
        POOLING,
        as_markdown(["option", "what it does"], [_told(shared[name]) for name in NAMES]),
    ]
    for panel, commands in by_panel.items():
        parts.append(f"## {panel}\n")
        parts += [_section(name, command) for name, command in commands]
    return "\n".join(parts)


def _commands(root: Any) -> Iterator[tuple[str, Any, str]]:
    for word, command in root.commands.items():
        panel = command.rich_help_panel
        for inner, nested in getattr(command, "commands", {}).items():
            yield f"kb {word} {inner}", nested, panel
        if not hasattr(command, "commands"):
            yield f"kb {word}", command, panel


def _section(name: str, command: Any) -> str:
    names = {parameter.name for parameter in command.params}
    pooling = set(NAMES) if set(NAMES) <= names else set()
    elsewhere = {*SHARED, *pooling, *(name for name in names if name.startswith("facet_"))}
    own = [parameter for parameter in command.params if parameter.name not in elsewhere]
    arguments = "".join(f" {_argument(p)}" for p in own if p.param_type_name == "argument")
    narrowed = " [FACETS]" if any(name.startswith("facet_") for name in names) else ""
    narrowed += " [POOLING]" if pooling else ""
    text = " ".join(command.help.split())
    example = command.epilog.removeprefix("Example: ")
    section = f"### `{name}{arguments}{narrowed}`\n\n{text}\n\n```console\n$ {example}\n```\n"
    return (
        f"{section}\n{as_markdown(['', 'what it is'], [_told(p) for p in own])}" if own else section
    )


def _argument(parameter: Any) -> str:
    name = (
        f"{(parameter.metavar or parameter.name).upper()}{'...' if parameter.nargs == -1 else ''}"
    )
    return name if parameter.required else f"[{name}]"


def _told(parameter: Any) -> list[str]:
    if parameter.param_type_name == "argument":
        return [f"`{_argument(parameter)}`", parameter.help]
    names = ", ".join(parameter.opts)
    default = f" {parameter.default} if not given." if isinstance(parameter.default, int) else ""
    takes = f" {parameter.metavar}" if parameter.metavar else ""
    return [f"`{names}{takes}`", parameter.help + (default if parameter.default else "")]


def main() -> int:
    """Write the file."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(reference(), encoding="utf-8")
    print(f"Wrote {TARGET.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
