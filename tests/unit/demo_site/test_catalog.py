"""The catalogue has what makes the real one hard."""

from collections import Counter
from pathlib import Path

import bridge_demo_site
from bridge_demo_site.state.catalog import Catalog

CATALOG = Catalog.from_json(
    (Path(bridge_demo_site.__file__).parent / "catalog.json").read_text(encoding="utf-8")
)
ROWS = list(CATALOG.rows())


def test_public_names_repeat_among_the_models_that_can_be_picked():
    selectable = set(CATALOG.selectable_ids())
    names = Counter(row["publicName"] for row in ROWS if row["id"] in selectable)

    assert [name for name, count in names.items() if count > 1] == ["atlas-2", "quill-mini"]


def test_ids_do_not_repeat():
    assert len({row["id"] for row in ROWS}) == len(ROWS)


def test_some_models_cannot_be_picked_for_each_reason():
    assert any(not row["userSelectable"] for row in ROWS)
    assert any(row["organization"] is None for row in ROWS)
    assert any(not row["capabilities"]["outputCapabilities"]["text"] for row in ROWS)
    assert 20 < len(CATALOG.selectable_ids()) < len(ROWS)


def test_a_name_is_found_by_its_id():
    assert CATALOG.public_name(CATALOG.selectable_ids()[0]) == "atlas-3-large"
