"""`make bench`: run the benchmarks, each by itself, and renew the tables of docs/benchmarks.md and docs/scaling.md.

A benchmark that fails is reported, and the others still run; then the exit code is 1. A missed goal is no failure: the page says so.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import uvloop

from bench.support.command import RESULTS, say
from bench.support.results import read_all
from bench.support.tables import fill_page
from bridge_runtime.child import describe_exit, started

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGES: Final = (DOCS / "benchmarks.md", DOCS / "scaling.md")
LONGEST_SECONDS: Final = {
    "chunk_path": 1200,
    "memory": 1200,
    "times": 900,
    "soak": 1200,
    "randomized": 2400,
    "operator_times": 3600,
    "operator_size": 2400,
}
"""The benchmarks in their order, and how long one may take: several times what it does on two quiet cores."""

WITHOUT_ROUNDS: Final = {"soak", "randomized"}
"""One long course each, which has no use for a second."""


async def main(names: Sequence[str], extra: Sequence[str]) -> int:
    """Run the benchmarks, write the page, and return the exit code."""
    failed = []
    for name in names:
        say(f"== {name}")
        begun = time.monotonic()
        trouble = await _run(name, extra)
        say(f"== {name}: {trouble or 'done'}, {time.monotonic() - begun:.0f} s")
        if trouble:
            failed.append(name)
    write_pages()
    if failed:
        say(f"failed: {', '.join(failed)}; the pages keep their last figures")
    return 1 if failed else 0


async def _run(name: str, extra: Sequence[str]) -> str | None:
    """Run one benchmark in a process of its own, and return what went wrong."""
    command = (sys.executable, "-m", f"bench.{name}", *(() if name in WITHOUT_ROUNDS else extra))
    async with started(name, command, say=lambda _, line: say(f"   {line}")) as child:
        try:
            async with asyncio.timeout(LONGEST_SECONDS[name]):
                code = await child.wait()
        except TimeoutError:
            return f"FAILED: not within {LONGEST_SECONDS[name]} s"
    return None if code == 0 else f"FAILED: {describe_exit(code)}"


def write_pages() -> None:
    """Renew the tables of the pages from the results that are there."""
    results = read_all(RESULTS)
    for page in PAGES:
        page.write_text(fill_page(page.read_text(), results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="BENCHMARK", help=f"of {', '.join(LONGEST_SECONDS)}; all by default"
    )
    parser.add_argument(
        "--rounds", type=int, help="how often each case is measured; each benchmark has its own default"
    )
    parser.add_argument(
        "--page-only", action="store_true", help="only write the pages anew from bench/results"
    )
    return parser


if __name__ == "__main__":
    asked = _parser().parse_args()
    if unknown := set(asked.names) - set(LONGEST_SECONDS):
        _parser().error(f"no such benchmark: {', '.join(sorted(unknown))}")
    if asked.page_only:
        write_pages()
        sys.exit(0)
    rounds = () if asked.rounds is None else ("--rounds", str(asked.rounds))
    sys.exit(uvloop.run(main(asked.names or list(LONGEST_SECONDS), rounds)))
