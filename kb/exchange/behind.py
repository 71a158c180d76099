"""What is done to the store while the next part of a file is read."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import get_ident
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from sqlalchemy import Connection, event

_T = TypeVar("_T")
_USE = "before_cursor_execute"


class Behind(Generic[_T]):
    """Does one piece of work after another in a thread of its own.

    While the database is at work, Python goes on. All comes out as if one thing were done after
    another: whoever else uses the connection waits until the work handed over is done. What fails
    there is raised where it is waited for. On leaving, work that was begun is waited for.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._threads = ThreadPoolExecutor(1, initializer=self._note_thread)
        self._own: int | None = None
        self._begun: tuple[Future[_T], Callable[[_T], None]] | None = None

    def __enter__(self) -> Self:
        event.listen(self._connection, _USE, self._before_use)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown()
        event.remove(self._connection, _USE, self._before_use)

    def hand_over(self, work: Callable[[], _T], then: Callable[[_T], None]) -> None:
        """Begin a piece of work once the one before is done.

        `then` takes what it returns, in the thread of whoever waits for it.
        """
        self.wait()
        self._begun = self._threads.submit(work), then

    def wait(self) -> None:
        """Wait until the work is done."""
        if self._begun is not None:
            (done, then), self._begun = self._begun, None
            then(done.result())

    def _note_thread(self) -> None:
        self._own = get_ident()

    def _before_use(self, *_: Any) -> None:
        if get_ident() != self._own:
            self.wait()
