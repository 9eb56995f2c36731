"""`bridge chat`: one question, and the answer as it comes."""

import asyncio
import sys
from typing import Any

import click

from bridge_cli import api, options
from bridge_cli.answer import ask


@click.command()
@click.argument("text")
@click.option("--model", help="A name of `bridge models`; without it the pool's default.")
@click.option("--system", help="Instructions to put before the question.")
@click.option("--no-stream", is_flag=True, help="Print the answer when it is whole.")
@options.base_url
def chat(text: str, model: str | None, system: str | None, no_stream: bool, base_url: str) -> None:
    """Ask a model, and print its answer as it comes."""
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": text})
    body: dict[str, Any] = {"messages": messages, "stream": not no_stream}
    if model is not None:
        body["model"] = model
    asyncio.run(_print_answer(base_url, body))


async def _print_answer(base_url: str, body: dict[str, Any]) -> None:
    """Print content to standard output, and reasoning dimly to standard error where a person looks."""
    shows_reasoning = sys.stderr.isatty()
    printed = False
    try:
        async with api.client(total_seconds=api.CHAT_SECONDS) as session:
            async for piece in ask(session, base_url, body):
                if not piece.is_reasoning:
                    click.echo(piece.text, nl=False)
                    printed = True
                elif shows_reasoning:
                    click.secho(piece.text, nl=False, dim=True, err=True)
    finally:
        if printed:
            click.echo()
