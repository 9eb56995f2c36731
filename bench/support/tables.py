"""Write results as Markdown tables, and put them between the markers of a page."""

import re
from collections.abc import Mapping

from bench.support.machine import Machine
from bench.support.results import Cell, Goal, Result, Table
from bench.support.statistics import Spread

_BLOCK = re.compile(r"(<!-- bench: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_VERDICTS = {True: "met", False: "**missed**", None: "not measured"}


class NothingMeasured(Exception):
    """The page wants a table that no result has."""


def fill_page(page: str, results: Mapping[str, Result]) -> str:
    """Renew every block `<!-- bench: BENCHMARK.TABLE -->` of a page; a benchmark without result keeps its blocks.

    Raises:
        NothingMeasured: The benchmark's result has no such table.
    """

    def renewed(block: re.Match[str]) -> str:
        benchmark, _, table = block[2].partition(".")
        result = results.get(benchmark)
        return block[0] if result is None else f"{block[1]}{_content(result, table)}\n{block[3]}"

    return _BLOCK.sub(renewed, page)


def _content(result: Result, table: str) -> str:
    match table:
        case "run":
            return _run(result)
        case "goals":
            return _goals(result.goals)
        case _ if table in result.tables:
            return _table(result.tables[table])
        case _:
            raise NothingMeasured(f"{result.benchmark} has no table {table!r}")


def _run(result: Result) -> str:
    notes = "".join(f"\n- {note}" for note in result.notes)
    times = "once" if result.rounds == 1 else f"{result.rounds} rounds, interleaved"
    head = f"Measured {result.began[:10]}, {times}, in {result.seconds:.0f} s on {_machine(result.machine)}."
    return f"{head}\n{notes}" if notes else head


def _machine(machine: Machine) -> str:
    return (
        f"{machine.cores} cores of {machine.processor}, {machine.memory_gib:g} GiB, Linux {machine.kernel}, "
        f"Python {machine.python}, {machine.chromium}, Playwright {machine.playwright}; "
        f"load average before: {machine.load_before:g}"
    )


def _goals(goals: list[Goal]) -> str:
    rows: list[list[Cell]] = [[goal.goal, goal.measured, _VERDICTS[goal.met]] for goal in goals]
    return _table(Table(columns=["goal", "measured", ""], rows=rows))


def _table(table: Table) -> str:
    lines = [
        table.columns,
        ["---"] * len(table.columns),
        *([cell_text(cell) for cell in row] for row in table.rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell_text(cell: Cell) -> str:
    """Show a figure as its median, and the lowest and the highest round."""
    if isinstance(cell, str):
        return cell
    if len(cell.rounds) == 1:
        return _figure(cell.median)
    return f"{_figure(cell.median)} ({_figure(cell.low)}–{_figure(cell.high)})"


def with_unit(cell: Spread) -> str:
    return f"{cell_text(cell)} {cell.unit}".strip()


def _figure(value: float) -> str:
    """Show three digits that count, and no exponent."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
