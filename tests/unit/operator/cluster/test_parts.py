"""The parts of the operator end together, however one of them ends."""

import asyncio

import pytest

from bridge_operator.cluster.parts import run_together


class Parts:
    """One that lasts, and one that ends as the test says; both say when they have ended, and so does the closing."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def lasting(self, name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.append(name)

    async def failing(self) -> None:
        raise RuntimeError("a defect")

    async def close(self) -> None:
        self.ended.append("closed")


async def test_a_part_that_fails_ends_the_others_and_is_told_once_all_is_closed():
    parts = Parts()
    running = {"a": parts.lasting("a"), "bad": parts.failing(), "b": parts.lasting("b")}
    with pytest.raises(RuntimeError, match="a defect"):
        await run_together(running, asyncio.Event(), parts.close)
    assert parts.ended == ["a", "b", "closed"]


async def test_where_somebody_asks_all_end_and_nothing_is_wrong():
    parts = Parts()
    asked = asyncio.Event()
    asked.set()
    await run_together({"a": parts.lasting("a"), "b": parts.lasting("b")}, asked, parts.close)
    assert parts.ended[-1] == "closed"


async def test_a_part_that_ends_by_itself_ends_the_others():
    parts = Parts()
    await run_together({"a": parts.lasting("a"), "short": asyncio.sleep(0)}, asyncio.Event(), parts.close)
    assert parts.ended == ["a", "closed"]
