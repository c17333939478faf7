"""Taking answers out of completions: marked, fenced, or merely somewhere."""

import re
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.answers import extract

KINDS = ("word", "number", "hex", "flag", "code")
FORMS = {
    "word": r"[\w.:/@+-]*\w[\w.:/@+-]*",
    "number": r"-?\d+(\.\d*[1-9])?",
    "hex": r"([0-9a-f]{2})+",
    "flag": r"seatrial\{[a-z0-9_-]+\}",
    "code": r"(?s).+",
}
SAMPLES = {"word": "carla", "number": "17", "hex": "4d5a0011", "flag": "seatrial{oak-1}"}


@pytest.mark.parametrize(
    ("kind", "completion", "answer"),
    [
        ("number", "ANSWER: 12", "12"),
        ("number", "**Answer:** line **12**.", "12"),
        ("number", "### Final Answer: `12`", "12"),
        ("number", '{"answer": 12}', "12"),
        ("number", "ANSWER: 3\nNo, wait.\nANSWER: 12", "12"),
        ("number", "ANSWER: 12\nANSWER: <line number>", "12"),
        ("number", "ANSWER: 12 (not 15)", "12"),
        ("number", "ANSWER:\n\n**12**\n\nas 15 is fine", "12"),
        ("number", "ANSWER:\n```\n15 or rather\n12\n```", "12"),
        ("number", "```c\nint a = 15;\n```\nSo it is 12.", "15"),
        ("number", "Lines 3 to 9 are fine, so it must be line 12.", "12"),
        ("number", "<think>ANSWER: 3</think>It is 12", "12"),
        ("number", "ANSWER: 1,024.50", "1024.5"),
        ("number", "ANSWER: +007", "7"),
        ("number", "ANSWER: -0", "0"),
        ("number", "see utf8 and 0x1f", None),
        ("word", "ANSWER: carla", "carla"),
        ("word", "ANSWER: `carla`.", "carla"),
        ("word", "> **ANSWER:** “carla”", "carla"),
        ("word", "Answer: /srv/.env", "/srv/.env"),
        ("word", "ANSWER: 10.0.3.17.", "10.0.3.17"),
        ("word", "It was\n\ncarla!", "carla"),
        ("word", "?!", None),
        ("hex", "ANSWER: 4D5A 0011", "4d5a0011"),
        ("hex", "ANSWER: 0x4d, 0x5a", "4d5a"),
        ("hex", r"ANSWER: b'\x4d\x5a\x00ff'", "4d5a00ff"),
        ("hex", "ANSWER:\n```\n4d5a\n0011\n```", "4d5a0011"),
        ("hex", "The input 4d5a0011 crashes; be bad, face it, added dead weight.", "4d5a0011"),
        ("hex", "ANSWER: 4d5", None),
        ("hex", "be bad", None),
        ("flag", "so it is SEATRIAL{Oak-1}.", "seatrial{oak-1}"),
        ("flag", "ANSWER: seatrial{...}", None),
        ("flag", "flag{oak-1}", None),
        ("code", "```c\nint a;\n```\nlike\n```\nint b;\n```\n", "int b;\n"),
        ("code", "```\nint a;\n```\nANSWER:\n```c\nint b;\n```\n```sh\ncc b.c\n```", "int b;\n"),
        ("code", "````\n```\nint a;\n```\n````", "```\nint a;\n```\n"),
        ("code", "```c\nint a;\n", "int a;\n"),
        ("code", "```c\r\nint a;\r\n```", "int a;\n"),
        (
            "code",
            "Here:\n#include <a.h>\nint f(void) { return 1; }\nGood luck!",
            "#include <a.h>\nint f(void) { return 1; }\n",
        ),
        ("code", "```\n\n```", None),
        ("code", "no code", None),
    ],
)
def test_the_answer_is_found_by_the_written_rule(kind, completion, answer):
    assert extract(kind, completion) == answer


def test_an_unknown_kind_is_misuse():
    with pytest.raises(Misuse, match="no answers of kind"):
        extract("melody", "ANSWER: la")


fragments = st.lists(
    st.sampled_from(
        [
            *"\n\t {}<>`*_'\":;,.#0x1f|-+=\\",
            "ANSWER:",
            "```",
            "```c\n",
            "</think>",
            "seatrial{",
            "4d",
            "\\x4d",
            "#include <a>",
        ]
    )
    | st.text(max_size=6),
    max_size=40,
).map("".join)


@given(fragments, st.sampled_from(KINDS))
def test_no_completion_is_too_strange(completion, kind):
    answer = extract(kind, completion)
    assert answer is None or re.fullmatch(FORMS[kind], answer)
    assert answer is None or answer.encode()


@given(fragments, st.sampled_from(tuple(SAMPLES)))
def test_a_marked_last_line_always_wins(prose, kind):
    answer = SAMPLES[kind]
    assert extract(kind, f"{prose}\nANSWER: {answer}") == answer
    assert extract(kind, f"{prose}\n**Answer**: **{answer}**\n") == answer


@given(st.text(string.ascii_lowercase + " \n", max_size=60), st.sampled_from(tuple(SAMPLES)))
def test_what_was_taken_is_taken_again_alike(prose, kind):
    once = extract(kind, f"{prose} {SAMPLES[kind]}")
    assert once is not None
    assert extract(kind, once) == once


@pytest.mark.parametrize(
    "nasty",
    [
        "answer: ",
        "answer:\n",
        "```\n",
        "ab ",
        "ab",
        "1,",
        "#include\n",
        "</think>",
        "\n",
        "{",
        "\\x4d",
        "answer:\n```\n",
    ],
)
def test_no_completion_takes_long(nasty):
    started = time.monotonic()
    for kind in KINDS:
        extract(kind, nasty * 40_000)
    assert time.monotonic() - started < 5
