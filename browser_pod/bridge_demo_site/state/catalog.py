"""The site's models: `catalog.json`, and which of them a person can pick."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Catalog:
    """The catalogue as the site publishes it; public names are not unique."""

    arenas: list[dict[str, Any]]

    @classmethod
    def from_json(cls, text: str) -> "Catalog":
        return cls(json.loads(text))

    def rows(self) -> Iterator[dict[str, Any]]:
        for arena in self.arenas:
            yield from arena["models"]

    def selectable_ids(self) -> list[str]:
        """List the models that the text pages offer, in the catalogue's order."""
        return [
            row["id"]
            for row in self.rows()
            if row["userSelectable"]
            and row["organization"]
            and row["capabilities"]["outputCapabilities"]["text"]
        ]

    def public_name(self, model_id: str) -> str:
        return next((str(row["publicName"]) for row in self.rows() if row["id"] == model_id), model_id)
