"""Ask a pool with the official OpenAI SDK, and print the answer as it comes: python examples/chat.py "Hello"."""

import os
import sys

from openai import OpenAI

BASE_URL = os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:5104/v1")


def main(question: str) -> None:
    client = OpenAI(base_url=BASE_URL, api_key=os.environ.get("OPENAI_API_KEY", "any will do on loopback"))
    model = next(iter(client.models.list())).id
    print(f"{model} is asked: {question}\n")
    stream = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], stream=True
    )
    for chunk in stream:
        if chunk.choices:
            print(chunk.choices[0].delta.content or "", end="", flush=True)
    print()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "Hello")
