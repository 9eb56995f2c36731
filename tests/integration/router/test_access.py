"""Who gets in over HTTP, and what web pages are told."""

import hashlib
from pathlib import Path

import openai
import pytest

from bridge_router.core.access import AccessPolicy, ApiKey
from bridge_runtime.tokens import load_token
from tests.integration.router.stage import Bench, running_bench

KEYS = AccessPolicy((ApiKey("ann", hashlib.sha256(b"sk-right").hexdigest()),))
PAGE = "https://chat.example"


@pytest.mark.parametrize(
    "path", ["/v1/models", "/v1/nothing", "/nothing", "/api/v1/pools", "/api/v1/instances"]
)
async def test_with_keys_nothing_is_said_without_one(tmp_path: Path, path: str) -> None:
    async with running_bench(tmp_path, policy=KEYS) as bench:
        response = await bench.http.get(path)

        assert response.status == 401
        assert (await response.json())["error"]["code"] == "invalid_api_key"


async def test_a_wrong_key_is_an_authentication_error_of_the_sdk(tmp_path: Path) -> None:
    async with running_bench(tmp_path, policy=KEYS) as bench:
        with pytest.raises(openai.AuthenticationError):
            await bench.stream()


async def test_the_right_key_gets_in_and_the_pod_learns_only_its_name(tmp_path: Path) -> None:
    async with running_bench(tmp_path, policy=KEYS) as bench:
        pod = await bench.pod()
        await bench.serve_pods(pod)
        bench.sdk.api_key = "sk-right"

        assert await bench.stream() == "Hello world"

        sent = pod.chats[0].request.headers
        assert sent["x-bridge-key-id"] == "ann"
        assert "sk-right" not in str(sent)


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
@pytest.mark.parametrize("path", ["/v1/models", "/api/v1/pools", "/load/stream"])
async def test_without_keys_foreign_pages_are_kept_out(
    bench: Bench, headers: dict[str, str], path: str
) -> None:
    response = await bench.http.get(path, headers=headers)

    assert response.status == 403
    assert (await response.json())["error"]["type"] == "permission_error"
    assert "Access-Control-Allow-Origin" not in response.headers


async def test_our_own_pages_get_in(bench: Bench) -> None:
    response = await bench.http.get("/v1/models", headers={"Origin": bench.url})

    assert response.status == 200


async def test_an_allowed_page_may_ask_from_a_browser(tmp_path: Path) -> None:
    policy = AccessPolicy(allowed_origins=frozenset({PAGE}))
    async with running_bench(tmp_path, policy=policy) as bench:
        preflight = await bench.http.options(
            "/v1/chat/completions",
            headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"},
        )
        refused = await bench.http.get("/v1/nothing", headers={"Origin": PAGE})

        assert preflight.status == 204
        assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
        for response in (preflight, refused):
            assert response.headers["Access-Control-Allow-Origin"] == PAGE


async def test_a_stream_carries_what_the_browser_asks_of_an_allowed_page(tmp_path: Path) -> None:
    policy = AccessPolicy(allowed_origins=frozenset({PAGE}))
    async with running_bench(tmp_path, policy=policy) as bench:
        await bench.serve_pods(await bench.pod())
        body = {"model": "model-a", "messages": [], "stream": True}

        response = await bench.http.post("/v1/chat/completions", json=body, headers={"Origin": PAGE})

        assert response.headers["Access-Control-Allow-Origin"] == PAGE


async def test_a_preflight_of_another_page_is_refused(bench: Bench) -> None:
    response = await bench.http.options(
        "/v1/chat/completions",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )

    assert response.status == 403


@pytest.mark.parametrize(
    ("query", "bearer", "status"),
    [
        ("", "load", 200),
        ("", "master", 401),
        ("", "pool", 401),
        ("", "wrong", 401),
        ("?pool=default/demo", "pool", 200),
        ("?pool=default/demo", "load", 200),
        ("?pool=default/demo", "wrong", 401),
        ("?pool=default/other", "pool", 401),
        ("?pool=default/other", "load", 404),
    ],
)
async def test_the_load_feed_asks_for_its_own_token_or_the_pools(
    tmp_path: Path, query: str, bearer: str, status: int
) -> None:
    async with running_bench(tmp_path, master="master-token") as bench:
        await bench.serve_pods()
        tokens = {
            "load": load_token("master-token"),
            "master": "master-token",
            "pool": bench.router.tokens.of(bench.demo),
            "wrong": "x",
        }

        response = await bench.http.get(
            f"/load/stream{query}", headers={"Authorization": f"Bearer {tokens[bearer]}"}
        )
        response.close()

        assert response.status == status


async def test_without_a_master_token_the_load_feed_is_for_loopback_only(tmp_path: Path) -> None:
    async with running_bench(tmp_path, host="0.0.0.0") as bench:
        response = await bench.http.get("/load/stream")

        assert response.status == 403
