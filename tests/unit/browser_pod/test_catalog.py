"""The site's catalogue: which models can be picked, under which names, and where they stand in the list."""

from typing import Any

import pytest

from bridge_browser.sites.arena.catalog import option_index, pickable_models


def row(name: str, id: str, organization: str | None = "acme", **changes: Any) -> dict[str, Any]:  # noqa: A002
    output = {"text": True, "image": False, "search": False}
    capabilities = {"inputCapabilities": {"text": True}, "outputCapabilities": output}
    base = {"id": id, "publicName": name, "organization": organization, "userSelectable": True}
    return base | {"capabilities": capabilities} | changes


def catalog(*rows: Any) -> list[dict[str, Any]]:
    return [{"arena": "text", "complete": True, "models": list(rows)}]


def names(*rows: Any) -> list[str]:
    return [model.offered.id for model in pickable_models(catalog(*rows))]


def test_a_name_of_its_own_stays_as_it_is() -> None:
    assert names(row("atlas", "1111-a"), row("quill", "2222-b")) == ["atlas", "quill"]


def test_models_of_one_name_get_a_short_piece_of_their_ids() -> None:
    assert names(row("atlas", "1111-a"), row("atlas", "2222-b")) == ["atlas-1111", "atlas-2222"]


def test_the_suffix_grows_until_it_tells_them_apart() -> None:
    assert names(row("atlas", "11112-a"), row("atlas", "11113-b")) == ["atlas-11112", "atlas-11113"]


def test_a_suffix_never_makes_the_name_of_another_model() -> None:
    offered = names(row("atlas", "1111-a"), row("atlas", "2222-b"), row("atlas-1111", "3333-c"))

    assert offered == ["atlas-1111-", "atlas-2222", "atlas-1111"]


@pytest.mark.parametrize(
    "bad",
    [
        row("x", "1", userSelectable=False),
        row("x", "1", organization=None),
        row("x", "1", capabilities={"outputCapabilities": {"text": True, "image": True}}),
        row("x", "1", capabilities={"outputCapabilities": {"text": True, "search": True}}),
        row("x", "1", capabilities={"outputCapabilities": {}}),
        row("x", "1", capabilities=None),
        row("", "1"),
        row("x", ""),
        "no row",
    ],
)
def test_what_cannot_be_picked_for_a_text_chat_is_left_out(bad: Any) -> None:
    assert names(bad, row("atlas", "2")) == ["atlas"]


@pytest.mark.parametrize("nonsense", [None, {}, "text", [1], [{"models": None}]])
def test_nonsense_is_an_empty_catalogue(nonsense: Any) -> None:
    assert pickable_models(nonsense) == []


def test_a_model_that_stands_twice_is_one() -> None:
    assert names(row("atlas", "1"), row("atlas", "1")) == ["atlas"]


def test_a_model_is_found_by_name_organization_and_place() -> None:
    models = pickable_models(
        catalog(
            row("atlas", "1111", "acme"),
            row("atlas-mini", "2222", "acme"),
            row("atlas", "3333", "globex"),
            row("atlas", "4444", "acme"),
        )
    )
    options = ["atlas\nacme", "atlas-mini\nacme", "atlas\nglobex", "atlas\nacme"]

    assert [option_index(options, model) for model in models] == [0, 1, 2, 3]


def test_a_model_is_found_where_the_page_shows_names_only() -> None:
    (model,) = pickable_models(catalog(row("atlas", "1")))

    assert option_index(["atlas-mini", " atlas "], model) == 1
    assert option_index(["atlas-mini"], model) is None
