"""Read pools from YAML text, and find every mistake in it with its line and with what would be right."""

import copy
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bridge_api.names import KIND
from bridge_api.pool import BridgeInstancePool
from bridge_api.sites import ADAPTERS, ADAPTERS_TO_COME

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """Something in a file that cannot stay so."""

    line: int
    """From 1."""

    path: str
    """Such as `spec.autoscaling.minInstances`."""

    message: str
    """What is wrong and what would be right."""

    def __str__(self) -> str:
        return (
            f"line {self.line}: {self.path}: {self.message}"
            if self.path
            else f"line {self.line}: {self.message}"
        )


@dataclass(slots=True)
class Manifest:
    """What a file holds: the pools that are sound, and the mistakes."""

    pools: list[BridgeInstancePool] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    lines: list["_Lines"] = field(default_factory=list)
    """Of each pool, in the same order."""

    def line_of(self, pool: BridgeInstancePool, path: str) -> int:
        """Return the line of a path such as `spec.slots`, or of the nearest parent that is written."""
        steps = re.findall(r"\[([0-9]+)\]|([^.\[\]]+)", path)
        location = tuple(int(index) if index else name for index, name in steps)
        return self.lines[self.pools.index(pool)].of(location)


def read_manifest(text: str) -> Manifest:
    """Read every document of a YAML text."""
    manifest = Manifest()
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else 1
        manifest.mistakes.append(Mistake(line, "", f"not YAML: {broken.problem or broken.context}"))
        return manifest
    for node in documents:
        _read_document(node, manifest)
    if not documents:
        manifest.mistakes.append(Mistake(1, "", f"empty: a document of kind {KIND} is wanted"))
    _refuse_twins(documents, manifest)
    manifest.mistakes.sort()
    return manifest


def _read_document(node: yaml.Node, manifest: Manifest) -> None:
    lines = _Lines(node)
    if lines.duplicates:
        manifest.mistakes += lines.duplicates
        return
    value = _construct(node)
    if not isinstance(value, dict):
        manifest.mistakes.append(
            Mistake(lines.of(()), "", f"a document of kind {KIND} is wanted, not {_kind(value)}")
        )
        return
    try:
        pool = BridgeInstancePool.model_validate(value)
    except ValidationError as invalid:
        manifest.mistakes += _explain(invalid.errors(include_url=False), BridgeInstancePool, lines)
        manifest.mistakes += _explain(_rules_broken_besides(value, invalid), BridgeInstancePool, lines)
        pool = None
    mistakes = _check_site_settings(value, lines)
    manifest.mistakes += mistakes
    if pool is not None and not mistakes:
        manifest.pools.append(pool)
        manifest.lines.append(lines)


def _check_site_settings(document: dict[str, Any], lines: "_Lines") -> list[Mistake]:
    site = spec.get("site") if isinstance(spec := document.get("spec"), dict) else None
    if not isinstance(site, dict) or not isinstance(settings := site.get("settings", {}), dict):
        return []
    name = str(site.get("adapter"))
    adapter = ADAPTERS.get(name)
    if adapter is None:
        return [] if name in ADAPTERS_TO_COME or "adapter" not in site else [_unknown_adapter(name, lines)]
    try:
        adapter.settings.model_validate(settings)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
        return list(_explain(errors, adapter.settings, lines, prefix=("spec", "site", "settings")))
    return []


def _unknown_adapter(name: str, lines: "_Lines") -> Mistake:
    close = difflib.get_close_matches(name, ADAPTERS, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there is: {', '.join(ADAPTERS)}"
    return Mistake(lines.of(("spec", "site", "adapter")), "spec.site.adapter", f"no adapter {name!r}; {hint}")


def _refuse_twins(documents: list[yaml.Node], manifest: Manifest) -> None:
    seen: set[str] = set()
    for node in documents:
        value = _construct(node)
        metadata = value.get("metadata") if isinstance(value, dict) else None
        if not isinstance(metadata, dict) or "name" not in metadata:
            continue
        key = f"{metadata.get('namespace', 'default')}/{metadata['name']}"
        if key in seen:
            line = _Lines(node).of(("metadata", "name"))
            manifest.mistakes.append(
                Mistake(line, "metadata.name", f"a second pool called {key} in one file")
            )
        seen.add(key)


def _rules_broken_besides(document: dict[str, Any], invalid: ValidationError) -> list[ErrorDetails]:
    """Find the rules between fields that are broken too: a field's own mistake keeps its model's rules from running."""
    rest = copy.deepcopy(document)
    for error in invalid.errors(include_url=False):
        if error["type"] != "value_error":
            _remove(rest, tuple(error["loc"]))
    try:
        BridgeInstancePool.model_validate(rest)
    except ValidationError as still_invalid:
        known = {error["loc"] for error in invalid.errors() if error["type"] == "value_error"}
        return [
            error
            for error in still_invalid.errors(include_url=False)
            if error["type"] == "value_error" and error["loc"] not in known
        ]
    return []


def _remove(document: Any, location: Location) -> None:
    parent = document
    for step in location[:-1]:
        parent = parent.get(step) if isinstance(parent, dict) else None
    if isinstance(parent, dict):
        parent.pop(location[-1], None)


def _explain(
    errors: Iterable[ErrorDetails], model: type[BaseModel], lines: "_Lines", prefix: Location = ()
) -> Iterable[Mistake]:
    for error in errors:
        location = prefix + tuple(error["loc"])
        yield Mistake(lines.of(location), _path(location), _advice(error, model))


def _advice(error: ErrorDetails, model: type[BaseModel]) -> str:
    match error["type"]:
        case "extra_forbidden":
            advice = _unknown_field(tuple(error["loc"]), model)
        case "missing":
            advice = "is required"
        case "string_pattern_mismatch":
            advice = f"{error['input']!r} does not match {error['ctx']['pattern']}"
        case "value_error":
            advice = str(error["ctx"]["error"])
        case _:
            advice = f"{error['msg'][0].lower()}{error['msg'][1:]}, not {_shown(error['input'])}"
    if isinstance(error["input"], bool) and error["type"] in ("enum", "string_type"):
        advice += "; write it in quotes, because YAML reads Off, On, Yes and No as a truth value"
    return advice


def _unknown_field(location: Location, model: type[BaseModel]) -> str:
    parent: Any = model
    for step in location[:-1]:
        parent = _field_model(parent, step)
    known = [info.alias or name for name, info in parent.model_fields.items()] if parent is not None else []
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    return "unknown field" + (f"; did you mean {close[0]}?" if close else f"; there is: {', '.join(known)}")


def _field_model(model: type[BaseModel] | None, step: str | int) -> type[BaseModel] | None:
    if model is None or isinstance(step, int):
        return model
    for name, info in model.model_fields.items():
        if step in (name, info.alias):
            return _model_in(info.annotation)
    return None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in getattr(annotation, "__args__", ()) if (found := _model_in(part))), None)


def _path(location: Location) -> str:
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str | int | float | bool | None) else _kind(value)


def _kind(value: Any) -> str:
    return {dict: "a mapping", list: "a list", str: "a text", type(None): "nothing"}.get(
        type(value), "a value"
    )


def _construct(node: yaml.Node) -> Any:
    return yaml.SafeLoader("").construct_document(node)


class _Lines:
    """Where each path of a document stands."""

    def __init__(self, node: yaml.Node) -> None:
        self._lines: dict[Location, int] = {}
        self.duplicates: list[Mistake] = []
        self._visit(node, ())

    def of(self, location: Location) -> int:
        """Return the line of a path, or of the nearest parent that is there."""
        while location not in self._lines and location:
            location = location[:-1]
        return self._lines[location]

    def _visit(self, node: yaml.Node, location: Location) -> None:
        self._lines.setdefault(location, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._visit(item, (*location, index))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._visit_entry(key, value, location)

    def _visit_entry(self, key: yaml.Node, value: yaml.Node, location: Location) -> None:
        here = (*location, str(key.value))
        line = key.start_mark.line + 1
        if here in self._lines:
            message = f"stands twice, first on line {self._lines[here]}; keep one"
            self.duplicates.append(Mistake(line, _path(here), message))
        self._lines[here] = line
        self._visit(value, here)
