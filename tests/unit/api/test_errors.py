"""Errors have OpenAI's shape and one meaning each."""

from bridge_api.errors import BridgeError, ErrorKind


def test_the_body_is_openais() -> None:
    error = BridgeError(ErrorKind.MODEL_NOT_FOUND, "no such model", param="model")

    assert error.body() == {
        "error": {
            "message": "no such model",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    }


def test_retry_after_is_a_whole_second_at_least() -> None:
    assert BridgeError(ErrorKind.QUEUE_FULL, "full", retry_after_seconds=0.2).headers() == {
        "retry-after": "1"
    }


def test_waiting_for_a_person_is_not_retried_by_clients() -> None:
    assert BridgeError(ErrorKind.NEEDS_HUMAN, "challenge").headers() == {"x-should-retry": "false"}


def test_a_final_error_is_not_retried_though_others_of_its_kind_are() -> None:
    assert BridgeError(ErrorKind.SITE_ERROR, "moved", final=True).headers() == {"x-should-retry": "false"}
    assert BridgeError(ErrorKind.SITE_ERROR, "crashed").headers() == {}


def test_a_code_leads_back_to_its_kind() -> None:
    assert ErrorKind.from_code("slots_full") is ErrorKind.SLOTS_FULL
    assert ErrorKind.from_code("unheard_of") is None
    assert ErrorKind.from_code(None) is None


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in ErrorKind if kind.code]

    assert len(codes) == len(set(codes))
