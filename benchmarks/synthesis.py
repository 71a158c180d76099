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
from pymare.estimators import VarianceBasedLikelihoodEstimator

from kb.synthesis.distributions import Array
from kb.synthesis.effects import Effects
from kb.synthesis.groups import Index
from kb.synthesis.pooling import pool, pool_many

RNG = np.random.default_rng(20261121)


@dataclass(frozen=True)
class Sets:
    """m sets of k effects, one after the other, with a between-study variance from 0 to 0.2."""

    yi: Array
    vi: Array
    k: int
    m: int

    @classmethod
    def of(cls, k: int, m: int) -> "Sets":
        """Make them up."""
        vi = RNG.uniform(0.05, 1, k * m)
        tau2 = np.repeat(RNG.uniform(0, 0.2, m), k)
        return cls(RNG.normal(0.3, np.sqrt(vi + tau2)), vi, k, m)

    @property
    def group(self) -> Index:
        """The set of each effect."""
        return np.repeat(np.arange(self.m), self.k)

    def each(self) -> list[tuple[Array, Array]]:
        """Return the effects and variances of every set."""
        shape = self.m, self.k
        return list(zip(self.yi.reshape(shape), self.vi.reshape(shape), strict=True))

    def write(self, folder: Path) -> None:
        """Write the table for R."""
        table = np.column_stack([self.yi, self.vi, self.group])
        path = folder / f"k{self.k}.csv"
        np.savetxt(path, table, delimiter=",", header="yi,vi,group", comments="")


@dataclass
class Task:
    """The same analyses by each program; the least time of each in seconds per analysis."""

    name: str
    goals: str
    sets: Sets
    ours: Callable[[], object]
    pymare: Callable[[], object] | None = None
    best: dict[str, float] = field(default_factory=dict)

    def keep(self, program: str, seconds: float) -> None:
        """Keep the least time of a program."""
        self.best[program] = min(seconds, self.best.get(program, np.inf))


def by_pymare(yi: Array, vi: Array) -> object:
    """Fit REML by PyMARE and ask for its estimates, intervals and p-values."""
    fit = VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(pymare.Dataset(yi, vi))
    return fit.summary().get_fe_stats()


def one_by_one(k: int, m: int, goals: str) -> Task:
    """Return the task of analyses of k studies, each on its own."""
    sets = Sets.of(k, m)
    tables = sets.each()
    return Task(
        f"one analysis, k = {k:,}",
        goals,
        sets,
        lambda: [pool(Effects.of(yi, vi), method="REML", test="knha") for yi, vi in tables],
        lambda: [by_pymare(yi[:, None], vi[:, None]) for yi, vi in tables],
    )


def in_a_batch(sets: Sets) -> tuple[Task, Task]:
    """Return the tasks of many analyses in one call: of equal sizes, and of different ones."""
    yi, vi, shape = sets.yi, sets.vi, (sets.m, sets.k)
    even = sets.group
    ragged = np.sort(RNG.integers(0, sets.m, yi.size))
    equal = Task(
        f"{sets.m:,} analyses, k = {sets.k}",
        "1,000 x metafor, 2 x PyMARE",
        sets,
        lambda: pool_many(yi, vi, even, method="REML", test="knha"),
        lambda: by_pymare(yi.reshape(shape).T, vi.reshape(shape).T),
    )
    uneven = Task(
        f"{sets.m:,} analyses, k about {sets.k}",
        "the same, beside equal k",
        sets,
        lambda: pool_many(yi, vi, ragged, method="REML", test="knha"),
    )
    return equal, uneven


def seconds(run: Callable[[], object], analyses: int) -> float:
    """Return the seconds per analysis, over enough runs to take about 0.2 s."""
    timer = timeit.Timer(run)
    times = max(1, int(0.2 / max(timer.timeit(1), 1e-6)))
    return timer.timeit(times) / times / analyses


def by_metafor(tasks: list[Task], folder: Path) -> None:
    """Time metafor on the tables in the folder."""
    script = Path(__file__).with_suffix(".R")
    command = [str(shutil.which("Rscript")), str(script), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for task, line in zip(tasks, done.stdout.split(), strict=True):
        task.keep("metafor", float(line))


def main(rounds: int) -> None:
    """Time all programs in turns and print the table."""
    small = one_by_one(20, 50, "30 x metafor, 15 x PyMARE")
    large = one_by_one(1000, 1, "5,000 x metafor")
    equal, uneven = in_a_batch(Sets.of(10, 10_000))
    with tempfile.TemporaryDirectory() as name:
        for task in (small, large, equal):
            task.sets.write(Path(name))
        for _ in range(rounds):
            for task in (small, large, equal, uneven):
                task.keep("kb", seconds(task.ours, task.sets.m))
                if task.pymare:
                    task.keep("PyMARE", seconds(task.pymare, task.sets.m))
            if shutil.which("Rscript"):
                by_metafor([small, large, equal], Path(name))
    uneven.best |= {key: value for key, value in equal.best.items() if key != "kb"}
    report([small, large, equal, uneven])


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
