"""What every way of learning which pools and instances exist has to offer, and which one the settings ask for."""

from collections.abc import Callable, Mapping
from typing import Protocol

from bridge_api.wire.local import Registry
from bridge_router.settings import CannotStart, RouterSettings

Apply = Callable[[Registry], None]
"""Takes over all pools and instances that exist now; it does not wait."""


class Source(Protocol):
    """Where the router's knowledge comes from."""

    def waits_for(self) -> str:
        """Say what is missing while nothing has been applied yet."""
        ...

    def ages_seconds(self) -> Mapping[str, float]:
        """Say for each watched resource for how long nothing has been heard."""
        ...


def check_source(settings: RouterSettings) -> None:
    """See that there is exactly one source.

    Raises:
        CannotStart: There is none, or there are two.
    """
    if settings.kubernetes and settings.registry_file is not None:
        raise CannotStart(
            "--registry-file and --kubernetes are two answers to where the instances are: give one of them"
        )
    if not settings.kubernetes and settings.registry_file is None:
        raise CannotStart(
            "where are the instances? In a cluster: --kubernetes (BRIDGE_KUBERNETES=true). "
            "Elsewhere: --registry-file FILE, as `bridge up` does"
        )
    if not settings.kubernetes and (settings.kubeconfig or settings.namespaces):
        raise CannotStart("--kubeconfig and --namespaces go with --kubernetes")
