"""Where `bridge up` shows its progress: a live table for a person at a terminal, plain lines for anything else."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bridge_cli.progress import Line


class Screen:
    """Writes to standard error; standard output is for the result."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._live: Live | None = None
        self._shown: Sequence[Line] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()

    def say(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)

    def pass_on(self, _: str, line: str) -> None:
        """Show a line of a child's log."""
        self._console.print(Text(line, style="dim"), soft_wrap=True)

    def show(self, lines: Sequence[Line]) -> None:
        """Show how the instances are now."""
        if self._console.is_terminal:
            self._show_live(lines)
        else:
            for line in lines:
                if line not in self._shown:
                    self.say(str(line))
        self._shown = lines

    def finish(self) -> None:
        """Leave the last table standing."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _show_live(self, lines: Sequence[Line]) -> None:
        if self._live is None:
            self._live = Live(
                console=self._console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
            )
            self._live.start()
        table = Table("INSTANCE", "STATE", "SLOTS", box=None, header_style="bold")
        for line in lines:
            table.add_row(line.name, Text(line.state, style=_style(line.state)), line.slots)
        self._live.update(table, refresh=True)


def _style(state: str) -> str:
    return {"Ready": "green", "NotReady": "yellow"}.get(state, "")
