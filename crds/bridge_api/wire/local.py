"""Local mode: what the local backend tells the router, and what a process says when it listens.

In a cluster the same facts come from the Kubernetes API.
"""

from bridge_api.base import WireModel
from bridge_api.pool import BridgeInstancePool


class EndpointRecord(WireModel):
    """An instance that exists: the router asks the instance itself how it is."""

    instance: str
    """The instance's name."""

    pool: str
    """`namespace/name` of its pool."""

    url: str
    """Where it listens, such as `http://127.0.0.1:40123`."""

    terminating: bool = False
    """It has been told to go: no new chats."""


class Registry(WireModel):
    """The pools and endpoints of a local system: a JSON file that the backend replaces and the router watches."""

    pools: list[BridgeInstancePool]
    endpoints: list[EndpointRecord]


class Listening(WireModel):
    """The one line that a part prints on standard output once it accepts connections."""

    url: str
    """Its API."""

    metrics_url: str = ""
    """Its probes and metrics."""
