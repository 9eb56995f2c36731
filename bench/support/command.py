"""The command line of one benchmark: it measures, and writes its result."""

import argparse
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.support import results
from bench.support.machine import this_machine

RESULTS: Final = Path(__file__).parents[1] / "results"

Measure = Callable[[argparse.Namespace], Coroutine[Any, Any, results.Findings]]


def run(name: str, measure: Measure, *, rounds: int, options: Mapping[str, int] | None = None) -> None:
    """Parse the command line, measure, and write `results/NAME.json`."""
    asked = _parser(name, rounds, options or {}).parse_args()
    machine, began, clock = this_machine(), datetime.now(UTC), time.monotonic()
    findings = uvloop.run(measure(asked))
    result = results.Result(
        **findings.model_dump(),
        benchmark=name,
        began=began.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 1),
        rounds=asked.rounds,
        machine=machine,
    )
    results.write(result, asked.out)
    for goal in result.goals:
        say(
            f"{'met' if goal.met else 'MISSED' if goal.met is False else 'not measured'}: {goal.goal}: {goal.measured}"
        )


def _parser(name: str, rounds: int, options: Mapping[str, int]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}")
    parser.add_argument(
        "--rounds", type=int, default=rounds, help=f"how often each case is measured ({rounds})"
    )
    parser.add_argument("--out", type=Path, default=RESULTS / f"{name}.json", help="where the result goes")
    for option, default in options.items():
        parser.add_argument(f"--{option}", type=int, default=default, help=f"({default})")
    return parser


def say(line: str) -> None:
    """Show progress."""
    print(line, flush=True)
