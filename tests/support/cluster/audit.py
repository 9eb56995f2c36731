"""What the API server was asked, by whom and when: read from its audit log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

READS = frozenset({"get", "list", "watch"})
OPERATOR = "bridge-operator"
"""How the operator calls itself to the API server; kopf, which only reads, does so under another name."""


@dataclass(frozen=True)
class Asked:
    user: str
    agent: str
    verb: str
    resource: str
    """With its subresource: `deployments/scale`."""

    namespace: str
    name: str
    code: int
    at: str
    """When it was answered, in RFC 3339: such texts sort by time."""

    @property
    def is_write(self) -> bool:
        return self.verb not in READS


class AuditLog:
    """Shows what has come since it was opened, or since `forget`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._from = 0
        self.forget()

    def forget(self) -> None:
        """Leave out what has come until now."""
        self._from = self._path.stat().st_size if self._path.exists() else 0

    def asked(self, namespace: str) -> Iterator[Asked]:
        """Yield the requests about objects of a namespace, in the order they were answered."""
        with self._path.open("rb") as log:
            log.seek(self._from)
            for line in log:
                if line.endswith(b"\n") and (asked := _read(json.loads(line))).namespace == namespace:
                    yield asked

    def writes(self, namespace: str) -> list[Asked]:
        """List what operators have written, but for their Lease."""
        return [
            one
            for one in self.asked(namespace)
            if one.is_write and one.agent.startswith(OPERATOR) and one.resource != "leases"
        ]


def _read(event: dict[str, object]) -> Asked:
    about, user, status = (_part(event, name) for name in ("objectRef", "user", "responseStatus"))
    subresource = about.get("subresource")
    return Asked(
        user=str(user.get("username", "")),
        agent=str(event.get("userAgent", "")),
        verb=str(event["verb"]),
        resource=f"{about.get('resource', '')}{f'/{subresource}' if subresource else ''}",
        namespace=str(about.get("namespace", "")),
        name=str(about.get("name", "")),
        code=int(str(status.get("code", 0))),
        at=str(event["stageTimestamp"]),
    )


def _part(event: dict[str, object], name: str) -> dict[str, object]:
    part = event.get(name)
    return part if isinstance(part, dict) else {}
