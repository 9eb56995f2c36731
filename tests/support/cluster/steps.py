"""Single requests of an operator, named so that a test can hold it up there: which of its steps that is."""

from aiohttp import web

from tests.support.cluster.faults import Matches


def request_to(method: str, plural: str, subresource: str = "") -> Matches:
    """Match requests about one object: `request_to("PUT", "deployments", "scale")`."""

    def matches(request: web.Request) -> bool:
        steps = request.path.split("/")
        if plural not in steps or request.method != method:
            return False
        after = steps[steps.index(plural) + 1 :]
        return after[1:] == ([subresource] if subresource else []) and bool(after)

    return matches


def creation_of(plural: str) -> Matches:
    """Match requests that make an object, whose path has no name."""

    def matches(request: web.Request) -> bool:
        return request.method == "POST" and request.path.endswith(f"/{plural}")

    return matches


MARK_POD = request_to("PATCH", "pods")
APPLY_CONFIG_MAP = request_to("PATCH", "configmaps")
CREATE_DEPLOYMENT = creation_of("deployments")
APPLY_DEPLOYMENT = request_to("PATCH", "deployments")
SET_SCALE = request_to("PATCH", "deployments", "scale")
LOWER_SCALE = request_to("PUT", "deployments", "scale")
DELETE_DEPLOYMENT = request_to("DELETE", "deployments")
DELETE_CONFIG_MAP = request_to("DELETE", "configmaps")
