"""What is done to the store while the next part of a file is read comes out as if it were not."""

from collections.abc import Iterator
from threading import Event, Timer, get_ident

import pytest
from sqlalchemy import Connection, create_engine, text

from kb.exchange.behind import Behind


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://", connect_args={"check_same_thread": False})
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def after_a_moment() -> Event:
    """Return what comes to pass soon, and not before others had their turn."""
    moment = Event()
    Timer(0.1, moment.set).start()
    return moment


def test_work_is_done_in_a_thread_of_its_own_and_its_result_taken_in_ours(
    connection: Connection,
) -> None:
    taken: list[tuple[int, int]] = []
    with Behind[int](connection) as behind:
        behind.hand_over(get_ident, lambda thread: taken.append((thread, get_ident())))
        behind.wait()
    ((thread, ours),) = taken
    assert ours == get_ident() != thread


def test_whoever_uses_the_connection_sees_what_was_handed_over_before(
    connection: Connection,
) -> None:
    moment = after_a_moment()

    def work() -> None:
        assert moment.wait(30)
        connection.execute(text("CREATE TABLE made_up (number INTEGER)"))
        connection.execute(text("INSERT INTO made_up VALUES (1)"))

    with Behind[None](connection) as behind:
        behind.hand_over(work, lambda _: None)
        assert connection.scalar(text("SELECT count(*) FROM made_up")) == 1


def test_works_follow_one_another(connection: Connection) -> None:
    moment, done = after_a_moment(), list[str]()

    def first() -> str:
        assert moment.wait(30)
        return "first"

    with Behind[str](connection) as behind:
        behind.hand_over(first, done.append)
        behind.hand_over(lambda: "second", done.append)
        assert done == ["first"]
        behind.wait()
        behind.wait()
    assert done == ["first", "second"]


def test_what_fails_is_raised_where_it_is_waited_for(connection: Connection) -> None:
    def fail() -> None:
        raise ValueError("made up")

    with (
        pytest.raises(ValueError, match="made up"),
        Behind[None](connection) as behind,
    ):
        behind.hand_over(fail, lambda _: None)
        connection.execute(text("SELECT 1"))


def test_work_that_was_begun_is_over_when_the_block_is_left_by_an_error(
    connection: Connection,
) -> None:
    moment, done = after_a_moment(), list[bool]()

    def work() -> None:
        done.append(moment.wait(30))

    with pytest.raises(KeyboardInterrupt), Behind[None](connection) as behind:
        behind.hand_over(work, lambda _: None)
        raise KeyboardInterrupt
    assert done == [True]
    connection.execute(text("SELECT 1"))
