"""The shapes that go out, as the OpenAI API has them."""

from bridge_browser.chunks import ChunkMaker
from bridge_browser.sites.base import FinishReason, TokenCount
from bridge_browser.stream import Completed, Delta, DeltaKind, Piece, Source, Usage

MAKER = ChunkMaker("chatcmpl-1", 1700000000, "atlas")
DONE = Completed(FinishReason.STOP, Usage(TokenCount(3, 4), estimated=False), cut=False)
ESTIMATE = Completed(FinishReason.LENGTH, Usage(TokenCount(3, 4), estimated=True), cut=True)


def test_a_stream_begins_with_the_role_and_ends_with_the_reason() -> None:
    assert MAKER.role()["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert MAKER.finish(DONE)["choices"][0] == {
        "index": 0,
        "delta": {},
        "logprobs": None,
        "finish_reason": "stop",
    }


def test_every_chunk_bears_the_same_head() -> None:
    chunks = [MAKER.role(), MAKER.piece(Delta(DeltaKind.CONTENT, "x")), MAKER.finish(DONE), MAKER.usage(DONE)]

    heads = [{key: chunk[key] for key in ("id", "object", "created", "model")} for chunk in chunks]

    assert (
        heads
        == [
            {
                "id": "chatcmpl-1",
                "object": "chat.completion.chunk",
                "created": 1700000000,
                "model": "atlas",
            }
        ]
        * 4
    )


def test_usage_comes_alone_and_an_estimate_says_so() -> None:
    assert MAKER.usage(DONE)["choices"] == []
    assert MAKER.usage(DONE)["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert MAKER.usage(ESTIMATE)["usage"]["estimated"] is True


def test_a_whole_answer_has_everything_together() -> None:
    pieces: list[Piece] = [
        Delta(DeltaKind.REASONING, "hm"),
        Delta(DeltaKind.CONTENT, "Hel"),
        Source("https://x", "X", 3),
        Delta(DeltaKind.CONTENT, "lo"),
    ]

    whole = MAKER.completion(pieces, DONE)

    message = whole["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ("Hello", "hm")
    assert message["annotations"][0]["url_citation"]["url"] == "https://x"
    assert whole["object"] == "chat.completion"
    assert whole["choices"][0]["finish_reason"] == "stop"
