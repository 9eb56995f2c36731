"""The registry file: which pools and instances there are, for the router."""

from collections.abc import Callable, Iterable
from pathlib import Path

from bridge_api.pool import BridgeInstancePool
from bridge_api.status import PoolStatus
from bridge_api.wire.local import EndpointRecord, Registry
from bridge_operator.local.instance import Instance
from bridge_operator.local.run_dir import write_privately


def make_registry(
    pools: Iterable[BridgeInstancePool], instances: Iterable[Instance], desired: Callable[[str], int]
) -> Registry:
    """List each pool with its wanted number, and each instance from when it listens until it has ended."""
    return Registry(
        pools=[
            pool.model_copy(update={"status": PoolStatus(desired_instances=desired(pool.key))})
            for pool in pools
        ],
        endpoints=[
            EndpointRecord(
                instance=one.birth.name,
                pool=one.birth.pool,
                url=one.url,
                terminating=one.drain_until is not None,
            )
            for one in instances
            if one.url
        ],
    )


class RegistryFile:
    """Replaced as a whole, and only where something has changed: each write wakes the router."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: Registry | None = None

    def publish(self, registry: Registry) -> None:
        if registry != self._written:
            write_privately(self._path, registry.model_dump_json(by_alias=True, exclude_unset=True))
            self._written = registry
