"""When a process ends: a signal asks it to drain, a second one or a dead parent to stop at once."""

import asyncio
import os
import signal
import sys


class Ending:
    """What has been asked of this process so far."""

    def __init__(self) -> None:
        self.drain = asyncio.Event()
        """Finish what runs, then end."""

        self.now = asyncio.Event()
        """End at once; `drain` is set too."""

    def ask(self) -> None:
        """Ask to drain; asked a second time, ask to stop at once."""
        if self.drain.is_set():
            self.now.set()
        self.drain.set()

    def insist(self) -> None:
        """Ask to stop at once."""
        self.drain.set()
        self.now.set()


def watch_for_ending(*, lifeline: bool) -> Ending:
    """Listen for SIGTERM, SIGINT and, with a lifeline, for the end of standard input. Call in a running loop."""
    ending = Ending()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.ask)
    if lifeline:
        _watch_standard_input(loop, ending)
    return ending


def _watch_standard_input(loop: asyncio.AbstractEventLoop, ending: Ending) -> None:
    descriptor = sys.stdin.fileno()
    os.set_blocking(descriptor, False)

    def on_readable() -> None:
        try:
            ended = not os.read(descriptor, 4096)
        except BlockingIOError:
            return
        except OSError:
            ended = True
        if ended:
            loop.remove_reader(descriptor)
            ending.insist()

    loop.add_reader(descriptor, on_readable)
