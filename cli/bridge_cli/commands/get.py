"""`bridge get`: what is running, from the router."""

import asyncio

import click

from bridge_api.wire.admin import InstanceList, PoolList
from bridge_cli import api, options
from bridge_cli.tables import (
    INSTANCE_HEADINGS,
    POOL_HEADINGS,
    instance_row,
    pool_row,
    print_json,
    print_table,
)


@click.group()
def get() -> None:
    """Show what is running."""


@get.command()
@options.base_url
@options.output
def pools(base_url: str, output: str) -> None:
    """List the pools with their load."""

    async def ask() -> PoolList:
        async with api.client() as session:
            return await api.list_pools(session, api.root_of(base_url))

    listed = asyncio.run(ask())
    if output == "json":
        print_json(listed.model_dump(mode="json", by_alias=True))
    else:
        print_table(POOL_HEADINGS, [pool_row(pool) for pool in listed.pools])


@get.command()
@options.base_url
@options.output
def instances(base_url: str, output: str) -> None:
    """List the instances with their slots and where their metrics are."""

    async def ask() -> InstanceList:
        async with api.client() as session:
            return await api.list_instances(session, api.root_of(base_url))

    listed = asyncio.run(ask())
    if output == "json":
        print_json(listed.model_dump(mode="json", by_alias=True))
    else:
        print_table(INSTANCE_HEADINGS, [instance_row(instance) for instance in listed.instances])
