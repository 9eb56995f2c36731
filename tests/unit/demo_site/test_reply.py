"""The text of an answer is a function of what was asked, and its pieces are the text."""

import pytest

from bridge_demo_site.answer.reply import estimated_tokens, full_text, into_deltas, opening, thoughts
from tests.unit.demo_site.questions import chance


def test_an_answer_quotes_the_message_and_counts_the_turn():
    assert opening("Hi there", 2) == 'You said: "Hi there". This is turn 2 of our conversation.'


def test_of_a_long_message_the_end_is_quoted():
    assert opening("x" * 500 + "the end", 1).startswith('You said: "…xxx')
    assert 'the end". This is turn 1' in opening("x" * 500 + "the end", 1)


@pytest.mark.parametrize("tokens", [1, 2, 14, 15, 40, 120, 2000])
def test_pieces_make_up_the_text_and_none_is_longer_than_six_characters(tokens: int):
    text = full_text(opening("Hi", 1), tokens)

    deltas = into_deltas(text, tokens, chance(tokens))

    assert "".join(deltas) == text
    assert all(1 <= len(delta) <= 6 for delta in deltas)


@pytest.mark.parametrize("tokens", [20, 40, 120, 2000])
def test_an_answer_has_as_many_pieces_as_asked_for(tokens: int):
    text = full_text(opening("Hi", 1), tokens)

    assert len(into_deltas(text, tokens, chance(1))) == tokens


def test_the_opening_is_whole_even_where_few_pieces_are_asked_for():
    beginning = opening("Hi", 1)

    assert full_text(beginning, 3) == beginning
    assert "".join(into_deltas(beginning, 3, chance(1))) == beginning


def test_the_filler_has_characters_of_several_bytes():
    text = full_text(opening("Hi", 1), 200)

    assert {"é", "橋", "🌉"} <= set(text)


@pytest.mark.parametrize("tokens", [1, 3, 5, 50])
def test_reasoning_has_as_many_pieces_as_asked_for(tokens: int):
    assert len(into_deltas(thoughts(tokens), tokens, chance(1))) == tokens


def test_words_and_signs_are_counted_as_tokens():
    assert estimated_tokens(["Hello, world!", "again"]) == 5
