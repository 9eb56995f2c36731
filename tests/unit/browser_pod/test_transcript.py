"""What is typed: a lone message as it is, a history as one marked transcript."""

from bridge_api.chat import Message
from bridge_browser.transcript import text_to_type


def message(role: str, content: str) -> Message:
    return Message.model_validate({"role": role, "content": content})


def test_a_lone_message_is_typed_as_it_is() -> None:
    assert text_to_type([message("user", " Hello\nyou ")]) == " Hello\nyou "


def test_a_history_keeps_every_message_in_order_and_says_who_spoke() -> None:
    typed = text_to_type(
        [
            message("system", "Be brief."),
            message("user", "One"),
            message("assistant", "Two"),
            message("user", "Three"),
        ]
    )

    assert typed.endswith("[System]\nBe brief.\n\n[User]\nOne\n\n[Assistant]\nTwo\n\n[User]\nThree")
    assert not typed.startswith("[System]")


def test_a_lone_system_message_is_marked_too() -> None:
    assert "[System]\nBe brief." in text_to_type([message("developer", "Be brief.")])
