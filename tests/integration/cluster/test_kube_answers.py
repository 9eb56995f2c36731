"""Answers that are cut, or that no API server gave: they are no answers, and nothing ends because of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from bridge_runtime.kube import Unreachable
from bridge_runtime.kube.client import KubeApi, connected
from bridge_runtime.kube.resource import CONFIG_MAPS
from bridge_runtime.serving import serve

PROMISED_BYTES = 1000
NOTHING_OF_THE_KIND = ["<html>a proxy</html>", "[]", '"word"', ""]


@asynccontextmanager
async def answering(path: Path, text: str, *, status: int = 200, cut: bool = False) -> AsyncIterator[KubeApi]:
    """Connect to something that always answers so; where it is cut, with more promised than comes."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=status)
        if cut:
            response.content_length = PROMISED_BYTES
        await response.prepare(request)
        await response.write(text.encode())
        if cut and request.transport is not None:
            request.transport.close()
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with serve(app, host="127.0.0.1", port=0) as port:
        write_kubeconfig(path, port)
        async with connected(path, user_agent="tests") as kube:
            yield kube


def write_kubeconfig(path: Path, port: int) -> None:
    named = {"cluster": "it", "user": "we"}
    document = yaml.safe_dump(
        {
            "clusters": [{"name": "it", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
            "users": [{"name": "we", "user": {}}],
            "contexts": [{"name": "there", "context": named}],
            "current-context": "there",
        }
    )
    path.write_text(document)


@pytest.mark.parametrize("status", [200, 500])
async def test_an_answer_that_is_cut_is_none(tmp_path: Path, status: int) -> None:
    async with answering(tmp_path / "kubeconfig", '{"kind": "Sta', status=status, cut=True) as kube:
        with pytest.raises(Unreachable):
            await kube.get(CONFIG_MAPS, "team", "words")
        with pytest.raises(Unreachable):
            await anext(kube.watch(CONFIG_MAPS, "team", version="1"))


@pytest.mark.parametrize("text", NOTHING_OF_THE_KIND)
async def test_an_answer_that_is_no_object_is_none(tmp_path: Path, text: str) -> None:
    async with answering(tmp_path / "kubeconfig", text) as kube:
        with pytest.raises(Unreachable):
            await kube.get(CONFIG_MAPS, "team", "words")


@pytest.mark.parametrize("text", ["<html>", '{"type": "ADD', "[]", '{"kind": "Status"}'])
async def test_a_line_of_a_watch_that_is_no_event_ends_it_as_a_cut_does(tmp_path: Path, text: str) -> None:
    async with answering(tmp_path / "kubeconfig", text + "\n") as kube:
        with pytest.raises(Unreachable):
            await anext(kube.watch(CONFIG_MAPS, "team", version="1"))


async def test_a_list_that_is_no_list_is_none(tmp_path: Path) -> None:
    async with answering(tmp_path / "kubeconfig", "{}") as kube:
        with pytest.raises(Unreachable):
            await kube.list(CONFIG_MAPS, "team")
