"""`bridge models`: which models can be asked."""

import asyncio
from typing import Any

import click

from bridge_cli import api, options
from bridge_cli.tables import print_json, print_table


@click.command()
@options.base_url
@options.output
def models(base_url: str, output: str) -> None:
    """List the models that the pools offer."""

    async def ask() -> list[dict[str, Any]]:
        async with api.client() as session:
            return await api.list_models(session, base_url)

    listed = asyncio.run(ask())
    if output == "json":
        print_json(listed)
    elif not listed:
        click.echo(
            "no page has shown its list of models yet; where no instance runs, the first chat starts one",
            err=True,
        )
    else:
        print_table(("MODEL", "BY"), [(str(model["id"]), str(model.get("owned_by", ""))) for model in listed])
