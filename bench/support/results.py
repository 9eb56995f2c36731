"""What a benchmark leaves: one JSON file with its figures, the goals it is held to, and the tables they are shown in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bench.support.machine import Machine
from bench.support.statistics import Spread

Cell = Spread | str


class Table(BaseModel):
    columns: list[str]
    rows: list[list[Cell]]


class Goal(BaseModel):
    goal: str
    measured: str
    met: bool | None
    """None: it could not be measured, and `measured` says why."""


class Findings(BaseModel):
    """What the measuring itself gives."""

    goals: list[Goal]
    tables: dict[str, Table]
    notes: list[str] = []
    """What a reader must know of this very run."""

    samples: dict[str, Any] = {}
    """What the figures were made of, condensed."""


class Result(Findings):
    """Findings with when, where and how often they were made."""

    benchmark: str
    began: str
    seconds: float
    rounds: int
    machine: Machine


def write(result: Result, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(result.model_dump_json(indent=1) + "\n")


def read_all(folder: Path) -> Mapping[str, Result]:
    """Read the results that are there, by the names of their benchmarks."""
    results = [Result.model_validate_json(path.read_text()) for path in sorted(folder.glob("*.json"))]
    return {result.benchmark: result for result in results}
