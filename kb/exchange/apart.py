"""Things made in a second process, while this one works on those that were made before.

The second process is a copy of this one at the moment in which it begins, so that what it works on
need not be sent. What it makes comes back over a pipe that holds little: it waits until the one
before was taken. It ends with this process, however this one ends.
"""

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from enum import Enum, auto
from multiprocessing.connection import Connection as End
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from kb.errors import KbError
from kb.exchange.asking import Ask

_T = TypeVar("_T")
Making = Generator[_T, None, None]
Make = Callable[[Ask], Making[_T]]
"""Yields things, and asks what it must know of the store."""


class _Is(Enum):
    """What comes over the pipe."""

    MADE = auto()
    QUESTION = auto()
    ERROR = auto()
    END = auto()


def is_possible() -> bool:
    """Return whether a second process can begin as a copy of this one, and gains anything.

    A copy has one thread; what others of this process hold at that moment, it would hold for ever.
    """
    return (
        sys.platform == "linux"
        and threading.active_count() == 1
        and not multiprocessing.current_process().daemon
        and len(os.sched_getaffinity(0)) > 1
    )


def apart(make: Make[_T], answer: Ask) -> Making[_T]:
    """Yield what `make` makes in a second process; its questions are answered in between.

    An error there is raised here. Where the system lets no second process begin, this one does all.
    """
    here, there = multiprocessing.Pipe()
    with here:
        work = multiprocessing.get_context("fork").Process(
            target=_work, args=(make, there, here), daemon=True
        )
        with there:
            begun = _begins(work)
        if not begun:
            yield from make(answer)
            return
        try:
            yield from _received(here, answer)
        finally:
            work.kill()
            work.join()


def _begins(work: BaseProcess) -> bool:
    try:
        work.start()
    except OSError:  # as many run as may, or there is no memory for another
        return False
    return True


def _received(pipe: End, answer: Ask) -> Iterator[Any]:
    while True:
        try:
            kind, what = _receive(pipe)
        except (EOFError, OSError):
            raise KbError(
                "The process that read the file was ended from outside; nothing was written.",
                "See whether the machine ran out of memory, and try again.",
            ) from None
        match kind:
            case _Is.MADE:
                yield what
            case _Is.QUESTION:
                question, given, named = what
                _send(pipe, answer(question, *given, **named))
            case _Is.ERROR:
                raise what
            case _:
                return


def _work(make: Make[Any], pipe: End, other: End) -> None:
    """Make things and send them; run in the second process."""
    other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process stops both

    def ask(question: Callable[..., Any], *given: Any, **named: Any) -> Any:
        _send(pipe, (_Is.QUESTION, (question, given, named)))
        return _receive(pipe)

    try:
        for thing in make(ask):
            _send(pipe, (_Is.MADE, thing))
        _send(pipe, (_Is.END, None))
    except (BrokenPipeError, ConnectionResetError, EOFError):
        return  # nobody is there any more
    except Exception as error:  # noqa: BLE001 - it is raised in the first process
        error.add_note("".join(traceback.format_exception(error)))
        with suppress(OSError):
            _send(pipe, (_Is.ERROR, error))


def _send(pipe: End, thing: object) -> None:
    pipe.send_bytes(pickle.dumps(thing, pickle.HIGHEST_PROTOCOL))


def _receive(pipe: End) -> Any:
    return pickle.loads(pipe.recv_bytes())  # noqa: S301 - from a copy of this very process
