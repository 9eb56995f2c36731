"""What the parts may do in a cluster, and what they did as the API server's audit log has it."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.support.cluster.api import Object

FILES = Path(__file__).parents[3] / "charts" / "lmarena-bridge" / "files"
CREATED = 201
FORBIDDEN = 403


class Right(NamedTuple):
    group: str
    resource: str
    verb: str


def rules_of(name: str) -> list[Object]:
    """Read the rules of the chart's file `NAME-rules.yaml`."""
    rules: list[Object] = yaml.safe_load((FILES / f"{name}-rules.yaml").read_text())
    return rules


def rights_of(rules: Iterable[Object]) -> set[Right]:
    return {
        Right(group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


class AuditLog:
    """Requests that the API server has answered, all of them or those from now on."""

    def __init__(self, file: Path, *, from_now: bool = False) -> None:
        self._file = file
        self._begin = file.stat().st_size if from_now else 0

    def rights_used(self, user: str, namespace: str) -> set[Right]:
        """List the rights that a user has made use of in a namespace."""
        return {
            Right(target.get("apiGroup", ""), _resource(target), verb)
            for entry in self._of(user)
            if (target := entry.get("objectRef", {})).get("namespace") == namespace
            for verb in _verbs(entry)
        }

    def refused(self, user: str, *namespaces: str) -> list[str]:
        """List what a user was not allowed, in these namespaces and outside of any."""
        return [
            f"{entry['verb']} {entry['requestURI']}"
            for entry in self._of(user)
            if entry.get("objectRef", {}).get("namespace", "") in (*namespaces, "")
            and entry.get("responseStatus", {}).get("code") == FORBIDDEN
        ]

    def _of(self, user: str) -> Iterator[Object]:
        with self._file.open("rb") as file:
            file.seek(self._begin)
            whole, _, _ = file.read().rpartition(b"\n")  # the last line may be on its way
        for line in whole.splitlines():
            entry: Object = json.loads(line)
            if entry["user"]["username"] == user:
                yield entry


def _resource(target: Object) -> str:
    subresource = target.get("subresource", "")
    return f"{target['resource']}/{subresource}" if subresource else str(target["resource"])


def _verbs(entry: Object) -> list[str]:
    """An apply that has made its object was checked for `create` as well."""
    made = entry["verb"] == "patch" and entry.get("responseStatus", {}).get("code") == CREATED
    return ["patch", "create"] if made else [entry["verb"]]
