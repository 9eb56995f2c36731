"""What a pod's container is given: its mounted ConfigMaps and Secrets as files, and its environment."""

import base64
from pathlib import Path

from tests.support.cluster.api import Api, ApiError, Object, path_of
from tests.support.cluster.pods import RunningPod

GONE = 404


class Unmountable(Exception):
    """A ConfigMap or Secret is not there that the pod cannot do without."""


class PodFiles:
    """Mounts below a folder, each in a folder of its volume's name."""

    def __init__(self, api: Api, pod: RunningPod, folder: Path) -> None:
        self.folder = folder
        self._api = api
        self._pod = pod
        self._spec: Object = pod.object["spec"]

    async def refresh(self) -> None:
        """Write what has changed, as a kubelet does from time to time.

        Raises:
            Unmountable: Something is missing that is not optional.
        """
        for volume in self._spec.get("volumes", []):
            folder = self.folder / volume["name"]
            folder.mkdir(parents=True, exist_ok=True)
            contents = await self._contents(volume)
            for name, content in contents.items():
                _write(folder / name, content)
            for file in folder.iterdir():
                if contents.keys() and file.name not in contents:
                    file.unlink()

    def environment(self, container: Object) -> dict[str, str]:
        """Return the container's variables; paths below its mounts are where these are here."""
        written = {one["name"]: self._value(one) for one in container.get("env", [])}
        return {name: self._here(value, container) for name, value in written.items()}

    def _value(self, variable: Object) -> str:
        if "value" in variable:
            return str(variable["value"])
        field: str = variable["valueFrom"]["fieldRef"]["fieldPath"]
        return {"metadata.name": self._pod.name, "status.podIP": self._pod.ip}[field]

    def _here(self, value: str, container: Object) -> str:
        for mount in container.get("volumeMounts", []):
            path = mount["mountPath"]
            if value == path or value.startswith(f"{path}/"):
                return f"{self.folder / mount['name']}{value.removeprefix(path)}"
        return value

    async def _contents(self, volume: Object) -> dict[str, bytes]:
        if source := volume.get("configMap"):
            found = await self._get("configmaps", source["name"], source)
            return {name: text.encode() for name, text in (found.get("data") or {}).items()}
        if source := volume.get("secret"):
            found = await self._get("secrets", source["secretName"], source)
            return {name: base64.b64decode(data) for name, data in (found.get("data") or {}).items()}
        return {}

    async def _get(self, plural: str, name: str, source: Object) -> Object:
        try:
            return await self._api.get(path_of("v1", plural, self._pod.namespace, name))
        except ApiError as error:
            if error.status == GONE and source.get("optional"):
                return {}
            if error.status == GONE:
                raise Unmountable(f'{plural.removesuffix("s")} "{name}" not found') from None
            raise


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step, and only where it differs: its readers watch it."""
    if path.exists() and path.read_bytes() == content:
        return
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
