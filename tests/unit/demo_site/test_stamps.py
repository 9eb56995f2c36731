"""A stamped answer says of each record when it left, whole and in order."""

from bridge_demo_site.answer.performance import perform
from bridge_demo_site.answer.stamps import fill
from tests.unit.demo_site.questions import chance, make_question, read_records, text


def test_each_text_record_says_its_number_and_when_it_was_written():
    performance = perform(make_question(tokens=3, stamps=True), None, "", chance(1))

    written = b"".join(fill(piece.data, 10.0 + number) for number, piece in enumerate(performance.pieces))

    assert performance.stamped
    assert text(read_records(written)) == "0 15.000000\n1 16.000000\n2 17.000000\n"


def test_reasoning_is_stamped_before_the_text():
    performance = perform(make_question(tokens=1, reasoning=2, stamps=True), None, "", chance(1))

    records = read_records(b"".join(fill(piece.data, 1.0) for piece in performance.pieces))
    assert [record[1:] for record in records if record[1] in "g0"] == [
        ("g", "0 1.000000\n"),
        ("g", "1 1.000000\n"),
        ("0", "2 1.000000\n"),
    ]


def test_stamped_records_are_never_cut():
    performance = perform(make_question(tokens=200, stamps=True), None, "", chance(1))

    assert all(piece.data.endswith(b"\n") and not piece.rest for piece in performance.pieces)


def test_other_answers_are_not_stamped():
    assert not perform(make_question(), None, "", chance(1)).stamped
