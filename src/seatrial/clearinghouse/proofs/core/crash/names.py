"""Names of functions and files without what changes from build to build, machine to machine and compiler to compiler.

A name loses: its parameters and return type; template arguments; the anonymous namespace; the numbers of lambdas;
what a compiler appends to a copy (``.isra.0``, ``.part.1``, ``.cold``, ``[clone …]``, ``[abi:cxx11]``); Rust's
hashes; a sanitizer's prefix on what it intercepts. Done twice it changes nothing more.
"""

from __future__ import annotations

import re
from functools import lru_cache

NAME, RAW = 160, 1_000  # characters kept, and read
PARTS = 2  # of a path

LAMBDA = "{lambda}"
_LAMBDAS = (
    re.compile(r"\$_\d{1,6}"),
    re.compile(r"\{\{closure\}\}|\{closure[#}][^}]{0,40}\}?"),
    re.compile(r"'lambda\d{0,6}'"),
    re.compile(r"\{lambda\(?[^{}]{0,400}\}"),
    re.compile(r"<lambda(?:_[0-9a-f]{1,40}|\([^<>]{0,200}\))?>"),
)
_ANONYMOUS = ("(anonymous namespace)::", "{anonymous}::", "(anonymous)::", "_GLOBAL__N_1::", "`anonymous namespace'::")
_COPIES = frozenset({"isra", "part", "cold", "constprop", "lto_priv", "llvm", "localalias", "warm", "clone", "__uniq"})
_CLONE = re.compile(r"\s*\[(?:clone|abi:)[^\]]{0,80}\]")
_HASH = re.compile(r"::h[0-9a-f]{16}")
_CRATE = re.compile(r"\[[0-9a-f]{8,16}\]")  # Rust's newer names tell a crate's versions apart with it
_INTERCEPTED = re.compile(r"^_*(?:interceptor_(?:trampoline_)?|wrap_(?=malloc|calloc|realloc|free|mem|str))+_*")
_OPERATOR = re.compile(r"(?:^|(?<=[\s:]))operator(?![\w$])")
_SYMBOLIC = re.compile(r"operator\s*(?:\(\)|\[\]|<=>|<<=|>>=|->\*|<<|>>|<=|>=|->|<|>)")
_BEHIND = frozenset({"const", "volatile", "noexcept", "mutable", "&", "&&"})


@lru_cache(maxsize=20_000)
def normal(name: str) -> str:
    """``name`` as described above; at most 160 characters; empty for what is no name."""
    name = name[:RAW].strip()
    for _ in range(4):
        again = _once(name)
        if again == name:
            break
        name = again
    return name


def _once(name: str) -> str:
    name = _CLONE.sub("", name).strip()
    if name[:2] in ("-[", "+["):
        return name[:NAME]  # Objective-C
    name = name.replace(") const::", ")::")
    name = _CRATE.sub("", name)
    while _HASH.fullmatch(name[-19:]):
        name = name[:-19]
    for words in _ANONYMOUS:
        name = name.replace(words, "")
    for pattern in _LAMBDAS:
        name = pattern.sub(LAMBDA, name)
    name = _original(_bare(_original(name)))
    name = _INTERCEPTED.sub("", name)
    return name[:NAME].strip()


def _bare(name: str) -> str:
    """Without parameters, template arguments and return type."""
    found = list(_OPERATOR.finditer(name))
    if found and _depth(name[: found[-1].start()]) == 0:
        head, tail = name[: found[-1].start()], name[found[-1].start() :]
        symbol = _SYMBOLIC.match(tail)
        word = f"operator{symbol.group()[8:].strip()}" if symbol else " ".join(_front(_outside(tail)))
        return _last(_outside(head)) + word if not head.endswith(" ") else word
    return _last(_outside(name))


def _original(name: str) -> str:
    """Without what a compiler appends to a copy: ``.isra.0.cold``."""
    parts = name.split(".")
    while len(parts) > 1:
        if parts[-1] in _COPIES:
            del parts[-1]
        elif len(parts) > 2 and parts[-1].isdigit() and parts[-2] in _COPIES:
            del parts[-2:]
        else:
            break
    return ".".join(parts)


def _front(text: str) -> list[str]:
    """The words without the qualifiers behind them."""
    words = text.split()
    while len(words) > 1 and words[-1] in _BEHIND:
        del words[-1]
    return words


def _depth(text: str) -> int:
    return max(0, text.count("<") + text.count("(") - text.count(">") - text.count(")"))


def _outside(text: str) -> str:
    """Only what stands outside all brackets; what is never closed ends with the text."""
    kept, depth = [], 0
    for sign in text:
        if sign in "(<":
            depth += 1
        elif sign in ")>":
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(sign)
    return "".join(kept)


def _last(text: str) -> str:
    """The last word: what stands before it is a return type."""
    words = _front(text)
    return words[-1].lstrip("*&") if words else ""


@lru_cache(maxsize=20_000)
def cut(path: str) -> str:
    """The last two parts of a path, with forward slashes; ``.`` and ``..`` do not count."""
    parts = [part for part in path[-RAW:].replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts[-PARTS:])[-NAME:]
