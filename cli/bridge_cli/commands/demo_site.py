"""`bridge demo-site`: become the demo site."""

import os
import sys

import click


@click.command(
    "demo-site",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def demo_site(arguments: tuple[str, ...]) -> None:
    """Run the stand-in for the arena site (its options: bridge demo-site --help)."""
    command = [sys.executable, "-m", "bridge_demo_site", "--log-format", "console", *arguments]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted: the demo site takes this process over
