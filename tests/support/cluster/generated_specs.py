"""Pools made from the schema: sound ones at random, and for every field the values that may be wrong there."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from bridge_api import names
from bridge_api.crd import make_crd

Schema = dict[str, Any]
Path = tuple[str | int, ...]

SPEC: Schema = make_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
SITE = {"adapter": "arena", "url": "http://127.0.0.1:5105"}
WRONG_KINDS: tuple[Any, ...] = (True, 3, 1.5, "4", "yes", [], ["a"], [1], {}, {"a": 1}, {"a": "b"})
DOUBTFUL_TEXTS = ("", "a", "A", "-", "a-", "--a", "a\n", "a b", "a.b", "a/b", "ä", "\u00a0", "*", "@")
DOUBTFUL: dict[str, tuple[Any, ...]] = {
    "bufferSlots": (0, -1, "0%", "20%", "150%", "20", "%", "-5%", "1.5%", "٣%", "5%\n", "5 %"),
    "extraArgs": (
        ["--mute-audio"],
        ["--lang-pack=x", "--a=b=c"],
        ["no-switch"],
        ["-x"],
        [""],
        ["--no-sandbox"],
        ["--no-sandbox=1"],
        ["--lang=de"],
        ["--mute-audio", "--headless=new"],
        ["--a"] * 65,
    ),
    "url": (
        "http://a",
        "https://a.b:1/c?d#e",
        "http://user@a",
        "ftp://a",
        "http://",
        "http://a b",
        "http://a\u00a0b",
        "http://ä/ö",
        "HTTP://a",
        "http://a\n",
    ),
    "locale": ("de", "de-DE", "zh-Hans-CN", "d", "de_DE", "de-"),
    "profiles": ([{"name": "a"}, {"name": "b"}], [{"name": "a"}, {"name": "a"}], [{}]),
}
"""What is worth trying in fields that have rules or patterns of their own; the first is sound."""

POOL_NAMES = ("a", "demo", "a-1", "a" * 40, "a" * 41, "a.b", "A", "-a", "a-", "a_b", "")
ANY_JSON = st.recursive(
    st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def make_pool(spec: dict[str, Any], name: str = "demo") -> dict[str, Any]:
    return {"apiVersion": names.API_VERSION, "kind": names.KIND, "metadata": {"name": name}, "spec": spec}


def fields(schema: Schema = SPEC, path: Path = ()) -> Iterator[tuple[Path, Schema]]:
    """Yield every field of the spec, items of lists included."""
    for name, child in schema.get("properties", {}).items():
        yield (*path, name), child
        yield from fields(child, (*path, name))
    if "items" in schema:
        yield (*path, 0), schema["items"]
        yield from fields(schema["items"], (*path, 0))


def doubtful_values(path: Path, schema: Schema) -> Iterator[Any]:
    """Yield values that may be wrong in a field; whether they are, both sides have to say alike."""
    yield from WRONG_KINDS
    yield from DOUBTFUL.get(str(path[-1]), ())
    if schema.get("type") == "integer":
        low, high = schema.get("minimum", -9), schema.get("maximum", 2**31)
        yield from (low - 1, low, high, high + 1)
    if schema.get("type") == "string":
        yield from DOUBTFUL_TEXTS
        yield from schema.get("enum", ())
        longest = schema.get("maxLength", 300)
        yield from ("a" * longest, "a" * (longest + 1))
    if schema.get("properties"):
        yield {"unknownField": 1}


def with_value(spec: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return a spec with this value; what is missing or of the wrong kind on the way is filled in soundly."""
    changed = copy.deepcopy(spec)
    parent: Any = changed
    schema = SPEC
    for step in path[:-1]:
        schema = schema["items"] if isinstance(step, int) else schema["properties"][step]
        wanted = list if schema["type"] == "array" else dict
        if isinstance(step, int):
            parent[:] = [one for one in parent if isinstance(one, wanted)] or [_least(schema)]
        elif not isinstance(parent.get(step), wanted):
            parent[step] = _least(schema)
        parent = parent[step]
    if isinstance(path[-1], int):
        parent[:] = [value]
    else:
        parent[path[-1]] = value
    return changed


def _least(schema: Schema) -> Any:
    """Make the least that a schema takes."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            return {name: _least(schema["properties"][name]) for name in schema.get("required", [])}
        case "array":
            return []
        case "integer":
            return schema.get("minimum", 0)
        case _:
            return "a"


@st.composite
def pools(draw: st.DrawFn) -> dict[str, Any]:
    """Make a pool with up to three doubtful values in it."""
    spec = _object(draw, SPEC) | {"site": dict(SITE)}
    for path, schema in draw(st.lists(st.sampled_from(list(fields())), max_size=3)):
        spec = with_value(spec, path, draw(st.sampled_from(list(doubtful_values(path, schema)))))
    return make_pool(spec, draw(st.sampled_from(("demo", *POOL_NAMES))))


def _object(draw: st.DrawFn, schema: Schema) -> dict[str, Any]:
    required = schema.get("required", [])
    return {
        name: _sound(draw, name, child)
        for name, child in schema["properties"].items()
        if name in required or draw(st.integers(1, 4)) == 1
    }


def _sound(draw: st.DrawFn, field: str, schema: Schema) -> Any:
    if field in DOUBTFUL:
        return DOUBTFUL[field][0]
    if schema["type"] in ("object", "array"):
        return _container(draw, schema)
    return draw(_scalar(schema))


def _container(draw: st.DrawFn, schema: Schema) -> Any:
    match schema:
        case {"properties": _}:
            return _object(draw, schema)
        case {"additionalProperties": dict(of)}:
            return {key: _sound(draw, "", of) for key in draw(st.sets(st.sampled_from(["a", "b/c"])))}
        case {"items": items}:
            count = draw(st.integers(schema.get("minItems", 0), 2))
            return [_sound(draw, "", items) for _ in range(count)]
        case _:
            return draw(st.dictionaries(st.sampled_from(["a", "b"]), ANY_JSON, max_size=2))


def _scalar(schema: Schema) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "integer":
        low, high = schema.get("minimum", -9), schema.get("maximum", 2**31)
        return st.sampled_from([low, high]) | st.integers(low, min(high, low + 100))
    longest = schema.get("maxLength", 20)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True).filter(lambda text: len(text) <= longest)
    return st.text(min_size=schema.get("minLength", 0), max_size=min(longest, 20))
