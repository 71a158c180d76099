"""Times pooling by REML with the Hartung-Knapp interval beside metafor and PyMARE.

Run with `.venv/bin/python benchmarks/synthesis.py [ROUNDS]`. metafor is timed where R has it
(Debian: r-cran-metafor). All take turns in one run on the same numbers, and the least time
of each counts, so that the ratios hold on a machine that does other work too; the times do not.
"""

import shutil
import subprocess
import sys
import tempfile
import timeit
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pymare
from numpy.typing import ArrayLike
from pymare.estimators import VarianceBasedLikelihoodEstimator

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.pooling import pool, pool_many

MANY = 10_000
RNG = np.random.default_rng(20261121)


@dataclass
class Task:
    """The same analysis by each program; times in seconds per analysis."""

    name: str
    goals: str
    ours: Callable[[], object]
    analyses: int = 1
    pymare: Callable[[], object] | None = None
    best: dict[str, float] = field(default_factory=dict)

    def keep(self, program: str, seconds: float) -> None:
        """Keep the least time of a program."""
        self.best[program] = min(seconds, self.best.get(program, np.inf))


def effects_of(k: int) -> tuple[Array, Array]:
    """Return k effects and variances with a between-study variance of 0.1."""
    vi = RNG.uniform(0.05, 1, k)
    return RNG.normal(0.3, np.sqrt(vi + 0.1)), vi


def by_pymare(yi: Array, vi: Array) -> object:
    """Fit REML by PyMARE and ask for its estimates, intervals and p-values."""
    fit = VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(pymare.Dataset(yi, vi))
    return fit.summary().get_fe_stats()


def single(k: int, goals: str) -> tuple[Task, tuple[Array, Array]]:
    """Return the task of one analysis of k studies, with its numbers."""
    yi, vi = effects_of(k)
    task = Task(
        f"one analysis, k = {k}",
        goals,
        lambda: pool(Effects.of(yi, vi), method="REML", test="knha"),
        pymare=lambda: by_pymare(yi[:, None], vi[:, None]),
    )
    return task, (yi, vi)


def seconds(run: Callable[[], object], analyses: int) -> float:
    """Return the seconds per analysis, over enough runs to take about 0.2 s."""
    timer = timeit.Timer(run)
    times = max(1, int(0.2 / max(timer.timeit(1), 1e-6)))
    return timer.timeit(times) / times / analyses


def write(folder: Path, name: str, yi: Array, vi: Array, group: ArrayLike) -> None:
    """Write a table for R."""
    table = np.column_stack([yi, vi, group])
    np.savetxt(folder / f"{name}.csv", table, delimiter=",", header="yi,vi,group", comments="")


def metafor(tasks: list[Task], folder: Path) -> None:
    """Time metafor on the tables in the folder, where there is an R that has it."""
    script = Path(__file__).with_suffix(".R")
    done = subprocess.run(
        [str(shutil.which("Rscript")), str(script), str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    for task, line in zip(tasks, done.stdout.split(), strict=False):
        task.keep("metafor", float(line))


def main(rounds: int) -> None:
    """Time all programs in turns and print the table."""
    small, small_numbers = single(20, "30 x metafor, 15 x PyMARE")
    large, large_numbers = single(1000, "5,000 x metafor")
    yi, vi = effects_of(10 * MANY)
    even = np.repeat(np.arange(MANY), 10)
    ragged = np.sort(RNG.integers(0, MANY, 10 * MANY))
    many = Task(
        f"{MANY:,} analyses, k = 10",
        "1,000 x metafor, 2 x PyMARE",
        lambda: pool_many(yi, vi, even, method="REML", test="knha"),
        MANY,
        lambda: by_pymare(yi.reshape(MANY, 10).T, vi.reshape(MANY, 10).T),
    )
    uneven = Task(
        f"{MANY:,} analyses, k about 10",
        "2 x PyMARE's at equal k",
        lambda: pool_many(yi, vi, ragged, method="REML", test="knha"),
        MANY,
    )
    tasks = [small, large, many, uneven]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, "single20", *small_numbers, np.zeros(20))
        write(folder, "single1000", *large_numbers, np.zeros(1000))
        write(folder, "many", yi, vi, even)
        for _ in range(rounds):
            for task in tasks:
                task.keep("kb", seconds(task.ours, task.analyses))
                if task.pymare:
                    task.keep("PyMARE", seconds(task.pymare, task.analyses))
            if shutil.which("Rscript"):
                metafor(tasks[:3], folder)
    uneven.best |= {key: value for key, value in many.best.items() if key != "kb"}
    report(tasks)


def report(tasks: list[Task]) -> None:
    """Print a row per task: microseconds per analysis and how many times faster."""
    print("| task | kb | PyMARE | metafor | PyMARE / kb | metafor / kb | goal |")
    print("|---|--:|--:|--:|--:|--:|---|")
    for task in tasks:
        ours = task.best["kb"]
        others = [task.best.get(program, np.nan) for program in ("PyMARE", "metafor")]
        times = " | ".join(f"{time * 1e6:,.4g} µs" for time in (ours, *others))
        ratios = " | ".join(f"{time / ours:,.3g}" for time in others)
        print(f"| {task.name} | {times} | {ratios} | {task.goals} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
