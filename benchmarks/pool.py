"""How long a pooled answer takes from nothing to the screen: `pool.py [RUNS]`.

Whole processes in turns, as in start.py: `kb pool` on the store and on a table brought along, the
imports that it cannot do without, and R with metafor on the same table. Medians; ratios carry over
to other machines, times do not.
"""

import compileall
import platform
import shutil
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.start import PACKAGES, PROGRAM, ROOT, environment, judged, timed

TABLE = ROOT / "tests" / "reference" / "data" / "colditz1994.csv"
QUESTION = "pool --outcome survival --approach segt"
YARDSTICK = "import sqlmodel, typer, rich.table, numpy, scipy.special"
LIBRARIES = ("numpy", "scipy", "sqlalchemy", "sqlmodel", "typer", "rich")
OF_YARDSTICK, OF_METAFOR = 1.5, 1.0
"""How many times the yardstick, and metafor, a pooled answer may take."""


def main(runs: int = 15) -> None:
    """Measure, and print a table."""
    for package in PACKAGES:
        compileall.compile_dir(ROOT / package, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        variables = environment(Path(folder) / "store.sqlite")
        timed([PROGRAM, "summary"], variables)
        commands = commands_of(Path(folder))
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs + 1):
            for name, command in commands.items():
                taken[name].append(timed(command, variables))
    times = {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}
    names = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    print(f"Python {platform.python_version()}, {names}. Medians of {runs} runs each.\n")
    report(times)


def commands_of(folder: Path) -> dict[str, list[str]]:
    """Return what is timed: the yardstick first, metafor last where R has it."""
    pooled = ["pool", "--data", str(TABLE), "--measure", "RR"]
    commands = {
        f'python -c "{YARDSTICK}"': [sys.executable, "-c", YARDSTICK],
        f"kb {QUESTION}": [PROGRAM, *QUESTION.split()],
        f"kb {QUESTION} --format json": [PROGRAM, *QUESTION.split(), "--format", "json"],
        f"kb pool --data {TABLE.name} --measure RR": [PROGRAM, *pooled],
        "kb pool --help": [PROGRAM, "pool", "--help"],
    }
    if rscript := shutil.which("Rscript"):
        commands["Rscript -e 'library(metafor)'"] = [rscript, "-e", "library(metafor)"]
        script = folder / "table.R"
        script.write_text(
            "suppressMessages(library(metafor))\n"
            f'data <- read.csv("{TABLE}")\n'
            'fit <- rma(measure = "RR", ai = ai, bi = bi, ci = ci, di = di, data = data)\n'
            "print(fit)\nprint(predict(fit, transf = exp))\n"
        )
        commands["metafor: the same table read, pooled and printed"] = [rscript, str(script)]
    return commands


def report(times: dict[str, float]) -> None:
    """Print a row per command, with its budgets."""
    yardstick = next(iter(times.values()))
    metafor = times.get("metafor: the same table read, pooled and printed")
    print("| command | ms | times the imports | budget |\n|---|--:|--:|---|")
    for command, taken in times.items():
        budgets = []
        if command.startswith("kb pool -") and "--help" not in command:
            budgets.append(judged(taken <= OF_YARDSTICK * yardstick, f"{OF_YARDSTICK} times"))
            if metafor:
                budgets.append(judged(taken <= OF_METAFOR * metafor, "less than metafor"))
        print(
            f"| `{command}` | {taken * 1000:.0f} | {taken / yardstick:.2f} | {'; '.join(budgets)} |"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
