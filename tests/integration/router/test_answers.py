"""Answers pass through the router as the pod gives them."""

from tests.integration.router.bench import Bench


async def test_a_stream_arrives_word_by_word(bench: Bench):
    pod = await bench.pod()
    await bench.serve_pods(pod)

    assert await bench.stream() == "Hello world"


async def test_a_whole_answer_arrives_whole(bench: Bench):
    pod = await bench.pod()
    await bench.serve_pods(pod)

    answer = await bench.sdk.chat.completions.create(
        model="model-a", messages=[{"role": "user", "content": "hi"}]
    )

    assert answer.choices[0].message.content == "Hello world"
