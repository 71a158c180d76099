"""How long the command line takes from the shell's point of view: `start.py [RUNS]`.

Each figure is the median of whole processes, run in turns so that all of them meet the same load,
and is set beside a Python process that only imports the three libraries that a simple command line
over SQLModel cannot do without. Modules are compiled before the clock starts.
"""

import compileall
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("kb", "schema/kb_schema", "seeds/kb_seeds", "cli/kb_cli", "migrations/kb_migrations")
LIBRARIES = ("sqlalchemy", "sqlmodel", "typer", "rich")
PROGRAM = str(Path(sys.executable).with_name("kb"))
QUESTION = "studies --design rct --outcome pain --approach segt"
YARDSTICK = "import sqlmodel, typer, rich.table"
COMMANDS = {
    f'python -c "{YARDSTICK}"': [sys.executable, "-c", YARDSTICK],
    f"kb {QUESTION}": [PROGRAM, *QUESTION.split()],
    f"kb {QUESTION} --format json": [PROGRAM, *QUESTION.split(), "--format", "json"],
    'kb ask "which RCTs measured pain with SEGT?"': [PROGRAM, "ask", "which RCTs", "pain", "SEGT?"],
    "kb show goodwin-2001": [PROGRAM, "show", "goodwin-2001"],
    "kb --help": [PROGRAM, "--help"],
    "kb studies --help": [PROGRAM, "studies", "--help"],
    "kb --version": [PROGRAM, "--version"],
    "kb studeis (a mistake)": [PROGRAM, "studeis"],
}
BUDGETS = {f"kb {QUESTION}": 1.4, "kb --help": 0.7}
"""How many times the yardstick a command may take."""
FIRST_ANSWER_SECONDS = 10


def main(runs: int = 15) -> None:
    """Measure, and print a table."""
    for package in PACKAGES:
        compileall.compile_dir(ROOT / package, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        first = statistics.median(first_answer(Path(folder) / f"{n}.sqlite") for n in range(3))
        times = in_turns(runs, environment(Path(folder) / "0.sqlite"))
    yardstick, *_ = times.values()
    names = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    print(f"Python {platform.python_version()}, {names}; {os.cpu_count()} processors.")
    print(f"Medians of {runs} runs each.\n")
    print("| command | ms | times the import | budget |\n|---|--:|--:|---|")
    for command, taken in times.items():
        budget = BUDGETS.get(command)
        kept = "" if budget is None else judged(taken <= budget * yardstick, f"{budget} times")
        print(f"| `{command}` | {taken * 1000:.0f} | {taken / yardstick:.2f} | {kept} |")
    kept = judged(first <= FIRST_ANSWER_SECONDS, f"{FIRST_ANSWER_SECONDS} s")
    print(f"| the first answer, from no store at all | {first * 1000:.0f} | | {kept} |")


def first_answer(store: Path) -> float:
    """Return the seconds from no store to an answer."""
    return timed([PROGRAM, *QUESTION.split()], environment(store))


def in_turns(runs: int, variables: Mapping[str, str]) -> dict[str, float]:
    """Return the median seconds of each command; the first round only warms up."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs + 1):
        for name, command in COMMANDS.items():
            taken[name].append(timed(command, variables))
    return {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}


def timed(command: list[str], variables: Mapping[str, str]) -> float:
    """Return the seconds that a process takes; it may end with a mistake, not with a failure."""
    start = time.perf_counter()
    run = subprocess.run(command, env=variables, capture_output=True, check=False)
    taken = time.perf_counter() - start
    if run.returncode not in {0, 2}:
        raise RuntimeError(f"{' '.join(command)} failed: {run.stderr.decode()}")
    return taken


def environment(store: Path) -> dict[str, str]:
    """Return the variables for a process that keeps what it compiles."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "KB_DATABASE_URL": str(store), "NO_COLOR": "1", "COLUMNS": "100"}


def judged(within: object, budget: str) -> str:
    """Return a budget with whether it is kept."""
    return f"{budget}: {'kept' if within else 'exceeded'}"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
