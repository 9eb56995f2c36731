"""What a person sees with kubectl: every command of docs/kubernetes.md, and that it says what is written there."""

from pathlib import Path

import pytest

from tests.support.cluster.api import Object
from tests.support.cluster.kubectl import Kubectl
from tests.support.cluster.kubelet import Kubelet
from tests.support.cluster.pods import Trouble
from tests.support.cluster.shown import Shown, is_as_shown, shown_in
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "kubernetes.md"
READING = {"get", "describe", "events", "explain", "wait"}
UNKNOWN_IMAGE = "registry.example/browser-pod:3"


def trouble(pod: Object) -> Trouble | None:
    (container,) = pod["spec"]["containers"]
    return Trouble("ImagePullBackOff", "not found") if container["image"] == UNKNOWN_IMAGE else None


async def says_what_is_shown(kubectl: Kubectl, shown: Shown) -> None:
    """Run a command, again until it says so where it changes nothing."""
    said = ""

    async def says() -> bool:
        nonlocal said
        said = await kubectl.succeeds(*shown.command)
        return is_as_shown(shown.output, said)

    if shown.command[0] not in READING:
        assert await says(), said
        return
    try:
        await eventually(says, what=" ".join(shown.command))
    except AssertionError as never:
        raise AssertionError(f"{never}\nit says:\n{said}\nshown is:\n{shown.output}") from None


@pytest.mark.usefixtures("operator")
async def test_kubectl_says_what_the_docs_show(
    kubectl: Kubectl, kubelet: Kubelet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    kubelet.trouble = trouble
    commands = list(shown_in(PAGE))
    assert {shown.command[0] for shown in commands} >= READING
    for shown in commands:
        await says_what_is_shown(kubectl, shown)


def test_another_output_is_not_as_shown() -> None:
    assert is_as_shown("NAME  AGE\ndemo-1a2b3c4d   3s\n…\n", "NAME   AGE\ndemo-deadbeef  12s\nmore\n")
    assert not is_as_shown("NAME  READY\ndemo  1\n", "NAME  READY\ndemo  2\n")
    assert not is_as_shown("a\n", "a\nb\n")
