"""The text of an answer: a readable function of what was asked, cut into uneven pieces."""

import re
from collections.abc import Iterable
from itertools import cycle

from bridge_demo_site.answer.records import Randomness

QUOTED_CHARACTERS = 200
LONGEST_DELTA = 6
FULLEST_AVERAGE = 5

FILLER = (
    "A bridge is a promise that both banks will still be there tomorrow.",
    "The first stones were laid from a café on the quay, where the engineer drew on a napkin.",
    "Every cable carries a little more than its share, and none of them complains.",
    "In Kyōto they say 橋を渡る, and mean both the crossing and the courage.",
    "Rain makes no difference to the arithmetic, only to the arithmeticians.",
    "Ships pass below with a naïve trust in other people's measurements 🌉.",
    "Halfway across, the river sounds the same from either side.",
    "Größe is not the point; the point is that the load arrives.",
)
THOUGHTS = (
    "The question is short, so the answer should be plain.",
    "First I look at what was said, then at which turn this is.",
    "Nothing here needs a guess — the words are given.",
)


def opening(said: str, turn: int) -> str:
    """Write how every answer begins: the message quoted (its end, if it is long) and the turn's number."""
    quoted = said if len(said) <= QUOTED_CHARACTERS else "…" + said[-QUOTED_CHARACTERS:]
    return f'You said: "{quoted}". This is turn {turn} of our conversation.'


def full_text(beginning: str, tokens: int) -> str:
    """Add whole sentences until `tokens` pieces of a few characters can hold the text and no more."""
    return _extend(beginning, cycle(FILLER), FULLEST_AVERAGE * tokens)


def thoughts(tokens: int) -> str:
    """Write reasoning for so many pieces."""
    text = _extend("Let me think.", cycle(THOUGHTS), FULLEST_AVERAGE * tokens)
    return text[: LONGEST_DELTA * tokens]


def into_deltas(text: str, tokens: int, randomness: Randomness) -> list[str]:
    """Cut a text into pieces of 1 to 6 characters, wherever words end.

    The number is `tokens`, unless the text is too long or too short for it.
    """
    count = max(1, min(tokens, len(text)))
    if len(text) > LONGEST_DELTA * count:
        count = -(-len(text) // 4)
    deltas = []
    start = 0
    for remaining in range(count - 1, -1, -1):
        rest = len(text) - start
        size = randomness.randint(
            max(1, rest - LONGEST_DELTA * remaining), min(LONGEST_DELTA, rest - remaining)
        )
        deltas.append(text[start : start + size])
        start += size
    return deltas


def estimated_tokens(texts: Iterable[str]) -> int:
    """Count words and signs: near enough to a tokenizer for a stand-in, and explainable."""
    return sum(len(re.findall(r"\w+|[^\w\s]", text)) for text in texts)


def _extend(text: str, sentences: Iterable[str], characters: int) -> str:
    for sentence in sentences:
        longer = f"{text} {sentence}"
        if len(longer) > characters:
            break
        text = longer
    return text
