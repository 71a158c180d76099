"""Pooling from and asking a store of a million results: `million.py [RESULTS] [RUNS] [--plans]`.

Makes a store of made-up trials (see made_up.py) in an SQLite file, and on a PostgreSQL server where
one is installed; puts the same questions to both, in this process and as whole processes of `kb`;
and deletes them. Questions in words are also put to the store before it has any made-up trial. The
least time of each counts. `--plans` adds how the store finds the rows of the first question.
"""

import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from benchmarks.made_up import fill
from benchmarks.postgres import server
from benchmarks.start import PROGRAM, environment
from kb.ask import understand
from kb.pooling.options import PoolOptions
from kb.pooling.pooling import pool
from kb.store.engine import writing
from kb.store.opening import create, engine_of, open_base

QUESTIONS = (
    "--outcome anxiety --approach cbt --country canada",
    "--outcome anxiety --country usa",
    "--outcome anxiety",
)
"""A few hundred trials, a few thousand, and all that measured it."""

IN_WORDS = (
    "which RCTs measured pain with SEGT?",
    "which trials measured anxiety with CBT in Canada?",
    "what did Alderton 1999 measure?",
    "pain in the trial by Aldretron",
)
"""Of real trials alone, of a few hundred made-up ones, of a few by name, and a misspelt name."""

GOAL_SECONDS, GOAL_MEMORY = 1.0, 300
"""For the first question: in this process, and at most so many MB of a whole process."""

PROBE = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
"""Runs a command from a small process, whose own memory does not hide that of the command."""


def main(results: int, runs: int, *, plans: bool) -> None:
    """Fill the stores, ask, and print a table."""
    print(f"Python {platform.python_version()}; {os.cpu_count()} processors; {runs} runs each.\n")
    print("| store | question | trials | here, ms | `kb pool`, ms | peak, MB | goal |")
    print("|---|---|--:|--:|--:|--:|---|")
    notes, asked = [], []
    for name, url in stores():
        with engine_of(url) as engine:
            create(engine)
            empty = memory(f"pool {QUESTIONS[0]}", url)
            before = [figures_of_words(question, url, runs) for question in IN_WORDS]
            start = time.perf_counter()
            trials = made(engine, results)
            filled = time.perf_counter() - start
        notes += [f"{name}: {trials:,} made-up trials in {filled:.0f} s; without them {empty} MB."]
        for question in QUESTIONS:
            print(row(name, question, url, runs), flush=True)
        for question, few in zip(IN_WORDS, before, strict=True):
            many = figures_of_words(question, url, runs)
            asked.append(f"| {name} | {question} | {' | '.join([*few, *many])} |")
        notes += plans_of(name, url) if plans else []
    few_trials, many_trials = "without made-up trials", "with them"
    print(f"\n| store | in words | understood {few_trials}, ms | `kb ask`, ms | peak, MB", end="")
    print(f" | understood {many_trials}, ms | `kb ask`, ms | peak, MB |")
    print(f"|---|---|{'--:|' * 6}", *asked, sep="\n")
    print("", *notes, f"load at the end: {os.getloadavg()[0]:.1f}", sep="\n")


def made(engine: Engine, results: int) -> int:
    """Fill a store; return the number of made-up trials."""
    with writing(engine) as connection:
        trials = fill(connection, results)
        require_whole(connection)
    if engine.dialect.name == "postgresql":
        with writing(engine) as connection:
            connection.execute(text("ANALYZE"))
    return trials


def stores() -> Iterator[tuple[str, str]]:
    """Yield the name and address of each empty store; it is deleted when the next is asked for."""
    with tempfile.TemporaryDirectory() as folder:
        yield "SQLite", str(Path(folder) / "store.sqlite")
    with server() as url:
        if url:
            yield "PostgreSQL", url


def require_whole(connection: Connection) -> None:
    """Raise where a row refers to none; PostgreSQL holds every row to it as it is written."""
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise RuntimeError(f"{len(broken)} rows refer to none: {broken[0]}")


def row(store: str, question: str, url: str, runs: int) -> str:
    """Return a row of the table."""
    words = question.split()
    facets = {name[2:]: value for name, value in zip(words[::2], words[1::2], strict=True)}
    with open_base(url) as base:
        asked = base.question("studies", **facets)
        answers = [seconds(lambda: pool(base, asked, PoolOptions())) for _ in range(runs)]
        trials = pool(base, asked, PoolOptions()).selection.trials
    here = min(answers)
    whole = min(seconds(lambda: memory(f"pool {question}", url)) for _ in range(runs))
    peak = memory(f"pool {question}", url)
    goal = ""
    if question == QUESTIONS[0]:
        kept = here <= GOAL_SECONDS and peak <= GOAL_MEMORY
        goal = f"{GOAL_SECONDS:g} s, {GOAL_MEMORY} MB: {'kept' if kept else 'missed'}"
    return (
        f"| {store} | `{question}` | {trials:,} | {here * 1000:,.0f} | {whole * 1000:,.0f} "
        f"| {peak:.0f} | {goal} |"
    )


def figures_of_words(question: str, url: str, runs: int) -> list[str]:
    """Return how long it takes to understand a question in words, and to answer it, and what."""
    command = f"ask {shlex.quote(question)}"
    with open_base(url) as base:
        understand("survival", base.vocabulary)  # reads the vocabularies
        here = min(seconds(lambda: understand(question, base.vocabulary)) for _ in range(runs))
    whole = min(seconds(lambda: memory(command, url)) for _ in range(runs))
    return [f"{here * 1000:,.0f}", f"{whole * 1000:,.0f}", str(memory(command, url))]


def seconds(run: Callable[[], object]) -> float:
    """Return how long it takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def memory(asked: str, url: str) -> int:
    """Return the most memory that a process of `kb` takes for what is asked of it, in MB."""
    command = [sys.executable, "-c", PROBE, PROGRAM, *shlex.split(asked)]
    run = subprocess.run(
        command, env=variables(url), check=True, capture_output=True, encoding="utf-8"
    )
    return int(run.stdout) // 1024


def variables(url: str) -> dict[str, str]:
    """Return the environment of a process that asks a store."""
    return environment(Path()) | {"KB_DATABASE_URL": url}


def plans_of(store: str, url: str) -> Iterator[str]:
    """Yield how the store finds what the first question asks for, for each statement."""
    words = QUESTIONS[0].split()
    facets = {name[2:]: value for name, value in zip(words[::2], words[1::2], strict=True)}
    with open_base(url) as base, statements(base.connection) as sent:
        pool(base, base.question("studies", **facets), PoolOptions())
    explain = "EXPLAIN QUERY PLAN" if store == "SQLite" else "EXPLAIN"
    with open_base(url) as base:
        for statement, parameters in sent:
            found = base.connection.exec_driver_sql(f"{explain} {statement}", parameters)
            yield f"\n{store}: {' '.join(statement.split())}\n"
            yield from (f"    {line[-1]}" for line in found)


@contextmanager
def statements(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that are sent, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def keep(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        sent.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", keep)
    yield sent
    event.remove(connection, "before_cursor_execute", keep)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word != "--plans"]
    main(*(numbers + [1_000_000, 7][len(numbers) :]), plans="--plans" in sys.argv)
