"""Our CustomResourceDefinition in the API server of the tests."""

from pathlib import Path

import yaml

from bridge_api import names
from tests.support.cluster.api import Api, path_of
from tests.support.waiting import eventually

CRD_FILE = Path(__file__).parents[3] / "crds" / "bridgeinstancepools.yaml"
CRDS = path_of("apiextensions.k8s.io/v1", "customresourcedefinitions")
ONE_CRD = f"{CRDS}/{names.PLURAL}.{names.GROUP}"


def pools_path(namespace: str, name: str = "", subresource: str = "") -> str:
    return path_of(names.API_VERSION, names.PLURAL, namespace, name, subresource)


async def install_crd(api: Api) -> None:
    """Apply the file that users apply, and wait until pools can be written."""
    await api.apply(ONE_CRD, yaml.safe_load(CRD_FILE.read_text()), "tests")

    async def established() -> bool:
        conditions = (await api.get(ONE_CRD))["status"].get("conditions") or []
        return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)

    await eventually(established, what="the CRD being established")
