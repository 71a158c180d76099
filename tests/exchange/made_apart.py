"""Cases of things that are made in a second process, run in a process of one thread.

Called with the name of a case; writes what was seen as JSON.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from typing import Any

from kb.errors import KbError, StoreError
from kb.exchange.apart import Making, apart, is_possible
from kb.exchange.asking import Ask
from kb.exchange.tabular.spool import Aside


def answer(question: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Answer a question about no store."""
    return question(None, *given, **named)


def things() -> dict[str, Any]:
    """Take numbers, and the number of the process that made them."""

    def make(_ask: Ask) -> Making[int]:
        yield from (0, 1, 4, 9, os.getpid())

    *taken, process = apart(make, answer)
    return {"things": taken, "elsewhere": process != os.getpid() and is_possible()}


TAKEN: list[str] = []


def how_many(_connection: object) -> tuple[int, int]:
    """Return how many things were taken in this process, and which it is."""
    return len(TAKEN), os.getpid()


def questions() -> dict[str, Any]:
    """Take things made of answers."""

    def make(ask: Ask) -> Making[str]:
        for _ in range(3):
            number, process = ask(how_many)
            yield f"asked after {number} {process}"

    for thing in apart(make, answer):
        TAKEN.append(thing)  # noqa: PERF402 - one at a time, as the answers count them
    words = [thing.rpartition(" ") for thing in TAKEN]
    here = all(int(process) == os.getpid() for *_, process in words)
    return {"things": [said for said, *_ in words], "answered here": here}


def error() -> dict[str, Any]:
    """Take one thing and an error."""

    def make(_ask: Ask) -> Making[int]:
        yield 1
        raise StoreError("Made up.", "Do this.")

    taken = []
    try:
        for thing in apart(make, answer):
            taken.append(thing)  # noqa: PERF402 - what was taken before the error is wanted
    except StoreError as raised:
        return {
            "taken": taken,
            "problem": raised.problem,
            "remedy": raised.remedy,
            "notes": raised.__notes__,
        }
    return {}


def unsendable() -> dict[str, Any]:
    """Take what has no form in which it could be sent."""

    def make(_ask: Ask) -> Making[object]:
        yield lambda: None

    try:
        list(apart(make, answer))
    except Exception as raised:  # noqa: BLE001 - whatever it is
        return {"error": f"{raised} cannot be sent"}
    return {}


def killed() -> dict[str, Any]:
    """Kill the second process."""

    def make(_ask: Ask) -> Making[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)

    try:
        list(apart(make, answer))
    except KbError as raised:
        return {"problem": raised.problem}
    return {}


def put_aside() -> dict[str, Any]:
    """Take what was put aside here, twice, and see it here."""
    aside = Aside[str]()
    for number in range(1000):
        aside.add(f"{number} {'x' * number}")

    def make(_ask: Ask) -> Making[str]:
        yield from aside

    taken = [list(apart(make, answer)) for _ in range(2)]
    return {"same": [*taken, list(aside)] == [[f"{n} {'x' * n}" for n in range(1000)]] * 3}


def alone() -> dict[str, Any]:
    """Take numbers where no second process can begin."""

    def make(ask: Ask) -> Making[int]:
        yield ask(how_many)[1]

    def refused(_process: object) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    ForkProcess.start = refused  # type: ignore[assignment]
    return {"here": list(apart(make, answer)) == [os.getpid()]}


def endless(_ask: Ask) -> Making[int]:
    """Yield the number of the process without end."""
    while True:
        yield os.getpid()


def stopped() -> dict[str, Any]:
    """Take one thing and no more."""
    made = apart(endless, answer)
    process = next(made)
    made.close()
    return {"process": process}


def main(what: str) -> None:
    """Run a case."""
    if what == "endless":
        made = apart(endless, answer)
        sys.stdout.write(f"{next(made)}\n")
        sys.stdout.flush()
        for _ in made:
            pass
    cases = (things, questions, put_aside, alone, error, unsendable, killed, stopped)
    case = {each.__name__: each for each in cases}
    sys.stdout.write(json.dumps(case[what]()))


if __name__ == "__main__":
    main(sys.argv[1])
