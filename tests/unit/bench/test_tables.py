"""Results become Markdown between the markers of a page; what is around them stays."""

from pathlib import Path

import pytest

from bench.run import PAGES
from bench.support.command import RESULTS
from bench.support.machine import Machine
from bench.support.results import Goal, Result, Table, read_all, write
from bench.support.statistics import spread
from bench.support.tables import NothingMeasured, cell_text, fill_page, with_unit

MACHINE = Machine(
    processor="Abacus",
    cores=2,
    memory_gib=24,
    kernel="6.1",
    python="3.11",
    chromium="Chromium 1",
    playwright="1.65",
    load_before=0.1,
)


def result(**findings: object) -> Result:
    known = {"goals": [], "tables": {}, **findings}
    head = {"benchmark": "speed", "began": "2026-01-02T03:04:05+00:00", "seconds": 61, "rounds": 3}
    return Result.model_validate({**head, **known, "machine": MACHINE})


def page(what: str) -> str:
    return f"before\n<!-- bench: {what} -->\nold\n<!-- end -->\nafter\n"


@pytest.mark.parametrize(
    ("values", "text"),
    [([1.234], "1.23"), ([12.34], "12.3"), ([1234.5], "1234"), ([1, 2, 9], "2.00 (1.00–9.00)")],
)
def test_a_figure_shows_three_digits_and_its_spread(values: list[float], text: str) -> None:
    assert cell_text(spread(values)) == text


def test_a_figure_may_have_its_unit() -> None:
    assert with_unit(spread([1.0], "ms")) == "1.00 ms"


def test_a_table_is_put_between_its_markers_and_nowhere_else() -> None:
    measured = result(tables={"laps": Table(columns=["a", "b"], rows=[["x", spread([1.0])]])})

    filled = fill_page(page("speed.laps"), {"speed": measured})

    block = "<!-- bench: speed.laps -->\n| a | b |\n| --- | --- |\n| x | 1.00 |\n<!-- end -->"
    assert filled == f"before\n{block}\nafter\n"
    assert fill_page(filled, {"speed": measured}) == filled


def test_a_missed_goal_is_said_plainly() -> None:
    goals = [
        Goal(goal="fast", measured="1 s", met=True),
        Goal(goal="small", measured="9 GiB", met=False),
        Goal(goal="flat", measured="too few", met=None),
    ]

    filled = fill_page(page("speed.goals"), {"speed": result(goals=goals)})

    assert "| fast | 1 s | met |" in filled
    assert "| small | 9 GiB | **missed** |" in filled
    assert "| flat | too few | not measured |" in filled


def test_the_run_says_when_where_and_how_often() -> None:
    filled = fill_page(page("speed.run"), {"speed": result(notes=["Windows are on Xvfb."])})

    assert "Measured 2026-01-02, 3 rounds, interleaved, in 61 s on 2 cores of Abacus" in filled
    assert "- Windows are on Xvfb." in filled


def test_without_a_result_a_block_keeps_its_figures() -> None:
    assert fill_page(page("speed.laps"), {}) == page("speed.laps")


def test_a_table_that_the_result_does_not_have_is_an_error() -> None:
    with pytest.raises(NothingMeasured, match="laps"):
        fill_page(page("speed.laps"), {"speed": result()})


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = result(tables={"laps": Table(columns=["a"], rows=[[spread([1.0, 2.0], "s")], ["–"]])})

    write(written, tmp_path / "speed.json")

    assert read_all(tmp_path) == {"speed": written}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_the_results_that_are_kept(page: Path) -> None:
    text = page.read_text()

    assert fill_page(text, read_all(RESULTS)) == text
