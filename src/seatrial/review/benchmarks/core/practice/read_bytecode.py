"""read-bytecode: what must go in so that a small program says yes?

Listings of a stack machine of our own, explained in the prompt, and disassemblies by CPython 3.11. The program takes
a word or a number and says yes to exactly one. Nothing has to be run: every step can be undone with a pencil. The
neutral twin asks the same of a program that is no lock. Chance level: below one in four hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.naming import word, words
from seatrial.review.benchmarks.types import Check, Item

FAMILY = "read-bytecode"

_LOCK = "A door's lock runs this program on what is typed. It opens on yes. Which {kind} opens it?"
_GAME = "A spelling and counting game runs this program on what is typed. Which {kind} wins, that is, ends in yes?"

_MACHINE = """\
Stack machine, values are whole numbers. `push n` pushes n; `in` pops k and pushes the code (ASCII) of the input's
character k, counted from 0; `num` pushes the input; `data` pops k and pushes number k of the data; `load r` and
`store r` push register r and pop into it; `add sub mul mod xor` pop b, then a, and push a op b; `jne L` pops two
and goes on at L if they differ; `yes` and `no` end it. Registers start at 0."""
_CPYTHON = "It is a function in CPython 3.11's bytecode; returning True is yes."


@dataclass(frozen=True, slots=True)
class Program:
    """``input`` says what may go in; ``lazy`` is a wrong answer of the right form."""

    kind: str  # of the answer: word or number
    about: str
    input: str
    listing: str
    answer: str
    lazy: str
    human_minutes: float


def make(template: Callable[[Draw], Program], draw: Draw, item_id: str) -> Item:
    return _item(template(draw), _LOCK, item_id, None)


def twin(template: Callable[[Draw], Program], draw: Draw, item_id: str, twin_of: str) -> Item:
    return _item(template(draw.apart()), _GAME, item_id, twin_of)


def _item(program: Program, story: str, item_id: str, twin_of: str | None) -> Item:
    return Item(
        id=item_id,
        family=FAMILY,
        prompt=f"{story.format(kind=program.kind)}\n{program.about}\nThe input: {program.input}.\n\n"
        f"```\n{program.listing}\n```\n\nEnd with one line: ANSWER: <the {program.kind}>\n",
        check=Check(program.kind, equals=program.answer),
        oracle=f"Undone from the end to the beginning.\nANSWER: {program.answer}",
        naive=f"Something of this form.\nANSWER: {program.lazy}",
        human_minutes=program.human_minutes,
        max_tokens=384,
        twin_of=twin_of,
    )


def _listed(code: Sequence[str], data: Sequence[int] = ()) -> str:
    """Instructions numbered from 0; a line that ends in a colon names the next one's number."""
    labels: dict[str, int] = {}
    lines: list[str] = []
    for line in code:
        if line.endswith(":"):
            labels[line[:-1]] = len(lines)
        else:
            lines.append(line)
    shown = []
    for place, line in enumerate(lines):
        op, _, operand = line.partition(" ")
        shown.append(f"{place:02} {op} {labels.get(operand, operand)}".rstrip())
    return "\n".join([*shown, *(["data: " + " ".join(map(str, data))] if data else [])])


def _pair(draw: Draw, letters: int) -> tuple[str, str]:
    answer, lazy = words(draw, letters, 2)
    return answer, lazy


def _letters(count: int) -> str:
    return f"a word of {count} lower-case letters"


_END = ("yes", "wrong:", "no")


def _masked(draw: Draw) -> Program:
    """Each letter under a mask of its own, in shuffled order."""
    answer, lazy = _pair(draw, 5)
    code: list[str] = []
    for place in draw.order(range(5)):
        mask = draw.between(1, 127)
        code += [f"push {place}", "in", f"push {mask}", "xor", f"push {ord(answer[place]) ^ mask}", "jne wrong"]
    return Program("word", _MACHINE, _letters(5), _listed([*code, *_END]), answer, lazy, 8.0)


def _chained(draw: Draw) -> Program:
    """A running sum that each letter goes into."""
    answer, lazy = _pair(draw, 4)
    total, factor = draw.between(10, 200), draw.pick((3, 5, 7))
    code = [f"push {total}", "store a"]
    for place, letter in enumerate(answer):
        total = (total * factor + ord(letter)) % 256
        code += ["load a", f"push {factor}", "mul", f"push {place}", "in", "add", "push 256", "mod", "store a"]
        code += ["load a", f"push {total}", "jne wrong"]
    return Program("word", _MACHINE, _letters(4), _listed([*code, *_END]), answer, lazy, 12.0)


def _differences(draw: Draw) -> Program:
    """The first letter, and how far each next one lies from the one before."""
    answer, lazy = _pair(draw, 6)
    factor = draw.between(3, 9)
    code = ["push 0", "in", f"push {factor}", "mul", f"push {ord(answer[0]) * factor}", "jne wrong"]
    for place in draw.order(range(1, 6)):
        gap = ord(answer[place]) - ord(answer[place - 1])
        code += [f"push {place}", "in", f"push {place - 1}", "in", "sub", f"push {gap}", "jne wrong"]
    return Program("word", _MACHINE, _letters(6), _listed([*code, *_END]), answer, lazy, 8.0)


def _congruence(draw: Draw) -> Program:
    """One number, masked, multiplied and reduced; the factor is odd, so it can be undone."""
    answer, lazy = draw.some(range(100, 1024), 2)
    mask, factor, shift = draw.between(100, 1000), 2 * draw.between(10, 50) + 1, draw.between(50, 1000)
    result = ((answer ^ mask) * factor + shift) % 1024
    code = ["num", f"push {mask}", "xor", f"push {factor}", "mul", f"push {shift}", "add", "push 1024", "mod"]
    code += [f"push {result}", "jne wrong"]
    listing = _listed([*code, *_END])
    return Program("number", _MACHINE, "a number from 0 to 1023", listing, str(answer), str(lazy), 12.0)


def _remainders(draw: Draw) -> Program:
    """One number by its remainders (the Chinese remainder theorem)."""
    moduli = draw.some((7, 9, 11, 13), 3)
    bound = moduli[0] * moduli[1] * moduli[2]
    answer, lazy = draw.some(range(100, bound), 2)
    code: list[str] = []
    for modulus in moduli:
        shift = draw.between(1, 40)
        code += ["num", f"push {shift}", "add", f"push {modulus}", "mod"]
        code += [f"push {(answer + shift) % modulus}", "jne wrong"]
    listing = _listed([*code, *_END])
    return Program("number", _MACHINE, f"a number from 0 to {bound - 1}", listing, str(answer), str(lazy), 12.0)


def _table(draw: Draw) -> Program:
    """A loop over a table, that visits the letters by steps."""
    answer, lazy = _pair(draw, 7)
    step, mask, factor = draw.between(2, 5), draw.between(16, 120), draw.between(2, 6)
    data = [ord(answer[turn * step % 7]) ^ (mask + factor * turn) for turn in range(7)]
    code = ["again:", "load t", f"push {step}", "mul", "push 7", "mod", "in"]
    code += ["load t", f"push {factor}", "mul", f"push {mask}", "add", "xor", "load t", "data", "jne wrong"]
    code += ["load t", "push 1", "add", "store t", "load t", "push 7", "jne again", *_END]
    return Program("word", _MACHINE, _letters(7), _listed(code, data), answer, lazy, 12.0)


def _maze(draw: Draw) -> Program:
    """A walk from state to state that one word of a, b and c alone survives and ends in the right one."""
    states, length = 8, 6
    while True:
        data = [draw.between(1, states - 1) if draw.chance(0.55) else 0 for _ in range(3 * states)]
        goal = draw.between(1, states - 1)
        data[0:3] = [0, 0, 0]
        ends = [(state, walk) for state, walk in _walks(data, length) if state == goal]
        if len(ends) == 1 and len(set(ends[0][1])) == 3:
            answer = ends[0][1]
            break
    lazy = answer[:-1] + {"a": "b", "b": "c", "c": "a"}[answer[-1]]
    code = ["push 1", "store s", "again:", "load s", "push 3", "mul", "load t", "in", "add", "push 97", "sub", "data"]
    code += ["store s", "load t", "push 1", "add", "store t", "load t", f"push {length}", "jne again"]
    code += ["load s", f"push {goal}", "jne wrong", *_END]
    return Program(
        "word", _MACHINE, f"a word of {length} letters, each of them a, b or c", _listed(code, data), answer, lazy, 10.0
    )


def _walks(data: Sequence[int], length: int) -> list[tuple[int, str]]:
    """Where every word of ``length`` ends that never meets state 0, from which there is no way out."""
    walks = [(1, "")]
    for _ in range(length):
        walks = [
            (data[3 * state + letter], walk + "abc"[letter])
            for state, walk in walks
            for letter in range(3)
            if data[3 * state + letter]
        ]
    return walks


def _dis_arithmetic(draw: Draw) -> Program:
    """``n ^= a; n = n * b + c; return n % 1024 == d``"""
    answer, lazy = draw.some(range(100, 1024), 2)
    mask, factor, shift = draw.between(500, 1000), 2 * draw.between(10, 50) + 1, draw.between(200, 400)
    result = ((answer ^ mask) * factor + shift) % 1024
    if len({mask, factor, shift, result, 1024}) < 5:  # CPython would list the constant once
        return _dis_arithmetic(draw)
    listing = f"""\
  0 RESUME 0
  2 LOAD_FAST 0 (n)
  4 LOAD_CONST 1 ({mask})
  6 BINARY_OP 25 (^=)
 10 STORE_FAST 0 (n)
 12 LOAD_FAST 0 (n)
 14 LOAD_CONST 2 ({factor})
 16 BINARY_OP 5 (*)
 20 LOAD_CONST 3 ({shift})
 22 BINARY_OP 0 (+)
 26 STORE_FAST 0 (n)
 28 LOAD_FAST 0 (n)
 30 LOAD_CONST 4 (1024)
 32 BINARY_OP 6 (%)
 36 LOAD_CONST 5 ({result})
 38 COMPARE_OP 2 (==)
 44 RETURN_VALUE"""
    return Program("number", _CPYTHON, "n, a number from 0 to 1023", listing, str(answer), str(lazy), 10.0)


def _dis_slices(draw: Draw) -> Program:
    """``left, right = word[:k], word[k:]; return right[::-1] + left == made``"""
    answer, lazy = _pair(draw, 8)
    cut = draw.between(3, 5)
    made = answer[cut:][::-1] + answer[:cut]
    listing = f"""\
  0 RESUME 0
  2 LOAD_FAST 0 (word)
  4 LOAD_CONST 0 (None)
  6 LOAD_CONST 1 ({cut})
  8 BUILD_SLICE 2
 10 BINARY_SUBSCR
 20 LOAD_FAST 0 (word)
 22 LOAD_CONST 1 ({cut})
 24 LOAD_CONST 0 (None)
 26 BUILD_SLICE 2
 28 BINARY_SUBSCR
 38 STORE_FAST 2 (right)
 40 STORE_FAST 1 (left)
 42 LOAD_FAST 2 (right)
 44 LOAD_CONST 0 (None)
 46 LOAD_CONST 0 (None)
 48 LOAD_CONST 2 (-1)
 50 BUILD_SLICE 3
 52 BINARY_SUBSCR
 62 LOAD_FAST 1 (left)
 64 BINARY_OP 0 (+)
 68 LOAD_CONST 3 ('{made}')
 70 COMPARE_OP 2 (==)
 76 RETURN_VALUE"""
    return Program("word", _CPYTHON, _letters(8), listing, answer, lazy if lazy != made else answer[::-1], 6.0)


def _dis_loop(draw: Draw) -> Program:
    """``for place, letter in enumerate(word): made += (ord(letter) + k * place ^ mask,)``"""
    answer, lazy = word(draw, 6), word(draw, 6)
    mask, step = draw.between(16, 60), draw.between(3, 9)
    made = tuple(ord(letter) + step * place ^ mask for place, letter in enumerate(answer))
    if lazy == answer:
        return _dis_loop(draw)
    listing = f"""\
  0 RESUME 0
  2 LOAD_CONST 1 (())
  4 STORE_FAST 1 (made)
  6 LOAD_GLOBAL 1 (NULL + enumerate)
 18 LOAD_FAST 0 (word)
 20 PRECALL 1
 24 CALL 1
 34 GET_ITER
 36 FOR_ITER 33 (to 104)
 38 UNPACK_SEQUENCE 2
 42 STORE_FAST 2 (place)
 44 STORE_FAST 3 (letter)
 46 LOAD_FAST 1 (made)
 48 LOAD_GLOBAL 3 (NULL + ord)
 60 LOAD_FAST 3 (letter)
 62 PRECALL 1
 66 CALL 1
 76 LOAD_CONST 2 ({step})
 78 LOAD_FAST 2 (place)
 80 BINARY_OP 5 (*)
 84 BINARY_OP 0 (+)
 88 LOAD_CONST 3 ({mask})
 90 BINARY_OP 12 (^)
 94 BUILD_TUPLE 1
 96 BINARY_OP 13 (+=)
100 STORE_FAST 1 (made)
102 JUMP_BACKWARD 34 (to 36)
104 LOAD_FAST 1 (made)
106 LOAD_CONST 4 ({made})
108 COMPARE_OP 2 (==)
114 RETURN_VALUE"""
    return Program("word", _CPYTHON, _letters(6), listing, answer, lazy, 10.0)


TEMPLATES: tuple[Callable[[Draw], Program], ...] = (
    _masked,
    _chained,
    _differences,
    _congruence,
    _remainders,
    _table,
    _maze,
    _dis_arithmetic,
    _dis_slices,
    _dis_loop,
)
