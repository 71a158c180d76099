"""An import of many rows: `imports.py [ROWS]`.

Writes a made-up Metapsy file (semicolons, decimal commas; no row is of a real trial), and brings it
into an SQLite store with the evidence shipped, as whole processes of `kb`: the preview, the import,
and a second run, which changes nothing.
"""

import csv
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.start import PROGRAM, environment

GOAL_ROWS, GOAL_SECONDS, GOAL_MEMORY = 100_000, 60.0, 600
"""For so many rows: the import itself, and at most so many MB."""

PROBE = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
"""Runs a command from a small process, whose own memory does not hide that of the command."""

COLUMNS = (
    *("study", "condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2", "outcome_type"),
    *("instrument", "rating", "time", "time_weeks", "year", "country", "n_randomized"),
    *("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2"),
    *("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2", ".g", ".g_se", "full_ref"),
)
ROWS_OF_A_STUDY = 4
INSTRUMENTS = ("HADS", "POMS", "EORTC QLQ-C30", "IES")
SETTINGS = ("--set", "outcome=anxiety", "--set", "design=rct", "--set", "better=lower")


def main(rows: int) -> None:
    """Import a made-up file, and print a table."""
    print(f"Python {platform.python_version()}; {os.cpu_count()} processors; {rows:,} rows.\n")
    print("| `kb import` | s | rows per s | peak, MB | goal |")
    print("|---|--:|--:|--:|---|")
    with tempfile.TemporaryDirectory() as folder:
        file, store = Path(folder) / "made-up.csv", f"sqlite:///{folder}/store.sqlite"
        write(file, rows)
        run(store, "info")
        for what, *options in (("preview",), ("import", "--apply"), ("second run", "--apply")):
            start = time.perf_counter()
            memory = run(store, "import", str(file), *SETTINGS, "--new-terms", *options)
            taken = time.perf_counter() - start
            goal = ""
            if what == "import" and rows >= GOAL_ROWS:
                kept = taken <= GOAL_SECONDS and memory <= GOAL_MEMORY
                goal = f"{GOAL_SECONDS:g} s, {GOAL_MEMORY} MB: {'kept' if kept else 'missed'}"
            print(f"| {what} | {taken:.1f} | {rows / taken:,.0f} | {memory} | {goal} |", flush=True)


def write(path: Path, rows: int) -> None:
    """Write a file of so many rows."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="NA", delimiter=";")
        writer.writeheader()
        writer.writerows(made_up(rows))


def made_up(rows: int) -> Iterator[dict[str, object]]:
    """Yield rows of made-up trials: two arms, two instruments, at two times."""
    chance = np.random.default_rng(20)
    for number in range(-(-rows // ROWS_OF_A_STUDY)):
        year = 1980 + number % 45
        name = f"Made-up {number:06}, {year}"
        size = int(chance.integers(20, 200))
        instruments = chance.permutation(INSTRUMENTS)[:2]
        for place in range(min(ROWS_OF_A_STUDY, rows - number * ROWS_OF_A_STUDY)):
            weeks = (8, 26)[place // 2]
            means = chance.normal((9, 10), 1).tolist()
            yield {
                "study": name,
                "condition_arm1": "CBT",
                "condition_arm2": "waitlist",
                "outcome_type": "msd",
                "instrument": instruments[place % 2],
                "rating": "self-report",
                "time": "post" if weeks == 8 else "follow-up",
                "time_weeks": weeks,
                "year": year,
                "country": "Canada",
                "n_randomized": 2 * size + 10,
                **{f"mean_arm{arm}": comma(mean) for arm, mean in zip((1, 2), means, strict=True)},
                **{f"sd_arm{arm}": comma(chance.uniform(3, 5)) for arm in (1, 2)},
                **{f"n_arm{arm}": size for arm in (1, 2)},
                "full_ref": f"Made AB, Up C. A made-up trial, number {number}. "
                f"Made-up journal {year};1(2):{number}-{number + 9}.",
            }


def comma(value: float) -> str:
    """Return a number as a file with decimal commas has it."""
    return f"{value:.2f}".replace(".", ",")


def run(store: str, *arguments: str) -> int:
    """Run `kb`; return the most memory that it took, in MB."""
    command = [sys.executable, "-c", PROBE, PROGRAM, *arguments]
    variables = environment(Path()) | {"KB_DATABASE_URL": store}
    done = subprocess.run(command, env=variables, check=True, capture_output=True, encoding="utf-8")
    return int(done.stdout) // 1024


if __name__ == "__main__":
    main(*([int(word) for word in sys.argv[1:]] or [GOAL_ROWS]))
