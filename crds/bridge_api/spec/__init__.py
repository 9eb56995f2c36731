"""The spec of a `BridgeInstancePool`: one module for each question that it answers."""

from bridge_api.spec.browser import BrowserSpec, Sandbox, Viewport
from bridge_api.spec.pool import Affinity, LoadBalancingSpec, ModelsSpec, PoolSpec, Strategy
from bridge_api.spec.scaling import AutoscalingSpec, ScalingMode
from bridge_api.spec.serving import QueueSpec, RetrySpec, TimeoutsSpec
from bridge_api.spec.site import SiteMode, SiteSpec

__all__ = [
    "Affinity",
    "AutoscalingSpec",
    "BrowserSpec",
    "LoadBalancingSpec",
    "ModelsSpec",
    "PoolSpec",
    "QueueSpec",
    "RetrySpec",
    "Sandbox",
    "ScalingMode",
    "SiteMode",
    "SiteSpec",
    "Strategy",
    "TimeoutsSpec",
    "Viewport",
]
