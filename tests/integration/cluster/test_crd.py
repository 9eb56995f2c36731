"""The CRD on a real API server: it installs, it explains itself, and it takes the pool file that local mode takes."""

from pathlib import Path

import yaml

from tests.support.cluster.api import Api
from tests.support.cluster.crd import ONE_CRD, pools_path
from tests.support.cluster.kubectl import Kubectl
from tests.support.waiting import eventually

HEADINGS = ["NAME", "SITE", "STRATEGY", "DESIRED", "READY", "MIN", "MAX", "STATUS", "AGE"]
EXAMPLE = Path(__file__).parents[3] / "examples" / "demo.yaml"


async def test_the_crd_is_established_and_keeps_every_field_of_its_schema(api: Api) -> None:
    crd = await api.get(ONE_CRD)

    conditions = {one["type"]: one["status"] for one in crd["status"]["conditions"]}
    assert conditions["Established"] == "True"
    assert "NonStructuralSchema" not in conditions


async def test_kubectl_explains_a_field_with_its_docstring(kubectl: Kubectl) -> None:
    async def explained() -> str:
        said = await kubectl("explain", "bip.spec.autoscaling")
        return said.out if said.code == 0 else ""

    # The schema is published a moment after the CRD is established.
    text = await eventually(explained, what="kubectl knowing the schema")
    assert "minInstances\t<integer>" in text
    assert "Never fewer." in text


async def test_kubectl_applies_the_pool_file_of_the_examples_and_lists_it(
    kubectl: Kubectl, namespace: str
) -> None:
    await kubectl.succeeds("apply", "-f", str(EXAMPLE))

    listed = await kubectl.succeeds("get", "bip")
    name = yaml.safe_load(EXAMPLE.read_text())["metadata"]["name"]
    assert listed.splitlines()[0].split() == HEADINGS
    assert listed.splitlines()[1].startswith(name)


async def test_kubectl_scale_writes_the_replicas_of_a_pool(
    api: Api, kubectl: Kubectl, namespace: str
) -> None:
    await kubectl.succeeds("apply", "-f", str(EXAMPLE))
    name = yaml.safe_load(EXAMPLE.read_text())["metadata"]["name"]

    await kubectl.succeeds("scale", "bip", name, "--replicas=3")

    assert (await api.get(pools_path(namespace, name)))["spec"]["replicas"] == 3
