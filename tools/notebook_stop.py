"""Ends the program in order when it receives a signal."""

import contextlib
import signal
from collections.abc import Callable, Iterator

NAMES = {  # by number; not every system has all of them
    getattr(signal, name): said
    for name, said in {"SIGINT": "Ctrl-C", "SIGTERM": "SIGTERM", "SIGHUP": "SIGHUP, as when a terminal is closed",
                       "SIGPIPE": "the end of the pipe that reads its messages"}.items()
    if hasattr(signal, name)
}


class Stopped(BaseException):
    """A signal asked the program to stop. The exit status is that of a program which the signal ended."""

    def __init__(self, number: int):
        super().__init__(f"Stopped by {NAMES[number]}.")
        self.status = 128 + number


def _raise(number: int) -> None:
    raise Stopped(number)


class Stop:
    """The signal that stopped the program, and how it is handled."""

    def __init__(self) -> None:
        self.by: int | None = None
        self.react: Callable[[int], None] = _raise

    def listen(self) -> None:
        """Handles the signals, except those that were ignored when the program started."""
        for number in NAMES:
            if number != getattr(signal, "SIGPIPE", None) and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda number, _: self.now(number))

    def now(self, number: int) -> None:
        """Stops. Further signals change nothing: make and timeout send the same one twice."""
        if self.by is None:
            self.by = number
            self.react(number)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Within it a signal raises nothing: what runs sets react, or is let finish. Raises Stopped at the end instead.

        An event loop would lose an exception that a signal's handler raises.
        """
        self.react = lambda number: None
        try:
            yield
        finally:
            self.react = _raise
            if self.by is not None:
                raise Stopped(self.by) from None


stop = Stop()
