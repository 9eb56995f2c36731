"""Options that several commands have."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from bridge_api.names import ROUTER_PORT

Command = TypeVar("Command", bound=Callable[..., Any])


def base_url(command: Command) -> Command:
    """Give a command `--base-url`."""
    return click.option(
        "--base-url",
        default=f"http://127.0.0.1:{ROUTER_PORT}/v1",
        envvar="BRIDGE_BASE_URL",
        show_default=True,
        show_envvar=True,
        help="Where the API is.",
    )(command)


def output(command: Command) -> Command:
    """Give a command `-o`."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="`json` for programs.",
    )(command)
