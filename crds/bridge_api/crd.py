"""Turn the models into the CustomResourceDefinition: a structural schema with defaults, CEL rules and list maps.

Source: Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions" (structural schemas).
"""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from bridge_api import names
from bridge_api.base import SpecModel
from bridge_api.pool import NAME_RULES
from bridge_api.spec.pool import PoolSpec
from bridge_api.status import PoolStatus

Schema = dict[str, Any]

ONLY_WIDE = {"priority": 1}
"""For `kubectl get -o wide`."""

_DROPPED = ("title", "additionalProperties", "default", "$defs")


def make_crd() -> dict[str, Any]:
    """Make the CustomResourceDefinition of `BridgeInstancePool`."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names.PLURAL}.{names.GROUP}"},
        "spec": {
            "group": names.GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": names.KIND,
                "plural": names.PLURAL,
                "singular": names.SINGULAR,
                "shortNames": [names.SHORT_NAME],
                "categories": [names.CATEGORY],
            },
            "versions": [_make_version()],
        },
    }


def _make_version() -> dict[str, Any]:
    return {
        "name": names.VERSION,
        "served": True,
        "storage": True,
        "subresources": {
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.replicas",
                "statusReplicasPath": ".status.replicas",
                "labelSelectorPath": ".status.selector",
            },
        },
        "additionalPrinterColumns": [
            _column("Site", "string", ".spec.site.url"),
            _column("Strategy", "string", ".spec.loadBalancing.strategy"),
            _column("Desired", "integer", ".status.desiredInstances"),
            _column("Ready", "integer", ".status.readyInstances"),
            _column("Min", "integer", ".spec.autoscaling.minInstances"),
            _column("Max", "integer", ".spec.autoscaling.maxInstances"),
            _column("Status", "string", '.status.conditions[?(@.type=="Ready")].reason'),
            _column("Age", "date", ".metadata.creationTimestamp"),
            *(
                _column(kind, "string", f'.status.conditions[?(@.type=="{kind}")].reason') | ONLY_WIDE
                for kind in ("Progressing", "Degraded")
            ),
        ],
        "schema": {
            "openAPIV3Schema": {
                "type": "object",
                "description": "A pool of browser instances that offer one chat site through the OpenAI API.",
                "required": ["spec"],
                "properties": {
                    "apiVersion": {"type": "string"},
                    "kind": {"type": "string"},
                    "metadata": {"type": "object"},
                    "spec": structural_schema(PoolSpec),
                    "status": structural_schema(PoolStatus),
                },
                "x-kubernetes-validations": [
                    {"rule": rule, "message": message} for rule, message in NAME_RULES
                ],
            }
        },
    }


def structural_schema(model: type[SpecModel]) -> Schema:
    """Make the structural schema of a model: no references, no alternatives, defaults in place."""
    schema = model.model_json_schema(by_alias=True)
    return _Structural(schema.get("$defs", {}), _rules_by_title(model)).convert(schema)


class _Structural:
    """Rewrites a pydantic JSON schema, node by node."""

    def __init__(self, definitions: dict[str, Schema], rules: dict[str, list[dict[str, str]]]) -> None:
        self._definitions = definitions
        self._rules = rules

    def convert(self, node: Schema) -> Schema:
        resolved = self._resolve(node)
        result = {key: value for key, value in resolved.items() if key not in _DROPPED}
        if "default" in node and node["default"] is not None:
            result["default"] = node["default"]
        if "properties" in resolved:
            result["properties"] = {
                name: self.convert(child) for name, child in resolved["properties"].items()
            }
            self._default_objects(result["properties"])
            if rules := self._rules.get(resolved.get("title", "")):
                result["x-kubernetes-validations"] = rules
        if "items" in resolved:
            result["items"] = self.convert(resolved["items"])
        if resolved.get("type") == "object" and "properties" not in resolved:
            result |= self._free_object(resolved.get("additionalProperties", True))
        return _ordered(result)

    def _resolve(self, node: Schema) -> Schema:
        """Inline a reference and take the one alternative that is not null."""
        if "x-kubernetes-int-or-string" in node:
            return {key: value for key, value in node.items() if key not in ("anyOf", "type")}
        if alternatives := node.get("anyOf"):
            (only,) = [option for option in alternatives if option.get("type") != "null"]
            return {**self._resolve(only), **{key: value for key, value in node.items() if key != "anyOf"}}
        if reference := node.get("$ref"):
            target = self._resolve(self._definitions[reference.rsplit("/", 1)[1]])
            return {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        return node

    def _free_object(self, values: Any) -> Schema:
        if isinstance(values, dict):
            return {"additionalProperties": self.convert(values)}
        return {"x-kubernetes-preserve-unknown-fields": True}

    def _default_objects(self, properties: dict[str, Schema]) -> None:
        """Give an object whose every field is optional an empty default, so that Kubernetes fills in its fields."""
        for child in properties.values():
            if (child.get("default") and child.get("type") == "object" and "properties" in child) or (
                "default" not in child and self._is_optional_object(child)
            ):
                # Kubernetes checks the rules on this value as it stands, before it fills in the fields' own defaults.
                child["default"] = _spelled_out(child) if "x-kubernetes-validations" in child else {}

    @staticmethod
    def _is_optional_object(child: Schema) -> bool:
        return (
            child.get("type") == "object"
            and "properties" in child
            and not child.get("required")
            and any("default" in grandchild for grandchild in child["properties"].values())
        )


def _rules_by_title(model: type[BaseModel]) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}

    def visit(kind: type[BaseModel]) -> None:
        if issubclass(kind, SpecModel) and kind.cel_rules:
            found[kind.__name__] = [{"rule": rule, "message": message} for rule, message in kind.cel_rules]
        for info in kind.model_fields.values():
            _for_each_model(info.annotation, visit)

    visit(model)
    return found


def _for_each_model(annotation: Any, visit: Callable[[type[BaseModel]], None]) -> None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        visit(annotation)
    for argument in getattr(annotation, "__args__", ()):
        _for_each_model(argument, visit)


def _spelled_out(schema: Schema) -> dict[str, Any]:
    return {
        name: _spelled_out(child) if "properties" in child else child["default"]
        for name, child in schema["properties"].items()
        if "default" in child
    }


def _ordered(schema: Schema) -> Schema:
    first = ("type", "format", "description", "default", "enum")
    head = {key: schema[key] for key in first if key in schema}
    return head | {key: value for key, value in schema.items() if key not in first}


def _column(name: str, kind: str, path: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "jsonPath": path}
