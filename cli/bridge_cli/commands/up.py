"""`bridge up`: run pools on this machine until Ctrl-C."""

import asyncio
import sys
from pathlib import Path

import click

from bridge_api.names import ROUTER_PORT
from bridge_cli.commands.pool import read_files
from bridge_cli.running import Start, run_until_ended


@click.command()
@click.option(
    "-f", "--file", "files", multiple=True, required=True, metavar="FILE", help="Pool file; may be repeated."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the API listens.")
@click.option(
    "--port", default=ROUTER_PORT, show_default=True, type=click.IntRange(0, 65535), help="0: a free one."
)
@click.option("--debug", is_flag=True, help="Log more.")
@click.option("--no-dashboard", is_flag=True, help="Accepted; this version has no dashboard yet.")
@click.option(
    "--secrets-dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Stands in for Secrets: DIR/<secret>/<key>, as Kubernetes mounts them.",
)
@click.option("--lifeline", is_flag=True, hidden=True, help="End when standard input ends.")
def up(
    *,
    files: tuple[str, ...],
    host: str,
    port: int,
    debug: bool,
    no_dashboard: bool,
    secrets_dir: Path | None,
    lifeline: bool,
) -> None:
    """Run pools on this machine: the router and the browsers, until Ctrl-C."""
    if no_dashboard:
        click.echo("--no-dashboard: there is no dashboard yet, so there is nothing to leave out", err=True)
    checked = read_files(files)
    if checked.obstacles:
        for obstacle in checked.obstacles:
            click.echo(obstacle, err=True)
        sys.exit(1)
    start = Start(
        files=files, host=host, port=port, debug=debug, pools=len(checked.pools), secrets_dir=secrets_dir
    )
    sys.exit(asyncio.run(run_until_ended(start, lifeline=lifeline)))
