"""Our CustomResourceDefinition in the API server of the tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import yaml

from bridge_api import names
from tests.support.cluster.api import Api, Object, path_of
from tests.support.waiting import eventually

CRD_FILE = Path(__file__).parents[3] / "crds" / "bridgeinstancepools.yaml"
CRDS = path_of("apiextensions.k8s.io/v1", "customresourcedefinitions")
ONE_CRD = f"{CRDS}/{names.PLURAL}.{names.GROUP}"


def pools_path(namespace: str, name: str = "", subresource: str = "") -> str:
    return path_of(names.API_VERSION, names.PLURAL, namespace, name, subresource)


async def install_crd(api: Api) -> None:
    """Apply the file that users apply, and wait until pools can be written."""
    await api.apply(ONE_CRD, _crd(), "tests")

    async def established() -> bool:
        conditions = (await api.get(ONE_CRD))["status"].get("conditions") or []
        return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)

    await eventually(established, what="the CRD being established")


@asynccontextmanager
async def newer_crd(api: Api, site_mode: str) -> AsyncIterator[None]:
    """Let pools have a `site.mode` that our models do not know, as a later version of the CRD may."""
    newer = _crd()
    (version,) = newer["spec"]["versions"]
    site = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["site"]
    site["properties"]["mode"]["enum"].append(site_mode)
    await api.apply(ONE_CRD, newer, "tests")
    try:
        yield
    finally:
        await install_crd(api)


def _crd() -> Object:
    crd: Object = yaml.safe_load(CRD_FILE.read_text())
    return crd
