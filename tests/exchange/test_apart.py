"""Things that are made in a second process: the same, in their order, and ended with the first."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.exchange import made_apart

SCRIPT = Path(made_apart.__file__)
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only there a second process begins as a copy of the first"
)


def told(what: str) -> dict[str, object]:
    """Run one of the cases in a process of one thread; return what it tells."""
    ended = subprocess.run(
        [sys.executable, SCRIPT, what], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert ended.stderr == ""
    found: dict[str, object] = json.loads(ended.stdout)
    return found


def has_ended(process: int) -> bool:
    """Return whether a process is gone, waiting up to ten seconds."""
    status = Path(f"/proc/{process}/status")
    for _ in range(200):
        try:
            if "State:\tZ" in status.read_text(encoding="utf-8"):
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def test_things_come_as_they_are_made_elsewhere() -> None:
    found = told("things")
    assert found["things"] == [0, 1, 4, 9]
    assert found["elsewhere"] is True


def test_questions_are_answered_by_the_first_process_between_the_things_it_took() -> None:
    found = told("questions")
    assert found["things"] == ["asked after 0", "asked after 1", "asked after 2"]
    assert found["answered here"] is True


def test_what_was_put_aside_is_read_by_both() -> None:
    assert told("put_aside")["same"] is True


def test_an_error_is_raised_in_the_first_process_with_all_that_it_tells() -> None:
    found = told("error")
    assert found["taken"] == [1]
    assert (found["problem"], found["remedy"]) == ("Made up.", "Do this.")
    assert "made_apart.py" in str(found["notes"]), "where it arose in the second process"


def test_what_cannot_be_sent_is_told_too() -> None:
    assert "cannot be sent" in str(told("unsendable")["error"])


def test_one_process_makes_all_where_no_second_can_begin() -> None:
    assert told("alone")["here"] is True


def test_a_second_process_that_is_killed_is_told_of() -> None:
    assert told("killed")["problem"] == (
        "The process that read the file was ended from outside; nothing was written."
    )


def test_who_stops_taking_ends_the_second_process() -> None:
    process = told("stopped")["process"]
    assert isinstance(process, int)
    assert has_ended(process)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_the_second_process_ends_with_the_first(how: signal.Signals) -> None:
    first = subprocess.Popen(
        [sys.executable, SCRIPT, "endless"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    assert first.stdout is not None
    second = int(first.stdout.readline())
    if how is signal.SIGINT:
        os.killpg(first.pid, how)  # as a terminal does
    else:
        first.send_signal(how)
    first.wait(10)
    first.stdout.close()
    assert has_ended(second)
