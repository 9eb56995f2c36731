"""The site's catalogue: which models can be picked for a text chat, what clients call them, and where they are in the list."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from bridge_api.wire.instance import SiteModel
from bridge_browser.sites.base import CatalogModel

SHORTEST_SUFFIX = 4
"""Characters of the id that tell two models of one name apart, where they suffice."""


def pickable_models(catalog: Any) -> list[CatalogModel]:
    """Read the page's own catalogue response, in its order; nothing where it is no catalogue."""
    rows = list(_pickable_rows(catalog))
    offered = _offered_names(rows)
    seen: Counter[tuple[str, str]] = Counter()
    models = []
    for row, name in zip(rows, offered, strict=True):
        key = (row["publicName"], row["organization"])
        models.append(
            CatalogModel(row["id"], key[0], SiteModel(id=name, organization=key[1]), ordinal=seen[key])
        )
        seen[key] += 1
    return models


def option_index(options: Sequence[str], model: CatalogModel) -> int | None:
    """Find a model in the list as the page shows it: by its name, then its organization, then its place among twins."""
    named = [index for index, text in enumerate(options) if _shows(text, model.name)]
    of_maker = [index for index in named if model.offered.organization in options[index]]
    candidates = of_maker or named
    if not candidates:
        return None
    return candidates[min(model.ordinal, len(candidates) - 1)]


def _shows(option: str, name: str) -> bool:
    return name in (part.strip() for part in option.replace("\t", "\n").split("\n"))


def _pickable_rows(catalog: Any) -> Iterator[dict[str, Any]]:
    known = set()
    for row in _rows(catalog):
        if _is_pickable(row) and row["id"] not in known:
            known.add(row["id"])
            yield row


def _rows(catalog: Any) -> Iterator[dict[str, Any]]:
    for group in catalog if isinstance(catalog, list) else []:
        rows = group.get("models") if isinstance(group, dict) else None
        yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


def _is_pickable(row: dict[str, Any]) -> bool:
    texts = (row.get("id"), row.get("publicName"), row.get("organization"))
    return (
        all(isinstance(text, str) and text for text in texts)
        and bool(row.get("userSelectable"))
        and _chats(row)
    )


def _chats(row: dict[str, Any]) -> bool:
    capabilities = row.get("capabilities")
    output = capabilities.get("outputCapabilities") if isinstance(capabilities, dict) else None
    can = output if isinstance(output, dict) else {}
    return bool(can.get("text")) and not can.get("image") and not can.get("search")


def _offered_names(rows: list[dict[str, Any]]) -> list[str]:
    shared = Counter(row["publicName"] for row in rows)
    names: list[str] = []
    for row in rows:
        name = row["publicName"]
        names.append(name if shared[name] == 1 else _with_suffix(row, rows, shared))
    return names


def _with_suffix(row: dict[str, Any], rows: list[dict[str, Any]], shared: Counter[str]) -> str:
    name, own = row["publicName"], row["id"]
    twins = [other["id"] for other in rows if other["publicName"] == name and other["id"] != own]
    for length in range(SHORTEST_SUFFIX, len(own)):
        candidate = f"{name}-{own[:length]}"
        if candidate not in shared and not any(twin.startswith(own[:length]) for twin in twins):
            return candidate
    return f"{name}-{own}"
