"""Ask the router over HTTP, and turn what goes wrong into one sentence."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, TypeVar

import aiohttp
import click
from pydantic import BaseModel, ValidationError

from bridge_api.errors import ErrorKind
from bridge_api.wire.admin import InstanceList, PoolList

Answer = TypeVar("Answer", bound=BaseModel)

CONNECT_SECONDS = 10.0
"""The router is on this machine or near."""

ANSWER_SECONDS = 30.0
"""For everything but a chat."""

CHAT_SECONDS = 3 * 3600.0
"""For a chat: the longest that a pool may allow for waiting (1 h) and answering (2 h)."""


def root_of(base_url: str) -> str:
    """Return where the router is, without the API's `/v1`."""
    return base_url.rstrip("/").removesuffix("/v1")


@asynccontextmanager
async def client(*, total_seconds: float = ANSWER_SECONDS) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session with the key from the environment; what goes wrong inside becomes one sentence.

    Raises:
        click.ClickException: Nothing answers, or it breaks off.
    """
    key = os.environ.get("BRIDGE_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = aiohttp.ClientTimeout(total=total_seconds, sock_connect=CONNECT_SECONDS)
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
            yield session
    except aiohttp.InvalidURL as invalid:
        raise click.UsageError(f"--base-url: {invalid} is not an address") from invalid
    except aiohttp.ClientConnectorError as refused:
        where = f"http://{refused.host}:{refused.port}"
        raise click.ClickException(
            f"nothing answers at {where}; start it with: bridge up -f pool.yaml"
        ) from refused
    except TimeoutError as late:
        raise click.ClickException("the router has not answered in time") from late
    except aiohttp.ClientError as broken:
        raise click.ClickException(f"the connection broke: {broken}") from broken


async def refuse_errors(response: aiohttp.ClientResponse) -> None:
    """Raise a click error for anything but success, with the error's code."""
    if response.status == HTTPStatus.OK:
        return
    try:
        body = await response.json(content_type=None)
    except ValueError:
        body = None
    raise click.ClickException(describe_error(body, response.status))


def describe_error(body: Any, status: int | None = None) -> str:
    """Say in one line what an OpenAI error body says."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return f"the answer is HTTP {status}, and not one of the bridge: is --base-url right?"
    word = error.get("code") or error.get("type") or "error"
    place = f" (HTTP {status})" if status is not None else ""
    hint = " Set BRIDGE_API_KEY." if word == ErrorKind.INVALID_API_KEY.code else ""
    return f"{word}{place}: {' '.join(str(error.get('message')).split())}{hint}"


async def list_pools(session: aiohttp.ClientSession, root: str) -> PoolList:
    return await _get(session, f"{root}/api/v1/pools", PoolList)


async def list_instances(session: aiohttp.ClientSession, root: str) -> InstanceList:
    return await _get(session, f"{root}/api/v1/instances", InstanceList)


async def list_models(session: aiohttp.ClientSession, base_url: str) -> list[dict[str, Any]]:
    async with session.get(f"{base_url.rstrip('/')}/models") as response:
        await refuse_errors(response)
        data: list[dict[str, Any]] = (await response.json())["data"]
        return data


async def _get(session: aiohttp.ClientSession, url: str, model: type[Answer]) -> Answer:
    async with session.get(url) as response:
        await refuse_errors(response)
        try:
            return model.model_validate_json(await response.read())
        except ValidationError as foreign:
            raise click.ClickException(f"{url} does not answer as a bridge does") from foreign
