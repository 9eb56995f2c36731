"""The command tree."""

from importlib.metadata import version

import click

from bridge_cli.commands.chat import chat
from bridge_cli.commands.demo_site import demo_site
from bridge_cli.commands.get import get
from bridge_cli.commands.models import models
from bridge_cli.commands.pool import pool
from bridge_cli.commands.up import up

ENVIRONMENT = "BRIDGE_BASE_URL says where the API is, BRIDGE_API_KEY holds a key where it wants one."


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}, epilog=ENVIRONMENT
)
@click.version_option(version("lmarena-bridge"), message="bridge %(version)s")
def cli() -> None:
    """Use a web chat site from programs: the OpenAI API over a pool of real browsers."""


for command in (up, chat, models, get, pool, demo_site):
    cli.add_command(command)
