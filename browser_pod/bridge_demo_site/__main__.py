"""Start the demo site: `python -m bridge_demo_site`."""

import sys

import uvloop

from bridge_api.wire.local import Listening
from bridge_demo_site.app import make_app, make_site
from bridge_demo_site.settings import DemoSiteSettings
from bridge_demo_site.site import DemoSite
from bridge_runtime.lifeline import watch_for_ending
from bridge_runtime.logs import configure_logs, get_logger
from bridge_runtime.probes import Probes, Verdict, probes_listener
from bridge_runtime.serving import CannotListen, serve
from bridge_runtime.settings import read_settings

SHUTDOWN_SECONDS = 2.0
"""A stand-in keeps nobody waiting: its open streams are dropped at once."""


def main() -> None:
    settings = read_settings(DemoSiteSettings, "bridge_demo_site")
    configure_logs(level=settings.log_level, json=settings.log_format == "json")
    try:
        uvloop.run(_run(make_site(settings)))
    except CannotListen as refused:
        print(f"bridge_demo_site: {refused}", file=sys.stderr)  # noqa: T201 - for the person who started it
        raise SystemExit(1) from None


def _up() -> Verdict:
    return True, "the demo site answers"


async def _run(site: DemoSite) -> None:
    settings, log = site.settings, get_logger("demo-site")
    ending = watch_for_ending(lifeline=settings.lifeline)
    probes = Probes(live=_up, ready=_up, started=_up)
    async with (
        probes_listener(
            probes, site.metrics.registry, host=settings.host, port=settings.metrics_port
        ) as metrics,
        serve(
            make_app(site), host=settings.host, port=settings.port, shutdown_seconds=SHUTDOWN_SECONDS
        ) as port,
    ):
        listening = Listening(
            url=f"http://{settings.host}:{port}", metrics_url=f"http://{settings.host}:{metrics}"
        )
        print(listening.model_dump_json(by_alias=True), flush=True)  # noqa: T201 - who started it waits for this line
        log.info("listening", url=listening.url)
        await ending.drain.wait()
        log.info("ending", open_answers=len(site.running))
        site.close_answers()


if __name__ == "__main__":
    main()
