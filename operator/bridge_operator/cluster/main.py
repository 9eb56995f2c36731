"""Puts the cluster operator together, and runs it until it is told to end."""

import os
import random
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import aiohttp

from bridge_api import names
from bridge_operator.cluster.elector import Elector
from bridge_operator.cluster.handlers import run_kopf
from bridge_operator.cluster.liveness import alive
from bridge_operator.cluster.metrics import Gauges, Metrics
from bridge_operator.cluster.operator import Operator, World
from bridge_operator.cluster.parts import run_together
from bridge_operator.resources.settings import ClusterSettings, Peer
from bridge_operator.settings import OperatorSettings
from bridge_runtime.kube import Key
from bridge_runtime.kube.client import CannotConnect, KubeApi, connected
from bridge_runtime.kube.namespaces import own_namespace, watched_namespaces
from bridge_runtime.lifeline import Ending, watch_for_ending
from bridge_runtime.logs import get_logger
from bridge_runtime.probes import Probes, Verdict, probes_listener
from bridge_runtime.serving import CannotListen

READ_BUFFER_BYTES = 2**20
"""A pod's status line carries the site's list of models."""

log = get_logger("operator")


class CannotStart(Exception):
    """A setting that nothing can be started with; the message says what to do."""


async def run_cluster(settings: OperatorSettings) -> int:
    """Run until told to end, and return the exit code."""
    ending = watch_for_ending(lifeline=settings.lifeline)
    try:
        return await _run(settings, ending)
    except (CannotStart, CannotConnect, CannotListen) as refused:
        log.error(str(refused))  # noqa: TRY400 - a person's to mend: the message says how, a traceback does not
        return 1


async def _run(settings: OperatorSettings, ending: Ending) -> int:
    namespace = _home(settings)
    master_token = _master_token(settings)
    if settings.kubeconfig is not None:
        os.environ["KUBECONFIG"] = str(settings.kubeconfig)  # for kopf, which logs in by itself
    metrics = Metrics()
    async with _connections(settings, metrics) as (api, session):
        elector = Elector(
            api=api,
            lease=Key(namespace, settings.lease),
            identity=f"{socket.gethostname()}-{uuid4().hex[:8]}",
            lease_seconds=settings.lease_seconds,
            clock=time.monotonic,
            wall_clock=time.time,
            random=random.random,
        )
        world = World(
            api=api,
            session=session,
            elector=elector,
            metrics=metrics,
            master_token=master_token,
            namespace=namespace,
            namespaces=watched_namespaces(settings.namespaces) or (namespace,),
            router_service=settings.router_service,
            cluster=cluster_settings(settings, namespace),
            clock=time.monotonic,
            wall_clock=time.time,
            random=random.random,
        )
        operator = Operator(world)
        metrics.registry.register(
            Gauges(operator.informers, operator.counts, operator.oldest_key_seconds, elector.leads)
        )
        probes = _probes(operator)
        async with probes_listener(
            probes, metrics.registry, host=settings.host, port=settings.metrics_port
        ) as port:
            log.info("the operator runs", namespaces=list(world.namespaces), metrics_port=port)
            return await _until(ending, operator, world, in_cluster=settings.kubeconfig is None)


async def _until(ending: Ending, operator: Operator, world: World, *, in_cluster: bool) -> int:
    """Run everything until told to end, or until leadership is lost."""
    parts = {
        "watch": operator.watch(),
        "kopf": run_kopf(operator.touch, world.namespaces, in_cluster=in_cluster),
        "lead": world.elector.run(operator.lead),
    }
    await run_together(parts, ending.drain, operator.close)
    log.info("the operator ends", asked=ending.drain.is_set())
    return 0 if ending.drain.is_set() else 1


@asynccontextmanager
async def _connections(
    settings: OperatorSettings, metrics: Metrics
) -> AsyncIterator[tuple[KubeApi, aiohttp.ClientSession]]:
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        connected(settings.kubeconfig, user_agent="bridge-operator") as api,
        aiohttp.ClientSession(
            connector=connector, read_bufsize=READ_BUFFER_BYTES, cookie_jar=aiohttp.DummyCookieJar()
        ) as session,
    ):
        api.count = metrics.count_request
        yield api, session


def _probes(operator: Operator) -> Probes:
    def live() -> Verdict:
        ages = ((one.resource.plural, one.age_seconds()) for one in operator.informers)
        return alive(ages, operator.oldest_key_seconds(), started=operator.is_synced)

    def ready() -> Verdict:
        return (
            operator.is_synced,
            "everything is known" if operator.is_synced else "not everything is listed yet",
        )

    return Probes(live=live, ready=ready, started=ready)


def _master_token(settings: OperatorSettings) -> str:
    if settings.master_token_file is None:
        raise CannotStart("--master-token-file is required in a cluster: the file that routers have, too.")
    try:
        token = settings.master_token_file.read_text(encoding="utf-8").strip()
    except OSError as unreadable:
        raise CannotStart(f"{settings.master_token_file}: {unreadable.strerror}") from None
    if not token:
        raise CannotStart(f"{settings.master_token_file} is empty: it must hold the master token.")
    return token


def _home(settings: OperatorSettings) -> str:
    home = settings.namespace or own_namespace()
    if home is None:
        raise CannotStart("--namespace is required outside a cluster: where the Lease is.")
    return home


def cluster_settings(settings: OperatorSettings, namespace: str) -> ClusterSettings:
    home = {"kubernetes.io/metadata.name": namespace}
    monitoring = settings.monitoring_namespace
    return ClusterSettings(
        image=settings.image,
        image_pull_policy=settings.image_pull_policy,
        image_pull_secrets=tuple(settings.image_pull_secrets),
        seccomp_profile=settings.seccomp_profile,
        api_peers=tuple(Peer(labels, home) for labels in _own_parts()),
        metrics_peers=(Peer({}, {"kubernetes.io/metadata.name": monitoring} if monitoring else {}),),
        egress_cidrs=tuple(settings.egress_cidrs),
        blocked_cidrs=tuple(settings.blocked_cidrs),
        egress_to_pods=settings.egress_to_pods,
    )


def _own_parts() -> Iterator[dict[str, str]]:
    for component in ("router", "operator"):
        yield {"app.kubernetes.io/name": names.APP, "app.kubernetes.io/component": component}
