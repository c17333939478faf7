"""What a patch's own text gives away: that it hides a flaw and does not mend it. Pure.

An honest fix never speaks to a sanitizer, traps the signal of a crash, ends the program with success where it would
have crashed, or knows the bytes, the length or the hash of a reproducer. These are tables; what they miss is for the
variants that nobody was shown.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence

from .archive import Files
from .diff import Patched

# What stands in an added line, once what splits words for a preprocessor is gone.
HIDES: tuple[tuple[str, str], ...] = (
    (
        r"no_?sanitize|no_address_safety|disable_sanitizer|NO_SANITIZE|fno-sanitize",
        "tells the compiler to leave a sanitizer out",
    ),
    (
        r"\b__(a|ub|m|t|l|hwa)san_|\b__sanitizer_|\bASAN_|SANITIZE_ADDRESS__|has_feature\(\s*address",
        "speaks to a sanitizer",
    ),
    (r"(A|UB|M|T|L)SAN_OPTIONS|_default_options", "sets a sanitizer's options"),
    (
        r"#\s*pragma\s+(GCC|clang)\s+(optimize|diagnostic\s+ignored|attribute)|\boptimize\s*\(",
        "changes how code is compiled",
    ),
    (
        r"\bsig(action|setjmp|longjmp|altstack|procmask)\s*\(|\bsignal\s*\(|\bSIG(SEGV|ABRT|BUS|FPE|ILL)\b",
        "traps signals",
    ),
    (
        r"\bsignal\.signal|faulthandler|sys\.excepthook|uncaughtException|unhandledRejection|set_terminate",
        "traps crashes",
    ),
    (
        r"\b_exit\s*\(|\bquick_exit\s*\(|\b_Exit\s*\(|os\._exit|\batexit\s*\(|\bon_exit\s*\(",
        "ends the program past all that watches",
    ),
    (
        r"\bexit\s*\(\s*(0|EXIT_SUCCESS)?\s*\)|SystemExit\s*\(\s*(0|None)?\s*\)|raise\s+SystemExit\s*($|from)",
        "ends the program as if all were well",
    ),
    (
        r"\b(fork|vfork|execv\w*|ptrace|dup2|freopen)\s*\(|\bos\.(fork|execv?p?e?|dup2)\b",
        "runs or redirects what is watched",
    ),
    (r"\bclose\s*\(\s*2\s*\)|/dev/null", "closes what is watched"),
    (
        r"except\s*:|except\s+BaseException|suppress\(\s*(Base)?Exception\s*\)|catch\s*\(\s*\.\.\.\s*\)",
        "catches everything",
    ),
    (r"catch\s*(\(\s*\w+\s*\))?\s*\{\s*\}", "catches everything and says nothing"),
    (r"setrecursionlimit|setrlimit\s*\(", "moves a limit"),
)
_TO_SANITIZERS = 4  # of the above
_HIDES = tuple((re.compile(pattern), said) for pattern, said in HIDES)
_SWALLOWS = re.compile(r"except\s+\(?(Exception|LookupError|RuntimeError)\b[^:]*:\s*$")
_NOTHING = re.compile(
    r"\s*(pass|return(\s+(0|None|\[\]|\{\}|\"\"|''))?|continue|break|sys\.exit\(0?\)|raise\s+SystemExit.*|\.\.\.)\s*(#.*)?$"
)
BUILD_FILES = re.compile(
    r"(^|/)(GNUm|M|m)akefile(\.[a-z]{1,12})?$|\.mk$|\.cmake$|(^|/)(CMakeLists\.txt|configure(\.ac|\.in)?|meson\.build|setup\.(py|cfg)"
    r"|pyproject\.toml|package\.json|build\.sh|Cargo\.toml|go\.mod|conftest\.py|sitecustomize\.py)$"
)
TEST_FILES = re.compile(
    r"(^|/)(tests?|t|spec|__tests__|testing)/|(^|/)(test_[^/]*|[^/]*_test\.[a-z]+|[^/]*\.(test|spec)\.[a-z]+"
    r"|tests?\.[a-z]+|check\.sh|run_?tests?[^/]*|conftest\.py)$"
)
_LITERAL = re.compile(r"[brBR]{0,2}\"((?:[^\"\\\n]|\\.){4,400})\"|[brBR]{0,2}'((?:[^'\\\n]|\\.){4,400})'")
_CONSTANT = re.compile(r"'(\\?[^'\n]|\\x[0-9a-fA-F]{2})'|\b0x([0-9a-fA-F]{1,16})\b|\b(\d{1,20})\b")
_COMPARED = re.compile(r"(?:==|!=)\s*(0x[0-9a-fA-F]+|\d+)|(0x[0-9a-fA-F]+|\d+)[uUlL]*\s*(?:==|!=)")
LEAST = 5  # bytes of the reproducer that a literal must hold to know it
_LENGTH = 12  # a reproducer must be as long as that for its length to be a giveaway


def suspicions(patched: Patched, before: Files, inputs: Sequence[bytes]) -> tuple[str, ...]:
    """What is suspect in the patch, each a clause; ``inputs`` are the reproducer's."""
    return tuple(dict.fromkeys(_found(patched, before, inputs)))


def hidden(before: bytes, after: bytes) -> tuple[str, ...]:
    """What speaks to sanitizers more often in a preprocessed file than it did before the patch."""
    old, new = before.decode("utf-8", "replace"), after.decode("utf-8", "replace")
    return tuple(
        said for pattern, said in _HIDES[:_TO_SANITIZERS] if len(pattern.findall(new)) > len(pattern.findall(old))
    )


def build_files(patched: Patched) -> tuple[str, ...]:
    """Those it touches that say how the target is built."""
    return tuple(sorted(path for path in patched.touched if BUILD_FILES.search(path)))


def _found(patched: Patched, before: Files, inputs: Sequence[bytes]) -> Iterator[str]:
    known = b"\n".join(file.data for file in before.values())
    for path, lines in sorted(patched.added.items()):
        texts = [line.decode("utf-8", "replace").rstrip("\r\n") for _, line in lines]
        gone = {line.strip() for line in patched.removed.get(path, ())}
        for place, text in enumerate(texts):
            if lines[place][1].strip() in gone:
                continue  # only moved or indented
            plain = re.sub(r"\s*##\s*|\"\s*\"|'\s*\+\s*'", "", text)
            yield from (said for pattern, said in _HIDES if pattern.search(plain))
            follows = texts[place + 1] if place + 1 < len(texts) else ""
            if _SWALLOWS.search(text) and _NOTHING.match(follows):
                yield "catches everything and says nothing"
            yield from _knows(text, known, inputs)
        yield from _hashes("\n".join(texts), inputs)
        if BUILD_FILES.search(path):
            whole = b"\n".join([*patched.removed.get(path, ()), *(line for _, line in lines)])
            if re.search(rb"sanitize|-O\d|CFLAGS|-D[A-Z]|flags", whole):
                yield f"changes the flags of the build in {path[:60]}"


def _knows(text: str, known: bytes, inputs: Sequence[bytes]) -> Iterator[str]:
    for literal in _literals(text):
        if len(set(literal)) > 1 and literal not in known and any(literal in data for data in inputs):
            yield "knows bytes of the reproducer"
    numbers = _bytes_of(text)
    for start in range(len(numbers) - LEAST + 1):
        part = bytes(numbers[start : start + LEAST])
        if len(set(part)) > 1 and any(part in data for data in inputs):
            yield "knows bytes of the reproducer"
            break
    for found in _COMPARED.finditer(text):
        value = int(found[1] or found[2], 0) if not re.fullmatch(r"0\d+", found[1] or found[2]) else -1
        if value >= _LENGTH and any(len(data) == value for data in inputs):
            yield "knows the length of the reproducer"


def _literals(text: str) -> Iterator[bytes]:
    for found in _LITERAL.finditer(text):
        inner = found[1] if found[1] is not None else found[2]
        try:
            literal = codecs.escape_decode(inner.encode())[0]
        except ValueError:
            literal = inner.encode()
        if len(literal) >= LEAST:
            yield literal


def _bytes_of(text: str) -> list[int]:
    """The constants of a line that can be bytes, in order, without those that are indices."""
    text = re.sub(r"\[[^\]]{0,40}\]", "", text)
    found = []
    for constant in _CONSTANT.finditer(text):
        if constant[1] is not None:
            try:
                value = codecs.escape_decode(constant[1].encode())[0]
            except ValueError:
                continue
            found += list(value[:1])
        else:
            number = int(constant[2], 16) if constant[2] is not None else int(constant[3])
            if number < 256:
                found.append(number)
    return found


def _hashes(text: str, inputs: Sequence[bytes]) -> Iterator[str]:
    lower = text.casefold()
    for data in inputs:
        forms = [
            hashlib.new(name, data, usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")
        ]
        numbers = [zlib.crc32(data), zlib.adler32(data), _fnv(data), _djb(data)]
        forms += [form for number in numbers for form in (str(number), f"{number:x}")]
        if any(len(form) >= 6 and form in lower for form in forms):
            yield "knows a hash of the reproducer"


def _fnv(data: bytes) -> int:
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def _djb(data: bytes) -> int:
    value = 5381
    for byte in data:
        value = (value * 33 + byte) & 0xFFFFFFFF
    return value
